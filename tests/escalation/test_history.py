"""The history cannot be changed without an audit showing it."""

import pytest
from sqlalchemy import text

from bot.escalation.audit import verify
from storage.inquiries import InquiryRecord
from storage.unit_of_work import UnitOfWork
from tests.escalation.conftest import LAN, Desk


@pytest.fixture
async def inquiry(desk: Desk) -> InquiryRecord:
    await desk.given_inquiry(to="cuc-kiem-dinh")
    taken = await desk.act(desk.inquiries.take, await desk.given_inquiry(to="cuc-kiem-dinh"), LAN)
    return await desk.act(desk.inquiries.answer, taken, "Mã HS là 8471.30.", LAN)


async def tamper(desk: Desk, statement: str, **params: object) -> None:
    async def work(uow: UnitOfWork) -> None:
        await uow.execute(text(statement).bindparams(**params))

    await desk.database.write(work)


async def test_an_untouched_history_has_no_faults(desk: Desk, inquiry: InquiryRecord) -> None:
    report = await verify(desk.database, desk.chain)
    assert (report.inquiries, report.faults) == (2, [])
    assert report.rows == 3 + 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inquiry_history SET reason = 'x' WHERE inquiry_id = :id AND seq = 2",
        "UPDATE inquiry_history SET actor_name = 'Minh' WHERE inquiry_id = :id AND seq = 4",
        "UPDATE inquiry_history SET at = '2026-01-01 00:00:00' WHERE inquiry_id = :id AND seq = 3",
        "DELETE FROM inquiry_history WHERE inquiry_id = :id AND seq = 2",
        "DELETE FROM inquiry_history WHERE inquiry_id = :id AND seq = 5",
        "DELETE FROM inquiry_history WHERE inquiry_id = :id",
        "UPDATE inquiries SET state = 'closed' WHERE id = :id",
        "UPDATE inquiries SET text = 'something else' WHERE id = :id",
        "UPDATE inquiries SET history_length = 4 WHERE id = :id",
    ],
)
async def test_a_change_behind_the_programs_back_is_shown(desk: Desk, inquiry: InquiryRecord, statement: str) -> None:
    await tamper(desk, statement, id=inquiry.id)
    faults = (await verify(desk.database, desk.chain)).faults
    assert faults
    assert all(inquiry.number in fault for fault in faults)


async def test_an_inquiry_that_was_removed_is_missed_by_its_number(desk: Desk, inquiry: InquiryRecord) -> None:
    for table in ("rungs", "officer_notices", "inquiry_messages", "deliveries", "inquiry_history"):
        await tamper(desk, f"DELETE FROM {table} WHERE inquiry_id = :id", id=inquiry.id)
    await tamper(desk, "DELETE FROM inquiries WHERE id = :id", id=inquiry.id)
    assert (await verify(desk.database, desk.chain)).faults == [f"{inquiry.number}: was given out, and is missing"]


async def test_a_row_that_was_swapped_with_another_inquirys_is_shown(desk: Desk, inquiry: InquiryRecord) -> None:
    await tamper(
        desk,
        "UPDATE inquiry_history SET hash = (SELECT hash FROM inquiry_history WHERE inquiry_id <> :id AND seq = 1) "
        "WHERE inquiry_id = :id AND seq = 1",
        id=inquiry.id,
    )
    assert (await verify(desk.database, desk.chain)).faults
