"""What every kind of evidence looks at, and what it returns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from bot.knowledge.entries import Language
from bot.knowledge.evidence.features import Features, features_of
from bot.knowledge.evidence.model import shipped
from bot.knowledge.language.normalise import Lexicon, clean, detect_language, normalise


@dataclass(frozen=True)
class Message:
    """A message, read once for all that look for evidence in it."""

    raw: str
    lexicon: Lexicon | None = None

    @cached_property
    def detected(self) -> tuple[Language, bool]:
        return detect_language(self.raw)

    @cached_property
    def cleaned(self) -> str:
        return clean(self.raw)

    @cached_property
    def plain(self) -> str:
        """Folded, abbreviations written out."""
        return normalise(self.raw, self.detected[0], self.lexicon if self.detected[0] == "vi" else None).plain

    @cached_property
    def features(self) -> Features:
        return features_of(self.raw, self.lexicon)

    @cached_property
    def chances(self) -> dict[str, float]:
        """How probable each kind is, by its words."""
        return shipped().chances(self.features)

    @cached_property
    def words(self) -> int:
        return len(self.cleaned.split())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for treating a message in a certain way.

    strength: 0 to 1; how probable it is.
    reason: for officers and logs.
    decides: strong enough to settle by itself what becomes of the message.
    """

    kind: str
    strength: float
    reason: str
    decides: bool = False


def matcher(*patterns: str) -> re.Pattern[str]:
    """Compile alternatives that match whole words of folded text."""
    return re.compile(r"(?<![a-z0-9])(?:" + "|".join(patterns) + r")(?![a-z0-9])")
