"""What the phrasings teach about how near two texts are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.meaning.embedder import Vectors
from bot.knowledge.meaning.metric import Metric

ENTRIES, PHRASINGS, WIDTH = 300, 12, 16


def some(seed: int) -> tuple[Vectors, NDArray[np.int64]]:
    """Return ways of asking whose first eight numbers say the matter and whose others, three times as large, say the voice."""
    random = np.random.default_rng(seed)
    owners = np.repeat(np.arange(ENTRIES), PHRASINGS)
    matters = random.normal(size=(ENTRIES, WIDTH // 2))[owners] + 0.4 * random.normal(size=(len(owners), WIDTH // 2))
    voices = 3.0 * random.normal(size=(len(owners), WIDTH // 2))
    return np.concatenate([matters, voices], axis=1).astype(np.float32), owners


def found(rows: Vectors, owners: NDArray[np.int64]) -> float:
    """Return how often the last phrasing of an entry is nearest to another one of its own."""
    last = np.arange(PHRASINGS - 1, len(rows), PHRASINGS)
    others = np.setdiff1d(np.arange(len(rows)), last)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    nearest = np.argmax((rows[last] / lengths[last]) @ (rows[others] / lengths[others]).T, axis=1)
    return float((owners[others][nearest] == owners[last]).mean())


def means_of(rows: Vectors) -> Vectors:
    return (np.add.reduceat(rows, np.arange(0, len(rows), PHRASINGS)) / PHRASINGS).astype(np.float32)


def test_what_sets_the_same_question_apart_counts_for_little() -> None:
    rows, owners = some(1)
    metric = Metric.learnt(rows, owners, means_of(rows))
    assert found(metric.apply(rows), owners) > 2 * found(rows, owners)


def test_what_some_entries_teach_holds_for_others() -> None:
    rows, owners = some(2)
    half = owners < ENTRIES // 2
    metric = Metric.learnt(rows[half], owners[half], means_of(rows))
    assert found(metric.apply(rows[~half]), owners[~half]) > 2 * found(rows[~half], owners[~half])


def test_entries_with_one_phrasing_each_teach_nothing() -> None:
    rows, _ = some(3)
    metric = Metric.learnt(rows, np.arange(len(rows)), rows)
    centred = rows - rows.mean(axis=0)
    expected = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(metric.apply(rows), expected, atol=1e-4)


def test_everything_is_compared_at_the_same_length_and_nothing_is_no_number() -> None:
    rows, owners = some(4)
    metric = Metric.learnt(rows, owners, means_of(rows))
    np.testing.assert_allclose(np.linalg.norm(metric.apply(rows), axis=1), 1.0, atol=1e-5)
    assert np.isfinite(metric.apply(metric.middle)).all()
