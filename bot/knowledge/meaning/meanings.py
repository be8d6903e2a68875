"""The entries by their meaning: vectors of every way of asking, of question and answer together, and of what is no question
for them at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.entries import Entry, Language
from bot.knowledge.language.normalise import Lexicon, Normalised, detect_language, normalise
from bot.knowledge.language.spelling import Speller
from bot.knowledge.language.texts import Written
from bot.knowledge.language.wordings import Wordings
from bot.knowledge.meaning.compact import Compact
from bot.knowledge.meaning.embedder import LONGEST, Embedder, Vectors
from bot.knowledge.meaning.metric import Metric
from bot.knowledge.meaning.vectors import Cache

Scores = NDArray[np.float64]
SIGNALS = ("meaning_best", "meaning_mean", "meaning_answer")
LANGUAGES: tuple[Language, ...] = ("vi", "en")
NEAREST = 12  # entries that come in by their meaning alone
_EXACT = 20_000  # phrasings; up to there each is compared with every question, which takes one to two milliseconds
_CLOSER = 64
_REMEMBERED = 1024  # vectors of questions: what differs only in case, signs, spaces, missing or mended marks is embedded once
_SHRINK = 1e-3  # of the ridge regression; between 3e-4 and 3e-3 nothing changes


@dataclass(frozen=True, slots=True)
class Embedded:
    """The entries in one language, as the model gives them.

    rows: of the ways of asking, those of an entry after each other. owners: their entries; every entry has some. answers: of
    question and answer together, one an entry.
    """

    owners: NDArray[np.int64]
    rows: Vectors | Compact  # compact where they are many
    answers: Vectors

    @classmethod
    def of(
        cls, entries: Sequence[Entry], language: Language, lexicon: Lexicon, vectors: Cache, read: Wordings | None = None
    ) -> Embedded:
        """read: the same entries, where they were read already. Raises EmbedderFailed where vectors have to be computed and
        cannot be."""
        texts = wordings_of_all(Wordings.read(entries, language, lexicon) if read is None else read)
        rows = vectors.compact(list(chain.from_iterable(texts)), "query")
        return cls(
            np.repeat(np.arange(len(entries)), [len(each) for each in texts]),
            rows if len(rows) > _EXACT else rows[:],
            vectors.vectors([answer_text(each, language) for each in entries], "passage"),
        )


class Side:
    """The entries in one language. A question is compared with its own: vectors of such models keep languages apart."""

    def __init__(self, embedded: Embedded, *, teachers: NDArray[np.bool_] | None = None) -> None:
        """teachers: the entries that teach how near two texts are; None for all."""
        owners, rows, answers = embedded.owners, embedded.rows, embedded.answers
        self.owners = owners
        self.starts = np.searchsorted(owners, np.arange(len(answers)))
        means = _means(rows, self.starts)
        taught = slice(None) if teachers is None else np.flatnonzero(teachers[owners])
        self._metric = Metric.learnt(rows[taught] if teachers is not None else rows, owners[taught], means)
        # An answer is longer than a question and in another voice, all answers alike: only how they differ is compared.
        answers = self._metric.apply(answers, answers.mean(axis=0))
        self.rows: Vectors | Compact
        self.answers: Vectors | Compact
        self.means: Vectors | Compact
        if isinstance(rows, Compact):
            self.rows = rows.through(self._metric.apply)
            self.answers, self.means = Compact.of(answers), Compact.of(self.rows.means(self.starts))
        else:
            self.rows, self.answers = self._metric.apply(rows), answers
            self.means = _means(self.rows, self.starts)

    def read(self, vector: Vectors) -> Vectors:
        """Return a question's vector as it is compared with rows, means and answers."""
        return self._metric.apply(vector)

    def near(self, vector: Vectors) -> Scores:
        """Return how near a question is to each entry, a row for each of SIGNALS."""
        read = self.read(vector)
        means = self.means @ read
        return told_apart(self._best(read, means), means, self.answers @ read)

    def _best(self, read: Vectors, means: Vectors) -> Vectors:
        """Return how near the nearest phrasing of each entry is; of many entries, for those that may come to the front."""
        if len(self.rows) <= _EXACT:
            return np.maximum.reduceat(self.rows @ read, self.starts)
        count = min(_CLOSER, len(means))
        closer = np.argpartition(-means, count - 1)[:count]
        ends = np.append(self.starts[1:], len(self.rows))[closer]
        rows = np.concatenate([np.arange(start, end) for start, end in zip(self.starts[closer], ends, strict=True)])
        sizes = ends - self.starts[closer]
        best = means.copy()
        best[closer] = np.maximum.reduceat(self.rows[rows] @ read, np.cumsum(sizes) - sizes)
        return best


def _means(rows: Vectors | Compact, starts: NDArray[np.int64]) -> Vectors:
    """Return the mean of the ways of asking of each entry."""
    if isinstance(rows, Compact):
        return rows.means(starts)
    counts = np.diff(np.append(starts, len(rows)))
    return (np.add.reduceat(rows, starts) / counts[:, None]).astype(np.float32)


