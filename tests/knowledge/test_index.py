"""The index: what it scores, and that every shortcut gives what the long way gives."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.language.texts import Texts
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.search.postings import K1, B, Column, Index, LeftOut
from bot.knowledge.search.terms import Cut, Words, letters, letters_of, pairs, pairs_of

phrases = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6), min_size=2, max_size=12)


def learnt(words: Words, rows: list[list[str]]) -> Cut:
    read = Texts.of("vi", rows)
    return words.learn(read, read.words)


def built(rows: list[list[str]], owners: list[int]) -> tuple[Words, Index]:
    words = Words()
    cut = learnt(words, rows)
    column = Column("words", cut, np.array(owners), close=True)
    return words, Index((column, Column("cover", cut, np.array(owners), flat=True)), max(owners) + 1)


def bm25(query: list[str], row: list[str], rows: list[list[str]], owners: list[int]) -> float:
    """The formula, written down plainly."""
    groups = max(owners) + 1
    average = sum(map(len, rows)) / len(rows)

    def rarity(term: str) -> float:
        with_it = len({owner for each, owner in zip(rows, owners, strict=True) if term in each})
        return math.log1p((groups - with_it + 0.5) / (with_it + 0.5))

    def saturated(times: int, length: int) -> float:
        return times * (K1 + 1) / (times + K1 * (1 - B + B * length / average))

    asked = Counter(query)
    weights = {term: saturated(times, len(query)) * rarity(term) for term, times in asked.items()}
    found = sum(weight * saturated(row.count(term), len(row)) for term, weight in weights.items() if term in row)
    return min(found / sum(weights.values()), 1.0)


@settings(max_examples=120, deadline=None)
@given(phrases, st.lists(st.sampled_from("abcdefghxyz"), min_size=1, max_size=6), st.data())
def test_rows_are_scored_as_the_formula_says(rows: list[list[str]], query: list[str], data: st.DataObject) -> None:
    owners = sorted(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    owners = [sorted(set(owners)).index(each) for each in owners]
    words, index = built(rows, owners)
    codes = words.of(query)
    scores, numbers, _ = index.compare(index.ask({"words": codes, "cover": codes}), np.arange(index.groups))
    assert numbers.tolist() == list(range(len(rows)))
    expected = [bm25(query, row, rows, owners) for row in rows]
    np.testing.assert_allclose(scores[:, 0], expected, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(phrases, st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6))
def test_a_group_is_scored_by_the_mean_of_its_rows(rows: list[list[str]], query: list[str]) -> None:
    owners = [place // 2 for place in range(len(rows))]
    words, index = built(rows, owners)
    codes = words.of(query)
    asked = index.ask({"words": codes, "cover": codes})
    scores, _, begins = index.compare(asked, np.arange(index.groups))
    sizes = np.diff(np.append(begins, len(scores)))
    if (scores < 1).all():  # a single row is capped at the best that can be reached, the sum over the postings is not
        np.testing.assert_allclose(index.score(asked)[0], np.add.reduceat(scores[:, 0], begins) / sizes, atol=1e-4)


def test_a_row_that_is_left_out_is_as_good_as_never_written() -> None:
    rows = [["thu", "hoi"], ["thu", "hoi", "tu", "cach"], ["ai", "quyet", "dinh"], ["quyet", "dinh", "thu"]]
    words, index = built(rows, [0, 0, 1, 1])
    codes = words.of(["tu", "cach", "thu"])
    without = LeftOut(0, np.array([1]))
    asked = index.ask({"words": codes, "cover": codes}, without)
    assert asked.unknown[0] == 2 / 3, "what only that row said is known to nobody"
    assert index.mean_without(asked, without)[0] > 0
    assert index.cover_without(asked, without, column=1, like=0) < index.cover_without(
        asked, LeftOut(0, np.array([], dtype=np.int64)), column=1, like=0
    )


@given(st.lists(st.text(alphabet="abcđ漢\U0001f600", min_size=1, max_size=6), max_size=6))
def test_letters_of_one_text_and_of_many_are_cut_alike(text: list[str]) -> None:
    one = letters(Texts.of("vi", [text])).codes.tolist()
    assert sorted(letters_of(" ".join(map(fold, text))).tolist()) == sorted(one)
    both = letters(Texts.of("vi", [["khac"], text]))
    assert both.codes[both.lengths[0] :].tolist() == one


def test_pairs_end_where_a_text_ends() -> None:
    words = Words()
    cut = pairs(learnt(words, [["a", "b"], ["c"], [], ["d", "e", "f"]]), 6)
    assert cut.lengths.tolist() == [1, 0, 0, 2]
    assert cut.codes.tolist() == [0 * 6 + 1, 3 * 6 + 4, 4 * 6 + 5]


def test_a_pair_with_an_unknown_word_is_no_known_pair() -> None:
    words = Words()
    known = set(pairs(learnt(words, [["a", "b", "a"]]), 2).codes.tolist())
    assert not known & set(pairs_of(words.of(["a", "x", "b", "y"]), 2).tolist())


def test_an_index_of_nothing_finds_nothing() -> None:
    words = Words()
    none = learnt(words, [])
    index = Index((Column("words", none, np.zeros(0, np.int64), close=True),), 0)
    assert index.score(index.ask({"words": words.of(["a"])})).shape == (1, 0)
