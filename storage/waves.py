"""The waves of campaigns and their rows in the ledger: the statements."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import RowMapping

from storage.models import ChannelAccount, Contact, Delivery, DeliveryAttempt, Enterprise, Wave
from storage.unit_of_work import UnitOfWork, table_of

_W, _D, _A = table_of(Wave), table_of(Delivery), table_of(ChannelAccount)
_C, _E, _X = table_of(Contact), table_of(Enterprise), table_of(DeliveryAttempt)

HELD, QUEUED, SENDING = "held", "queued", "sending"
OPEN_STATES = (HELD, QUEUED, SENDING)
"""of rows that are still to be sent"""


@dataclass(frozen=True)
class WaveRow:
    id: int
    campaign_id: int
    purpose: str
    state: str
    source: dict[str, Any]
    messages: dict[str, Any]
    priority: int
    quiet: bool
    cursor: int
    recipients: int
    fill_at: datetime | None
    opens_at: datetime
    flow_from: datetime | None
    flow_until: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


_COLUMNS = tuple(_W.c[each.name] for each in fields(WaveRow))


async def add(uow: UnitOfWork, row: WaveRow) -> bool:
    """Add a wave; False when the campaign has one for this purpose already."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_W).values(**vars(row)).on_conflict_do_nothing(index_elements=["campaign_id", "purpose"])
    return uow.rowcount(await uow.execute(statement)) == 1


async def by_id(uow: UnitOfWork, wave_id: int, *, lock: bool = False) -> WaveRow | None:
    statement = select(*_COLUMNS).where(_W.c.id == wave_id)
    row = await uow.row(statement.with_for_update() if lock else statement)
    return WaveRow(**row) if row else None


async def of_campaign(uow: UnitOfWork, campaign_id: int, *, purpose: str | None = None) -> list[WaveRow]:
    """Return the waves of a campaign, oldest first."""
    wanted = [_W.c.campaign_id == campaign_id] + ([] if purpose is None else [_W.c.purpose == purpose])
    return [WaveRow(**row) for row in await uow.rows(select(*_COLUMNS).where(*wanted).order_by(_W.c.id))]


async def to_fill(uow: UnitOfWork, now: datetime) -> list[int]:
    """Return the waves whose rows are still to be written."""
    statement = select(_W.c.id).where(_W.c.fill_at <= now).order_by(_W.c.priority, _W.c.id)
    return [row["id"] for row in await uow.rows(statement)]


async def flowing(uow: UnitOfWork) -> list[WaveRow]:
    """Return the waves whose rows may go out, or will once their time has come."""
    statement = select(*_COLUMNS).where(_W.c.flow_from.is_not(None)).order_by(_W.c.priority, _W.c.id)
    return [WaveRow(**row) for row in await uow.rows(statement)]


async def change(uow: UnitOfWork, wave_id: int, *, seen_state: str | None = None, **values: Any) -> bool:
    """Change a wave; where a state is given, only if it is in that."""
    seen = [] if seen_state is None else [_W.c.state == seen_state]
    return uow.rowcount(await uow.execute(update(_W).where(_W.c.id == wave_id, *seen).values(**values))) == 1


# Rows of a wave


