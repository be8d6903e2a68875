"""Imported law: versions that replace each other, the days on which each held, and citations that lead nowhere."""

import asyncio
from datetime import date, timedelta

import pytest

from bot.knowledge.citations import Citation
from bot.knowledge.documents import Document, Documents, DocumentStatus, Withdrawn
from bot.knowledge.entries import Entry, EntryStatus, Wording
from bot.knowledge.law.parsing import ReadLaw, parse
from bot.knowledge.law.reading import read_bytes
from bot.lawbooks.errors import AnotherDocument, DayNotLater, DocumentNotListed, NumberNotFound
from bot.lawbooks.lawbooks import Lawbooks, number_of
from storage.database import Database
from tests.clock import ManualClock

NUMBER = "5/QĐ-HLV"
SIGNED = date(2022, 3, 1)
TODAY = date(2026, 11, 22)
TEXT = "Số: 5/QĐ-HLV\nĐiều 1. Trồng cây\n1. Trồng mười cây.\n2. Tưới cây:\n- Sáng;\n- Chiều.\n"
AMENDED = TEXT.replace("mười", "hai mươi") + "Điều 2. Tỉa cành.\n"


def listed(number: str = NUMBER, *, status: DocumentStatus = DocumentStatus.IN_FORCE, until: date | None = None) -> Document:
    return Document(number, "Quyết định trồng cây", "Planting", "Hội Làm vườn", "decision", "vi", SIGNED, SIGNED, status, until)


def read(text: str = TEXT, file: str = "quyet-dinh.txt") -> ReadLaw:
    return ReadLaw(parse(read_bytes(file, text.encode())), file, f"{hash(text) & (2**64 - 1):064x}")


def entry(place: str, *, status: EntryStatus = EntryStatus.PUBLISHED, document: str = NUMBER) -> Entry:
    wording = Wording("Trồng cây?", (), "Mười cây.")
    citations = (Citation(document, place),)
    return Entry(
        "trong-cay",
        status,
        "public",
        "to-1",
        (),
        citations,
        wording,
        wording,
        file="entries/cay.yaml",
        line=7,
        citation_lines=(9,),
    )


@pytest.fixture
def lawbooks(database: Database, clock: ManualClock) -> Lawbooks:
    return Lawbooks(database, clock, lambda: Documents([listed()]))


async def test_a_stored_document_is_found_by_place_in_its_order(lawbooks: Lawbooks) -> None:
    stored = await lawbooks.store(read(), number=NUMBER)

    found = await lawbooks.passages(TODAY)

    assert (stored.version.version, stored.version.effective_from, stored.replaced) == (1, SIGNED, None)
    assert [each.place for each in found] == ["Điều 1", "Điều 1 khoản 1", "Điều 1 khoản 2", "Điều 1 khoản 2", "Điều 1 khoản 2"]
    assert [each.text for each in await lawbooks.at(NUMBER, "Điều 1 khoản 2", TODAY)] == ["Tưới cây:", "Sáng;", "Chiều."]
    assert found[1].indexed == "Điều 1. Trồng cây\nTrồng mười cây."
    assert found[1].document == NUMBER


async def test_an_amended_wording_holds_from_its_day_and_the_former_until_the_day_before(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(), number=NUMBER)

    stored = await lawbooks.store(read(AMENDED), number=NUMBER, effective_from=date(2027, 1, 1))

    assert stored.replaced is not None
    before = await lawbooks.at(NUMBER, "Điều 1 khoản 1", date(2026, 12, 31))
    after = await lawbooks.at(NUMBER, "Điều 1 khoản 1", date(2027, 1, 1))
    assert [each.text for each in before] == ["Trồng mười cây."]
    assert [each.text for each in after] == ["Trồng hai mươi cây."]
    assert await lawbooks.at(NUMBER, "Điều 2", date(2026, 12, 31)) == []
    assert await lawbooks.at(NUMBER, "Điều 1", date(2022, 2, 28)) == []


async def test_the_same_wording_from_a_better_file_takes_the_days_of_the_former_which_is_kept(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(TEXT.replace("mười", "mưòi")), number=NUMBER)

    await lawbooks.store(read(), number=NUMBER)

    assert [each.text for each in await lawbooks.at(NUMBER, "Điều 1 khoản 1", TODAY)] == ["Trồng mười cây."]
    versions = [(each.version.version, each.version.status, each.passages) for each in await lawbooks.listed()]
    assert versions == [(2, "in_force", 5), (1, "corrected", 5)]


async def test_a_former_version_names_the_one_that_replaced_it(lawbooks: Lawbooks) -> None:
    first = await lawbooks.store(read(), number=NUMBER)
    second = await lawbooks.store(read(AMENDED), number=NUMBER, effective_from=date(2027, 1, 1))

    newest, former = [each.version for each in await lawbooks.listed()]

    assert (newest.id, newest.replaced_by, newest.effective_until) == (second.version.id, None, None)
    assert (former.id, former.replaced_by, former.effective_until) == (first.version.id, second.version.id, date(2026, 12, 31))


async def test_the_same_file_again_changes_nothing(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(), number=NUMBER)

    again = await lawbooks.store(read(), number=NUMBER)

    assert again.unchanged
    assert len(await lawbooks.listed()) == 1


async def test_an_amended_wording_cannot_hold_from_before_the_former(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(), number=NUMBER)

    with pytest.raises(DayNotLater):
        await lawbooks.store(read(AMENDED), number=NUMBER, effective_from=SIGNED)

    assert len(await lawbooks.listed()) == 1


