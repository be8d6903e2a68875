"""Statements about accounts on platforms that no turn is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from storage.models import ChannelAccount, Contact, Delivery, Inquiry
from storage.unit_of_work import AccountKey, UnitOfWork, table_of

_T = table_of(ChannelAccount)
_NEWEST = 20
_NEVER_SHOWN = ("queued", "held", "waiting", "refused", "blocked", "unreachable", "given_up", "cancelled")


@dataclass(frozen=True)
class Reached:
    """What a channel must know of an account to write to it. active_at: when the person last did something there."""

    account_id: int
    language: str | None
    name: str
    active_at: datetime | None
    phone: str | None
    enterprise_id: int | None


async def reached(uow: UnitOfWork, key: AccountKey) -> Reached | None:
    contact = table_of(Contact)
    row = await uow.row(
        select(
            _T.c.id.label("account_id"),
            contact.c.language,
            contact.c.name,
            _T.c.active_at,
            _T.c.phone,
            contact.c.enterprise_id,
        )
        .join(contact, contact.c.id == _T.c.contact_id)
        .where(_T.c.channel == key.channel, _T.c.external_id == key.external_id)
    )
    return Reached(**row) if row else None


async def are_any(uow: UnitOfWork, channel: str) -> bool:
    """Say whether anybody has ever come to us on a channel."""
    return await uow.scalar(select(_T.c.id).where(_T.c.channel == channel).limit(1)) is not None


async def sent_since(uow: UnitOfWork, channel: str, moment: datetime) -> int:
    """Return how many messages went out to the accounts of a channel since that moment."""
    deliveries = table_of(Delivery)
    found: int = await uow.scalar(
        select(func.count())
        .select_from(_T)
        .join(deliveries, deliveries.c.account_id == _T.c.id)
        .where(_T.c.channel == channel, deliveries.c.channel == channel, deliveries.c.sent_at >= moment)
    )
    return found


async def newest_choices(uow: UnitOfWork, key: AccountKey) -> dict[str, Any] | None:
    """Return the content of the newest message to the account that it was shown and that offered choices, or asked for an
    answer in their own words."""
    deliveries = table_of(Delivery)
    rows = await uow.rows(
        select(deliveries.c.content, deliveries.c.state, deliveries.c.attempts, deliveries.c.sent_at, deliveries.c.created_at)
        .join(_T, _T.c.id == deliveries.c.account_id)
        .where(_T.c.channel == key.channel, _T.c.external_id == key.external_id)
        .order_by(deliveries.c.id.desc())
        .limit(_NEWEST)
    )
    shown = [row for row in rows if row["state"] not in _NEVER_SHOWN and _offers(row["content"])]
    newest = max(shown, key=lambda row: row["sent_at"] or row["created_at"], default=None)
    return dict(newest["content"]) if newest is not None else None


def _offers(content: dict[str, Any]) -> bool:
    return "asks" in content or any("action" in button for row in content.get("buttons", ()) for button in row)


async def name_once(uow: UnitOfWork, key: AccountKey, name: str) -> None:
    """Give a contact the name that their platform knows, where they have none."""
    contact = table_of(Contact)
    owner = select(_T.c.contact_id).where(_T.c.channel == key.channel, _T.c.external_id == key.external_id)
    await uow.execute(
        update(contact).where(contact.c.id == owner.scalar_subquery(), contact.c.name == "").values(name=name[:200])
    )


async def gave_phone(uow: UnitOfWork, key: AccountKey, phone: str) -> None:
    await uow.execute(
        update(_T).where(_T.c.channel == key.channel, _T.c.external_id == key.external_id).values(phone=phone[:20])
    )


async def phones(uow: UnitOfWork, contact_ids: Sequence[int]) -> dict[int, str]:
    """Return the number that each of these contacts gave, on whichever account; of several the newest account's."""
    wanted = (_T.c.contact_id.in_(list(contact_ids)), _T.c.phone.is_not(None))
    rows = await uow.rows(select(_T.c.contact_id, _T.c.phone).where(*wanted).order_by(_T.c.id))
    return {row["contact_id"]: row["phone"] for row in rows}


async def was_active(uow: UnitOfWork, key: AccountKey, at: datetime) -> None:
    """Record that the person did something there that opens the platform's window, though it was no message."""
    await uow.execute(update(_T).where(_T.c.channel == key.channel, _T.c.external_id == key.external_id).values(active_at=at))


async def move(uow: UnitOfWork, *, channel: str, old: str, new: str) -> None:
    """Record that the platform gave the account another id, also for what still waits to be sent there."""
    taken = await uow.scalar(select(_T.c.id).where(_T.c.channel == channel, _T.c.external_id == new))
    if taken is None:
        await uow.execute(update(_T).where(_T.c.channel == channel, _T.c.external_id == old).values(external_id=new))
    waiting = table_of(Delivery)
    await uow.execute(
        update(waiting)
        .where(waiting.c.channel == channel, waiting.c.recipient == old, waiting.c.next_attempt_at.is_not(None))
        .values(recipient=new)
    )


async def close_window(uow: UnitOfWork, account_id: int) -> None:
    """Take note that the platform takes nothing for the account until the person does something there."""
    uow.update(ChannelAccount, account_id, active_at=None)


async def merge(uow: UnitOfWork, *, old: int, new: int) -> None:
    """Give the accounts and inquiries of one contact to another, who is the same person."""
    inquiries = table_of(Inquiry)
    await uow.execute(update(_T).where(_T.c.contact_id == old).values(contact_id=new))
    await uow.execute(update(inquiries).where(inquiries.c.contact_id == old).values(contact_id=new))


async def channels_of(uow: UnitOfWork, contact_id: int) -> tuple[list[str], str | None]:
    """Return the channels on which a contact can be reached, and the one on which they want notices."""
    contact = table_of(Contact)
    rows = await uow.rows(
        select(_T.c.channel).where(_T.c.contact_id == contact_id, _T.c.unreachable.is_(None)).order_by(_T.c.id)
    )
    preferred: str | None = await uow.scalar(select(contact.c.preferred_channel).where(contact.c.id == contact_id))
    return list(dict.fromkeys(row["channel"] for row in rows)), preferred
