"""Inquiries as values, and the statements that find them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.engine import RowMapping

from storage.models import (
    ChannelAccount,
    Contact,
    Enterprise,
    File,
    History,
    Inquiry,
    InquiryMessage,
    OfficerNotice,
)
from storage.unit_of_work import UnitOfWork, table_of

_I = table_of(Inquiry)


@dataclass(frozen=True)
class InquiryRecord:
    """An inquiry as it was read; changes go through `bot.escalation.inquiries`."""

    id: int
    number: str
    state: str
    contact_id: int
    account_id: int
    enterprise_id: int | None
    claimed_tax_code: str | None
    claimed_company: str | None
    channel: str
    language: str
    text: str
    priority: int
    decision: str | None
    confidence: float | None
    entry_id: str | None
    citations: list[Any]
    candidates: list[Any]
    helped: bool | None
    department_id: str | None
    department_name: str | None
    received_at: datetime
    routing_due_at: datetime | None
    routed_at: datetime | None
    routed_by: str | None
    response_due_at: datetime | None
    response_calendar: str | None
    response_left_s: int | None
    response_since: datetime | None
    response_budget_s: int | None
    officer_id: int | None
    officer_name: str | None
    resume_at: datetime | None
    deferred_until: datetime | None
    deferral_reason: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    rating: int | None
    rating_comment: str | None
    review_due_at: datetime | None
    history_length: int
    history_head: str
    updated_at: datetime

    @property
    def due_at(self) -> datetime | None:
        """What is due next: the routing deadline until it is routed, then the response deadline while it runs."""
        if self.routed_at is None:
            return self.routing_due_at
        return self.response_due_at if self.response_left_s is None and self.answered_at is None else None


COLUMNS = tuple(_I.c[field.name] for field in fields(InquiryRecord))
_NAMES = tuple(field.name for field in fields(InquiryRecord))


def as_record(row: RowMapping) -> InquiryRecord:
    return InquiryRecord(**{name: row[name] for name in _NAMES})


@dataclass(frozen=True)
class RecipientRow:
    """Where the person who asked can be reached."""

    account_id: int
    channel: str
    external_id: str
    language: str | None
    contact_name: str
    unreachable: str | None
    active_at: datetime | None
    """when the person last did something there"""
    preferred_channel: str | None


def values_of(record: InquiryRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _NAMES}


async def by_id(uow: UnitOfWork, inquiry_id: int) -> InquiryRecord | None:
    row = await uow.row(select(*COLUMNS).where(_I.c.id == inquiry_id))
    return as_record(row) if row else None


async def by_number(uow: UnitOfWork, number: str) -> InquiryRecord | None:
    row = await uow.row(select(*COLUMNS).where(_I.c.number == number))
    return as_record(row) if row else None


async def of_contact(uow: UnitOfWork, contact_id: int, *, limit: int = 10) -> list[InquiryRecord]:
    """Return the newest inquiries of a person."""
    statement = select(*COLUMNS).where(_I.c.contact_id == contact_id).order_by(_I.c.received_at.desc()).limit(limit)
    return [as_record(row) for row in await uow.rows(statement)]


async def open_of_contact(uow: UnitOfWork, contact_id: int, states: Iterable[str]) -> list[InquiryRecord]:
    statement = (
        select(*COLUMNS)
        .where(_I.c.contact_id == contact_id, _I.c.state.in_([str(s) for s in states]))
        .order_by(_I.c.received_at.desc())
        .limit(20)
    )
    return [as_record(row) for row in await uow.rows(statement)]


def _recipients() -> Select[Any]:
    account, contact = table_of(ChannelAccount), table_of(Contact)
    return select(
        account.c.id.label("account_id"),
        account.c.channel,
        account.c.external_id,
        account.c.unreachable,
        contact.c.language,
        contact.c.name.label("contact_name"),
        account.c.active_at,
        contact.c.preferred_channel,
    ).join(contact, contact.c.id == account.c.contact_id)


async def recipient(uow: UnitOfWork, account_id: int) -> RecipientRow:
    known = uow.remembered.get((RecipientRow, account_id))
    if isinstance(known, RecipientRow):
        return known
    row = await uow.row(_recipients().where(ChannelAccount.id == account_id))
    assert row is not None
    return RecipientRow(**row)


async def accounts_of_person(uow: UnitOfWork, account_id: int) -> list[RecipientRow]:
    """Return all accounts of the person whose account this is, itself among them."""
    known = uow.remembered.get((RecipientRow, "all", account_id))
    if isinstance(known, list):
        return known
    return await _accounts_of(uow, [account_id], account_id)


async def _accounts_of(uow: UnitOfWork, account_ids: Iterable[int], of: int | None = None) -> list[RecipientRow]:
    own = table_of(ChannelAccount).alias("own")
    people = select(own.c.contact_id).where(own.c.id.in_(set(account_ids)))
    rows = await uow.rows(_recipients().add_columns(ChannelAccount.contact_id).where(ChannelAccount.contact_id.in_(people)))
    by_person: dict[int, list[RecipientRow]] = defaultdict(list)
    for row in rows:
        values = dict(row)
        by_person[values.pop("contact_id")].append(RecipientRow(**values))
    for accounts in by_person.values():
        for account in accounts:
            uow.remembered[RecipientRow, account.account_id] = account
            uow.remembered[RecipientRow, "all", account.account_id] = accounts
    if of is None:
        return []
    found: list[RecipientRow] = uow.remembered.pop((RecipientRow, "all", of))
    for account in found:  # only what was read ahead on purpose stays remembered
        uow.remembered.pop((RecipientRow, account.account_id), None)
        uow.remembered.pop((RecipientRow, "all", account.account_id), None)
    return found


async def remember_recipients(uow: UnitOfWork, account_ids: Iterable[int]) -> None:
    """Read many in one statement, for whoever tells many people in one transaction."""
    await _accounts_of(uow, account_ids)


@dataclass(frozen=True)
class Filter:
    """Which inquiries a list shows. departments: None is all; `mine`: also those that no department has."""

    departments: Sequence[str] | None = None
    unrouted: bool = True
    states: Sequence[str] | None = None
    text: str | None = None
    enterprise_id: int | None = None
    officer_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        where: list[ColumnElement[bool]] = []
        if self.departments is not None:
            where.append(_I.c.department_id.in_(self.departments))
        if self.states is not None:
            where.append(_I.c.state.in_([str(state) for state in self.states]))
        if self.enterprise_id is not None:
            where.append(_I.c.enterprise_id == self.enterprise_id)
        if self.officer_id is not None:
            where.append(_I.c.officer_id == self.officer_id)
        if self.text:
            like = f"%{self.text.replace('%', '').replace('_', '')}%"
            where.append(or_(_I.c.text.ilike(like), _I.c.number.ilike(like), _I.c.claimed_company.ilike(like)))
        return where


DUE = case(
    (_I.c.routed_at.is_(None), _I.c.routing_due_at),
    (and_(_I.c.response_left_s.is_(None), _I.c.answered_at.is_(None)), _I.c.response_due_at),
    else_=None,
)


async def page(
    uow: UnitOfWork, wanted: Filter, *, after: int | None, limit: int
) -> list[tuple[InquiryRecord, str | None, str | None]]:
    """Return a page in the order of receipt, newest first, for lists that are read with a cursor."""
    enterprise = table_of(Enterprise)
    statement = (
        select(*COLUMNS, enterprise.c.name.label("enterprise_name"), enterprise.c.tax_code.label("enterprise_tax_code"))
        .outerjoin(enterprise, enterprise.c.id == _I.c.enterprise_id)
        .where(*wanted.conditions(), *([] if after is None else [_I.c.id < after]))
        .order_by(_I.c.id.desc())
        .limit(limit)
    )
    rows = await uow.rows(statement)
    return [(as_record(row), row["enterprise_name"], row["enterprise_tax_code"]) for row in rows]


async def enterprise_of(uow: UnitOfWork, inquiry: InquiryRecord) -> RowMapping | None:
    if inquiry.enterprise_id is None:
        return None
    return await uow.row(select(table_of(Enterprise)).where(Enterprise.id == inquiry.enterprise_id))


async def messages(uow: UnitOfWork, inquiry_id: int) -> Sequence[RowMapping]:
    table = table_of(InquiryMessage)
    return await uow.rows(select(table).where(table.c.inquiry_id == inquiry_id).order_by(table.c.id))


async def message(uow: UnitOfWork, inquiry_id: int, message_id: int) -> RowMapping | None:
    table = table_of(InquiryMessage)
    return await uow.row(select(table).where(table.c.inquiry_id == inquiry_id, table.c.id == message_id))


async def files(uow: UnitOfWork, inquiry_id: int) -> Sequence[RowMapping]:
    table = table_of(File)
    return await uow.rows(select(table).where(table.c.inquiry_id == inquiry_id).order_by(table.c.id))


async def history(uow: UnitOfWork, inquiry_id: int) -> Sequence[RowMapping]:
    table = table_of(History)
    return await uow.rows(select(table).where(table.c.inquiry_id == inquiry_id).order_by(table.c.seq))


# Notices to officers


async def notices_for(
    uow: UnitOfWork, *, departments: Sequence[str] | None, audiences: Sequence[str], limit: int = 50
) -> Sequence[RowMapping]:
    """Return what nobody has marked as seen yet, newest first."""
    table = table_of(OfficerNotice)
    where = [table.c.seen_at.is_(None), table.c.audience.in_(audiences)]
    if departments is not None:
        where.append(table.c.department_id.in_(departments))
    return await uow.rows(select(table).where(*where).order_by(table.c.id.desc()).limit(limit))
