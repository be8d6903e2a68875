"""The knowledge base as the rest of the system sees it."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.decision import Choice, decide
from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.directory import Department, Directory
from bot.knowledge.documents import Documents
from bot.knowledge.entries import Audience, Entry, Language
from bot.knowledge.evidence.message import Message
from bot.knowledge.learned import LearnedRouting, Routed
from bot.knowledge.loading import KnowledgeFiles, load_files
from bot.knowledge.normalise import Lexicon, clean
from bot.knowledge.problems import Problem
from bot.knowledge.ranking import LexicalRetriever, Retriever
from bot.knowledge.verdict import Decision, DepartmentGuess, Verdict
from bot.knowledge.weights import Weights
from bot.knowledge.working_hours import WorkingTime

MOST_CANDIDATES = 10
MOST_DEPARTMENTS = 3
REMEMBERED = 2048  # verdicts; people press the same buttons and ask the same things
LONGEST_REMEMBERED = 500  # characters


@dataclass(frozen=True)
class _State:
    """Everything that belongs to one reading of the files. Never changed, only replaced."""

    files: KnowledgeFiles
    entries: Mapping[str, Entry]
    lexicon: Lexicon
    retriever: Retriever
    guesser: DepartmentGuesser  # of those that take inquiries
    sealed: DepartmentGuesser  # of those that take reports only
    outside: NDArray[np.bool_]  # departments of the guesser that hardly any entry belongs to
    weights: Weights


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

    def __init__(self, faq_dir: Path, state: _State) -> None:
        self._faq_dir = faq_dir
        # One reference, read once by each call: a reload in the middle of a search changes nothing for that search.
        self._current = (state, _Remembered())
        self._learned = LearnedRouting()
        self._reloading = threading.Lock()
        self._searcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="knowledge")

    @classmethod
    def load(cls, faq_dir: Path, *, today: date) -> Knowledge:
        """Read, check and index the files. Raises KnowledgeFilesError with everything that is wrong."""
        return cls(faq_dir, _build(faq_dir, today))

    def reload(self, *, today: date) -> tuple[Problem, ...]:
        """Build beside and swap; return the warnings. Raises KnowledgeFilesError and keeps the old state."""
        with self._reloading:
            state = _build(self._faq_dir, today)
            self._current = (state, _Remembered())
            return state.files.warnings

    def learn(self, routed: Sequence[Routed]) -> None:
        """Let what people decided about these cases count from now on, in place of what counted before; newest first."""
        with self._reloading:
            background = [text for each in self.directory for competence in each.competences for text in competence.examples]
            self._learned = LearnedRouting(routed, background)
            self._current = (self._current[0], _Remembered())

    def close(self) -> None:
        """Let the searching thread end. Nothing can be looked up off the loop afterwards."""
        self._searcher.shutdown(wait=False, cancel_futures=True)

    @property
    def folder(self) -> Path:
        """Where the files lie that this was read from."""
        return self._faq_dir

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

    def look_up(self, text: str, *, language: Language | None = None, audience: Audience = "public", on: date) -> Verdict:
        """Decide what to do with a message. Never raises on any text.

        language: of the conversation; None to go by the text alone.
        on: the local day on which the answer has to hold.
        """
        state, remembered = self._current
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
        """The same, in the one thread that searches, so that the event loop is never held."""
        work = partial(self.look_up, text, language=language, audience=audience, on=on)
        return await asyncio.get_running_loop().run_in_executor(self._searcher, work)

    async def reload_off_loop(self, *, today: date) -> tuple[Problem, ...]:
        """Reload in a thread of its own, so that questions go on being answered meanwhile."""
        return await asyncio.to_thread(self.reload, today=today)

    def guess_departments(self, text: str) -> list[DepartmentGuess]:
        """Return every department that takes inquiries, most probable first."""
        return self._current[0].guesser.guess(text)


def _build(faq_dir: Path, today: date) -> _State:
    files = load_files(faq_dir, today=today)
    weights = Weights.read()
    lexicon = Lexicon({short: each.name for each in files.directory for short in each.short_names})
    guesser = DepartmentGuesser(files.directory.accepting(), weights.departments, lexicon)
    sealed = [each for each in files.directory if not each.accepts_inquiries and each.competences]
    return _State(
        files=files,
        entries=MappingProxyType({each.id: each for each in files.entries}),
        lexicon=lexicon,
        retriever=LexicalRetriever(files.entries, files.documents, weights, lexicon),
        guesser=guesser,
        sealed=DepartmentGuesser(sealed, weights.departments, lexicon),
        outside=guesser.seldom_answered(each.department for each in files.entries),
        weights=weights,
    )


def _look_up(state: _State, text: str, language: Language | None, audience: Audience, on: date) -> Verdict:
    message = Message(text, state.lexicon)
    detected, sure = message.detected
    candidates = state.retriever.search(text, language=language, audience=audience, on=on, limit=MOST_CANDIDATES)
    table, nearest = state.guesser.signals(text, candidates)
    choice = decide(message, candidates, state.weights, case=state.guesser.nearness(table, state.outside))
    guesses = state.guesser.rank(table, nearest, on_site=choice.kind == "concrete")
    return Verdict(
        decision=choice.decision,
        confidence=round(min(max(choice.confidence, 0.0), 1.0), 4),
        language=detected if sure or language is None else language,
        entry=choice.entry.entry if choice.entry else None,
        suggestions=tuple(each.entry for each in choice.suggestions if each.entry),
        candidates=tuple(candidates),
        department=_department(state, text, choice, guesses),
        departments=tuple(guesses[:MOST_DEPARTMENTS]),
        # A ground for declining has to be in force like any other citation.
        citations=tuple(each for each in choice.citations if state.files.documents.in_force(each.document, on)),
        kind=choice.kind,
        reasons=choice.reasons,
    )


def _department(state: _State, text: str, choice: Choice, guesses: list[DepartmentGuess]) -> Department:
    """Return who would answer: the answer's own department, else the likeliest, else the unit that coordinates."""
    if choice.decision is Decision.HOTLINE and (sealed := state.sealed.guess(text)):
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
