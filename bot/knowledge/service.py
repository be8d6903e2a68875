"""The knowledge base as the rest of the system sees it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import structlog

from bot.knowledge.directory import Department, Directory
from bot.knowledge.documents import Documents, Withdrawn
from bot.knowledge.entries import Audience, Entry, Language
from bot.knowledge.files.problems import Problem
from bot.knowledge.files.working_hours import WorkingTime
from bot.knowledge.language.as_of import as_asked
from bot.knowledge.language.normalise import clean
from bot.knowledge.learned import LearnedRouting, Routed
from bot.knowledge.looking_up import MOST_DEPARTMENTS, look_up
from bot.knowledge.meaning.catching_up import CatchingUp
from bot.knowledge.meaning.embedder import Embedder, Vectors
from bot.knowledge.meaning.meanings import Reader
from bot.knowledge.remembered import Remembered
from bot.knowledge.search.passages import LawPassage, Passages
from bot.knowledge.state import State, amended, build, revised
from bot.knowledge.understanding import AskedMeaning, Meaning, understand
from bot.knowledge.verdict import Decision, DepartmentGuess, Verdict

log = structlog.get_logger()

WORDINGS_KEPT = 8  # of the law of earlier days, whose passages stay in memory once they were asked for
LONGEST_REMEMBERED = 500  # characters


class EarlierLaw(Protocol):
    """The imported law of a day in the past."""

    async def wording(self, on: date) -> object:
        """Return what tells the law of that day from that of another; the same for days between two amendments."""

    async def passages(self, on: date) -> Sequence[LawPassage]: ...


class Knowledge:
    """Looks questions up. Safe to use from several threads; `reload` swaps the whole state at once."""

    def __init__(self, faq_dir: Path, meaning: Meaning, state: State) -> None:
        self._faq_dir = faq_dir
        self._meaning = meaning
        # One reference, read once by each call: a reload in the middle of a search changes nothing for that search.
        self._current = (state, Remembered())
        self._base = state.files.directory
        self._overlays: Mapping[str, Mapping[str, Any]] = {}
        self._withdrawn: tuple[Withdrawn, ...] = ()
        self.earlier_law: EarlierLaw | None = None
        """where the law of a day comes from that is before what is searched"""
        self._before: tuple[State, dict[object, Passages]] = (state, {})
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
        return cls(faq_dir, meaning, build(faq_dir, today, meaning, passages, today))

    def reload(self, *, today: date, passages: Sequence[LawPassage] | None = None) -> tuple[Problem, ...]:
        """Build beside and swap; return the warnings. Raises KnowledgeFilesError and keeps the old state.

        passages: None for those that it has.
        """
        with self._reloading:
            kept = self._current[0].passages.given if passages is None else passages
            day = self._current[0].law_from if passages is None else today
            before = self._current[0].competent
            state = amended(build(self._faq_dir, today, self._meaning, kept, day, before), self._withdrawn)
            self._base = state.files.directory
            if self._overlays:
                state, _ = revised(state, self._base, self._overlays, before)
            self._current = (state, Remembered())
            self._catch_up()
            return state.files.warnings

    def revise(self, overlays: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Let these changes of departments hold over the file; return the ids of those that do not fit it and were left out.

        overlays: fields by department, as `bot.knowledge.files.overlay` writes them, in place of what held before.
        """
        with self._reloading:
            self._overlays = overlays
            before = self._current[0].competent
            state, left_out = revised(self._current[0], self._base, overlays, before)
            self._current = (state, Remembered())
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

    def _understand_now(self, state: State, embedder: Embedder) -> None:
        meaning = replace(self._meaning, embedder=embedder, waits=True)
        found, _ = understand(meaning, self._faq_dir, state.retriever, state.lexicon)
        if found is None:
            return
        # The reader embeds questions with the embedder itself: they do not stop when catching up does.
        found = replace(found, reader=Reader(self._meaning.embedder or embedder, state.retriever.speller))
        with self._reloading:
            now = self._current[0]
            if now.retriever.shelves is state.retriever.shelves:
                self._current = (replace(now, meaning=found, lacking=False), Remembered())

    def settle(self, seconds: float) -> bool:
        """Wait for vectors that are still being computed; say whether all are there."""
        return self._catching_up is None or self._catching_up.wait(seconds)

    def learn(self, routed: Sequence[Routed]) -> None:
        """Let what people decided about these cases count from now on, in place of what counted before; newest first."""
        with self._reloading:
            background = [text for each in self.directory for competence in each.competences for text in competence.examples]
            self._learned = LearnedRouting(routed, background)
            self._current = (self._current[0], Remembered())

    def take_law(self, passages: Sequence[LawPassage], *, on: date | None = None, withdrawn: Sequence[Withdrawn] = ()) -> None:
        """Search these passages from now on, and no others; the entries stay as they are.

        on: the day on which they hold; for a day before it they are not used. None for any day.
        withdrawn: the places that amendments have taken out; entries that cite them are not answered with since.
        """
        with self._reloading:
            state = self._current[0]
            if self._withdrawn != tuple(withdrawn):
                self._withdrawn = tuple(withdrawn)
                state = amended(state, self._withdrawn)
            self._current = (replace(state, passages=Passages(passages, state.lexicon), law_from=on), Remembered())

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
            return _with_learned(look_up(earlier, text, language, audience, on), text, self._learned, state.files.directory)
        key = (clean(text), text, language, audience, on) if len(text) <= LONGEST_REMEMBERED else None
        if key is not None and (known := remembered.get(key)) is not None:
            return known
        verdict = _with_learned(look_up(state, text, language, audience, on), text, self._learned, state.files.directory)
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

    async def look_up_as_asked(
        self, text: str, *, language: Language | None = None, audience: Audience = "public", today: date
    ) -> Verdict:
        """Look a message up by the rules of the day that it asks for; the verdict says which, where that is not today."""
        day, asked = as_asked(text, today)
        verdict = await self.look_up_off_loop(asked, language=language, audience=audience, on=day or today)
        return verdict if day is None else replace(verdict, as_of=day)

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
        vector = AskedMeaning(state.meaning, state.retriever.shelves[language].read(text)).vector
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
