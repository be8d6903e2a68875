"""Everything that belongs to one reading of the files: built beside the old one, then swapped as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.knowledge.competence import Competent
from bot.knowledge.directory import Directory
from bot.knowledge.documents import Withdrawn
from bot.knowledge.entries import Entry
from bot.knowledge.files.loading import KnowledgeFiles, load_files
from bot.knowledge.files.overlay import over
from bot.knowledge.language.normalise import Lexicon
from bot.knowledge.language.wordings import Wordings
from bot.knowledge.meaning.meanings import LANGUAGES
from bot.knowledge.memory import give_memory_back
from bot.knowledge.search.passages import LawPassage, Passages
from bot.knowledge.search.ranking import Retriever, published
from bot.knowledge.understanding import Meaning, Understood, understand
from bot.knowledge.weights import Weights


@dataclass(frozen=True)
class State:
    """Everything that belongs to one reading of the files. Never changed, only replaced."""

    files: KnowledgeFiles
    entries: Mapping[str, Entry]
    lexicon: Lexicon
    retriever: Retriever
    passages: Passages
    law_from: date | None  # the day for which the passages were read; None for any
    meaning: Understood | None
    lacking: bool  # whether vectors are still to be computed
    competent: Competent
    weights: Weights

    def law_holds(self, on: date) -> bool:
        """Say whether the passages are those of that day: a wording that holds now may not have held before."""
        return self.law_from is None or on >= self.law_from


def build(
    faq_dir: Path,
    today: date,
    meaning: Meaning,
    passages: Sequence[LawPassage],
    law_from: date | None,
    before: Competent | None = None,
) -> State:
    """Read, check and index the files. Raises KnowledgeFilesError with everything that is wrong.

    law_from: the day for which the passages were read. before: who was competent at the last reading.
    """
    files = load_files(faq_dir, today=today)
    weights = Weights.read()
    lexicon = files.directory.lexicon()
    wordings = {each: Wordings.read(published(files.entries), each, lexicon) for each in LANGUAGES}
    retriever = Retriever(files.entries, files.documents, weights, lexicon, wordings)
    understood, lacking = understand(meaning, faq_dir, retriever, lexicon, wordings)
    del wordings
    state = State(
        files=files,
        entries=MappingProxyType({each.id: each for each in files.entries}),
        lexicon=lexicon,
        retriever=retriever,
        passages=Passages(passages, lexicon),
        law_from=law_from,
        meaning=understood,
        lacking=lacking,
        competent=Competent.of(files.directory, files.entries, weights.departments, lexicon, before),
        weights=weights,
    )
    give_memory_back()
    return state


def amended(state: State, withdrawn: Sequence[Withdrawn]) -> State:
    """Return the state with the places that amendments have taken out, in place of those before."""
    documents = state.files.documents.amended(withdrawn)
    return replace(state, files=replace(state.files, documents=documents), retriever=state.retriever.of(documents))


def revised(
    state: State, base: Directory, overlays: Mapping[str, Mapping[str, Any]], before: Competent
) -> tuple[State, list[str]]:
    """Return the state with another directory: what is searched stays, who is competent is read anew."""
    directory, left_out = over(base, overlays, state.files.working_time.others)
    competent = Competent.of(directory, state.files.entries, state.weights.departments, directory.lexicon(), before)
    return replace(state, files=replace(state.files, directory=directory), competent=competent), left_out
