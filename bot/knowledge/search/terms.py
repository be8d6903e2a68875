"""Cuts texts into the terms that the index counts: syllables, pairs of them, runs of letters. Terms are numbers.

Numbers, because arrays of them are sorted and looked up at once: cutting and counting ten thousand entries as Python
strings takes longer than everything else together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.language.texts import Texts, Written

Codes = NDArray[np.int64]
UNKNOWN = -1  # of a word that no text has; it stays one term of the question, as rare as can be
_AT_ONCE = 2000  # texts whose letters are cut at once: what fits into the processor's cache
_NONE: Codes = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Cut:
    """The terms of several texts, end to end. lengths: how many belong to each text."""

    codes: Codes | NDArray[np.uint32]
    lengths: Codes


class _Numbers(dict[str, int]):
    """The number of each word, given when it first comes."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class Words:
    """Gives every word a number. It learns while texts are indexed, and only looks up afterwards."""

    def __init__(self) -> None:
        self._numbers = _Numbers()

    def __len__(self) -> int:
        return len(self._numbers)

    def learn(self, texts: Texts, meant: Sequence[str]) -> Cut:
        """Return the texts as terms. meant: the term that stands for each word of their vocabulary."""
        number = np.zeros(len(meant), dtype=np.int64)
        for word in np.flatnonzero(np.bincount(texts.codes, minlength=len(meant))).tolist():
            number[word] = self._numbers[meant[word]]
        return Cut(number[texts.codes], texts.lengths)

    def of(self, text: Sequence[str]) -> Codes:
        """Return the numbers of the words. Each word that is not known gets a negative one of its own."""
        unknown: dict[str, int] = {}
        return np.array(
            [
                number if (number := self._numbers.get(word)) is not None else unknown.setdefault(word, UNKNOWN - len(unknown))
                for word in text
            ],
            dtype=np.int64,
        )


def pairs(cut: Cut, words: int) -> Cut:
    """Return each two neighbours of every text as one term. words: how many there are, when all are learnt."""
    if len(cut.codes) < 2:
        return Cut(_NONE, np.zeros_like(cut.lengths))
    codes = cut.codes[:-1] * words + cut.codes[1:]
    ends = np.cumsum(cut.lengths)[:-1]
    inside = np.ones(len(codes), dtype=bool)
    inside[ends[(ends > 0) & (ends <= len(codes))] - 1] = False
    return Cut(codes[inside], np.maximum(cut.lengths - 1, 0))


def pairs_of(codes: Codes, words: int) -> Codes:
    """Return the pairs of one question. A pair with an unknown word is unknown."""
    first, second = codes[:-1], codes[1:]
    found = first * words + second
    odd = (first < 0) | (second < 0)
    if odd.any():
        # A term of its own, told from the known ones by its sign.
        found[odd] = -1 - (np.abs(first[odd]) * (words + len(codes)) + np.abs(second[odd]))
    return found


def letters_of(plain: str) -> Codes:
    """Return all runs of three and four letters of a folded text, word ends included."""
    data = np.frombuffer(f" {plain} ".encode("ascii", "replace"), dtype=np.uint8).astype(np.int64)
    two = (data[:-1] << 8) | data[1:]
    return np.concatenate(((two[:-1] << 8) | data[2:], (two[:-2] << 16) | two[2:]))


def letters(texts: Texts, written: Written | None = None) -> Cut:
    """The same, of many texts at once. A run of four has a first byte, so it is never taken for a run of three.

    written: the texts folded, where they are at hand.
    """
    if written is None or not written.data.isascii():
        written = Written(texts, [each.encode("ascii", "replace").decode("ascii") for each in texts.folded])
    parts = [_letters(written, slice(start, start + _AT_ONCE)) for start in range(0, len(texts), _AT_ONCE)]
    codes = np.concatenate([_NONE.astype(np.uint32), *(each.codes for each in parts)])
    return Cut(codes, np.concatenate([_NONE, *(each.lengths for each in parts)]))


def _letters(written: Written, some: slice) -> Cut:
    starts = written.starts[some.start : some.stop + 1]
    bounds = starts - starts[0]
    # Every text ends with a space. The one before it is the space that it begins with.
    data = np.frombuffer(b" " + written.data[starts[0] : starts[-1]] + b"   ", dtype=np.uint8).astype(np.uint32)
    count = int(bounds[-1])
    two = (data[:-1] << 8) | data[1:]
    three, four = (two[:count] << 8) | data[2 : count + 2], (two[:count] << 16) | two[2 : count + 2]
    # Both runs that begin at a letter side by side, so that those of one text stay together; none goes beyond its text.
    kept = np.ones((count, 2), dtype=bool)
    ends = bounds[1:][np.diff(bounds) > 0]
    kept[ends - 1] = False
    kept[ends[ends > 1] - 2, 1] = False
    before = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    return Cut(np.stack([three, four], axis=1)[kept], np.diff(before[bounds]))


@lru_cache(maxsize=32768)
def stem(token: str) -> str:
    """Cut the commonest English endings, so that "documents" finds "document"."""
    for ending, least in (("ations", 4), ("ation", 4), ("ing", 4), ("ies", 3), ("es", 4), ("ed", 4), ("s", 3)):
        if token.endswith(ending) and len(token) - len(ending) >= least and not token.endswith("ss"):
            return token[: -len(ending)] + ("y" if ending == "ies" else "")
    return token
