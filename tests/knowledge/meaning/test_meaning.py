"""What meaning adds to words, and that nothing depends on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from bot.knowledge import understanding
from bot.knowledge.documents import Withdrawn
from bot.knowledge.meaning.embedder import EmbedderFailed, HttpEmbeddings, Kind, Vectors, open_embedder
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.knowledge.verdict import Decision
from tests.knowledge import corpus

TODAY = date(2026, 3, 2)
# Hardly a word of this is in the entry about who leads the group; the stand-in model below knows what it means.
BOSS = "cho hỏi vị sếp phụ trách là vị nào"


class Topics:
    """A model that knows four topics by their words, and gives every text the direction of its topics."""

    name = "topics-1"
    words = (("trưởng", "đứng", "sếp", "heads"), ("24", "lâu", "long"), ("thu", "hồi", "lost"), ("phù", "hiệu", "badge"))

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.fails = False

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if self.fails:
            raise EmbedderFailed("out of order")
        self.questions += texts
        rows = np.full((len(texts), 5), 0.05, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place, words in enumerate(self.words):
                row[place] += sum(word in text.lower().split() for word in words)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


def load(folder: Path, embedder: Topics) -> Knowledge:
    folder.mkdir(exist_ok=True)
    return Knowledge.load(corpus.write(folder), today=TODAY, meaning=Meaning(embedder, folder / "kept.npz"))


def test_what_shares_few_words_is_answered_by_its_meaning(tmp_path: Path) -> None:
    knowledge = load(tmp_path, Topics())
    assert Knowledge.load(knowledge.folder, today=TODAY).look_up(BOSS, on=TODAY).decision is not Decision.ANSWER
    verdict = knowledge.look_up(BOSS, on=TODAY)
    assert verdict.entry is not None
    assert verdict.entry.id == "truong-nhom"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("Bao lâu thì yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn?", "word for word"),
        ("xin chào", "small talk"),
        ("cán bộ đòi tiền bên em mới cho thông quan", "a report: it leaves this process least of all"),
        ("Công ty em đang bị cơ quan điều tra khởi tố, nhờ tư vấn giúp", "declined by itself"),
    ],
)
def test_the_model_is_asked_only_where_it_can_change_something(tmp_path: Path, text: str, remark: str) -> None:
    embedder = Topics()
    knowledge = load(tmp_path, embedder)
    embedder.questions.clear()
    knowledge.look_up(text, on=TODAY)
    assert embedder.questions == [], remark


def test_a_model_that_fails_leaves_the_words(tmp_path: Path) -> None:
    embedder = Topics()
    knowledge = load(tmp_path, embedder)
    expected = Knowledge.load(knowledge.folder, today=TODAY).look_up("ai đứng đầu nhóm", on=TODAY)
    embedder.fails = True
    assert knowledge.look_up("ai đứng đầu nhóm", on=TODAY) == expected


def test_a_model_that_fails_at_the_start_leaves_the_words(tmp_path: Path) -> None:
    embedder = Topics()
    embedder.fails = True
    knowledge = load(tmp_path, embedder)
    assert knowledge.look_up("ai đứng đầu nhóm chuyên trách", on=TODAY).decision in (Decision.ANSWER, Decision.SUGGEST)


class Held(Topics):
    """A model that is slow until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.go.wait(10)
        return super().embed(texts, kind)


def test_a_start_that_does_not_wait_answers_by_words_until_the_vectors_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "AT_ONCE", 5)  # the small knowledge base has only some forty texts
    embedder = Held()
    meaning = Meaning(embedder, tmp_path / "kept.npz", waits=False)
    knowledge = Knowledge.load(corpus.write(tmp_path), today=TODAY, meaning=meaning)
    assert knowledge.look_up("Bao lâu thì yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn?", on=TODAY).entry is not None
    assert knowledge.look_up(BOSS, on=TODAY).entry is None
    embedder.go.set()
    assert knowledge.settle(10)
    entry = knowledge.look_up(BOSS, on=TODAY).entry
    assert entry is not None
    assert entry.id == "truong-nhom"
    knowledge.close()


