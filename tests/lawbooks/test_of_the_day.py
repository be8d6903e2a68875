"""The law that is searched is that of the day: after an import, after midnight, and for a day in the past."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.knowledge import service
from bot.knowledge.law.parsing import ReadLaw, parse
from bot.knowledge.law.reading import read_bytes
from bot.knowledge.service import Knowledge
from bot.lawbooks.lawbooks import Lawbooks
from bot.lawbooks.of_the_day import LawOfTheDay
from storage.database import Database
from tests import one_topic
from tests.clock import ManualClock

NUMBER = "1399/QĐ-TCHQ"
TEXT = "Số: 1399/QĐ-TCHQ\nĐiều 99. Kho lạnh\nChủ kho ghi sổ nhiệt độ hai lần mỗi ngày.\n"
AMENDED = TEXT.replace("hai lần", "bốn lần")
ASKED = "Điều 99 Quyết định 1399 quy định gì?"
AHEAD = timedelta(days=40)


def read(text: str) -> ReadLaw:
    return ReadLaw(parse(read_bytes("kho.txt", text.encode())), "kho.txt", f"{hash(text) & (2**64 - 1):064x}")


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    loaded = one_topic.knowledge_of(one_topic.copied_to(tmp_path))
    yield loaded
    loaded.close()


@pytest.fixture
def lawbooks(database: Database, clock: ManualClock, knowledge: Knowledge) -> Lawbooks:
    return Lawbooks(database, clock, lambda: knowledge.documents)


@pytest.fixture
def searched(lawbooks: Lawbooks, knowledge: Knowledge, clock: ManualClock) -> LawOfTheDay:
    return LawOfTheDay(lawbooks, knowledge, today=lambda: clock.now().date())


def quoted(knowledge: Knowledge, on: date) -> str:
    """Return the wording that is quoted on that day; empty where none is."""
    passage = knowledge.look_up(ASKED, on=on).passage
    return passage.passage if passage is not None else ""


async def test_what_was_imported_is_quoted_once_it_is_taken(
    lawbooks: Lawbooks, searched: LawOfTheDay, knowledge: Knowledge, clock: ManualClock
) -> None:
    await lawbooks.store(read(TEXT), number=NUMBER)
    assert quoted(knowledge, clock.now().date()) == ""

    await searched.take()

    assert "hai lần" in quoted(knowledge, clock.now().date())


async def test_an_amended_wording_is_quoted_from_its_first_day_without_a_restart(
    lawbooks: Lawbooks, searched: LawOfTheDay, knowledge: Knowledge, clock: ManualClock
) -> None:
    first_day = clock.now().date() + AHEAD
    await lawbooks.store(read(TEXT), number=NUMBER)
    await lawbooks.store(read(AMENDED), number=NUMBER, effective_from=first_day)
    await searched.take()
    assert not await searched.follow()
    assert "hai lần" in quoted(knowledge, clock.now().date())

    clock.advance(AHEAD)

    assert await searched.follow()
    assert "bốn lần" in quoted(knowledge, first_day)
    assert not await searched.follow()


async def test_a_question_of_a_day_before_an_amendment_is_answered_by_the_wording_of_then(
    lawbooks: Lawbooks, searched: LawOfTheDay, knowledge: Knowledge, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.now().date()
    await lawbooks.store(read(TEXT), number=NUMBER)
    await lawbooks.store(read(AMENDED), number=NUMBER, effective_from=today)
    await searched.take()
    assert quoted(knowledge, today - timedelta(days=1)) == ""  # never the wording of another day

    async def asked(on: str) -> str:
        question = f"Tại thời điểm {on}, Điều 99 Quyết định 1399 quy định gì?"
        verdict = await knowledge.look_up_as_asked(question, audience="public", today=today)
        return verdict.passage.passage if verdict.passage is not None else ""

    assert "bốn lần" in quoted(knowledge, today)
    assert "hai lần" in await asked(f"{today - timedelta(days=1):%d/%m/%Y}")
    assert await asked("1/5/2022") == ""  # the document did not hold yet
    built: list[int] = []
    made = service.Passages.__init__
    monkeypatch.setattr(service.Passages, "__init__", lambda self, *given: (built.append(1), made(self, *given))[1])
    assert "hai lần" in await asked("1/5/2023")
    assert built == []  # the same wording, however many days are asked for


async def test_a_wording_that_was_never_another_is_quoted_for_any_day_on_which_its_document_held(
    lawbooks: Lawbooks, searched: LawOfTheDay, knowledge: Knowledge
) -> None:
    await lawbooks.store(read(TEXT), number=NUMBER)
    await searched.take()

    assert "hai lần" in quoted(knowledge, date(2023, 1, 1))
    assert quoted(knowledge, date(2022, 1, 1)) == ""  # the document holds from 15/07/2022


async def test_an_entry_whose_place_an_amendment_took_out_is_not_answered_with_from_that_day_on(
    lawbooks: Lawbooks, searched: LawOfTheDay, knowledge: Knowledge, clock: ManualClock
) -> None:
    today, first_day = clock.now().date(), clock.now().date() + AHEAD
    entry = next(iter(knowledge.entries.values()))
    [cited] = entry.citations
    law = f"Số: 1399/QĐ-TCHQ\nĐiều 6. Cơ chế\n1. Một.\n2. Hai.\n3. Ba.\n4. Bốn.\n5. Năm.\n{TEXT.splitlines()[1]}\nChủ kho.\n"
    await lawbooks.store(read(law), number=NUMBER)
    await lawbooks.store(read(law.replace("4. Bốn.\n5. Năm.", "4 bốn.")), number=NUMBER, effective_from=first_day)
    assert cited.place == "Điều 6 khoản 4"

    await searched.take()

    assert entry.holds(today, knowledge.documents)
    assert knowledge.look_up(entry.vi.question, on=today).entry == entry
    assert not entry.holds(first_day, knowledge.documents)
    then = knowledge.look_up(entry.vi.question, on=first_day)
    assert entry.id not in [each.id for each in then.candidates]

    knowledge.reload(today=today)
    assert not entry.holds(first_day, knowledge.documents)
    assert knowledge.look_up(entry.vi.question, on=first_day).entry != entry
