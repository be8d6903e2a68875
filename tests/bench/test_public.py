"""Published sets are read in both forms, and what is measured on them is measured of all alike."""

import json
from pathlib import Path

import pytest

from bench import public, published
from bench.published import Asked, SetUnread

TEXTS = {
    "Con mèo": "Con mèo tam thể của bà ngoại ngủ trên mái ngói và chỉ uống sữa dê vào buổi sáng.",
    "Cây cầu": "Cây cầu gỗ bắc qua suối được dân làng dựng lại sau trận lũ bằng thân cây lim.",
    "Cái trống": "Cái trống đồng của đình làng chỉ được đánh vào đêm rằm tháng giêng.",
}
QUESTIONS = {
    "Con mèo": ["Mèo của ai?", "Mèo tam thể ngủ ở đâu?", "Mèo uống gì?", "Khi nào mèo uống sữa?", "Ai nuôi mèo tam thể?"],
    "Cây cầu": ["Cầu làm bằng gì?", "Cầu gỗ bắc qua đâu?", "Ai dựng lại cầu?", "Cầu dựng lại sau chuyện gì?", "Cầu ở đâu?"],
    "Cái trống": ["Trống đánh khi nào?"],
}


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    def paragraph(title: str) -> dict[str, object]:
        asked = [{"question": each, "id": each, "answers": []} for each in QUESTIONS[title]]
        return {"context": TEXTS[title], "qas": [*asked, {"question": "Không có?", "id": "x", "is_impossible": True}]}

    path = tmp_path / "set.json"
    data = [{"title": title.replace(" ", "_"), "paragraphs": [paragraph(title)]} for title in TEXTS]
    path.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
    return path


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    corpus = [{"_id": f"d{n}", "title": title, "text": text} for n, (title, text) in enumerate(TEXTS.items())]
    queries = [{"_id": "q1", "text": "Mèo uống gì?"}, {"_id": "q2", "text": "Cầu ở đâu?"}, {"_id": "q3", "text": "Ai?"}]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    judged = "query-id\tcorpus-id\tscore\nq1\td0\t1\nq2\td1\t2\nq2\td0\t0\nq3\tgone\t1\n"
    (tmp_path / "qrels" / "test.tsv").write_text(judged, encoding="utf-8")
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\n", encoding="utf-8")
    return tmp_path


def test_a_file_of_squads_form_is_read_without_what_its_texts_do_not_answer(squad: Path) -> None:
    found = published.read(squad)
    assert found.texts == tuple(TEXTS.values())
    assert found.titles[0] == "Con mèo 1"
    assert len(found.asked) == 11
    assert found.asked[5] == Asked("Cầu làm bằng gì?", frozenset([1]))


def test_a_folder_of_beirs_form_is_read_with_its_test_judgements(beir: Path) -> None:
    found = published.read(beir)
    assert found.titles == tuple(TEXTS)
    assert found.asked == (Asked("Mèo uống gì?", frozenset([0])), Asked("Cầu ở đâu?", frozenset([1])))


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"data": [{"paragraphs": [{"context": "x"}]}]}', '{"data": []}', "\udcff"]
)
def test_a_file_that_is_no_set_is_refused_with_what_was_expected(tmp_path: Path, content: str) -> None:
    path = tmp_path / "set.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SetUnread, match=r"set\.json: (neither SQuAD|no question)"):
        published.read(path)


def test_everything_is_scored_on_the_same_questions_as_passages_and_as_entries(squad: Path) -> None:
    passages, entries = public.run(published.read(squad), 100, with_embedding=False)
    assert [each.title for each in passages.scored] == ["BM25", "BM25, marks folded", "ours"]
    assert "3 texts" in passages.heading
    assert "11 questions" in passages.heading
    assert [each.title for each in entries.scored] == ["BM25", "BM25, marks folded", "ours, words only"]
    assert "2 texts" in entries.heading  # the third has too few questions for an entry
    for each in (*passages.scored, *entries.scored):
        assert each.three >= each.first > 0.4
    bare = {each.title: each.first_bare for each in passages.scored}
    assert bare["BM25"] < bare["BM25, marks folded"]
    assert "hit@1 by BM25's" in public.told([passages, entries])


def test_a_set_without_enough_questions_a_text_is_measured_as_passages_alone(beir: Path) -> None:
    (only,) = public.run(published.read(beir), 1, with_embedding=False)
    assert "1 questions" in only.heading
