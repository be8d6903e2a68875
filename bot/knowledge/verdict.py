"""What the knowledge base makes of a message: the decision, its confidence, and the reasons for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.knowledge.citations import Citation
from bot.knowledge.directory import Department
from bot.knowledge.entries import Entry, Language


class Decision(StrEnum):
    ANSWER = "answer"
    SUGGEST = "suggest"
    ESCALATE = "escalate"
    DECLINE = "decline"
    HOTLINE = "hotline"
    SMALLTALK = "smalltalk"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may answer the question: an entry, or a passage of imported law, which has none."""

    id: str
    title: str
    title_en: str
    citations: tuple[Citation, ...]
    score: float  # 0 to 1, as a share of the best that the query could reach
    phrasing: str  # the way of asking that came nearest
    entry: Entry | None = None
    signals: Mapping[str, float] = field(default_factory=dict, compare=False)  # what the score is made of
    passage: str = ""  # the wording, of a passage

    def title_in(self, language: str) -> str:
        return self.title_en if language == "en" else self.title


@dataclass(frozen=True, slots=True)
class DepartmentGuess:
    """A department that may be competent; the probabilities over all departments sum to at most 1."""

    department: Department
    probability: float
    reason: str
    like: tuple[str, ...] = ()  # numbers of inquiries like it that people have routed there


@dataclass(frozen=True, slots=True)
class Verdict:
    decision: Decision
    confidence: float  # 0 to 1: that the decision is right; for ANSWER, that the entry answers the question
    language: Language  # of the question, as detected or as told
    entry: Entry | None = None  # for ANSWER only: what answers, unless a passage does
    passage: Candidate | None = None  # for ANSWER only: the passage of imported law that answers
    suggestions: tuple[Entry, ...] = ()  # for SUGGEST, best first, at most three
    candidates: tuple[Candidate, ...] = ()  # best first, at most ten, whatever the decision
    department: Department | None = None  # who would answer it, whatever the decision
    departments: tuple[DepartmentGuess, ...] = ()  # best first, at most three
    citations: tuple[Citation, ...] = ()  # of the answer, or the ground for declining
    kind: str = ""  # the text to say, finer than the decision: `greeting`, `thanks`, `investigation`, `abuse`…
    place: Citation | None = None  # that was asked for and is not there: `no_such_place`, or not imported: `unknown_place`
    as_of: date | None = None  # the earlier day by whose rules the question asked to be answered
    reasons: tuple[str, ...] = ()  # for officers and logs, in plain words; never shown to the enterprise
