"""Messages of all walks of life that were set apart before the fit, by words alone. The floors are what is reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.knowledge.evidence.features import names_somebody
from bot.knowledge.evidence.fitting import read_examples
from bot.knowledge.evidence.message import Message
from bot.knowledge.evidence.recognising import carries_no_matter, evidence_in
from bot.knowledge.language.vietnamese import fold

APART: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("set_apart.yaml").read_text(encoding="utf-8"))
# Ordinary days with officers and money in them: by words alone many look like reports, and the meaning takes half of them back.
LATER: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("set_apart_later.yaml").read_text(encoding="utf-8"))
REPORTS = {"misconduct", "smuggling"}
SMALL_TALK = {"greeting", "thanks", "bye", "who", "unclear"}


def _share(texts: list[str], kinds: set[str]) -> float:
    recognised = [any(each.decides and each.kind in kinds for each in evidence_in(Message(text))) for text in texts]
    return sum(recognised) / len(recognised)


@pytest.mark.parametrize("apart", [APART, LATER], ids=["apart", "later"])
@pytest.mark.parametrize("typed", [str, fold], ids=["with marks", "without"])
def test_reports_are_led_to_the_hotline(typed: Callable[[str], str], apart: dict[str, list[str]]) -> None:
    assert _share([typed(each) for kind in sorted(REPORTS) for each in apart[kind]], REPORTS) >= 0.85


@pytest.mark.parametrize(
    ("apart", "typed", "most"),
    [(APART, str, 0.04), (APART, fold, 0.08), (LATER, str, 0.11), (LATER, fold, 0.2)],
    ids=["apart, with marks", "apart, without", "later, with marks", "later, without"],
)
def test_nothing_else_is(apart: dict[str, list[str]], typed: Callable[[str], str], most: float) -> None:
    others = [typed(each) for kind, texts in apart.items() if kind not in REPORTS for each in texts]
    assert _share(others, REPORTS) <= most


@pytest.mark.parametrize(
    ("kind", "least"), [("other_enterprise", 0.7), ("injection", 0.7), ("abuse", 0.65), ("investigation", 0.7)]
)
def test_what_the_bot_must_not_answer_is_recognised(kind: str, least: float) -> None:
    assert _share(APART[kind], {kind}) >= least


@pytest.mark.parametrize("apart", [APART, LATER], ids=["apart", "later"])
@pytest.mark.parametrize("kind", ["none", "case"])
def test_ordinary_matters_are_taken_for_nothing_else(kind: str, apart: dict[str, list[str]]) -> None:
    assert _share(apart[kind], {"other_enterprise", "injection", "abuse", "out_of_scope", *SMALL_TALK}) <= 0.05


def test_none_of_it_is_an_example() -> None:
    fitted = {fold(each.text) for each in read_examples()}
    assert not fitted.intersection(fold(each) for apart in (APART, LATER) for texts in apart.values() for each in texts)


@pytest.mark.parametrize(
    ("text", "named"),
    [("phiếu doanh nghiệp HQ36a", False), ("doanh nghiệp EPE nộp báo cáo", False), ("bên Thuận Phát nhập máy gì", True)],
)
def test_a_form_or_a_kind_of_enterprise_is_nobodys_name(text: str, named: bool) -> None:
    assert names_somebody(text) is named


@pytest.mark.parametrize(
    ("text", "declined"),
    [
        ("Cho bên em xem lịch sử vi phạm và mức tuân thủ của công ty em", False),
        ("Could you check our compliance record and risk rating", False),
        ("Cho bên em xem lịch sử vi phạm và mức tuân thủ của công ty đối thủ", True),
    ],
)
def test_a_firm_may_ask_about_itself(text: str, declined: bool) -> None:
    evidence = evidence_in(Message(text))
    assert any(each.decides and each.kind == "other_enterprise" for each in evidence) is declined


@pytest.mark.parametrize(
    ("text", "nothing_else"),
    [
        ("Gõ mười câu không được một câu ra hồn, đúng là thứ vô dụng, dẹp hết đi", True),
        ("Đời tôi chưa thấy cái bot nào ngu ngốc tới mức này, xóa đi cho người ta nhờ", True),
        ("Tờ khai của tôi treo ba ngày, các người đúng là vô dụng, dẹp hết đi", False),
    ],
)
def test_an_insult_with_a_matter_beside_it_is_told_from_a_mere_insult(text: str, nothing_else: bool) -> None:
    assert carries_no_matter(Message(text)) is nothing_else
