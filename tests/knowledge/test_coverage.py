"""Which places of the law have an entry."""

from dataclasses import replace
from datetime import date

from bot.knowledge.citations import Citation
from bot.knowledge.documents import Documents
from bot.knowledge.entries import Entry, EntryStatus, Wording
from bot.knowledge.files.coverage import DocumentCoverage, coverage, few_paraphrases, topmost
from tests.knowledge.test_validity import ENTRY, LAW, TODAY

PLACES = ["Điều 1", "Điều 1 khoản 1", "Điều 1 khoản 1 điểm a", "Điều 1 khoản 2", "Điều 2", "Điều 2 khoản 1", "Điều 10"]


def citing(*places: str, **changes: object) -> Entry:
    return replace(ENTRY, citations=tuple(Citation("1/QĐ-A", each) for each in places), **changes)  # type: ignore[arg-type]


def covered(*entries: Entry, law: list[str] | None = PLACES, on: date = TODAY) -> DocumentCoverage:
    return coverage(entries, Documents([LAW]), {"1/QĐ-A": law} if law else {}, on=on)[0]


def test_a_place_that_nobody_cites_is_missing() -> None:
    assert covered(citing("Điều 1 khoản 1 điểm a")).missing == ("Điều 1 khoản 2", "Điều 2", "Điều 2 khoản 1", "Điều 10")


def test_whoever_explains_a_point_speaks_for_the_clause_and_the_article_around_it() -> None:
    found = covered(citing("Điều 1 khoản 1 điểm a"))
    assert "Điều 1" not in (*found.missing, *found.only_around)
    assert found.cited == 3


def test_a_clause_under_an_article_that_is_cited_as_a_whole_is_told_apart() -> None:
    found = covered(citing("Điều 2"))
    assert found.only_around == ("Điều 2 khoản 1",)


def test_what_is_not_answered_with_covers_nothing() -> None:
    for entry in (
        citing("Điều 10", status=EntryStatus.DRAFT),
        citing("Điều 10", valid_until=date(2020, 1, 1)),
    ):
        assert "Điều 10" in covered(entry).missing


def test_a_missing_article_is_listed_once_with_how_much_lies_in_it() -> None:
    missing = covered(citing("Điều 1 khoản 1 điểm a")).missing
    assert topmost(missing) == [("Điều 1 khoản 2", 0), ("Điều 2", 1), ("Điều 10", 0)]


def test_without_the_law_places_are_concluded_from_what_is_cited_and_counted() -> None:
    found = covered(citing("Điều 3", "Điều 1 khoản 2 điểm d"), law=None)
    assert not found.imported
    assert found.missing == (
        "Điều 1 khoản 1",
        "Điều 1 khoản 2 điểm a",
        "Điều 1 khoản 2 điểm b",
        "Điều 1 khoản 2 điểm c",
        "Điều 2",
    )


def test_entries_with_too_few_ways_of_asking_are_listed_the_poorest_first() -> None:
    def asked(name: str, ways: int) -> Entry:
        return replace(ENTRY, id=name, vi=Wording("?", tuple(f"cách {each}" for each in range(ways)), "."))

    entries = [asked("sau", 6), asked("nam", 5), asked("bon", 4)]
    assert [(each.id, count) for each, count in few_paraphrases(entries)] == [("bon", 4), ("nam", 5)]
