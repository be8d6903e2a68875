"""Fits the second opinions; run by `python -m bot.knowledge.evidence.fitting`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.entries import Entry
from bot.knowledge.evidence.second import SecondOpinion, log_odds
from bot.knowledge.language.normalise import Lexicon, detect_language, normalise
from bot.knowledge.language.spelling import Speller
from bot.knowledge.meaning.embedder import Embedder, Vectors
from bot.knowledge.meaning.meanings import Reader
from bot.knowledge.meaning.vectors import Cache

Values = NDArray[np.float64]
FOLDS = 5
_SHRINK = 2e-4  # of the ridge regression; between 3e-5 and 3e-4 nothing changes
_ROUNDS = 50
OTHERS_COUNT = 0.25  # phrasings of entries are many and alike
SHOWN = (0.3, 0.4, 0.5, 0.6, 0.7)


def vectors_of(texts: Sequence[str], entries: Sequence[Entry], lexicon: Lexicon, embedder: Embedder, cache: Cache) -> Vectors:
    """Return the vectors of messages, read as they are when they are asked."""
    speller = Speller.taught_by(entries, lexicon)
    reader = Reader(embedder, speller)
    read = [normalise(each, detect_language(each)[0], lexicon) for each in texts]
    return cache.vectors([reader.text(speller.mend(each)) for each in read], "query")


def fit_second(
    about: str,
    embedder: str,
    rows: Vectors,
    by_words: Sequence[float],
    sought: Sequence[bool],
    own: Sequence[bool],
    groups: Sequence[str],
) -> SecondOpinion:
    """Fit, and print what it does for a fifth that it has not seen.

    about: what is sought, for what is printed. by_words: its chance by a model that has not seen the text.
    own: written as an example, or a department's. groups: what is judged together.
    """
    vectors, right = np.asarray(rows, dtype=np.float64), np.array(sought)
    odds = np.array([log_odds(each) for each in by_words])
    counts = np.where(right | np.array(own), 1.0, OTHERS_COUNT)
    for side in (right, ~right):
        counts[side] /= counts[side].sum()
    fold_of = np.array([zlib.crc32(each.encode()) % FOLDS for each in groups])
    meant = np.zeros(len(right))
    for number in range(FOLDS):
        seen = fold_of != number
        direction, middle = _direction(vectors[seen], right[seen], counts[seen])
        meant[~seen] = (vectors[~seen] - middle) @ direction
    table = np.stack([odds, meant, np.ones(len(right))], axis=1)
    chances = np.zeros(len(right))
    for number in range(FOLDS):
        seen = fold_of != number
        chances[~seen] = 1 / (1 + np.exp(-table[~seen] @ _logistic(table[seen], right[seen], counts[seen])))
    near = ~right & np.array(own)
    for name, chance in (("by words", 1 / (1 + np.exp(-odds))), ("and meaning", chances)):
        said = [f"{limit}: " + "/".join(f"{(chance[part] >= limit).mean():.3f}" for part in (right, near)) for limit in SHOWN]
        print(f"{about} {name:12} {'   '.join(said)}")
    words, meaning, bias = _logistic(table, right, counts).tolist()
    direction, middle = _direction(vectors, right, counts)
    return SecondOpinion(embedder, words, bias - meaning * float(middle @ direction), (meaning * direction).astype(np.float32))


def _direction(rows: Values, right: NDArray[np.bool_], counts: Values) -> tuple[Values, Values]:
    """Return the direction that tells what is sought from the rest, and the middle of all (ridge regression)."""
    shares = counts / counts.sum()
    middle = shares @ rows
    apart = rows - middle
    sides = np.where(right, 1.0, -1.0)
    square = apart.T @ (apart * shares[:, None]) + _SHRINK * np.eye(rows.shape[1])
    return np.linalg.solve(square, apart.T @ ((sides - shares @ sides) * shares)), middle


def _logistic(table: Values, right: NDArray[np.bool_], counts: Values) -> Values:
    weights = np.zeros(table.shape[1])
    for _ in range(_ROUNDS):
        chances = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ ((chances - right) * counts)
        bend = (table * (chances * (1 - chances) * counts)[:, None]).T @ table + 1e-6 * np.eye(table.shape[1])
        weights -= np.linalg.solve(bend, slope)
    return weights
