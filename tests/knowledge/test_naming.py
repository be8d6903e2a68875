"""A place that is named is answered with that place, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.citations import Citation
from bot.knowledge.language.naming import asked_place, meant
from bot.knowledge.measure.ask import text_of
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision
from bot.locales.catalogue import Catalogue
from tests.knowledge import corpus
from tests.knowledge.test_passages import DOCUMENTS, LAW, TODAY, Text

CATALOGUE = Catalogue(ZoneInfo("Asia/Ho_Chi_Minh"))
NUMBERS = ("1399/QĐ-TCHQ", "1761/QĐ-TCHQ")


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    loaded = Knowledge.load(corpus.write(tmp_path, documents=DOCUMENTS), today=TODAY, passages=LAW)
    yield loaded
    loaded.close()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Điều 5 khoản 1 điểm f Quyết định 1399 quy định gì?", "Điều 5 khoản 1 điểm f"),
        ("điểm f khoản 1 điều 5 qđ 1399/QĐ-TCHQ nói gì", "Điều 5 khoản 1 điểm f"),
        ("dieu 7 khoan 2 cua 1399 noi gi vay ad", None),
        ("dieu 7 khoan 2 cua 1399 noi gi", "Điều 7 khoản 2"),
        ("điểm đ khoản 1 Điều 5 Quyết định 1399 nói gì", "Điều 5 khoản 1 điểm đ"),
        ("điểm d khoản 1 Điều 5 Quyết định 1399 nói gì", "Điều 5 khoản 1 điểm d"),
        ("what does article 7 of 1399 say?", "Điều 7"),
        ("article 7 of 1399 says what", "Điều 7"),
        ("điều 7 quyết định 1399 có áp dụng cho doanh nghiệp nhỏ", None),
        ("điều 7 và điều 8 của 1399 nói gì", None),
        ("điều 7 nói gì", None),
    ],
)
def test_only_a_question_for_the_wording_of_one_place_names_it(text: str, place: str | None) -> None:
    asked = asked_place(text, NUMBERS)
    assert (asked.place if asked else None) == place


def test_the_imported_wording_is_quoted(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up("Điều 6 Nghị định 9/NĐ-THU nói gì", on=TODAY)
    assert verdict.decision is Decision.ANSWER, verdict.reasons
    assert verdict.passage is not None
    assert verdict.passage.passage == "Sổ của kho được giữ trong năm năm."


def test_a_place_that_does_not_exist_is_not_answered(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up("Điều 99 Quyết định 1399 quy định gì?", on=TODAY)
    assert (verdict.decision, verdict.kind) == (Decision.ESCALATE, "no_such_place")


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ("Điều 5", ["Điều 5"]),
        ("Điều 5 khoản 1 điểm b", ["Điều 5 khoản 1 điểm b"]),
        ("Điều 5 điểm b", ["Điều 5 khoản 1 điểm b"]),
        ("Điều 5 điểm a", ["Điều 5 khoản 1 điểm a", "Điều 5 khoản 2 điểm a"]),
        ("Điều 5 điểm k", []),
        ("Điều 5 khoản 3", []),
        ("Điều 50", []),
    ],
)
def test_who_leaves_the_clause_out_means_the_point_in_any_clause(asked: str, places: list[str]) -> None:
    ends = ("khoản 1 điểm a", "khoản 1 điểm b.1", "khoản 1 điểm b.2", "khoản 2 điểm a")
    known = [Citation(NUMBERS[0], f"Điều 5 {each}") for each in ends]
    assert [each.place for each in meant(Citation(NUMBERS[0], asked), known)] == places


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Điều 99 Quyết định 1399 quy định gì?", "1399/QĐ-TCHQ không có Điều 99."),
        ("what does article 99 of decision 1399 say?", "1399/QĐ-TCHQ has no Điều 99."),
    ],
)
def test_it_is_said_in_words_that_the_document_has_no_such_place(knowledge: Knowledge, question: str, said: str) -> None:
    assert said in text_of(knowledge.look_up(question, on=TODAY), CATALOGUE.say)


def test_of_a_document_that_was_not_imported_nothing_is_said_to_be_missing(knowledge: Knowledge) -> None:
    knowledge.take_law(())
    verdict = knowledge.look_up("Điều 6 Nghị định 9/NĐ-THU nói gì", on=TODAY)
    assert (verdict.decision, verdict.kind) == (Decision.ESCALATE, "unknown_place")
    assert "chưa có nội dung của Điều 6, 9/NĐ-THU" in text_of(verdict, CATALOGUE.say)


def test_an_article_is_quoted_with_what_lies_in_it(knowledge: Knowledge) -> None:
    clauses = (Text("9/NĐ-THU", "Điều 8", "", "Vệ sinh kho"), Text("9/NĐ-THU", "Điều 8 khoản 1", "", "Kho được rửa mỗi tuần."))
    knowledge.take_law((*LAW, *clauses))
    verdict = knowledge.look_up("Điều 8 Nghị định 9/NĐ-THU nói gì", on=TODAY)
    assert verdict.passage is not None
    assert verdict.passage.passage == "Vệ sinh kho\nKho được rửa mỗi tuần."
