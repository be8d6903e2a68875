"""The knowledge base as the rest of the system sees it."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.knowledge.decision import Choice, LawBeside, decide
from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.directory import Department, Directory
from bot.knowledge.documents import Documents, Withdrawn
from bot.knowledge.entries import Audience, Entry, Language
from bot.knowledge.evidence.by_meaning import evidence_with_meaning
from bot.knowledge.evidence.message import Message
from bot.knowledge.learned import LearnedRouting, Routed
from bot.knowledge.loading import KnowledgeFiles, load_files
from bot.knowledge.meaning.catching_up import CatchingUp
from bot.knowledge.meaning.embedder import Embedder, EmbedderFailed, Vectors, open_embedder
from bot.knowledge.meaning.meanings import LANGUAGES, Meanings, Reader
from bot.knowledge.meaning.vectors import FILE, Cache, TooMany
from bot.knowledge.memory import give_memory_back
from bot.knowledge.naming import asked_place, meant
from bot.knowledge.normalise import Lexicon, Normalised, clean
from bot.knowledge.overlay import over
from bot.knowledge.passages import LawPassage, Near, Passages
from bot.knowledge.problems import Problem
from bot.knowledge.ranking import Retriever, Search, published
from bot.knowledge.shelf import SAME
from bot.knowledge.verdict import Candidate, Decision, DepartmentGuess, Verdict
from bot.knowledge.weights import Weights
from bot.knowledge.wordings import Wordings
from bot.knowledge.working_hours import WorkingTime

log = structlog.get_logger()

MOST_CANDIDATES = 10
MOST_DEPARTMENTS = 3
REMEMBERED = 2048  # verdicts; people press the same buttons and ask the same things
WORDINGS_KEPT = 8  # of the law of earlier days, whose passages stay in memory once they were asked for
AT_ONCE = 60  # texts whose vectors a start or a reload computes itself: about two seconds
LONGEST_REMEMBERED = 500  # characters
SURE_OF_PLACE = 0.95  # that what a named place says is answered by that place


@dataclass(frozen=True, slots=True)
class Meaning:
    """How meaning is found.

    embedder: None to go by words alone. kept: the file for the vectors of entries that are not shipped; None to compute
    those at every start. waits: whether loading waits for vectors that many texts lack; if not, questions are answered by
    words alone until they are there.
    """

    embedder: Embedder | None = None
    kept: Path | None = None
    waits: bool = True

    @classmethod
    def chosen(
        cls, setting: str, *, model: str = "", key: str = "", data_dir: Path | None = None, waits: bool = True
    ) -> Meaning:
        """Return what the settings name. Where that does not run here, by words alone, and the log says why.

        data_dir: where the vectors of what is not shipped are kept; None for a command that only reads.
        """
        try:
            embedder = open_embedder(setting, model=model, key=key)
        except EmbedderFailed as error:
            log.warning("knowledge.meaning_unavailable", reason=str(error))
            return cls()
        return cls(embedder, data_dir / FILE if data_dir else None, waits)


@dataclass(frozen=True, slots=True)
class _Meaning:
    meanings: Meanings
    reader: Reader


class _Asked:
    """The meaning of one message, computed when something first needs it."""

    def __init__(self, meaning: _Meaning | None, whole: Normalised | None) -> None:
        self._meaning, self._whole = meaning, whole

    @property
    def embedder(self) -> str | None:
        return self._meaning.reader.embedder if self._meaning is not None else None

    @cached_property
    def vector(self) -> Vectors | None:
        """None without an embedder, for a message without a word, and where the embedder fails."""
        if self._meaning is None or self._whole is None:
            return None
        try:
            return self._meaning.reader.vector(self._whole)
        except EmbedderFailed as error:
            log.warning("knowledge.meaning_failed", reason=str(error))
            return None


@dataclass(frozen=True, slots=True)
class _Competent:
    """Who is competent for what, by one directory."""

    learnt_from: tuple[Department, ...]  # all of the directory, so far as it says who is competent
    weights: Mapping[str, float]
    guesser: DepartmentGuesser  # of those that take inquiries
    sealed: DepartmentGuesser  # of those that take reports only
    outside: NDArray[np.bool_]  # departments of the guesser that hardly any entry belongs to

    @classmethod
    def of(
        cls,
        directory: Directory,
        entries: Sequence[Entry],
        weights: Mapping[str, float],
        lexicon: Lexicon,
        before: _Competent | None,
    ) -> _Competent:
        """before: what was learnt at the last reading; it holds on where no competence has changed, as after most edits."""
        accepting = directory.accepting()
        reports_only = [each for each in directory if not each.accepts_inquiries and each.competences]
        learnt_from = tuple(_competence_of(each) for each in directory)
        if before is not None and (before.learnt_from, before.weights) == (learnt_from, weights):
            guesser, sealed = before.guesser.of(accepting), before.sealed.of(reports_only)
        else:
            guesser, sealed = (DepartmentGuesser(each, weights, lexicon) for each in (accepting, reports_only))
        return cls(learnt_from, weights, guesser, sealed, guesser.seldom_answered(each.department for each in entries))


def _competence_of(department: Department) -> Department:
    """Return the department without what may change and leaves what it is competent for as it was."""
    return replace(
        department,
        parent=None,
        region=None,
        response_target=timedelta(0),
        lead=None,
        deputy=None,
        telegram_group=None,
        telegram_confirm=True,
        calendar=None,
        source=(),
    )


@dataclass(frozen=True)
class _State:
    """Everything that belongs to one reading of the files. Never changed, only replaced."""

    files: KnowledgeFiles
    entries: Mapping[str, Entry]
    lexicon: Lexicon
    retriever: Retriever
    passages: Passages
    law_from: date | None  # the day for which the passages were read; None for any
    meaning: _Meaning | None
    lacking: bool  # whether vectors are still to be computed
    competent: _Competent
    weights: Weights

    def law_holds(self, on: date) -> bool:
        """Say whether the passages are those of that day: a wording that holds now may not have held before."""
        return self.law_from is None or on >= self.law_from


class EarlierLaw(Protocol):
    """The imported law of a day in the past."""

    async def wording(self, on: date) -> object:
        """Return what tells the law of that day from that of another; the same for days between two amendments."""

    async def passages(self, on: date) -> Sequence[LawPassage]: ...


class _Remembered:
    """The latest verdicts. Its lock is held for a look into a dictionary, never while searching."""

    def __init__(self) -> None:
        self._verdicts: OrderedDict[tuple[object, ...], Verdict] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Verdict | None:
        with self._lock:
            verdict = self._verdicts.get(key)
            if verdict is not None:
                self._verdicts.move_to_end(key)
            return verdict

    def keep(self, key: tuple[object, ...], verdict: Verdict) -> None:
        with self._lock:
            self._verdicts[key] = verdict
            while len(self._verdicts) > REMEMBERED:
                self._verdicts.popitem(last=False)


class Knowledge:
    """Looks questions up. Safe to use from several threads; `reload` swaps the whole state at once."""

    def __init__(self, faq_dir: Path, meaning: Meaning, state: _State) -> None:
        self._faq_dir = faq_dir
        self._meaning = meaning
        # One reference, read once by each call: a reload in the middle of a search changes nothing for that search.
        self._current = (state, _Remembered())
        self._base = state.files.directory
        self._overlays: Mapping[str, Mapping[str, Any]] = {}
        self._withdrawn: tuple[Withdrawn, ...] = ()
        self.earlier_law: EarlierLaw | None = None
        """where the law of a day comes from that is before what is searched"""
        self._before: tuple[_State, dict[object, Passages]] = (state, {})
        self._learned = LearnedRouting()
        self._reloading = threading.Lock()
        self._searcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="knowledge")
        self._catching_up: CatchingUp | None = None
        self._catch_up()

    @classmethod
    def load(
        cls, faq_dir: Path, *, today: date, meaning: Meaning | None = None, passages: Sequence[LawPassage] = ()
    ) -> Knowledge:
        """Read, check and index the files. Raises KnowledgeFilesError with everything that is wrong.

        passages: of imported law, as it holds today.
        """
        meaning = meaning or Meaning()
        return cls(faq_dir, meaning, _build(faq_dir, today, meaning, passages, today))

    def reload(self, *, today: date, passages: Sequence[LawPassage] | None = None) -> tuple[Problem, ...]:
        """Build beside and swap; return the warnings. Raises KnowledgeFilesError and keeps the old state.

        passages: None for those that it has.
        """
        with self._reloading:
            kept = self._current[0].passages.given if passages is None else passages
            day = self._current[0].law_from if passages is None else today
            before = self._current[0].competent
            state = _amended(_build(self._faq_dir, today, self._meaning, kept, day, before), self._withdrawn)
            self._base = state.files.directory
            if self._overlays:
                state, _ = _revised(state, self._base, self._overlays, before)
            self._current = (state, _Remembered())
            self._catch_up()
            return state.files.warnings

    def revise(self, overlays: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Let these changes of departments hold over the file; return the ids of those that do not fit it and were left out.

        overlays: fields by department, as `bot.knowledge.overlay` writes them, in place of what held before.
        """
        with self._reloading:
            self._overlays = overlays
            before = self._current[0].competent
            state, left_out = _revised(self._current[0], self._base, overlays, before)
            self._current = (state, _Remembered())
            return left_out

    def _catch_up(self) -> None:
        """Compute what vectors are lacking beside everything else, if loading did not wait for them."""
        if self._catching_up is not None:
            self._catching_up.stop()
            self._catching_up = None
        state = self._current[0]
        if state.lacking and self._meaning.embedder is not None:
            self._catching_up = CatchingUp(self._meaning.embedder, partial(self._understand_now, state))
            self._catching_up.start()

    def _understand_now(self, state: _State, embedder: Embedder) -> None:
        meaning = replace(self._meaning, embedder=embedder, waits=True)
        found, _ = _understand(meaning, self._faq_dir, state.retriever, state.lexicon)
        if found is None:
            return
        # The reader embeds questions with the embedder itself: they do not stop when catching up does.
        found = replace(found, reader=Reader(self._meaning.embedder or embedder, state.retriever.speller))
        with self._reloading:
            now = self._current[0]
            if now.retriever.shelves is state.retriever.shelves:
                self._current = (replace(now, meaning=found, lacking=False), _Remembered())

    def settle(self, seconds: float) -> bool:
        """Wait for vectors that are still being computed; say whether all are there."""
        return self._catching_up is None or self._catching_up.wait(seconds)

    def learn(self, routed: Sequence[Routed]) -> None:
        """Let what people decided about these cases count from now on, in place of what counted before; newest first."""
        with self._reloading:
            background = [text for each in self.directory for competence in each.competences for text in competence.examples]
            self._learned = LearnedRouting(routed, background)
            self._current = (self._current[0], _Remembered())

    def take_law(self, passages: Sequence[LawPassage], *, on: date | None = None, withdrawn: Sequence[Withdrawn] = ()) -> None:
        """Search these passages from now on, and no others; the entries stay as they are.

        on: the day on which they hold; for a day before it they are not used. None for any day.
        withdrawn: the places that amendments have taken out; entries that cite them are not answered with since.
        """
        with self._reloading:
            state = self._current[0]
            if self._withdrawn != tuple(withdrawn):
                self._withdrawn = tuple(withdrawn)
                state = _amended(state, self._withdrawn)
            self._current = (replace(state, passages=Passages(passages, state.lexicon), law_from=on), _Remembered())

    def close(self) -> None:
        """Let the searching thread end. Nothing can be looked up off the loop afterwards."""
        if self._catching_up is not None:
            self._catching_up.stop()
        self._searcher.shutdown(wait=False, cancel_futures=True)

    @property
    def folder(self) -> Path:
        """Where the files lie that this was read from."""
        return self._faq_dir

    @property
    def edition(self) -> object:
        """What is searched now: another object after every change of it, the same as long as there is none."""
        return self._current[0]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return self._current[0].files.warnings

    @property
    def directory(self) -> Directory:
        return self._current[0].files.directory

    @property
    def working_time(self) -> WorkingTime:
        return self._current[0].files.working_time

    @property
    def documents(self) -> Documents:
        return self._current[0].files.documents

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All entries by id, drafts and retired ones too."""
        return self._current[0].entries

    def entry(self, entry_id: str) -> Entry | None:
        return self._current[0].entries.get(entry_id)

    def look_up(
        self,
        text: str,
        *,
        language: Language | None = None,
        audience: Audience = "public",
        on: date,
        law: Passages | None = None,
    ) -> Verdict:
        """Decide what to do with a message. Never raises on any text.

        language: of the conversation; None to go by the text alone.
        on: the local day on which the answer has to hold.
        law: what is searched in place of the law of today.
        """
        state, remembered = self._current
        if law is not None:
            earlier = replace(state, passages=law, law_from=None)
            return _with_learned(_look_up(earlier, text, language, audience, on), text, self._learned, state.files.directory)
        key = (clean(text), text, language, audience, on) if len(text) <= LONGEST_REMEMBERED else None
        if key is not None and (known := remembered.get(key)) is not None:
            return known
        verdict = _with_learned(_look_up(state, text, language, audience, on), text, self._learned, state.files.directory)
        if key is not None:
            remembered.keep(key, verdict)
        return verdict

    async def look_up_off_loop(
        self, text: str, *, language: Language | None = None, audience: Audience = "public", on: date
    ) -> Verdict:
        """The same, in the one thread that searches, so that the event loop is never held; for a day before the law that is
        searched, with the law of that day."""
        law = await self._law_before(on)
        work = partial(self.look_up, text, language=language, audience=audience, on=on, law=law)
        return await asyncio.get_running_loop().run_in_executor(self._searcher, work)

    async def _law_before(self, on: date) -> Passages | None:
        state = self._current[0]
        if self.earlier_law is None or state.law_holds(on):
            return None
        if self._before[0] is not state:
            self._before = (state, {})
        kept = self._before[1]
        wording = await self.earlier_law.wording(on)
        if wording not in kept:
            passages = await asyncio.to_thread(Passages, await self.earlier_law.passages(on), state.lexicon)
            while len(kept) >= WORDINGS_KEPT:
                del kept[next(iter(kept))]
            kept[wording] = passages
        return kept[wording]

    def meaning_of(self, text: str, language: Language) -> Vectors | None:
        """Return what a text means: the product of two such vectors says how alike their matters are, -1 to 1.

        None without an embedder, for a text without a word, and where the embedder fails.
        """
        state = self._current[0]
        if state.meaning is None:
            return None
        vector = _Asked(state.meaning, state.retriever.shelves[language].read(text)).vector
        return None if vector is None else state.meaning.meanings.compared(vector, language)

    async def meaning_off_loop(self, text: str, language: Language) -> Vectors | None:
        """The same, in the one thread that searches."""
        return await asyncio.get_running_loop().run_in_executor(self._searcher, partial(self.meaning_of, text, language))

    async def reload_off_loop(self, *, today: date, passages: Sequence[LawPassage] | None = None) -> tuple[Problem, ...]:
        """Reload in a thread of its own, so that questions go on being answered meanwhile."""
        return await asyncio.to_thread(self.reload, today=today, passages=passages)

    def guess_departments(self, text: str) -> list[DepartmentGuess]:
        """Return every department that takes inquiries, most probable first."""
        return self._current[0].competent.guesser.guess(text)


def _build(
    faq_dir: Path,
    today: date,
    meaning: Meaning,
    passages: Sequence[LawPassage],
    law_from: date | None,
    before: _Competent | None = None,
) -> _State:
    files = load_files(faq_dir, today=today)
    weights = Weights.read()
    lexicon = files.directory.lexicon()
    wordings = {each: Wordings.read(published(files.entries), each, lexicon) for each in LANGUAGES}
    retriever = Retriever(files.entries, files.documents, weights, lexicon, wordings)
    understood, lacking = _understand(meaning, faq_dir, retriever, lexicon, wordings)
    del wordings
    state = _State(
        files=files,
        entries=MappingProxyType({each.id: each for each in files.entries}),
        lexicon=lexicon,
        retriever=retriever,
        passages=Passages(passages, lexicon),
        law_from=law_from,
        meaning=understood,
        lacking=lacking,
        competent=_Competent.of(files.directory, files.entries, weights.departments, lexicon, before),
        weights=weights,
    )
    give_memory_back()
    return state


def _amended(state: _State, withdrawn: Sequence[Withdrawn]) -> _State:
    """Return the state with the places that amendments have taken out, in place of those before."""
    documents = state.files.documents.amended(withdrawn)
    return replace(state, files=replace(state.files, documents=documents), retriever=state.retriever.of(documents))


def _revised(
    state: _State, base: Directory, overlays: Mapping[str, Mapping[str, Any]], before: _Competent
) -> tuple[_State, list[str]]:
    """Return the state with another directory: what is searched stays, who is competent is read anew."""
    directory, left_out = over(base, overlays, state.files.working_time.others)
    competent = _Competent.of(directory, state.files.entries, state.weights.departments, directory.lexicon(), before)
    return replace(state, files=replace(state.files, directory=directory), competent=competent), left_out


def _understand(
    meaning: Meaning,
    faq_dir: Path,
    retriever: Retriever,
    lexicon: Lexicon,
    wordings: Mapping[Language, Wordings] | None = None,
) -> tuple[_Meaning | None, bool]:
    """Load or compute the vectors; say whether they are put off. Where that fails, words alone answer, and the log says why."""
    if meaning.embedder is None or not retriever.entries:
        return None, False
    vectors = Cache(meaning.embedder, faq_dir / FILE, meaning.kept, at_once=None if meaning.waits else AT_ONCE)
    try:
        meanings = Meanings(retriever.entries, lexicon, vectors, wordings)
    except TooMany as error:
        log.info("knowledge.vectors_put_off", texts=error.texts)
        return None, True
    except EmbedderFailed as error:
        log.warning("knowledge.meaning_unavailable", reason=str(error))
        return None, False
    if vectors.computed:
        log.info("knowledge.vectors_computed", texts=vectors.computed)
    vectors.keep()
    return _Meaning(meanings, Reader(meaning.embedder, retriever.speller)), False


def _look_up(state: _State, text: str, language: Language | None, audience: Audience, on: date) -> Verdict:
    message = Message(text, state.lexicon)
    detected, sure = message.detected
    search = state.retriever.search(text, language=language, audience=audience, on=on, limit=MOST_CANDIDATES)
    asked = _Asked(state.meaning, search.whole)
    evidence = evidence_with_meaning(message, asked)
    law = _law_beside(state, search, on)
    competent = state.competent
    table, nearest = competent.guesser.signals(text, search.candidates)
    case = competent.guesser.nearness(table, competent.outside)
    choice = decide(message, search.candidates, state.weights.words, evidence=evidence, case=case, law=law)
    meaning = state.meaning
    if meaning is not None and _in_doubt(choice, search, state.weights) and (vector := asked.vector) is not None:
        search = state.retriever.deepen(search, vector, meaning.meanings, limit=MOST_CANDIDATES)
        model = state.weights.meaning
        choice = decide(message, search.candidates, model, evidence=evidence, case=case, asks=search.asks, law=law)
    named = _by_place(state, text, search.candidates, on) if choice.by_ranking else None
    choice = named or choice
    guesses = competent.guesser.rank(table, nearest)
    candidates = state.passages.beside(law.near, search.candidates, limit=MOST_CANDIDATES) if law else search.candidates
    passage = None
    if choice.passage is not None:
        passage = state.passages.candidate(choice.passage, min(choice.passage.score, 1.0))
        if named is not None:
            passage = replace(passage, passage=state.passages.whole(choice.passage.citation))
        candidates = [passage, *(each for each in candidates if each.id != passage.id)][:MOST_CANDIDATES]
    return Verdict(
        decision=choice.decision,
        confidence=round(min(max(choice.confidence, 0.0), 1.0), 4),
        language=detected if sure or language is None else language,
        entry=choice.entry.entry if choice.entry else None,
        passage=passage,
        suggestions=tuple(each.entry for each in choice.suggestions if each.entry),
        candidates=tuple(candidates),
        department=_department(state, text, choice, guesses),
        departments=tuple(guesses[:MOST_DEPARTMENTS]),
        # A ground for declining has to be in force like any other citation.
        citations=tuple(each for each in choice.citations if state.files.documents.holds(each, on)),
        kind=choice.kind,
        place=choice.place,
        reasons=choice.reasons,
    )


def _by_place(state: _State, text: str, candidates: Sequence[Candidate], on: date) -> Choice | None:
    """Return what answers a question for the wording of one place: the entry that cites just it, else the wording itself.

    None where the message asks anything besides, and where neither is at hand.
    """
    asked = asked_place(text, (each.number for each in state.files.documents))
    if asked is None or not state.files.documents.in_force(asked.document, on):
        return None
    reasons = (f"asks what {asked} says",)
    law = state.passages.citations if state.law_holds(on) else ()
    cited = [one for each in state.files.entries for one in each.citations]
    places = meant(asked, [*law, *cited])
    if not places:
        # What no entry cites may still be there, unless the whole document was read.
        whole = any(each.document == asked.document for each in law)
        kind, why = ("no_such_place", "which does not exist") if whole else ("unknown_place", "of which nothing is known")
        return Choice(Decision.ESCALATE, SURE_OF_PLACE, kind, reasons=(*reasons, why), place=asked)
    if len(places) > 1:
        return None
    [asked] = places
    alone = [each for each in candidates if each.entry and each.citations == (asked,)]
    if len(alone) == 1:
        return Choice(Decision.ANSWER, SURE_OF_PLACE, entry=alone[0], citations=(asked,), reasons=reasons)
    if asked in law:
        near = Near(law.index(asked), asked, 1.0, 1.0)
        return Choice(Decision.ANSWER, SURE_OF_PLACE, passage=near, citations=(asked,), reasons=reasons)
    return None


def _law_beside(state: _State, search: Search, on: date) -> LawBeside | None:
    """Return what the law says near a Vietnamese question."""
    whole = search.whole
    if whole is None or whole.language != "vi" or not state.law_holds(on):
        return None
    near = tuple(each for each in state.passages.near(whole) if state.files.documents.in_force(each.citation.document, on))
    return LawBeside(near, whole, state.weights.law) if near else None


def _in_doubt(choice: Choice, search: Search, weights: Weights) -> bool:
    """Say whether the meaning may change anything: the message did not decide by itself, and the words do not settle it."""
    if not choice.by_ranking or search.candidates[0].signals.get(SAME):
        return False
    return weights.consult_from <= choice.sure_of_first <= weights.consult_to


def _department(state: _State, text: str, choice: Choice, guesses: list[DepartmentGuess]) -> Department:
    """Return who would answer: the answer's own department, else the likeliest, else the unit that coordinates."""
    if choice.decision is Decision.HOTLINE and (sealed := state.competent.sealed.guess(text)):
        return sealed[0].department
    if choice.entry is not None and choice.entry.entry is not None:
        own = state.files.directory.get(choice.entry.entry.department)
        if own is not None and own.accepts_inquiries:
            return own
    return guesses[0].department if guesses else state.files.directory.coordinating


def _with_learned(verdict: Verdict, text: str, learned: LearnedRouting, directory: Directory) -> Verdict:
    """Let earlier decisions shift the departments; who answers what the bot can answer is not theirs to change."""
    if not len(learned) or verdict.decision is Decision.HOTLINE:
        return verdict
    guesses = learned.shift(text, verdict.departments, directory)[:MOST_DEPARTMENTS]
    guessed = bool(verdict.departments) and verdict.department == verdict.departments[0].department and verdict.entry is None
    department = guesses[0].department if guessed and guesses else verdict.department
    return replace(verdict, departments=tuple(guesses), department=department)


def with_department_first(verdict: Verdict) -> tuple[Department, ...]:
    """Return the best three departments, the verdict's own first."""
    own = (verdict.department,) if verdict.department else ()
    others = (each.department for each in verdict.departments if each.department not in own)
    return (*own, *others)[:MOST_DEPARTMENTS]
