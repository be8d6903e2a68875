"""What every kind of evidence looks at, and what it returns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.knowledge.entries import Language
from bot.knowledge.normalise import Lexicon, clean, detect_language, normalise
from bot.knowledge.vietnamese import fold


@dataclass(frozen=True)
class Message:
    """A message, read once for all rules. Rules match folded text, since most people type without diacritics."""

    raw: str
    lexicon: Lexicon | None = None

    @cached_property
    def detected(self) -> tuple[Language, bool]:
        return detect_language(self.raw)

    @cached_property
    def cleaned(self) -> str:
        return clean(self.raw)

    @cached_property
    def vietnamese(self) -> str:
        """Folded, abbreviations written out."""
        return normalise(self.raw, "vi", self.lexicon).plain

    @cached_property
    def english(self) -> str:
        return normalise(self.raw, "en").plain

    @cached_property
    def plain(self) -> str:
        """The reading in the language it is in; both when that is not sure."""
        language, sure = self.detected
        if sure:
            return self.vietnamese if language == "vi" else self.english
        return f"{self.vietnamese} · {self.english}"

    @cached_property
    def mostly_marked(self) -> bool:
        """Say whether the person typed diacritics, so that a bare syllable is meant bare."""
        tokens = normalise(self.raw, "vi", self.lexicon).tokens
        return sum(token != fold(token) for token in tokens) >= 0.3 * len(tokens) > 0

    @cached_property
    def accented(self) -> dict[str, frozenset[str]]:
        """For each folded syllable, in which spellings the message has it."""
        spellings: dict[str, set[str]] = {}
        for token in normalise(self.raw, "vi", self.lexicon).tokens:
            spellings.setdefault(fold(token), set()).add(token)
        return {key: frozenset(value) for key, value in spellings.items()}

    def means(self, words: str, meant: Mapping[str, str]) -> bool:
        """Say whether folded words can mean what a rule takes them for.

        meant: for syllables that are several words without their marks, the spellings that count: "tien" is "tiền" to a
        rule about bribes, while "tiến độ" is another matter. Without marks the rule gets the benefit of the doubt.
        """
        for each in words.split():
            if each in meant:
                wanted = frozenset(meant[each].split())
                spellings = self.accented.get(each, frozenset())
                bare = each in spellings and not self.mostly_marked
                if spellings and not bare and not spellings & wanted:
                    return False
        return True

    @cached_property
    def words(self) -> int:
        return len(self.english.split())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for treating a message in a certain way.

    strength: 0 to 1.
    reason: for officers and logs.
    """

    kind: str
    strength: float
    reason: str


def matcher(*patterns: str) -> re.Pattern[str]:
    """Compile alternatives that match whole words of folded text."""
    return re.compile(r"(?<![a-z0-9])(?:" + "|".join(patterns) + r")(?![a-z0-9])")


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group() for match in pattern.finditer(text)]
