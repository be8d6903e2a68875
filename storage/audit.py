"""What an audit reads: every inquiry with its history, in the order of their numbers."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from storage.inquiries import COLUMNS, InquiryRecord, as_record
from storage.models import Counter, History, Inquiry
from storage.unit_of_work import UnitOfWork, table_of

_AT_ONCE = 500


async def inquiries_with_history(uow: UnitOfWork) -> AsyncIterator[tuple[InquiryRecord, Sequence[RowMapping]]]:
    """Yield all inquiries, each with its rows of history in order."""
    inquiry, history = table_of(Inquiry), table_of(History)
    after = 0
    while True:
        page = await uow.rows(select(*COLUMNS).where(inquiry.c.id > after).order_by(inquiry.c.id).limit(_AT_ONCE))
        if not page:
            return
        ids = [row["id"] for row in page]
        rows = await uow.rows(
            select(history).where(history.c.inquiry_id.in_(ids)).order_by(history.c.inquiry_id, history.c.seq)
        )
        by_inquiry = {key: list(group) for key, group in groupby(rows, key=lambda row: row["inquiry_id"])}
        for row in page:
            yield as_record(row), by_inquiry.get(row["id"], [])
        after = ids[-1]


async def counters(uow: UnitOfWork) -> dict[str, int]:
    return {row["name"]: row["value"] for row in await uow.rows(select(table_of(Counter)))}
