"""The evidence in a message by its words, and by its meaning where the words leave doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.knowledge.evidence.message import Evidence, Message
from bot.knowledge.evidence.recognising import (
    REPORTS,
    SMALL_TALK,
    evidence_in,
    report_chance,
    small_talk_by_meaning,
)
from bot.knowledge.evidence.second import (
    ASKED_FROM,
    ASKED_TO,
    DEFAULT,
    MOST_WORDS,
    OF_OTHERS,
    OF_SMALL_TALK,
    OTHERS_ASKED_FROM,
    POLITE_ASKED_FROM,
    shipped,
)
from bot.knowledge.meaning.embedder import Vectors


class Meant(Protocol):
    """The meaning of one message, computed when something first needs it."""

    @property
    def embedder(self) -> str | None:
        """Whose vector it is; None where there is none."""

    @property
    def vector(self) -> Vectors | None:
        """None without an embedder, for a message without a word, and where the embedder fails."""


@dataclass(frozen=True, slots=True)
class Known:
    """The same, computed before."""

    embedder: str | None = None
    vector: Vectors | None = None


def evidence_with_meaning(message: Message, meant: Meant) -> list[Evidence]:
    """Return all that is recognised about the message; the embedder is asked only where the words leave doubt."""
    evidence = evidence_in(message, second=_report(message, meant), others=_others(message, meant))
    small_talk = _small_talk(message, meant, evidence)
    return evidence if small_talk is None else [*evidence, small_talk]


def _report(message: Message, meant: Meant) -> float | None:
    """Return how probable a report is by words and meaning; None where the words are plain, or no vector is at hand."""
    return _asked(meant, DEFAULT, report_chance(message), ASKED_FROM)


def _others(message: Message, meant: Meant) -> dict[str, float]:
    """Return how probable other kinds are by words and meaning, of those that the words leave open."""
    if max(report_chance(message), message.chances["smalltalk"]) > ASKED_TO:
        return {}
    asked = {kind: _asked(meant, path, message.chances[kind], OTHERS_ASKED_FROM[kind]) for kind, path in OF_OTHERS.items()}
    return {kind: chance for kind, chance in asked.items() if chance is not None}


def _small_talk(message: Message, meant: Meant, evidence: Sequence[Evidence]) -> Evidence | None:
    """Return what the meaning says of small talk; None where the words are plain, or no vector is at hand."""
    plain = any(each.decides and each.kind in (*REPORTS, *SMALL_TALK) for each in evidence)
    if plain or message.words > MOST_WORDS:
        return None
    chance = _asked(meant, OF_SMALL_TALK, message.chances["smalltalk"], POLITE_ASKED_FROM, 1.0)
    return None if chance is None else small_talk_by_meaning(message, chance)


def _asked(meant: Meant, path: Path, by_words: float, least: float, most: float = ASKED_TO) -> float | None:
    second = shipped(path)
    if meant.embedder != second.embedder or not least <= by_words <= most or (vector := meant.vector) is None:
        return None
    return second.chance(by_words, vector)
