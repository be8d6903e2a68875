"""An entry: a question that enterprises ask, our answer to it, and the places that carry the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from bot.knowledge.citations import Citation
from bot.knowledge.documents import Documents

Language = Literal["vi", "en"]
Audience = Literal["public", "member"]


class EntryStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Wording:
    """An entry in one language."""

    question: str
    paraphrases: tuple[str, ...]
    answer: str  # plain words of our own, at most 900 characters

    @property
    def phrasings(self) -> tuple[str, ...]:
        """Every way in which this is asked, the official one first."""
        return (self.question, *self.paraphrases)


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    status: EntryStatus
    audience: Audience
    department: str  # id in the directory: who answers when the reader wants a person
    tags: tuple[str, ...]
    citations: tuple[Citation, ...]  # at least one; the first carries the answer
    vi: Wording
    en: Wording
    valid_from: date | None = None
    valid_until: date | None = None  # the last day on which it may be given
    file: str = ""
    line: int = 0
    citation_lines: tuple[int, ...] = ()  # where each citation stands in the file

    def wording(self, language: str) -> Wording:
        return self.en if language == "en" else self.vi

    def readable_by(self, audience: Audience) -> bool:
        return self.audience == "public" or audience == "member"

    def holds(self, on: date, documents: Documents) -> bool:
        """Say whether the entry may be given as an answer on that day.

        Everything that it cites has to hold: an answer that leans half on a text that has ended is not
        an answer.
        """
        return (
            self.status is EntryStatus.PUBLISHED
            and (self.valid_from is None or self.valid_from <= on)
            and (self.valid_until is None or on <= self.valid_until)
            and all(documents.holds(each, on) for each in self.citations)
        )