def test_an_amendment_that_is_taken_meanwhile_does_not_keep_the_vectors_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "AT_ONCE", 5)
    embedder = Held()
    meaning = Meaning(embedder, tmp_path / "kept.npz", waits=False)
    knowledge = Knowledge.load(corpus.write(tmp_path), today=TODAY, meaning=meaning)
    knowledge.take_law((), withdrawn=[Withdrawn("1399/QĐ-TCHQ", "Điều 99", TODAY)])
    embedder.go.set()
    assert knowledge.settle(10)
    assert knowledge.look_up(BOSS, on=TODAY).entry is not None
    knowledge.close()


def test_closing_leaves_the_rest_of_the_vectors_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(understanding, "AT_ONCE", 5)
    embedder = Held()
    meaning = Meaning(embedder, tmp_path / "kept.npz", waits=False)
    knowledge = Knowledge.load(corpus.write(tmp_path), today=TODAY, meaning=meaning)
    knowledge.close()
    embedder.go.set()
    assert knowledge.settle(10)
    assert len(embedder.questions) <= 8
    assert not (tmp_path / "kept.npz").exists()


def test_a_second_start_computes_nothing(tmp_path: Path) -> None:
    load(tmp_path, Topics())
    embedder = Topics()
    load(tmp_path, embedder)
    assert embedder.questions == []


def test_a_reload_computes_what_is_new_only(tmp_path: Path) -> None:
    embedder = Topics()
    knowledge = load(tmp_path, embedder)
    embedder.questions.clear()
    added = corpus.LEADER.replace("truong-nhom", "phu-hieu").replace("Ai là trưởng nhóm", "Ai cấp phù hiệu")
    (knowledge.folder / "entries" / "moi.yaml").write_text(added, encoding="utf-8")
    knowledge.reload(today=TODAY)
    assert 0 < len(embedder.questions) < 5, "its first phrasing and its answers; the other phrasings are known"


def test_a_service_that_cannot_be_reached_is_left_alone_for_a_while() -> None:
    assert open_embedder("none") is None
    embedder = HttpEmbeddings("http://127.0.0.1:9/v1/embeddings", model="m")
    with pytest.raises(EmbedderFailed, match="cannot be reached"):
        embedder.embed(["một"], "query")
    with pytest.raises(EmbedderFailed, match="left alone"):
        embedder.embed(["một"], "query")


@contextmanager
def answering(make: object) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """A loopback service with the embeddings call; make: from the texts to what it answers."""
    calls: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls.append({**body, "key": self.headers.get("Authorization")})
            answer = json.dumps(make(body["input"])).encode()  # type: ignore[operator]
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing while tests run."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/embeddings", calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_service_with_the_usual_call_gives_vectors_in_order_and_of_length_one() -> None:
    def backwards(texts: list[str]) -> object:
        rows = [{"index": place, "embedding": [len(text), 1.0]} for place, text in enumerate(texts)]
        return {"data": rows[::-1]}

    with answering(backwards) as (address, calls):
        embedder = open_embedder(address, model="multilingual-e5-base", key="s3cret")
        assert embedder is not None
        found = embedder.embed(["a", "dài hơn"], "passage")
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert found[0][0] < found[1][0]
    assert calls == [{"model": "multilingual-e5-base", "input": ["passage: a", "passage: dài hơn"], "key": "Bearer s3cret"}]


@pytest.mark.parametrize(
    "answer", [{}, {"data": []}, {"data": [{"index": 0, "embedding": ["x"]}]}, [], {"data": [{"index": 0}]}]
)
def test_a_service_that_answers_something_else_has_failed(answer: object) -> None:
    with answering(lambda _: answer) as (address, _), pytest.raises(EmbedderFailed):
        HttpEmbeddings(address, model="m").embed(["một"], "query")


def test_what_differs_in_case_and_signs_only_is_embedded_once(tmp_path: Path) -> None:
    embedder = Topics()
    knowledge = load(tmp_path, embedder)
    knowledge.look_up(BOSS, on=TODAY)
    embedded = len(embedder.questions)
    verdict = knowledge.look_up(f"  {BOSS.upper()} ???", on=TODAY)
    assert verdict.entry is not None
    assert verdict.entry.id == "truong-nhom"
    assert len(embedder.questions) == embedded
