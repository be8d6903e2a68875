"""What the words of a message mean to the recognisers: an officer, money, a demand, a place. Read from `concepts.toml`.

Folded words are ambiguous ("tien" is money, progress or convenience), so a phrase is kept with its marks and compared with
the marks that the person typed. Who typed none gets the benefit of the doubt.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.knowledge.language.normalise import Normalised, normalise
from bot.knowledge.language.vietnamese import SYLLABLES

DEFAULT = Path(__file__).with_name("concepts.toml")
SHORTEST_STEM = 3
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# A word of asking asks at the end of a message or at its beginning; in the middle "nào" and "gì" are often no question.
ASKS_AT_THE_END, BEGINNING, END = "ask_end", 2, 5
MEANINGLESS = "compounds"  # hide the meaning of a syllable inside them and have none themselves
MOSTLY = 0.3  # a message with this share of marked words is spelt as its writer wanted it


class Meaning(NamedTuple):
    concept: str
    start: int
    end: int


class _Phrase(NamedTuple):
    folded: tuple[str, ...]
    spelled: tuple[str, ...]
    stem: bool  # the last word may go on
    concepts: tuple[str, ...]


class Concepts:
    """Finds phrases in a message. Built once, read by all threads."""

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        meanings: dict[tuple[tuple[str, ...], bool], list[str]] = {}
        for concept, each in phrases.items():
            for text in each:
                read = normalise(text.rstrip("~"), "vi" if not text.isascii() else "en")
                meanings.setdefault((read.tokens, text.endswith("~")), []).append(concept)
        self._first: dict[str, list[_Phrase]] = {}
        self._stems: dict[str, tuple[str, ...]] = {}
        for (tokens, stem), concepts in meanings.items():
            phrase = _Phrase(Normalised(tokens, "vi").folded, tokens, stem, tuple(dict.fromkeys(concepts)))
            if stem and len(tokens) == 1:
                self._stems[phrase.folded[0]] = phrase.concepts
            else:
                self._first.setdefault(phrase.folded[0], []).append(phrase)
        for found in self._first.values():
            found.sort(key=lambda each: -len(each.folded))

    @classmethod
    def read(cls, path: Path = DEFAULT) -> Concepts:
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    def find(self, message: Normalised) -> list[Meaning]:
        """Return what the words mean, in their order. The longest phrase at a place hides the shorter ones inside it."""
        tokens, folded = message.tokens, message.folded
        marked = sum(map(str.__ne__, tokens, folded)) >= MOSTLY * len(tokens)
        found: list[Meaning] = []
        place, count = 0, len(folded)
        while place < count:
            best, here = (0, 0), tuple[str, ...]()  # the longest; of equally long ones, those with the fewest slips
            for phrase in self._first.get(folded[place], ()):
                if len(phrase.folded) < best[0]:
                    break
                slips = _slips(phrase, tokens, folded, place, marked)
                if slips is None:
                    continue
                # What is spelt like one phrase is no slip of another: "khai không" is not "khai khống".
                rank = (len(phrase.folded), -slips)
                if rank >= best:
                    here = phrase.concepts if rank > best else (*here, *phrase.concepts)
                    best = rank
            length = best[0]
            found.extend([Meaning(each, place, place + length) for each in here])
            if not length and (concepts := self._stemmed(folded[place])):
                length = 1
                found.extend([Meaning(each, place, place + 1) for each in concepts])
            place += length or 1
        return [each for each in found if each.concept != MEANINGLESS and _asks(each, count)]

    def _stemmed(self, word: str) -> tuple[str, ...]:
        if word in SYLLABLES:
            return ()
        for length in range(len(word), SHORTEST_STEM - 1, -1):
            if concepts := self._stems.get(word[:length]):
                return concepts
        return ()


def _asks(meaning: Meaning, count: int) -> bool:
    """Say whether a word of asking stands where it asks; any other meaning counts wherever it stands."""
    return meaning.concept != ASKS_AT_THE_END or meaning.start < BEGINNING or meaning.end > count - END


def _slips(phrase: _Phrase, tokens: Sequence[str], folded: Sequence[str], place: int, marked: bool) -> int | None:
    """Return how many words are the phrase's only by a slip of the marks; None where the phrase is not there."""
    size = len(phrase.folded)
    if size > 1:
        last = place + size - 1
        if last >= len(folded) or tuple(folded[place:last]) != phrase.folded[:-1]:
            return None
        if folded[last] != phrase.folded[-1] and not (phrase.stem and folded[last].startswith(phrase.folded[-1])):
            return None
    exact = wrong = 0
    for typed, bare, meant in zip(tokens[place : place + size], folded[place : place + size], phrase.spelled, strict=False):
        if typed == meant or (phrase.stem and meant.isascii()):
            exact += 1
        elif typed != bare and (without_tone(typed) != (plain := without_tone(meant)) or plain == meant):
            return None  # marks are left out or mixed up by mistake, seldom put in
        elif typed != bare or marked:
            wrong += 1
    # One slip of the marks is forgiven where the rest of the phrase is right ("cán bô").
    return wrong if wrong == 0 or (size > 1 and exact >= wrong) else None


@lru_cache(maxsize=8192)
def without_tone(token: str) -> str:
    if token.isascii():
        return token
    parts = unicodedata.normalize("NFD", token)
    return unicodedata.normalize("NFC", "".join(each for each in parts if each not in TONES))


@lru_cache(maxsize=1)
def shipped() -> Concepts:
    """Return the lexicon that comes with the program."""
    return Concepts.read()