async def write_rows(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add ledger rows; return how many are new. A key that is there already keeps its row."""
    if not rows:
        return 0
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    keys = [row["key"] for row in rows]
    known = {row["key"] for row in await uow.rows(select(_D.c.key).where(_D.c.key.in_(keys)))}
    new = [dict(row) for row in rows if row["key"] not in known]
    if new:
        await uow.execute_many(make(_D).on_conflict_do_nothing(index_elements=["key"]), new)
    return len(new)


async def has_open_rows(uow: UnitOfWork, wave_id: int) -> bool:
    found: bool = await uow.scalar(select(exists().where(_D.c.wave_id == wave_id, _D.c.state.in_(OPEN_STATES))))
    return bool(found)


async def counts(uow: UnitOfWork, wave_ids: Sequence[int]) -> dict[tuple[int, str, str], int]:
    """Return how many rows there are by wave, channel and state."""
    if not wave_ids:
        return {}
    rows = await uow.rows(
        select(_D.c.wave_id, _D.c.channel, _D.c.state, func.count().label("n"))
        .where(_D.c.wave_id.in_(list(wave_ids)))
        .group_by(_D.c.wave_id, _D.c.channel, _D.c.state)
    )
    return {(row["wave_id"], row["channel"], row["state"]): int(row["n"]) for row in rows}


@dataclass(frozen=True)
class Waiting:
    """Rows that were tried in vain and will be tried again. error: as it stands in the ledger."""

    error: str
    amount: int
    next_at: datetime | None


async def waiting(uow: UnitOfWork, wave_id: int, *, limit: int) -> list[Waiting]:
    """Return why rows wait for another attempt, the commonest reasons first, and when the first of each is due."""
    amount = func.count().label("amount")
    rows = await uow.rows(
        select(_D.c.error, amount, func.min(_D.c.next_attempt_at).label("next_at"))
        .where(_D.c.wave_id == wave_id, _D.c.state == QUEUED, _D.c.error.is_not(None))
        .group_by(_D.c.error)
        .order_by(amount.desc())
        .limit(limit)
    )
    return [Waiting(row["error"], int(row["amount"]), row["next_at"]) for row in rows]


async def at_their_hours(uow: UnitOfWork, wave_id: int, now: datetime) -> tuple[int, datetime | None]:
    """Return how many rows wait for the hours that their people chose, and when the last of these begin."""
    wanted = (_D.c.wave_id == wave_id, _D.c.state == QUEUED, _D.c.attempts == 0, _D.c.next_attempt_at > now)
    row = await uow.row(select(func.count().label("amount"), func.max(_D.c.next_attempt_at).label("last")).where(*wanted))
    assert row is not None
    return int(row["amount"]), row["last"]


async def cancel_rows(uow: UnitOfWork, wave_id: int, *, limit: int) -> int:
    """End rows that have not been tried yet; return how many that were."""
    some = select(_D.c.id).where(_D.c.wave_id == wave_id, _D.c.state.in_((HELD, QUEUED))).limit(limit)
    values = {"state": "cancelled", "next_attempt_at": None, "lease_until": None, "lease_owner": None}
    return uow.rowcount(await uow.execute(update(_D).where(_D.c.id.in_(some.scalar_subquery())).values(**values)))


async def hold_retries(uow: UnitOfWork, wave_id: int) -> None:
    """Take back what waits for its next attempt, so that a paused wave is at rest. What waits for its first one goes on
    waiting for the person's hours."""
    values = {"state": HELD, "next_attempt_at": None}
    await uow.execute(update(_D).where(_D.c.wave_id == wave_id, _D.c.state == QUEUED, _D.c.attempts > 0).values(**values))


async def send_again(uow: UnitOfWork, wave_id: int, *, states: Sequence[str], limit: int, now: datetime) -> int:
    """Hold rows that ended in one of these states for another attempt; return how many that were."""
    some = select(_D.c.id).where(_D.c.wave_id == wave_id, _D.c.state.in_(list(states))).limit(limit)
    # Their day begins anew: what is given up is given up a day after this.
    values = {"state": HELD, "next_attempt_at": None, "created_at": now}
    return uow.rowcount(await uow.execute(update(_D).where(_D.c.id.in_(some.scalar_subquery())).values(**values)))


async def settle_unknown(uow: UnitOfWork, delivery_id: int, *, waves: Set[int], as_state: str) -> bool:
    """Write down what a person found out about a row, of one of these waves, of which no answer had come."""
    wanted = (_D.c.id == delivery_id, _D.c.wave_id.in_(list(waves)), _D.c.state == "unknown")
    statement = update(_D).where(*wanted).values(state=as_state)
    return uow.rowcount(await uow.execute(statement)) == 1


async def acknowledge(uow: UnitOfWork, key: str, now: datetime) -> tuple[int, bool] | None:
    """Record that the contact has read it: (the row, whether this is the first time); None when there is no such row."""
    row = await uow.row(select(_D.c.id, _D.c.acknowledged_at).where(_D.c.key == key))
    if row is None:
        return None
    # A press proves that it arrived, whatever we knew of it: also after `unknown`.
    statement = update(_D).where(_D.c.id == row["id"], _D.c.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "state": "acknowledged", "next_attempt_at": None}
    first = uow.rowcount(await uow.execute(statement.values(**values))) == 1
    return row["id"], first


@dataclass(frozen=True)
class RecipientRow:
    """A recipient of a wave as lists and reports show them."""

    id: int
    contact_id: int | None
    name: str
    enterprise: str | None
    tax_code: str | None
    channel: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    platform_message_id: str | None
    error: str | None
    language: str | None
    recipient: str
    account_id: int


def _recipients() -> Select[Any]:
    columns = [_D.c[name] for name in ("id", "contact_id", "channel", "state", "attempts", "created_at", "sent_at")]
    more = [_D.c[name] for name in ("acknowledged_at", "platform_message_id", "error", "recipient", "account_id")]
    return (
        select(*columns, *more, _C.c.name, _C.c.language, _E.c.name.label("enterprise"), _E.c.tax_code)
        .outerjoin(_C, _C.c.id == _D.c.contact_id)
        .outerjoin(_E, _E.c.id == _D.c.enterprise_id)
    )


def _as_recipient(row: RowMapping) -> RecipientRow:
    return RecipientRow(**{**row, "name": row["name"] or ""})


async def recipients(
    uow: UnitOfWork, wave_id: int, *, states: Sequence[str] = (), after: int = 0, limit: int = 100
) -> list[RecipientRow]:
    """Return the rows of a wave in the order in which they were written, from above the id `after`."""
    wanted = [_D.c.wave_id == wave_id, _D.c.id > after] + ([_D.c.state.in_(list(states))] if states else [])
    return [_as_recipient(row) for row in await uow.rows(_recipients().where(*wanted).order_by(_D.c.id).limit(limit))]


@dataclass(frozen=True)
class Told:
    """Somebody with a row of a wave: where it went, and what the platform called the message."""

    contact_id: int
    account_id: int
    platform_message_id: str | None


async def told(
    uow: UnitOfWork, wave_id: int, *, states: Sequence[str], after: int, limit: int, unacknowledged: bool = False
) -> list[Told]:
    """Return who has a row of a wave in these states, in the order of the contacts, from above the contact `after`."""
    wanted = [_D.c.wave_id == wave_id, _D.c.state.in_(list(states)), _D.c.contact_id > after]
    wanted += [_D.c.acknowledged_at.is_(None)] if unacknowledged else []
    columns = (_D.c.contact_id, _D.c.account_id, _D.c.platform_message_id)
    rows = await uow.rows(select(*columns).where(*wanted).order_by(_D.c.contact_id).limit(limit))
    return [Told(**row) for row in rows]


async def first_and_last_sent(uow: UnitOfWork, wave_id: int) -> tuple[datetime | None, datetime | None]:
    row = await uow.row(
        select(func.min(_D.c.sent_at).label("first"), func.max(_D.c.sent_at).label("last")).where(
            _D.c.wave_id == wave_id, or_(_D.c.state == "sent", _D.c.state == "acknowledged")
        )
    )
    assert row is not None
    return row["first"], row["last"]


async def attempts(uow: UnitOfWork, delivery_id: int) -> list[RowMapping]:
    """Return the attempts of a row that did not end well, oldest first."""
    return list(await uow.rows(select(_X).where(_X.c.delivery_id == delivery_id).order_by(_X.c.id)))
