"""Statements of the delivery ledger."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import Campaign, ChannelAccount, Contact, Delivery, DeliveryAttempt, SubscriptionTime, Wave
from storage.subscriptions import TimesRow
from storage.unit_of_work import UnitOfWork, table_of

LOST = "its process ended before the answer came"
_T, _A, _W = table_of(Delivery), table_of(ChannelAccount), table_of(Wave)
_H, _C = table_of(SubscriptionTime), table_of(Campaign)


@dataclass(frozen=True)
class Claimed:
    """A row that this process may send until its lease ends."""

    id: int
    account_id: int
    channel: str
    recipient: str
    kind: str
    priority: int
    content: dict[str, Any]
    attempts: int
    created_at: datetime
    wave_id: int | None


@dataclass(frozen=True)
class ToldRow:
    """What was written to somebody, and what became of it."""

    key: str
    channel: str
    state: str
    sent_at: datetime | None
    platform_message_id: str | None
    error: str | None
    text: str


async def told(uow: UnitOfWork, keys: Sequence[str]) -> dict[str, ToldRow]:
    """Return the rows with these keys, by key."""
    names = ("key", "channel", "state", "sent_at", "platform_message_id", "error")
    rows = await uow.rows(select(*(_T.c[name] for name in names), _T.c.content).where(_T.c.key.in_(list(keys))))
    return {row["key"]: ToldRow(**{name: row[name] for name in names}, text=row["content"]["text"]) for row in rows}


CLAIMED_COLUMNS = tuple(_T.c[name] for name in Claimed.__dataclass_fields__)


def as_claimed(row: RowMapping) -> Claimed:
    return Claimed(**{name: row[name] for name in Claimed.__dataclass_fields__})


def _flows(now: datetime) -> ColumnElement[bool]:
    """The condition of a wave whose rows may go out now."""
    return and_(_W.c.flow_from <= now, or_(_W.c.flow_until.is_(None), _W.c.flow_until > now))


async def claim(
    uow: UnitOfWork, *, owner: str, channels: Sequence[str], now: datetime, lease_until: datetime, limit: int
) -> list[Claimed]:
    """Take the rows that are due, best priority and oldest first, never out of order within an account.

    An account is left alone while an earlier row of it waits for its next attempt or is in another process's hands.
    """
    before = _T.alias("before")
    waits = exists().where(
        before.c.account_id == _T.c.account_id,
        before.c.id < _T.c.id,
        before.c.next_attempt_at > now,
        before.c.wave_id.is_(None),  # a campaign waits for its own hours, and no reply behind it
    )
    held = select(_T.c.account_id).where(_T.c.lease_until.is_not(None), _T.c.lease_owner != owner)
    due = (
        select(_T.c.id)
        .where(
            _T.c.next_attempt_at <= now,
            _T.c.channel.in_(channels),
            ~waits,
            _T.c.account_id.not_in(held),
            _T.c.wave_id.is_(None),
        )
        .order_by(_T.c.priority, _T.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = [row["id"] for row in await uow.rows(due)]
    if not ids:
        return []
    take = (
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.next_attempt_at.is_not(None))
        .values(state="sending", next_attempt_at=None, lease_until=lease_until, lease_owner=owner)
        .returning(*CLAIMED_COLUMNS)
    )
    return sorted((as_claimed(row) for row in await uow.rows(take)), key=lambda c: (c.priority, c.id))


async def claim_of_waves(
    uow: UnitOfWork, *, owner: str, channel: str, now: datetime, lease_until: datetime, limit: int
) -> list[Claimed]:
    """Take rows that waves hold for this channel and let go now: urgent waves first, then the older ones; in each what is
    due for another attempt, then what was never tried.

    They stay held until `begin_attempts`: of a process that dies before it, nobody has to ask whether they were sent.
    """
    taken: list[Claimed] = []
    for wave in await uow.rows(select(_W.c.id).where(_flows(now)).order_by(_W.c.priority, _W.c.id)):
        for due in (and_(_T.c.state == "queued", _T.c.next_attempt_at <= now), _T.c.state == "held"):
            if len(taken) >= limit:
                return taken
            of_wave = and_(_T.c.wave_id == wave["id"], due, _T.c.channel == channel, _T.c.lease_until.is_(None))
            first = select(_T.c.id).where(of_wave).order_by(_T.c.id).limit(limit - len(taken))
            ids = [row["id"] for row in await uow.rows(first.with_for_update(skip_locked=True))]
            if ids:
                take = (
                    update(_T)
                    .where(_T.c.id.in_(ids), _T.c.lease_until.is_(None))
                    .values(state="held", next_attempt_at=None, lease_until=lease_until, lease_owner=owner)
                    .returning(*CLAIMED_COLUMNS)
                )
                taken += sorted((as_claimed(row) for row in await uow.rows(take)), key=lambda row: row.id)
    return taken


@dataclass(frozen=True)
class ChosenHours:
    """The hours of the person for whom a row is. deadline: of what it says; none where it stays of use."""

    delivery_id: int
    times: TimesRow
    deadline: datetime | None


async def chosen_hours(uow: UnitOfWork, ids: Sequence[int]) -> list[ChosenHours]:
    """Return, of rows of waves that can wait, those whose person chose hours."""
    columns = (_H.c.from_hour, _H.c.until_hour, _H.c.working_days)
    statement = (
        select(_T.c.id, *columns, func.coalesce(_C.c.event_at, _C.c.ack_due_at).label("deadline"))
        .join(_H, _H.c.contact_id == _T.c.contact_id)
        .join(_W, and_(_W.c.id == _T.c.wave_id, _W.c.quiet.is_(True)))
        .join(_C, _C.c.id == _W.c.campaign_id)
        .where(_T.c.id.in_(list(ids)))
    )
    return [
        ChosenHours(row["id"], TimesRow(row["from_hour"], row["until_hour"], bool(row["working_days"])), row["deadline"])
        for row in await uow.rows(statement)
    ]


async def put_off(uow: UnitOfWork, ids: Sequence[int], until: datetime) -> None:
    """Let rows of waves that were claimed and not tried wait. They are given up a day after that moment, not after now."""
    values = {"state": "queued", "next_attempt_at": until, "created_at": until, "lease_until": None, "lease_owner": None}
    await uow.execute(update(_T).where(_T.c.id.in_(list(ids)), _T.c.state == "held").values(**values))


async def begin_attempts(uow: UnitOfWork, ids: Sequence[int], *, owner: str, now: datetime) -> set[int]:
    """Write down that rows of waves are about to be sent; return those that may be. The others have been cancelled, or their
    wave rests, since they were claimed, and are given back."""
    open_now = _T.c.wave_id.in_(select(_W.c.id).where(_flows(now)))
    mine = and_(_T.c.id.in_(list(ids)), _T.c.lease_owner == owner, _T.c.state == "held")
    begun = await uow.rows(update(_T).where(mine, open_now).values(state="sending").returning(_T.c.id))
    if len(begun) < len(ids):
        await uow.execute(update(_T).where(mine).values(lease_until=None, lease_owner=None))
    return {row["id"] for row in begun}


async def wave_messages(uow: UnitOfWork, wave_id: int) -> dict[str, Any]:
    """Return what a wave says, by language."""
    found: dict[str, Any] = await uow.scalar(select(_W.c.messages).where(_W.c.id == wave_id))
    return found


async def is_wave_cancelled(uow: UnitOfWork, wave_id: int | None) -> bool:
    return bool(await uow.scalar(select(_W.c.state).where(_W.c.id == wave_id)) == "cancelled")


def add_attempt(uow: UnitOfWork, row: Claimed, *, at: datetime, outcome: str, reason: str) -> None:
    """Keep what became of an attempt that did not end well."""
    where = {"account_id": row.account_id, "channel": row.channel}
    uow.insert(DeliveryAttempt, id=new_id(), delivery_id=row.id, at=at, outcome=outcome, reason=reason, **where)


async def next_account(uow: UnitOfWork, row: Claimed, channels: Sequence[str]) -> RowMapping | None:
    """Return another account of the same contact on which this row was not tried yet: the preferred channel first."""
    here, contact, tried = _A.alias("here"), table_of(Contact), table_of(DeliveryAttempt)
    used = select(tried.c.account_id).where(tried.c.delivery_id == row.id)
    return await uow.row(
        select(_A.c.id, _A.c.channel, _A.c.external_id)
        .join(here, and_(here.c.contact_id == _A.c.contact_id, here.c.id == row.account_id))
        .join(contact, contact.c.id == _A.c.contact_id)
        .where(_A.c.id != row.account_id, _A.c.id.not_in(used), _A.c.unreachable.is_(None), _A.c.channel.in_(list(channels)))
        .order_by(case((_A.c.channel == contact.c.preferred_channel, 0), else_=1), _A.c.id.desc())
        .limit(1)
    )


async def extend_leases(uow: UnitOfWork, ids: Iterable[int], *, owner: str, until: datetime) -> None:
    for part in _parts(ids):
        await uow.execute(
            update(_T)
            .where(_T.c.id.in_(part), _T.c.lease_until.is_not(None), _T.c.lease_owner == owner)
            .values(lease_until=until)
        )


async def give_back(uow: UnitOfWork, ids: Iterable[int], *, now: datetime) -> None:
    """Put rows back that were claimed and not tried."""
    for part in _parts(ids):
        mine = and_(_T.c.id.in_(part), _T.c.lease_until.is_not(None))
        free = {"lease_until": None, "lease_owner": None}
        waiting = update(_T).where(mine, _T.c.wave_id.is_(None)).values(state="queued", next_attempt_at=now, **free)
        await uow.execute(waiting)
        await uow.execute(update(_T).where(mine, _T.c.wave_id.is_not(None)).values(state="held", **free))


async def recover(uow: UnitOfWork, *, now: datetime, owner: str, in_hand: Set[int], sole: bool) -> tuple[int, int]:
    """Put back the rows of senders that died: (replies queued again, others marked unknown for a person to look at).

    in_hand: what this process does hold, however late it is. sole: no other process is at work, so every lease that is not
    this one's is of a process that is gone.
    """
    gone = or_(_T.c.lease_until < now, _T.c.lease_owner != owner) if sole else _T.c.lease_until < now
    found = await uow.rows(select(_T.c.id).where(_T.c.lease_until.is_not(None), gone))
    again = unknown = 0
    free = {"lease_until": None, "lease_owner": None}
    for part in _parts(row["id"] for row in found if row["id"] not in in_hand):
        lost = and_(_T.c.id.in_(part), _T.c.lease_until.is_not(None), gone)
        replies = update(_T).where(lost, _T.c.priority == 0).values(state="queued", next_attempt_at=now, **free)
        others = update(_T).where(lost, _T.c.priority > 0).values(state="unknown", error=LOST, **free)
        # What a wave holds was claimed and not tried yet.
        await uow.execute(update(_T).where(lost, _T.c.state == "held").values(**free))
        again += uow.rowcount(await uow.execute(replies))
        unknown += uow.rowcount(await uow.execute(others))
    return again, unknown


def _parts(ids: Iterable[int], size: int = 1000) -> Iterator[list[int]]:
    """Cut a long list of ids into pieces that every database takes in one statement."""
    every = iter(ids)
    while part := list(islice(every, size)):
        yield part


async def next_due(uow: UnitOfWork) -> datetime | None:
    """Return when the next waiting row falls due."""
    found: datetime | None = await uow.scalar(
        select(_T.c.next_attempt_at).where(_T.c.next_attempt_at.is_not(None)).order_by(_T.c.next_attempt_at).limit(1)
    )
    return found


async def mark_unreachable(uow: UnitOfWork, *, account_id: int, reason: str, now: datetime) -> None:
    """Record that nothing can be sent to the account, and end what still waits for it. Rows of waves stay: when their time
    comes they fail by themselves, and go to another account of the contact."""
    uow.update(ChannelAccount, account_id, unreachable=reason[:32])
    await uow.execute(
        update(_T)
        .where(_T.c.account_id == account_id, _T.c.next_attempt_at.is_not(None), _T.c.wave_id.is_(None))
        .values(state="unreachable", next_attempt_at=None, error=reason)
    )


async def of_inquiry(uow: UnitOfWork, inquiry_id: int) -> Sequence[RowMapping]:
    return await uow.rows(select(_T).where(_T.c.inquiry_id == inquiry_id).order_by(_T.c.id))


async def about(uow: UnitOfWork, account_id: int, platform_message_id: str) -> tuple[int, str] | None:
    """Return the inquiry that the message of that account, by the platform's id, was about, and the message's kind."""
    found = _T.c.account_id == account_id, _T.c.platform_message_id == platform_message_id, _T.c.inquiry_id.is_not(None)
    row = await uow.row(select(_T.c.inquiry_id, _T.c.kind).where(*found).order_by(_T.c.id.desc()).limit(1))
    return (row["inquiry_id"], row["kind"]) if row else None


async def receipt(uow: UnitOfWork, *, channel: str, ids: Sequence[str], kind: str, at: datetime) -> None:
    """Record that messages reached a phone (`received`) or were opened (`seen`); the first word counts, in any order."""
    name = "seen_at" if kind == "seen" else "received_at"
    found = _T.c.channel == channel, _T.c.platform_message_id.in_(list(ids)[:500])
    await uow.execute(update(_T).where(*found, _T.c[name].is_(None)).values(**{name: at}))


async def release_waiting(uow: UnitOfWork, account_id: int, now: datetime) -> None:
    """Queue what waited for a person to write again."""
    waiting = update(_T).where(_T.c.account_id == account_id, _T.c.state == "waiting")
    await uow.execute(waiting.values(state="queued", next_attempt_at=now))
