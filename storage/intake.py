"""Statements about inquiries that officers wrote down: how they came, and the chats of an enterprise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from storage.models import ChannelAccount, Contact, Enterprise, Intake
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(Intake)


@dataclass(frozen=True)
class IntakeRow:
    inquiry_id: int
    means: str
    person: str
    reach: str
    recorded_at: datetime
    recorded_by: int | None
    recorded_name: str


@dataclass(frozen=True)
class Chat:
    """A chat of somebody who speaks for an enterprise."""

    account_id: int
    contact_id: int
    channel: str
    name: str
    language: str | None


async def of_inquiry(uow: UnitOfWork, inquiry_id: int) -> IntakeRow | None:
    row = await uow.row(select(_T).where(_T.c.inquiry_id == inquiry_id))
    return IntakeRow(**row) if row else None


async def enterprise(uow: UnitOfWork, tax_code: str) -> RowMapping | None:
    table = table_of(Enterprise)
    return await uow.row(select(table).where(table.c.tax_code == tax_code))


async def chats(uow: UnitOfWork, enterprise_id: int) -> Sequence[Chat]:
    """Return where people of the enterprise can be written to, whoever came last first."""
    account, contact = table_of(ChannelAccount), table_of(Contact)
    statement = (
        select(account.c.id.label("account_id"), account.c.contact_id, account.c.channel, contact.c.name, contact.c.language)
        .join(contact, contact.c.id == account.c.contact_id)
        .where(contact.c.enterprise_id == enterprise_id, account.c.unreachable.is_(None))
        .order_by(account.c.id.desc())
        .limit(20)
    )
    return [Chat(**row) for row in await uow.rows(statement)]
