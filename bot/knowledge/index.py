"""An inverted index over short texts, scored as BM25 and divided by the best that the query could reach.

Rows are phrasings; the rows of one entry form a group. How rare a term is gets counted over groups, so that an entry
with many phrasings does not make its own words look common.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Rows = NDArray[np.int64]


class Field:
    """One way of cutting the texts into terms: syllables, pairs of them, letters."""

    def __init__(self, rows: Sequence[Sequence[str]], groups: Rows, *, k1: float = 1.5, b: float = 0.8) -> None:
        self._k1, self._b = k1, b
        self._groups = groups
        self.rows = len(rows)
        self._group_count = int(groups.max()) + 1 if len(groups) else 0
        vocabulary: dict[str, int] = {}
        terms = [vocabulary.setdefault(term, len(vocabulary)) for row in rows for term in row]
        lengths = np.array([len(row) for row in rows], dtype=np.float64)
        self._average = float(lengths.mean()) if len(rows) and lengths.any() else 1.0
        row_of = np.repeat(np.arange(len(rows), dtype=np.int64), lengths.astype(np.int64))
        keys, counts = np.unique(np.array(terms, dtype=np.int64) * max(len(rows), 1) + row_of, return_counts=True)
        term_of, self._rows = np.divmod(keys, max(len(rows), 1))
        weight = counts.astype(np.float64)
        norm = k1 * (1 - b + b * lengths[self._rows] / self._average)
        self._gains = weight * (k1 + 1) / (weight + norm)
        self._starts = np.searchsorted(term_of, np.arange(len(vocabulary) + 1))
        width = max(self._group_count, 1)
        grouped, rows_with = np.unique(term_of * width + groups[self._rows], return_counts=True)
        group_term, self._group_of = np.divmod(grouped, width)
        self._group_gains = _habit(rows_with)
        self._group_starts = np.searchsorted(group_term, np.arange(len(vocabulary) + 1))
        frequency = np.bincount(group_term, minlength=len(vocabulary))
        self._rarities = np.log1p((self._group_count - frequency + 0.5) / (frequency + 0.5))
        self._rarest = math.log1p((self._group_count + 0.5) / 0.5)  # of a term that nothing has
        self._vocabulary = vocabulary

    def knows(self, term: str, hidden: NDArray[np.bool_] | None = None) -> bool:
        """Say whether any row has the term, hidden ones left aside."""
        number = self._vocabulary.get(term)
        if number is None:
            return False
        return hidden is None or not hidden[self._rows[self._starts[number] : self._starts[number + 1]]].all()

    def rarity(self, term: str) -> float:
        """Return the idf of a term; a term that no entry has is as rare as one can be."""
        number = self._vocabulary.get(term)
        if number is None:
            return self._rarest
        return float(self._rarities[number])

    def score(self, terms: Iterable[str], hidden: NDArray[np.bool_] | None = None) -> Scores:
        """Score every row, as a share of the best that the query could reach: near 1 for the same text.

        hidden: rows that are taken for not being there, and do not count for how rare a term is either. It is what
        calibration asks with.
        """
        counts = Counter(terms)
        total = np.zeros(self.rows)
        if not counts or not self.rows:
            return total
        length = sum(counts.values())
        norm = self._k1 * (1 - self._b + self._b * length / self._average)
        places = np.array([self._vocabulary.get(term, -1) for term in counts])
        times = np.array(list(counts.values()), dtype=np.float64)
        shares = times * (self._k1 + 1) / (times + norm)
        known = places >= 0
        best = float(shares[~known].sum()) * self._rarest
        if known.any():
            numbers = places[known]
            rarities = self._rarities[numbers]
            if hidden is not None:
                rarities = np.array([self._rarity_without(number, hidden) for number in numbers.tolist()])
            best += float((rarities * shares[known]).sum())
            # The postings of all terms at once: the run of each, laid end to end.
            starts = self._starts[numbers]
            sizes = self._starts[numbers + 1] - starts
            ends = np.cumsum(sizes)
            where = np.arange(ends[-1]) + np.repeat(starts - (ends - sizes), sizes)
            gains = self._gains[where] * np.repeat(rarities, sizes)
            total = np.bincount(self._rows[where], gains, minlength=self.rows).astype(np.float64)
        return np.minimum(total / best, 1.0) if best else total

    def _rarity_without(self, number: int, hidden: NDArray[np.bool_]) -> float:
        where = self._rows[self._starts[number] : self._starts[number + 1]]
        if not hidden[where].any():
            return float(self._rarities[number])
        left = len(np.unique(self._groups[where[~hidden[where]]]))
        return math.log1p((self._group_count - left + 0.5) / (left + 0.5))

    def cover(self, terms: Iterable[str], hidden: NDArray[np.bool_] | None = None) -> Scores:
        """Score every group by how much of the query its rows say between them, weighted by rarity; 0 to 1.

        A word that most phrasings of an entry use is more its own than one that a single phrasing happens to have.
        """
        total = np.zeros(self._group_count)
        best = 0.0
        for term in set(terms):
            number = self._vocabulary.get(term)
            rarity = self.rarity(term)
            if number is not None:
                groups = self._group_of[self._group_starts[number] : self._group_starts[number + 1]]
                gains = self._group_gains[self._group_starts[number] : self._group_starts[number + 1]]
                where = self._rows[self._starts[number] : self._starts[number + 1]]
                if hidden is not None and hidden[where].any():
                    groups, rows_with = np.unique(self._groups[where[~hidden[where]]], return_counts=True)
                    gains = _habit(rows_with)
                    rarity = math.log1p((self._group_count - len(groups) + 0.5) / (len(groups) + 0.5))
                total[groups] += rarity * gains
            best += rarity
        return total / best if best else total


def _habit(rows_with: NDArray[np.int64]) -> Scores:
    return np.asarray(rows_with / (rows_with + 1.0), dtype=np.float64)


def pairs(tokens: Sequence[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(tokens)]


def letter_groups(text: str) -> list[str]:
    """Return all runs of three and four letters, word ends included."""
    padded = f" {text} "
    return [padded[place : place + size] for size in (3, 4) for place in range(len(padded) - size + 1)]
