"""Which drafts ask for the same as another: in nearly the same words, or by what they mean."""

import weakref
from collections.abc import Iterable

from rapidfuzz import fuzz

from bot.knowledge.entries import Language
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.meaning.embedder import Vectors
from bot.knowledge.service import Knowledge
from storage.drafts import DraftRow

SAME_WORDS = 80
"""of 100: from there on another draft is shown as one that may be about the same"""
SAME_MATTER = 0.4
"""the same, of their meaning: of ways of asking for two entries 8 in 10,000 are so alike, of those for one every fourth"""
READ_AT_ONCE = 60  # drafts whose meaning is computed for one view: two seconds; the next view knows them
_REMEMBERED = 1000  # questions


class NearDrafts:
    """Remembers what drafts mean as long as the same knowledge is searched."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._known: dict[tuple[str, Language], Vectors | None] = {}
        self._known_by: weakref.ref[object] | None = None

    async def among(self, row: DraftRow, others: Iterable[DraftRow]) -> list[DraftRow]:
        """Return those that may be about the same as the draft, the nearest first. Without an embedder by words alone."""
        self._forget()
        question, language = _question(row)
        meant = await self._meaning(question, language)
        left = READ_AT_ONCE
        found: list[tuple[float, DraftRow]] = []
        for each in others:
            near = fuzz.token_sort_ratio(_plain(question), _plain(_question(each)[0])) / SAME_WORDS
            asked = _question(each)
            if meant is not None and near < 1 and asked[1] == language and (left or asked in self._known):
                left -= asked not in self._known
                other = await self._meaning(*asked)
                near = float(meant @ other) / SAME_MATTER if other is not None else near
            if near >= 1:
                found.append((near, each))
        return [each for _, each in sorted(found, key=lambda pair: -pair[0])]

    def _forget(self) -> None:
        edition = self._knowledge.edition
        if self._known_by is None or self._known_by() is not edition or len(self._known) > _REMEMBERED:
            self._known, self._known_by = {}, weakref.ref(edition)

    async def _meaning(self, question: str, language: Language) -> Vectors | None:
        asked = (question, language)
        if asked not in self._known:
            self._known[asked] = await self._knowledge.meaning_off_loop(question, language)
        return self._known[asked]


def _question(row: DraftRow) -> tuple[str, Language]:
    if question := row.content["vi"]["question"]:
        return question, "vi"
    return row.content["en"]["question"], "en"


def _plain(question: str) -> str:
    return fold(question.lower())
