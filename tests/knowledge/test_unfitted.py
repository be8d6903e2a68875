"""The recognisers on wording that they were not fitted to. The floors are what they reach, not what is wished for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.knowledge.evidence.fitting import read_examples
from bot.knowledge.evidence.message import Message
from bot.knowledge.evidence.recognising import evidence_in
from bot.knowledge.language.vietnamese import fold

UNFITTED: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("unfitted.yaml").read_text(encoding="utf-8"))
REPORTS = {"misconduct", "smuggling"}
POLITE = {"greeting", "thanks", "bye", "who"}


def _share(texts: list[str], kinds: set[str]) -> float:
    recognised = [any(each.decides and each.kind in kinds for each in evidence_in(Message(text))) for text in texts]
    return sum(recognised) / len(recognised)


@pytest.mark.parametrize("typed", [str, fold], ids=["with marks", "without"])
def test_reports_and_hints_of_them_are_led_to_the_hotline(typed: Callable[[str], str]) -> None:
    assert _share([typed(each) for each in UNFITTED["hotline"]], REPORTS) >= 0.85


def test_what_only_sounds_like_a_report_is_not() -> None:
    assert _share([*UNFITTED["other"], *UNFITTED["smalltalk"]], REPORTS) <= 0.05


def test_a_few_kind_words_are_answered_kindly() -> None:
    assert _share(UNFITTED["smalltalk"], POLITE | {"unclear"}) >= 0.85


def test_thanks_without_marks_are_no_report() -> None:
    assert _share(["cam on anh chi ho tro", "cảm ơn anh chị hỗ trợ"], REPORTS) == 0


def test_no_unfitted_wording_is_among_the_examples() -> None:
    fitted = {fold(each.text) for each in read_examples()}
    assert not fitted.intersection(fold(each) for texts in UNFITTED.values() for each in texts)
