"""Vectors in a byte a number: what is read back is what was put in, but for the rounding."""

from __future__ import annotations

import numpy as np
import pytest

from bot.knowledge.meaning.compact import Compact
from bot.knowledge.meaning.embedder import Vectors
from bot.knowledge.meaning.meanings import Embedded, Side

MOST_LOST = 0.003  # of a cosine


def drawn(count: int) -> Vectors:
    rows = np.random.default_rng(count).standard_normal((count, 384), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


@pytest.mark.parametrize("count", [1, 511, 513, 9000])
def test_a_question_is_as_near_as_to_the_vectors_themselves(count: int) -> None:
    rows, question = drawn(count), drawn(7)[3]
    np.testing.assert_allclose(Compact.of(rows) @ question, rows @ question, atol=MOST_LOST)


def test_what_was_rounded_once_is_not_changed_by_rounding_it_again() -> None:
    once = Compact.of(drawn(40))
    again = Compact.of(once[:])
    assert (again.numbers == once.numbers).all()


def test_the_mean_of_every_entry_is_that_of_its_own_rows() -> None:
    rows = drawn(9000)
    starts = np.array([0, 1, 5000, 8999])
    expected = np.add.reduceat(rows, starts) / np.array([1, 4999, 3999, 1])[:, None]
    np.testing.assert_allclose(Compact.of(rows).means(starts), expected, atol=MOST_LOST)


@pytest.mark.parametrize(("entries", "each"), [(3000, 7), (40, 520)])
def test_the_nearest_phrasing_counts_among_many_thousands_too(entries: int, each: int) -> None:
    rows = drawn(entries * each)
    side = Side(Embedded(np.repeat(np.arange(entries), each), Compact.of(rows), drawn(entries)))
    assert side.near(rows[each * (entries // 2)])[0].argmax() == entries // 2


def test_entries_that_are_many_are_found_like_few() -> None:
    rows, answers, question = drawn(600), drawn(60), drawn(11)[5]
    owners = np.repeat(np.arange(60), 10)
    few = Side(Embedded(owners, rows, answers)).near(question)
    many = Side(Embedded(owners, Compact.of(rows), answers)).near(question)
    np.testing.assert_allclose(many, few, atol=0.01)  # by shares of a reach, which is a fraction of a cosine