class Meanings:
    """Built once; asked from any thread."""

    def __init__(
        self,
        entries: Sequence[Entry],
        lexicon: Lexicon,
        vectors: Cache,
        read: Mapping[Language, Wordings] | None = None,
    ) -> None:
        """read: the same entries, where they were read already. Raises EmbedderFailed where vectors have to be computed and
        cannot be."""
        given = {each: Embedded.of(entries, each, lexicon, vectors, read[each] if read else None) for each in LANGUAGES}
        self._sides = {language: Side(each) for language, each in given.items()}
        self._direction, self._middle = direction(
            np.concatenate([each.rows[:: 1 + len(each.rows) // _EXACT] for each in given.values()]), others(lexicon, vectors)
        )

    def near(self, vector: Vectors, language: Language) -> Scores:
        return self._sides[language].near(vector)

    def compared(self, vector: Vectors, language: Language) -> Vectors:
        """Return a question's vector as it is compared with others: their product says how alike two matters are."""
        return self._sides[language].read(vector)

    def asks(self, vector: Vectors) -> float:
        """Return about 1 for what entries are asked, about -1 for what no entry answers."""
        return float((vector - self._middle) @ self._direction)


def told_apart(best: Vectors, means: Vectors, answers: Vectors) -> Scores:
    """Return cosines as shares of the way from an average entry to the same text."""
    average, other = float(means.mean()), float(answers.mean())
    reach = max(1.0 - average, 1e-6)
    return np.stack([best - average, means - average, answers - other]).astype(np.float64) / reach


def direction(asked: Vectors, other: Vectors) -> tuple[Vectors, Vectors]:
    """Return the direction that tells two kinds of texts apart, and the middle between them (ridge regression)."""
    middle = 0.5 * (asked.mean(axis=0) + other.mean(axis=0))
    rows = (np.concatenate([asked, other]) - middle).astype(np.float64)
    each = np.concatenate([np.full(len(asked), 0.5 / len(asked)), np.full(len(other), 0.5 / len(other))])
    sides = np.concatenate([np.ones(len(asked)), -np.ones(len(other))])
    square = rows.T @ (rows * each[:, None]) + _SHRINK * np.eye(rows.shape[1])
    return np.linalg.solve(square, rows.T @ (each * sides)).astype(np.float32), middle.astype(np.float32)


def wordings(entry: Entry, language: Language, lexicon: Lexicon) -> list[str]:
    """Return what is embedded of an entry's ways of asking.

    Vietnamese ones without diacritics are left out: they say what others say with them, and the model takes them for
    another language.
    """
    return wordings_of_all(Wordings.read((entry,), language, lexicon))[0]


def wordings_of_all(read: Wordings) -> list[list[str]]:
    """The same for many entries."""
    texts = read.phrasings
    fit = texts.lengths > 0
    if texts.language == "vi":
        fit &= texts.marked
    # Where none is fit, all are taken.
    fit |= np.repeat(~np.logical_or.reduceat(fit, np.cumsum(read.counts) - read.counts), read.counts) if len(fit) else fit
    kept = texts.only(fit)
    said = (each[:LONGEST] for each in Written(kept, kept.words))
    return [list(islice(said, count)) for count in np.bincount(read.owners[fit], minlength=len(read.counts)).tolist()]


def others(lexicon: Lexicon, vectors: Cache) -> Vectors:
    """Return the vectors of messages that no entry answers."""
    return vectors.vectors([written(each, lexicon) for each in elsewhere()], "query")


def answer_text(entry: Entry, language: Language) -> str:
    wording = entry.wording(language)
    return f"{wording.question} {wording.answer}"[:LONGEST]


def text_of(tokens: Sequence[str]) -> str:
    return " ".join(tokens)[:LONGEST]


def written(text: str, lexicon: Lexicon) -> str:
    return text_of(normalise(text, detect_language(text)[0], lexicon).tokens)


@cache
def elsewhere() -> tuple[str, ...]:
    """Return messages that no entry answers."""
    lines = files("bot.knowledge.meaning").joinpath("elsewhere.txt").read_text(encoding="utf-8").splitlines()
    return tuple(each for each in lines if each and not each.startswith("#"))


class Reader:
    """Brings a question into the form that is embedded, and embeds it."""

    def __init__(self, embedder: Embedder, speller: Speller) -> None:
        self._embedder, self._speller = embedder, speller
        self._vector = lru_cache(maxsize=_REMEMBERED)(self._computed)

    @property
    def embedder(self) -> str:
        """Whose vectors they are."""
        return self._embedder.name

    def text(self, question: Normalised) -> str:
        return text_of(self._speller.restore(question))

    def vector(self, question: Normalised) -> Vectors:
        """Raises EmbedderFailed."""
        return self._vector(self.text(question))

    def _computed(self, text: str) -> Vectors:
        vector: Vectors = self._embedder.embed([text], "query")[0]
        vector.flags.writeable = False  # it is given to all who ask the same
        return vector
