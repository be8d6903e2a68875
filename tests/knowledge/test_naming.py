"""A place that is named is answered with that place, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.knowledge.naming import asked_place
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision
from tests.knowledge import corpus
from tests.knowledge.test_passages import DOCUMENTS, LAW, TODAY, Text

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


def test_an_article_is_quoted_with_what_lies_in_it(knowledge: Knowledge) -> None:
    clauses = (Text("9/NĐ-THU", "Điều 8", "", "Vệ sinh kho"), Text("9/NĐ-THU", "Điều 8 khoản 1", "", "Kho được rửa mỗi tuần."))
    knowledge.take_law((*LAW, *clauses))
    verdict = knowledge.look_up("Điều 8 Nghị định 9/NĐ-THU nói gì", on=TODAY)
    assert verdict.passage is not None
    assert verdict.passage.passage == "Vệ sinh kho\nKho được rửa mỗi tuần."
