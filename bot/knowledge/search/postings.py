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

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.search.terms import Codes, Cut

Scores = NDArray[np.float64]
Rows = NDArray[np.int64]
Numbers = NDArray[np.int32] | NDArray[np.uint32] | NDArray[np.int64]

K1, B = 1.5, 0.8  # strong length normalisation (measured on articles: 85 to 91 % of hit@1, no loss on questions)
# What one question may touch. The terms that most groups have go first: they bring none to the front. It takes effect only
# in an index of thousands of entries, and bounds the time there whatever is asked.
MOST_POSTINGS = 100_000
# A term that so large a share of the groups has keeps a gain for every group: that takes no more room than saying which
# groups have it, and is added up several times as fast.
_OFTEN = 0.25
_AS_FAST = 5  # places of such a row cost as much as one posting
_BLOCK = 1_000_000  # terms that are counted at once
_NOTHING: Codes = np.zeros(0, dtype=np.int64)
_TAG = 52  # bits of a code below the number of its column
_MASK = (1 << _TAG) - 1
_UNIT = (K1 + 1) / np.iinfo(np.uint16).max  # of gains, which are kept in two bytes; none is above K1 + 1


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
        self._frequencies = np.concatenate([*(each.frequencies for each in parts), [0]]).astype(np.int32)
        self._firsts = np.cumsum([0, *(len(each.vocabulary) for each in parts)])
        often = self._frequencies >= max(_OFTEN * groups, 1)
        self._dense_of = np.full(len(often), -1, dtype=np.int32)
        self._dense_of[often] = np.arange(often.sum())
        self._dense = np.concatenate([each.dense(often[start:]) for each, start in zip(parts, self._firsts, strict=False)])
        kept = [each.sparse(often[start:]) for each, start in zip(parts, self._firsts, strict=False)]
        # Two bytes for a group where that is enough, and two for a gain: most of the memory is here.
        small = np.uint16 if groups <= np.iinfo(np.uint16).max else np.int32
        self._groups = np.concatenate([each.astype(small) for each, _ in kept])
        self._gains = np.concatenate([each for _, each in kept])
        self._starts = np.concatenate([[0], np.cumsum(np.where(often, 0, self._frequencies), dtype=np.int64)])
        self._rows = _Rows([(parts[each], int(self._firsts[each])) for each in self.close], columns, groups)
        self._scratch = threading.local()

    def ask(self, terms: Mapping[str, Codes], left_out: LeftOut | None = None) -> Asked:
        """Weigh the terms of a question, given by column."""
        given = [terms[name] for name in self.names]
        tagged = np.concatenate(given) & _MASK
        tagged |= np.repeat(self._tags, [len(each) for each in given])
        tagged.sort()
        begins = np.flatnonzero(_begins(tagged))
        codes, counts = tagged[begins], _sizes(begins, len(tagged))
        columns = codes >> _TAG
        numbers = np.searchsorted(self._vocabulary, codes)
        known = self._vocabulary[numbers] == codes
        frequencies = self._frequencies[numbers]
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
        numbers, weights, columns = asked.numbers, asked.weights * _UNIT, asked.columns
        dense = self._dense_of[numbers]
        sizes = self._starts[numbers + 1] - self._starts[numbers]
        costs = np.where(dense >= 0, self.groups // _AS_FAST, sizes)
        if costs.sum() > MOST_POSTINGS:
            rarest = np.argsort(self._frequencies[numbers], kind="stable")
            rarest = rarest[np.cumsum(costs[rarest]) <= MOST_POSTINGS]
            numbers, weights, columns = numbers[rarest], weights[rarest], columns[rarest]
            dense, sizes = dense[rarest], sizes[rarest]
        # The postings of all terms at once: the run of each, laid end to end.
        where, _ = _runs(self._starts[numbers], self._starts[numbers + 1])
        gains = self._gains[where] * np.repeat(weights, sizes)
        places = self._groups[where] + np.repeat(columns * self.groups, sizes)
        table = _summed(places, gains, len(self.names) * self.groups).reshape(len(self.names), self.groups)
        often = np.flatnonzero(dense >= 0)
        if len(often):
            share = np.zeros((len(self.names), len(often)), dtype=np.float32)
            share[columns[often], np.arange(len(often))] = weights[often]
            table += share @ self._dense[dense[often]].astype(np.float32)
        return table

    def compare(self, asked: Asked, groups: Rows) -> tuple[Scores, Rows, Rows]:
        """Score the rows of some groups one by one.

        Return the scores (rows × close columns), the row numbers, and where the rows of each group begin in them.
        """
        scores, rows, begins, _ = self.look_closely(asked, groups)
        return scores, rows, begins

    def look_closely(self, asked: Asked, groups: Rows) -> tuple[Scores, Rows, Rows, Scores]:
        """The same, and how rare the terms are together that each row shares with the question, in the first close column."""
        return self._rows.compare(asked, groups, self._slots())

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
        """Return what `look_closely` says of what is shared, for any rows."""
        mine = asked.columns == self.close[0]
        return self._rows.shared(asked.numbers[mine], asked.rarities[mine], rows, self._slots())

    def sums(self, cut: Cut, name: str) -> Scores:
        """Return how rare the different terms of each text are together. The texts are those of the column."""
        codes, rows, _ = _each_once(cut.codes, np.repeat(np.arange(len(cut.lengths)), cut.lengths), len(cut.lengths))
        numbers = np.searchsorted(self._vocabulary, codes | (self.names.index(name) << _TAG))
        return _summed(rows, _rarity(self._frequencies[numbers], self.groups), len(cut.lengths))

    def _slots(self) -> NDArray[np.int32]:
        """Return, for every term, that it is not asked for. It belongs to the thread, and is left as it was."""
        slots: NDArray[np.int32] | None = getattr(self._scratch, "slots", None)
        if slots is None:
            slots = self._scratch.slots = np.full(len(self._vocabulary), -1, dtype=np.int32)
        return slots


class _Part:
    """One column, counted: its terms, ascending, and the postings of each, by group."""

    def __init__(self, number: int, column: Column, groups: int) -> None:
        lengths = column.cut.lengths
        self._all = groups
        self.average = float(lengths.mean()) if len(lengths) and lengths.any() else 1.0
        self.norms = (K1 * (1 - B + B * lengths / self.average)).astype(np.float32)
        sizes = np.bincount(column.owners, minlength=groups)
        pieces = [_count(column, rows, codes, self.norms, sizes) for rows, codes in _blocks(column)]
        begins = [np.flatnonzero(_begins(each.codes)) for each in pieces]
        different = [each.codes[some] for each, some in zip(pieces, begins, strict=True)]
        self._codes = np.sort(np.concatenate([_NOTHING, *different]))
        self._codes = self._codes[_begins(self._codes)]
        self.vocabulary: Codes = self._codes | (number << _TAG)
        terms = [np.searchsorted(self._codes, each) for each in different]
        runs = [np.diff(some, append=len(each.codes)) for each, some in zip(pieces, begins, strict=True)]
        self.frequencies = np.zeros(len(self._codes), dtype=np.int64)
        for term, run in zip(terms, runs, strict=True):
            self.frequencies[term] += run
        # Blocks come in the order of their groups, so the postings of a term keep that order: each block is laid behind the
        # one before.
        self._groups = np.empty(self.frequencies.sum(), dtype=np.int32)
        self._gains = np.empty(len(self._groups), dtype=np.uint16)
        self._filled = np.cumsum(self.frequencies) - self.frequencies
        for each, term, run in zip(pieces, terms, runs, strict=True):
            at, _ = _runs(self._filled[term], self._filled[term] + run)
            self._groups[at], self._gains[at] = each.groups, each.gains
            self._filled[term] += run
        # Which of the terms each code is, where single rows are compared.
        self.numbers = np.concatenate(
            [_NOTHING.astype(np.int32), *(term.astype(np.int32)[each.which] for each, term in zip(pieces, terms, strict=True))]
        )

    def _postings(self, terms: Rows) -> tuple[Rows, Rows]:
        """Return where the postings of some terms are, and how many each has."""
        sizes = self.frequencies[terms]
        return _runs(self._filled[terms] - sizes, self._filled[terms])[0], sizes

    def dense(self, often: NDArray[np.bool_]) -> NDArray[np.uint16]:
        """Return a row of gains, one for each group, for each term that is marked."""
        terms = np.flatnonzero(often[: len(self._codes)])
        at, sizes = self._postings(terms)
        rows = np.zeros((len(terms), self._all), dtype=np.uint16)
        rows[np.repeat(np.arange(len(terms)), sizes), self._groups[at]] = self._gains[at]
        return rows

    def sparse(self, often: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
        """Return the groups and gains of the terms that are not marked."""
        kept = np.repeat(~often[: len(self._codes)], self.frequencies)
        return self._groups[kept], self._gains[kept]


@dataclass(frozen=True, slots=True)
class _Counted:
    """The postings of some rows. which: of the different terms in them, the one that each code is; only of close columns."""

    codes: Codes
    groups: NDArray[np.int32]
    gains: NDArray[np.uint16]
    which: NDArray[np.int32]


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


def _count(column: Column, rows: slice, codes: slice, norms: NDArray[np.float32], sizes: Rows) -> _Counted:
    lengths, owners = column.cut.lengths[rows], column.owners[rows]
    given = column.cut.codes[codes]
    row_of = np.repeat(np.arange(len(lengths)), lengths)
    which = np.zeros(len(given) if column.close else 0, dtype=np.int32)
    if column.close:
        bits = len(given).bit_length()
        keys = (given.astype(np.int64) << bits) | np.arange(len(given))
        keys.sort()
        places = keys & ((1 << bits) - 1)
        terms, row_of = keys >> bits, row_of[places]
        which[places] = np.cumsum(_begins(terms)) - 1
        begins = np.flatnonzero(_begins(terms) | _begins(row_of))
        terms, row_of, counts = terms[begins], row_of[begins], _sizes(begins, len(keys))
    else:
        terms, row_of, counts = _each_once(given, row_of, len(lengths))
    # Rows of a group follow each other, so its postings of one term do too.
    owner_of = owners[row_of]
    firsts = np.flatnonzero(_begins(terms) | _begins(owner_of))
    groups = owner_of[firsts]
    if column.flat:
        with_it = _sizes(firsts, len(terms))
        gains = with_it / (with_it + 1.0)
    else:
        often = counts.astype(np.float32)
        row_gains = often * np.float32(K1 + 1) / (often + norms[rows][row_of])
        gains = np.add.reduceat(row_gains, firsts) / sizes[groups] if len(firsts) else row_gains
    return _Counted(terms[firsts], groups.astype(np.int32), np.rint(gains / _UNIT).astype(np.uint16), which)


class _Rows:
    """The close columns, by row: the terms of each, as often as it has them."""

    def __init__(self, parts: Sequence[tuple[_Part, int]], columns: Sequence[Column], groups: int) -> None:
        close = [each for each in columns if each.close]
        owners = close[0].owners if close else _NOTHING
        self._group_starts = np.searchsorted(owners, np.arange(groups + 1))
        lengths = np.array([each.cut.lengths for each in close], dtype=np.int64).reshape(len(close), len(owners))
        # Row after row, and in each row column after column.
        begins = np.concatenate([[0], np.cumsum(lengths.T)])
        self._starts = begins[:: max(len(close), 1)].astype(np.int32)
        self._terms = np.empty(begins[-1], dtype=np.int32)
        for place, (part, first) in enumerate(parts):
            mine = begins[place :: len(parts)][: len(owners)]
            self._terms[_runs(mine, mine + lengths[place])[0]] = part.numbers + np.int32(first)
        self._norms = np.array([part.norms for part, _ in parts], dtype=np.float32).reshape(len(close), len(owners))
        self._firsts = np.array([first for _, first in parts], dtype=np.int64)

    def compare(self, asked: Asked, groups: Rows, slots: NDArray[np.int32]) -> tuple[Scores, Rows, Rows, Scores]:
        firsts, ends = self._group_starts[groups], self._group_starts[groups + 1]
        rows, begins = _runs(firsts, ends)
        # The rows of a group follow each other, and so do their terms.
        items, _ = _runs(self._starts[firsts], self._starts[ends])
        nth, place, counts = self._matches(asked.numbers, rows, items, slots)
        column = np.searchsorted(self._firsts, asked.numbers, "right")[place] - 1
        gains = counts * (K1 + 1) / (counts + self._norms[column, rows[nth]]) * asked.weights[place]
        width = max(len(self._firsts), 1)
        scores = _summed(nth * width + column, gains, len(rows) * width).reshape(len(rows), width)
        shared = _summed(nth, np.where(column == 0, asked.rarities[place], 0.0), len(rows))
        return np.minimum(scores, 1.0), rows, begins, shared

    def shared(self, numbers: Rows, rarities: Scores, rows: Rows, slots: NDArray[np.int32]) -> Scores:
        items, _ = _runs(self._starts[rows], self._starts[rows + 1])
        nth, place, _ = self._matches(numbers, rows, items, slots)
        return _summed(nth, rarities[place], len(rows))

    def _matches(self, numbers: Rows, rows: Rows, items: Rows, slots: NDArray[np.int32]) -> tuple[Rows, Rows, Rows]:
        """Return which of the rows has which of the terms, each pair once, and how often.

        items: where the terms of the rows are.
        """
        slots[numbers] = np.arange(len(numbers))
        found = slots[self._terms[items]]
        slots[numbers] = -1
        hits = np.flatnonzero(found >= 0)
        nth = np.repeat(np.arange(len(rows)), self._starts[rows + 1] - self._starts[rows])[hits]
        return _each_once(nth, found[hits], max(len(numbers), 1))

    def _rows_of(self, left_out: LeftOut) -> tuple[Rows, Rows]:
        """Return the different terms of each row of the group that is left, and of those that are not."""
        rows = np.arange(self._group_starts[left_out.group], self._group_starts[left_out.group + 1])
        gone = np.isin(rows, left_out.rows)
        left, out = [
            np.concatenate([_NOTHING, *(np.unique(self._terms[self._starts[row] : self._starts[row + 1]]) for row in some)])
            for some in (rows[~gone], rows[gone])
        ]
        return left, out

    def lost(self, numbers: Rows, left_out: LeftOut) -> NDArray[np.bool_]:
        """Say which terms the group has in the rows that are left out, and in none besides."""
        left, out = self._rows_of(left_out)
        return np.isin(numbers, out) & ~np.isin(numbers, left)

    def rows_with(self, numbers: Rows, left_out: LeftOut) -> Scores:
        left, _ = self._rows_of(left_out)
        there: Scores = (left[None, :] == numbers[:, None]).sum(axis=1).astype(np.float64)
        return there


def _rarity(frequencies: Numbers | Scores, groups: int) -> Scores:
    rarity: Scores = np.log1p((groups - frequencies + 0.5) / (frequencies + 0.5))
    return rarity


def _summed(places: Rows | NDArray[np.int32], values: Scores, size: int) -> Scores:
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)


def _each_once(firsts: Numbers, seconds: Numbers, most: int) -> tuple[Rows, Rows, Rows]:
    """Return the different pairs in order, and how often each is there. most: what is above all seconds."""
    bits = int(most).bit_length()
    keys = (firsts.astype(np.int64) << bits) | seconds
    keys.sort()
    begins = np.flatnonzero(_begins(keys))
    different = keys[begins]
    return different >> bits, different & ((1 << bits) - 1), _sizes(begins, len(keys))


def _sizes(begins: Rows, end: int) -> Rows:
    """Return how long each run is. begins: where they begin, the first at 0. end: of the last."""
    sizes = np.empty_like(begins)
    sizes[:-1] = begins[1:] - begins[:-1]
    sizes[-1:] = end - begins[-1:]
    return sizes


def _begins(values: Codes) -> NDArray[np.bool_]:
    """Mark where a value differs from the one before."""
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    return begins


def _runs(starts: Numbers, ends: Numbers) -> tuple[Rows, Rows]:
    """Return all places of several runs, end to end, and where each run begins among them."""
    sizes: Rows = (ends - starts).astype(np.int64, copy=False)
    after = np.cumsum(sizes)
    begins = after - sizes
    return np.arange(after[-1] if len(after) else 0) + np.repeat(starts - begins, sizes), begins
