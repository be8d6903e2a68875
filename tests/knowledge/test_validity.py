"""What is answered on which day, and what editors are told before an entry ends."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.knowledge import validity
from bot.knowledge.citations import Citation
from bot.knowledge.documents import Document, Documents, DocumentStatus
from bot.knowledge.entries import Entry, EntryStatus, Wording
from bot.knowledge.files import writing
from bot.knowledge.service import Knowledge

TODAY = date(2026, 3, 2)
ASKED = "Áo mưa thì giặt ở đâu?"
LAW = Document("1/QĐ-A", "Luật", "Law", "A", "decision", "vi", date(2020, 1, 1), date(2020, 1, 1), DocumentStatus.IN_FORCE)
ENTRY = Entry(
    id="mot",
    status=EntryStatus.PUBLISHED,
    audience="public",
    department="a",
    tags=(),
    citations=(Citation("1/QĐ-A", "Điều 1"),),
    vi=Wording("Nộp hồ sơ ở đâu?", (), "Tại chi cục."),
    en=Wording("Where to lodge?", (), "At the branch."),
    file="entries/a.yaml",
    line=3,
)


def documents(**changes: object) -> Documents:
    return Documents([replace(LAW, **changes)])  # type: ignore[arg-type]


def ending(entry: Entry = ENTRY, law: Documents | None = None) -> list[validity.Ending]:
    return validity.endings([entry], law or documents(), today=TODAY)


@pytest.mark.parametrize(("days", "shown"), [(0, True), (1, True), (60, True), (61, False)])
def test_an_entry_is_shown_sixty_days_before_its_last_day(days: int, shown: bool) -> None:
    entry = replace(ENTRY, valid_until=TODAY + timedelta(days=days))
    assert bool(ending(entry)) is shown


@pytest.mark.parametrize(("days", "shown"), [(60, True), (61, False)])
def test_an_entry_is_shown_before_a_document_that_it_cites_ends(days: int, shown: bool) -> None:
    found = ending(law=documents(effective_until=TODAY + timedelta(days=days)))
    assert [each.because for each in found] == (["1/QĐ-A"] if shown else [])


def test_what_comes_first_is_what_ends_it() -> None:
    entry = replace(ENTRY, valid_until=TODAY + timedelta(days=20))
    (found,) = ending(entry, documents(effective_until=TODAY + timedelta(days=10)))
    assert (found.last_day, found.because) == (TODAY + timedelta(days=10), "1/QĐ-A")


def test_an_entry_without_an_end_is_not_shown() -> None:
    assert ending() == []


def test_drafts_and_retired_entries_are_not_shown() -> None:
    for status in (EntryStatus.DRAFT, EntryStatus.RETIRED):
        assert ending(replace(ENTRY, status=status, valid_until=TODAY)) == []


def test_what_is_over_stays_in_the_list_until_somebody_mends_it() -> None:
    (found,) = ending(replace(ENTRY, valid_until=TODAY - timedelta(days=400)))
    assert found.over(TODAY)


@pytest.mark.parametrize("status", [DocumentStatus.SUSPENDED, DocumentStatus.REPLACED, DocumentStatus.EXPIRED])
def test_an_entry_whose_document_holds_on_no_day_is_over(status: DocumentStatus) -> None:
    (found,) = ending(law=documents(status=status))
    assert found.over(TODAY)
    assert found.last_day is None


def test_the_check_says_when_and_what_to_do() -> None:
    found = ending(replace(ENTRY, valid_until=TODAY + timedelta(days=30)))
    (said,) = validity.warnings(found, today=TODAY)
    assert str(said) == (
        "entries/a.yaml:3: mot.valid_until: the entry ends on 2026-04-01, in 30 days; "
        "set a later `valid_until`, or write the entry that follows it"
    )
    assert said.warning


def test_the_check_does_not_repeat_what_the_loader_says_of_an_entry_that_has_ended() -> None:
    assert validity.warnings(ending(replace(ENTRY, valid_until=TODAY - timedelta(days=1))), today=TODAY) == []


def found_on(day: date, faq: Path, *entries: Entry) -> list[str]:
    """What of these is found on that day, in a knowledge base that has them in a file of their own."""
    text = "\n".join(writing.written(each) for each in entries)
    (faq / "entries" / "neu-co.yaml").write_text(text, encoding="utf-8")
    knowledge = Knowledge.load(faq, today=TODAY)
    verdict = knowledge.look_up(ASKED, on=day)
    knowledge.close()
    assert verdict.entry is None or verdict.entry.id in {each.id for each in verdict.candidates}
    return [each.id for each in verdict.candidates if each.id in {entry.id for entry in entries}]


def asked(**changes: object) -> Entry:
    entry = replace(
        ENTRY,
        department="thue",
        citations=(Citation("1399/QĐ-TCHQ", "Điều 9"),),
        vi=Wording(ASKED, ("giặt áo mưa ở đâu", "ao mua giat cho nao", "chỗ giặt áo mưa", "giặt áo mưa"), "Tại chi cục."),
        en=Wording("Where are raincoats washed?", ("raincoat washing",), "At the branch."),
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def test_an_entry_is_given_from_its_first_day_to_its_last_and_on_no_other(faq: Path) -> None:
    entry = asked(valid_from=date(2024, 1, 1), valid_until=date(2024, 12, 31))
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    assert [found_on(day, faq, entry) for day in days] == [[], ["mot"], ["mot"], []]


def test_asked_as_of_a_day_the_entry_of_that_day_is_given(faq: Path) -> None:
    old = asked(id="cu", valid_until=date(2024, 12, 31))
    new = asked(id="moi", valid_from=date(2025, 1, 1))
    assert found_on(date(2023, 5, 1), faq, old, new) == ["cu"]
    assert found_on(TODAY, faq, old, new) == ["moi"]


def test_an_entry_whose_citation_expired_is_never_found(faq: Path) -> None:
    entry = asked(citations=(Citation("1399/QĐ-TCHQ", "Điều 9"), Citation("77/QĐ-THU", "Điều 1")))
    assert found_on(date(2025, 12, 31), faq, entry) == ["mot"]
    assert found_on(date(2026, 1, 1), faq, entry) == []
