"""Everyday sentences that only come near a report stay with the chat; reports in everyday words do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.knowledge.evidence.fitting import read_examples
from bot.knowledge.evidence.message import Message
from bot.knowledge.evidence.recognising import evidence_in
from bot.knowledge.language.vietnamese import fold

EVERYDAY: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("everyday.yaml").read_text(encoding="utf-8"))
REPORTS = {"misconduct", "smuggling"}


def _led_to_the_hotline(texts: list[str]) -> list[str]:
    return [text for text in texts if any(each.decides and each.kind in REPORTS for each in evidence_in(Message(text)))]


@pytest.mark.parametrize("typed", [str, fold], ids=["with marks", "without"])
@pytest.mark.parametrize("kind", ["ordinary", "opinions"])
def test_an_ordinary_day_and_an_opinion_are_not_led_to_the_hotline(kind: str, typed: Callable[[str], str]) -> None:
    ordinary = [typed(each) for each in EVERYDAY[kind]]
    assert len(_led_to_the_hotline(ordinary)) <= 0.02 * len(ordinary)


@pytest.mark.parametrize("typed", [str, fold], ids=["with marks", "without"])
def test_a_report_in_everyday_words_is(typed: Callable[[str], str]) -> None:
    reports = [typed(each) for each in EVERYDAY["reports"]]
    assert len(_led_to_the_hotline(reports)) >= 0.95 * len(reports)


def test_none_of_it_is_an_example() -> None:
    fitted = {fold(each.text) for each in read_examples()}
    assert not fitted.intersection(fold(each) for texts in EVERYDAY.values() for each in texts)
