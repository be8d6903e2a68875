"""Cuts a text into the pieces that the model knows: of all ways to cut it, the likeliest."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.meaning.e5_file import ModelFile

_SPACE = "\u2581"  # how pieces write a space
_SPACES = re.compile(" {2,}")
_WORSE = 10.0  # how much less likely than the unlikeliest piece a character is that no piece has
_NEVER = -1e30

Numbers = NDArray[np.uint64]
# A run of bytes is looked up by a number that is made of it: the sum of byte × _STEP^place, modulo 2^64. From sums up to each
# place, those of all runs follow at once.
_STEP = 0x9E3779B97F4A7C15
_BACK = pow(_STEP, -1, 1 << 64)


class Tokens:
    """Pure and thread-safe."""

    def __init__(self, file: ModelFile) -> None:
        self._begin, self._end, self._unknown = file.begin, file.end, file.unknown
        self._most = file.most_tokens - 2
        self._otherwise = file.written_otherwise
        starts = file.piece_starts
        sums = _sums(np.asarray(file.pieces))
        numbers = (sums[starts[1:]] - sums[starts[:-1]]) * _powers(_BACK, len(sums))[starts[:-1]]
        lengths = np.diff(starts)
        known = np.flatnonzero(lengths > 0)
        known = known[known != self._unknown]
        order = known[np.argsort(numbers[known], kind="stable")]
        self._numbers: Numbers = numbers[order]
        self._pieces = order.astype(np.int32)
        self._scores = file.scores
        self._longest = int(lengths.max())
        self._least = float(file.scores.min()) - _WORSE

    def of(self, text: str) -> list[int]:
        """Return the pieces of a text, with the signs for its beginning and end. What is beyond the model's reach is cut."""
        written = _SPACES.sub(" ", text.translate(self._otherwise))
        if not written.startswith(" "):
            written = " " + written
        return [self._begin, *self._likeliest(written.replace(" ", _SPACE))[: self._most], self._end]

    def _likeliest(self, written: str) -> list[int]:
        size = len(written)
        best = [0.0, *[_NEVER] * size]
        piece, came_from = [self._unknown] * (size + 1), [0] * (size + 1)
        found = self._known_runs(written)
        for start in range(size):
            here = best[start]
            for end, which, score in found[start]:
                if here + score > best[end]:
                    best[end], piece[end], came_from[end] = here + score, which, start
            if here + self._least > best[start + 1]:
                best[start + 1], piece[start + 1], came_from[start + 1] = here + self._least, self._unknown, start
        cut, at = [], size
        while at:
            cut.append(piece[at])
            at = came_from[at]
        return cut[::-1]

    def _known_runs(self, written: str) -> list[list[tuple[int, int, float]]]:
        """Return for each place the runs from there that are pieces: where they end, which piece, how likely it is."""
        data = np.frombuffer(written.encode("utf-8"), dtype=np.uint8)
        bounds = np.append(np.flatnonzero((data & 0xC0) != 0x80), len(data))  # where characters begin
        first = np.searchsorted(bounds, bounds[:-1] + self._longest, "right") - 1  # the last end within reach
        counts = first - np.arange(len(first))
        starts = np.repeat(np.arange(len(first)), counts)
        ends = starts + 1 + np.arange(len(starts)) - np.repeat(np.cumsum(counts) - counts, counts)
        sums, powers = _sums(data), _powers(_BACK, len(data) + 1)
        numbers = (sums[bounds[ends]] - sums[bounds[starts]]) * powers[bounds[starts]]
        places = np.minimum(np.searchsorted(self._numbers, numbers), len(self._numbers) - 1)
        hits = np.flatnonzero(self._numbers[places] == numbers)
        pieces = self._pieces[places[hits]]
        runs = list(zip(ends[hits].tolist(), pieces.tolist(), self._scores[pieces].tolist(), strict=True))
        at = np.searchsorted(starts[hits], np.arange(len(first) + 1)).tolist()
        return [runs[begin:end] for begin, end in pairwise(at)]


def _powers(base: int, count: int) -> Numbers:
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _sums(data: NDArray[np.uint8]) -> Numbers:
    """Return the number of all bytes before each place, and before the end. Overflow is meant: all is modulo 2^64."""
    values = (data.astype(np.uint64) + np.uint64(1)) * _powers(_STEP, len(data))
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