async def test_of_two_imports_at_once_both_are_kept_and_one_holds(database_url: str, clock: ManualClock) -> None:
    first, second = Database(database_url), Database(database_url)
    try:
        books = [Lawbooks(each, clock, lambda: Documents([listed()])) for each in (first, second)]
        await asyncio.gather(books[0].store(read(), number=NUMBER), books[1].store(read(AMENDED), number=NUMBER))

        versions = [each.version for each in await books[0].listed()]
        held = {each.text for each in await books[0].at(NUMBER, "Điều 1 khoản 1", TODAY)}
    finally:
        await first.close()
        await second.close()

    assert [(each.version, each.status) for each in versions] == [(2, "in_force"), (1, "corrected")]
    assert len(held) == 1


async def test_of_a_document_that_is_not_in_force_nothing_is_searched(database: Database, clock: ManualClock) -> None:
    documents = [listed(until=date(2025, 12, 31))]
    lawbooks = Lawbooks(database, clock, lambda: Documents(documents))
    await lawbooks.store(read(), number=NUMBER)

    assert await lawbooks.passages(date(2026, 1, 1)) == []
    assert len(await lawbooks.passages(date(2025, 12, 31))) == 5

    documents[:] = []
    assert await lawbooks.passages(date(2025, 12, 31)) == []


async def test_a_chapter_is_not_searched_since_it_cannot_be_cited(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read("Số: 5/QĐ-HLV\nChương I\nQUY ĐỊNH CHUNG\nĐiều 1. Trồng cây.\n"), number=NUMBER)

    assert [each.place for each in await lawbooks.passages(TODAY)] == ["Điều 1"]


async def test_a_citation_without_its_place_is_named_with_file_line_and_the_nearest_place(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(), number=NUMBER)

    (found,) = await lawbooks.unplaced([entry("Điều 1 khoản 1 điểm c")], TODAY)

    assert str(found.problem) == (
        "entries/cay.yaml:9: trong-cay.citations.1.place: 5/QĐ-HLV as imported has no place `Điều 1 khoản 1 điểm c`; "
        "expected a place that it has, such as `Điều 1 khoản 1`"
    )
    assert not found.problem.warning


async def test_a_citation_that_loses_its_place_soon_is_named_with_the_day(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(AMENDED), number=NUMBER)
    await lawbooks.store(read(), number=NUMBER, effective_from=date(2027, 1, 1))

    (found,) = await lawbooks.unplaced([entry("Điều 2")], TODAY, ahead=timedelta(days=60))

    assert found.since == date(2027, 1, 1)
    assert found.problem.warning
    assert "from 2027-01-01 on 5/QĐ-HLV has no place `Điều 2`" in str(found.problem)
    assert await lawbooks.unplaced([entry("Điều 2")], TODAY, ahead=timedelta(days=20)) == []


async def test_citations_that_lead_somewhere_or_are_not_imported_or_of_retired_entries_are_in_order(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(), number=NUMBER)
    entries = [
        entry("Điều 1 khoản 2"),
        entry("Điều 99", document="1399/QĐ-TCHQ"),
        entry("Điều 99", status=EntryStatus.RETIRED),
    ]

    assert await lawbooks.unplaced(entries, TODAY) == []


async def test_what_an_amended_wording_took_out_is_withdrawn_until_another_has_it_again(lawbooks: Lawbooks) -> None:
    first, second = date(2024, 1, 1), date(2025, 1, 1)
    await lawbooks.store(read(AMENDED), number=NUMBER)
    assert await lawbooks.withdrawn() == []
    await lawbooks.store(read(), number=NUMBER, effective_from=first)
    assert await lawbooks.withdrawn() == [Withdrawn(NUMBER, "Điều 2", first)]

    await lawbooks.store(read(AMENDED), number=NUMBER, effective_from=second)

    assert await lawbooks.withdrawn() == [Withdrawn(NUMBER, "Điều 2", first, second - timedelta(days=1))]


async def test_what_was_only_read_again_from_a_better_file_withdraws_nothing(lawbooks: Lawbooks) -> None:
    await lawbooks.store(read(AMENDED), number=NUMBER)
    await lawbooks.store(read(), number=NUMBER)

    assert await lawbooks.withdrawn() == []


async def test_a_document_that_is_not_listed_is_refused(database: Database, clock: ManualClock) -> None:
    lawbooks = Lawbooks(database, clock, Documents)

    with pytest.raises(DocumentNotListed):
        await lawbooks.store(read(), number=NUMBER)
    with pytest.raises(DocumentNotListed):
        number_of(read(), None, Documents())


def test_the_number_that_the_file_says_is_taken_and_may_be_spelt_otherwise() -> None:
    documents = Documents([listed()])

    assert number_of(read(), None, documents) == NUMBER
    assert number_of(read(), "5/qđ-hlv", documents) == NUMBER
    assert number_of(read("Điều 1. Trồng cây.\n"), NUMBER, documents) == NUMBER


def test_a_file_is_not_stored_under_the_number_of_another_document() -> None:
    with pytest.raises(AnotherDocument):
        number_of(read(), "6/QĐ-HLV", Documents([listed(), listed("6/QĐ-HLV")]))


def test_a_file_that_does_not_say_its_number_needs_one() -> None:
    with pytest.raises(NumberNotFound):
        number_of(read("Điều 1. Trồng cây.\n"), None, Documents([listed()]))
