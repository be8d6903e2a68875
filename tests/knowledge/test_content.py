"""What the shipped knowledge base promises: how much there is, in how many voices, and that no place is left out."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.entries import Entry
from bot.knowledge.files.coverage import ENOUGH_PARAPHRASES, coverage, few_paraphrases
from bot.knowledge.files.loading import KnowledgeFiles, load_files
from bot.knowledge.language.vietnamese import fold

FAQ = Path(__file__).parents[2] / "faq"
TODAY = date(2026, 11, 22)
PROGRAMMES = ("1399/QĐ-TCHQ", "1761/QĐ-TCHQ", "1854/QĐ-BTC", "3490/TCHQ-TCCB")
TASKS = 29
A_STORY = 18  # words
_MOBILE = re.compile(r"(?:\+84|\b0)[\s.]?[35789](?:[\s.-]?\d){8}\b")


@pytest.fixture(scope="module")
def shipped() -> KnowledgeFiles:
    return load_files(FAQ, today=TODAY)


@pytest.fixture(scope="module")
def published(shipped: KnowledgeFiles) -> list[Entry]:
    return [each for each in shipped.entries if each.status == "published"]


def test_there_are_at_least_250_entries_in_both_languages(published: list[Entry]) -> None:
    assert len(published) >= 250
    assert [each.id for each in published if not each.en.answer or fold(each.en.answer) == fold(each.vi.answer)] == []


def test_each_is_asked_for_in_at_least_six_ways(published: list[Entry]) -> None:
    assert ENOUGH_PARAPHRASES == 6
    assert [each.id for each, _ in few_paraphrases(published)] == []


@pytest.mark.parametrize(
    ("voice", "speaks"),
    [
        ("without diacritics", lambda text: fold(text) == text),
        ("with diacritics", lambda text: fold(text) != text),
        ("a story with the question in it", lambda text: len(text.split()) >= A_STORY),
    ],
)
def test_each_is_asked_for_in_different_voices(published: list[Entry], voice: str, speaks: Callable[[str], bool]) -> None:
    assert [each.id for each in published if not any(map(speaks, each.vi.paraphrases))] == [], voice


@pytest.mark.parametrize("number", PROGRAMMES)
def test_no_article_clause_or_point_is_left_out(shipped: KnowledgeFiles, number: str) -> None:
    (found,) = [each for each in coverage(shipped.entries, shipped.documents, {}, on=TODAY) if each.document == number]
    assert (found.missing, found.only_around) == ((), ())
    assert found.places == found.cited > 0


def test_each_of_the_29_tasks_has_an_entry(published: list[Entry]) -> None:
    cited = {each.place for entry in published for each in entry.citations if each.document == "1854/QĐ-BTC"}
    assert {f"Phụ lục nhiệm vụ {number}" for number in range(1, TASKS + 1)} <= cited


def test_no_personal_telephone_number_stands_in_an_entry(published: list[Entry]) -> None:
    texts = [(each.id, text) for each in published for one in (each.vi, each.en) for text in (*one.phrasings, one.answer)]
    assert [name for name, text in texts if _MOBILE.search(text)] == []
