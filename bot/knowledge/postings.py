"""An inverted index over short texts, scored as BM25 and divided by the best that the question could reach.

Rows are phrasings; the rows of one entry form a group. How rare a term is gets counted over groups, so that an entry
with many phrasings does not make its own words look common.

A question is scored in two steps, both over flat arrays. The postings hold what each term adds to the mean over the
phrasings of each group: one pass over them scores every group in every column. Phrasings are compared one by one only
for the few groups that came out best.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.terms import Codes, Cut

Scores = NDArray[np.float64]
Rows = NDArray[np.int64]

K1, B = 1.5, 0.8  # strong length normalisation (measured on articles: 85 to 91 % of hit@1, no loss on questions)
# What one question may touch. The terms that most groups have go first: they bring none to the front. It takes effect only
# in an index of thousands of entries, and bounds the time there whatever is asked.
MOST_POSTINGS = 100_000
_BLOCK = 1_000_000  # terms that are counted at once
_NOTHING: Codes = np.zeros(0, dtype=np.int64)
_TAG = 52  # bits of a code below the number of its column
_MASK = (1 << _TAG) - 1


@dataclass(frozen=True, slots=True)
class Column:
    """One way of cutting texts into terms.

    owners: the group of each row, ascending.
    close: whether single rows are compared too, and not only whole groups. Close columns share their rows.
    flat: a term counts by how many rows of the group have it, not by how often: it says how much of a question the rows of
        a group cover between them. A word that most phrasings use is more the group's own than one that a single one has.
    """

    name: str
    cut: Cut
    owners: Rows
    close: bool = False
    flat: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of one group that are taken for not being there: what calibration asks with."""

    group: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's terms that the index knows: number, column, rarity, and share of the best score in its column.

    total: by column, the rarity of all terms. unknown: by column, the share of terms that no row has.
    """

    numbers: Rows
    columns: Rows
    weights: Scores
    rarities: Scores
    total: Scores
    unknown: Scores


class Index:
    """Columns over the same groups. Nothing in it changes after it is built, so any thread may ask."""

    def __init__(self, columns: Sequence[Column], groups: int) -> None:
        self.names = tuple(each.name for each in columns)
        self.close = tuple(number for number, each in enumerate(columns) if each.close)
        self.groups = groups
        self._tags = np.arange(len(columns), dtype=np.int64) << _TAG
        self._flat = np.array([each.flat for each in columns], dtype=bool)
        self._rarest = float(_rarity(np.zeros(1), groups)[0])  # of a term that nothing has
        parts = [_Part(number, each, groups) for number, each in enumerate(columns)]
        self._averages = np.array([each.average for each in parts])
        # One more at the end, which no question can have, so that looking a code up always lands somewhere.
        self._vocabulary = np.append(np.concatenate([each.vocabulary for each in parts]), np.int64(1) << 62)
        self._starts = np.cumsum(np.concatenate([[0], *(each.frequencies for each in parts), [0]]))
        # Two bytes for a group where that is enough, and two for a gain: most of the memory is here.
        small = np.uint16 if groups <= np.iinfo(np.uint16).max else np.int32
        self._groups = np.concatenate([each.groups.astype(small) for each in parts])
        most = max((float(each.gains.max()) for each in parts if len(each.gains)), default=1.0)
        self._unit = most / np.iinfo(np.uint16).max
        self._gains = np.concatenate([_small(each.gains, self._unit) for each in parts])
        firsts = np.cumsum([0, *(len(each.vocabulary) for each in parts)])
        self._rows = _Rows([(parts[each], int(firsts[each])) for each in self.close], columns, groups)
        self._scratch = threading.local()

    def ask(self, terms: Mapping[str, Codes], left_out: LeftOut | None = None) -> Asked:
        """Weigh the terms of a question, given by column."""
        given = [terms[name] for name in self.names]
        tagged = np.concatenate(given) & _MASK
        tagged |= np.repeat(self._tags, [len(each) for each in given])
        tagged.sort()
        begins = np.flatnonzero(_begins(tagged))
        codes, counts = tagged[begins], np.diff(begins, append=len(tagged))
        columns = codes >> _TAG
        numbers = np.searchsorted(self._vocabulary, codes)
        known = self._vocabulary[numbers] == codes
        frequencies = self._starts[numbers + 1] - self._starts[numbers]
        rarities = np.where(known, _rarity(frequencies, self.groups), self._rarest)
        if left_out is not None:
            lost = known & self._rows.lost(numbers, left_out)
            rarities[lost] = _rarity(frequencies[lost] - 1, self.groups)
            known &= ~(lost & (frequencies <= 1))
        size = len(self.names)
        norms = K1 * (1 - B + B * np.bincount(columns, counts, minlength=size) / self._averages)
        shares = np.where(self._flat[columns], 1.0, counts * (K1 + 1) / (counts + norms[columns]))
        weights = shares * rarities
        weights /= np.bincount(columns, weights, minlength=size)[columns]
        total = _summed(columns, rarities, size)
        unknown = np.bincount(columns, ~known, minlength=size) / np.maximum(np.bincount(columns, minlength=size), 1)
        return Asked(numbers[known], columns[known], weights[known], rarities[known], total, unknown)

    def score(self, asked: Asked) -> Scores:
        """Return a row for every column: how near each group is, as a mean over its rows; 0 to about 1."""
        numbers, weights, columns = asked.numbers, asked.weights * self._unit, asked.columns
        starts = self._starts[numbers]
        sizes = self._starts[numbers + 1] - starts
        if sizes.sum() > MOST_POSTINGS:
            rarest = np.argsort(sizes, kind="stable")
            rarest = rarest[np.cumsum(sizes[rarest]) <= MOST_POSTINGS]
            starts, sizes, weights, columns = starts[rarest], sizes[rarest], weights[rarest], columns[rarest]
        # The postings of all terms at once: the run of each, laid end to end.
        ends = np.cumsum(sizes)
        where = np.arange(ends[-1] if len(ends) else 0)
        where += np.repeat(starts - (ends - sizes), sizes)
        gains = self._gains[where] * np.repeat(weights, sizes)
        places = self._groups[where] + np.repeat(columns * self.groups, sizes)
        return _summed(places, gains, len(self.names) * self.groups).reshape(len(self.names), self.groups)

    def compare(self, asked: Asked, groups: Rows) -> tuple[Scores, Rows, Rows]:
        """Score the rows of some groups one by one.

        Return the scores (rows × close columns), the row numbers, and where the rows of each group begin in them.
        """
        return self._rows.compare(asked, groups, self._blank())

    def mean_without(self, asked: Asked, left_out: LeftOut) -> Scores:
        """Return what `score` gives the group when some of its rows are not there, for the columns that are close."""
        scores, rows, _ = self.compare(asked, np.array([left_out.group]))
        left = ~np.isin(rows, left_out.rows)
        return scores[left].mean(axis=0) if left.any() else np.zeros(len(self.close))

    def cover_without(self, asked: Asked, left_out: LeftOut, column: int, like: int) -> float:
        """The same for a flat column; like: the close column that has the same terms."""
        mine = asked.columns == like
        there = self._rows.rows_with(asked.numbers[mine], left_out)
        return float((asked.rarities[mine] * there / (there + 1.0)).sum() / asked.total[column])

    def shared(self, asked: Asked, rows: Rows) -> Scores:
        """Return how rare the terms are together that each row shares with the question, in the first close column."""
        mine = asked.columns == self.close[0]
        return self._rows.shared(asked.numbers[mine], asked.rarities[mine], rows, self._blank())

    def sums(self, cut: Cut, name: str) -> Scores:
        """Return how rare the different terms of each text are together. The texts are those of the column."""
        rows = np.repeat(np.arange(len(cut.lengths)), cut.lengths)
        keys = np.sort(cut.codes * max(len(cut.lengths), 1) + rows)
        codes, rows = np.divmod(keys[_begins(keys)], max(len(cut.lengths), 1))
        numbers = np.searchsorted(self._vocabulary, codes | (self.names.index(name) << _TAG))
        rarities = _rarity(self._starts[numbers + 1] - self._starts[numbers], self.groups)
        return _summed(rows, rarities, len(cut.lengths))

    def _blank(self) -> Scores:
        """Return an array of zeros for the weight of every term. It belongs to the thread, and is blank again after use."""
        blank: Scores | None = getattr(self._scratch, "weights", None)
        if blank is None:
            blank = self._scratch.weights = np.zeros(len(self._vocabulary))
        return blank


class _Part:
    """One column, counted: its terms, ascending; the postings of each, by group; and by row where the column is close."""

    def __init__(self, number: int, column: Column, groups: int) -> None:
        lengths = column.cut.lengths
        self.average = float(lengths.mean()) if len(lengths) and lengths.any() else 1.0
        norms = (K1 * (1 - B + B * lengths / self.average)).astype(np.float64)
        sizes = np.bincount(column.owners, minlength=groups)
        pieces = [_count(column, rows, codes, norms, sizes) for rows, codes in _blocks(column)]
        codes = np.concatenate([_NOTHING, *(each.codes for each in pieces)])
        # Blocks come in the order of their groups, so the postings of a term keep that order.
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        begins = _begins(codes)
        vocabulary = codes[begins]
        self.vocabulary: Codes = vocabulary | (number << _TAG)
        self.frequencies = np.diff(np.append(np.flatnonzero(begins), len(codes)))
        self.groups = np.concatenate([_NOTHING.astype(np.int32), *(each.groups for each in pieces)])[order]
        self.gains = np.concatenate([_NOTHING.astype(np.float32), *(each.gains for each in pieces)])[order]
        close = [each.rows for each in pieces if each.rows is not None]
        self.row_of = np.concatenate([_NOTHING.astype(np.int32), *(each.row_of for each in close)])
        self.row_gains = np.concatenate([_NOTHING.astype(np.float32), *(each.gains for each in close)])
        at = [np.searchsorted(vocabulary, each.codes).astype(np.int32) for each in close]
        self.terms = np.concatenate([_NOTHING.astype(np.int32), *at])


@dataclass(frozen=True, slots=True)
class _ByRow:
    codes: Codes
    row_of: NDArray[np.int32]
    gains: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Counted:
    codes: Codes
    groups: NDArray[np.int32]
    gains: NDArray[np.float32]
    rows: _ByRow | None


def _blocks(column: Column) -> Iterator[tuple[slice, slice]]:
    """Return runs of rows with their codes, whole groups each: counting everything at once would take a gigabyte."""
    lengths, owners = column.cut.lengths, column.owners
    ends = np.cumsum(lengths)
    row, start = 0, 0
    while row < len(lengths):
        last = int(np.searchsorted(ends, start + _BLOCK))
        end = int(np.searchsorted(owners, owners[min(last, len(owners) - 1)], "right"))
        yield slice(row, end), slice(start, int(ends[end - 1]))
        row, start = end, int(ends[end - 1])


def _count(column: Column, rows: slice, codes: slice, norms: Scores, sizes: Rows) -> _Counted:
    lengths, owners = column.cut.lengths[rows], column.owners[rows]
    many = max(len(lengths), 1)
    keys = column.cut.codes[codes] * many + np.repeat(np.arange(len(lengths)), lengths)
    keys.sort()
    whole = np.flatnonzero(_begins(keys))
    counts = np.diff(np.append(whole, len(keys)))
    terms, row_of = np.divmod(keys[whole], many)
    row_gains = counts * (K1 + 1) / (counts + norms[rows][row_of])
    # Rows of a group follow each other, so its postings of one term do too.
    owner_of = owners[row_of]
    firsts = np.flatnonzero(_begins(terms) | _begins(owner_of))
    groups = owner_of[firsts]
    if column.flat:
        with_it = np.diff(np.append(firsts, len(terms)))
        gains = with_it / (with_it + 1.0)
    else:
        gains = np.add.reduceat(row_gains, firsts) / sizes[groups] if len(firsts) else row_gains
    by_row = None
    if column.close:
        by_row = _ByRow(terms, (row_of + rows.start).astype(np.int32), row_gains.astype(np.float32))
    return _Counted(terms[firsts], groups.astype(np.int32), gains.astype(np.float32), by_row)


class _Rows:
    """The close columns, by row: which terms each has, and what each term adds."""

    def __init__(self, parts: Sequence[tuple[_Part, int]], columns: Sequence[Column], groups: int) -> None:
        close = [each for each in columns if each.close]
        owners = close[0].owners if close else _NOTHING
        self._width = max(len(close), 1)
        self._group_starts = np.searchsorted(owners, np.arange(groups + 1))
        row_of = np.concatenate([_NOTHING.astype(np.int32), *(part.row_of for part, _ in parts)])
        order = np.argsort(row_of, kind="stable")
        terms = [part.terms + np.int32(first) for part, first in parts]
        self._terms = np.concatenate([_NOTHING.astype(np.int32), *terms])[order]
        most = max((float(part.row_gains.max()) for part, _ in parts if len(part.row_gains)), default=1.0)
        self._unit = most / np.iinfo(np.uint16).max
        self._gains = np.concatenate([_small(_NOTHING, 1.0), *(_small(part.row_gains, self._unit) for part, _ in parts)])[order]
        which = [np.full(len(part.terms), place, np.int8) for place, (part, _) in enumerate(parts)]
        self._columns = np.concatenate([_NOTHING.astype(np.int8), *which])[order]
        self._starts = np.searchsorted(row_of[order], np.arange(len(owners) + 1))

    def compare(self, asked: Asked, groups: Rows, weight_of: Scores) -> tuple[Scores, Rows, Rows]:
        rows, begins = _runs(self._group_starts[groups], self._group_starts[groups + 1])
        items, at = _runs(self._starts[rows], self._starts[rows + 1])
        weight_of[asked.numbers] = asked.weights * self._unit
        gains = self._gains[items] * weight_of[self._terms[items]]
        weight_of[asked.numbers] = 0.0
        place = np.repeat(np.arange(len(rows)) * self._width, np.diff(np.append(at, len(items)))) + self._columns[items]
        scores = np.bincount(place, gains, minlength=len(rows) * self._width).reshape(len(rows), self._width)
        return np.minimum(scores, 1.0), rows, begins

    def shared(self, numbers: Rows, rarities: Scores, rows: Rows, weight_of: Scores) -> Scores:
        items, at = _runs(self._starts[rows], self._starts[rows + 1])
        weight_of[numbers] = rarities
        found = weight_of[self._terms[items]]
        weight_of[numbers] = 0.0
        return _summed(np.repeat(np.arange(len(rows)), np.diff(np.append(at, len(items)))), found, len(rows))

    def _rows_of(self, left_out: LeftOut) -> tuple[Rows, Rows]:
        """Return the terms of the rows of the group that are left, and of those that are not."""
        start, end = self._group_starts[left_out.group], self._group_starts[left_out.group + 1]
        rows = np.arange(start, end)
        gone = np.isin(rows, left_out.rows)
        left, _ = _runs(self._starts[rows[~gone]], self._starts[rows[~gone] + 1])
        out, _ = _runs(self._starts[rows[gone]], self._starts[rows[gone] + 1])
        return self._terms[left].astype(np.int64), self._terms[out].astype(np.int64)

    def lost(self, numbers: Rows, left_out: LeftOut) -> NDArray[np.bool_]:
        """Say which terms the group has in the rows that are left out, and in none besides."""
        left, out = self._rows_of(left_out)
        return np.isin(numbers, out) & ~np.isin(numbers, left)

    def rows_with(self, numbers: Rows, left_out: LeftOut) -> Scores:
        left, _ = self._rows_of(left_out)
        there: Scores = (left[None, :] == numbers[:, None]).sum(axis=1).astype(np.float64)
        return there


def _rarity(frequencies: NDArray[np.int64] | Scores, groups: int) -> Scores:
    rarity: Scores = np.log1p((groups - frequencies + 0.5) / (frequencies + 0.5))
    return rarity


def _small(gains: NDArray[Any], unit: float) -> NDArray[np.uint16]:
    return np.rint(gains / unit).astype(np.uint16)


def _summed(places: Rows | NDArray[np.int32], values: Scores, size: int) -> Scores:
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)


def _begins(values: Codes) -> NDArray[np.bool_]:
    """Mark where a value differs from the one before."""
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    return begins


def _runs(starts: Rows, ends: Rows) -> tuple[Rows, Rows]:
    """Return all places of several runs, end to end, and where each run begins among them."""
    sizes = ends - starts
    after = np.cumsum(sizes)
    begins = after - sizes
    return np.arange(after[-1] if len(after) else 0) + np.repeat(starts - begins, sizes), begins
