"""What is typed as into a search box is met with what there is, not with a guess and not with an officer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.language.keywords import is_keyword
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def shipped() -> Iterator[Knowledge]:
    loaded = Knowledge.load(Path(__file__).parents[2] / "faq", today=TODAY)
    yield loaded
    loaded.close()


@pytest.mark.parametrize("text", ["khen thưởng", "thu hồi", "thu hoi", "biên bản ghi nhớ", "máy soi", "membership", "C/O"])
def test_a_thing_that_is_only_named_is_a_keyword(text: str) -> None:
    assert is_keyword(text.lower())


@pytest.mark.parametrize(
    "text",
    ["ai ký", "khen thưởng?", "tôi bị thu hồi", "điều 5", "cho hỏi", "toi muon hoi", "who signs", "", "một hai ba bốn năm"],
)
def test_who_asks_wishes_or_tells_something_does_not_only_name(text: str) -> None:
    assert not is_keyword(text)


@pytest.mark.parametrize("text", ["khen thưởng", "thu hồi", "thu hoi", "Biên bản ghi nhớ", "tố cáo", "training"])
def test_a_keyword_is_offered_what_there_is_about_it(shipped: Knowledge, text: str) -> None:
    verdict = shipped.look_up(text, on=TODAY)
    assert verdict.decision is Decision.SUGGEST
    assert 1 <= len(verdict.suggestions) <= 3


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("xin chào", Decision.SMALLTALK),
        ("cảm ơn", Decision.SMALLTALK),
        ("đồ ngu", Decision.SMALLTALK),
        ("vòi tiền", Decision.HOTLINE),
        ("cà phê", None),
    ],
)
def test_what_no_entry_is_about_is_no_keyword_of_theirs(shipped: Knowledge, text: str, decision: Decision | None) -> None:
    found = shipped.look_up(text, on=TODAY).decision
    assert found is not Decision.SUGGEST
    assert decision in (None, found)
