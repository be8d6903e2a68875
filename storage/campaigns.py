"""Campaigns and what was done with them: the statements."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import Campaign, CampaignStep
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(Campaign)
_S = table_of(CampaignStep)


@dataclass(frozen=True)
class CampaignRow:
    id: int
    number: str
    kind: str
    risk: str | None
    key: str | None
    subject_id: int | None
    title: str
    text_vi: str
    text_en: str
    links: list[dict[str, str]]
    entries: list[str]
    files: list[dict[str, str]]
    audience: dict[str, Any]
    urgent: bool
    acknowledge: bool
    ack_due_at: datetime | None
    reminders: list[float]
    event_at: datetime | None
    event_place: str | None
    event_capacity: int | None
    state: str
    revision: int
    authors: list[str]
    author_name: str
    approved_by: str | None
    approved_name: str | None
    approved_at: datetime | None
    text_hash: str | None
    release_at: datetime | None
    starts_at: datetime | None
    step_at: datetime | None
    released_at: datetime | None
    finished_at: datetime | None
    plan: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StepRow:
    id: int
    campaign_id: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    details: dict[str, Any]


_COLUMNS = tuple(_T.c[each.name] for each in fields(CampaignRow))
_STEP_COLUMNS = tuple(_S.c[each.name] for each in fields(StepRow))


def _as_row(row: RowMapping) -> CampaignRow:
    return CampaignRow(**row)


def add(uow: UnitOfWork, row: CampaignRow) -> None:
    uow.insert(Campaign, **vars(row))


async def by_id(uow: UnitOfWork, campaign_id: int, *, lock: bool = False) -> CampaignRow | None:
    """lock: nobody else changes it until the commit."""
    statement = select(*_COLUMNS).where(_T.c.id == campaign_id)
    row = await uow.row(statement.with_for_update() if lock else statement)
    return _as_row(row) if row else None


async def by_number(uow: UnitOfWork, number: str) -> CampaignRow | None:
    row = await uow.row(select(*_COLUMNS).where(_T.c.number == number))
    return _as_row(row) if row else None


async def listed(
    uow: UnitOfWork, *, states: Sequence[str] = (), kinds: Sequence[str] = (), before: int | None = None, limit: int = 50
) -> list[CampaignRow]:
    """Return campaigns, the newest first, from below the id `before`."""
    wanted = [] if before is None else [_T.c.id < before]
    wanted += [_T.c.state.in_(list(states))] if states else []
    wanted += [_T.c.kind.in_(list(kinds))] if kinds else []
    return [_as_row(row) for row in await uow.rows(select(*_COLUMNS).where(*wanted).order_by(_T.c.id.desc()).limit(limit))]


async def change(uow: UnitOfWork, campaign_id: int, *, seen_state: str, seen_revision: int, **values: Any) -> bool:
    """Change a campaign that is as it was seen; False when somebody else was quicker. Every change is a new revision."""
    statement = (
        update(_T)
        .where(_T.c.id == campaign_id, _T.c.state == seen_state, _T.c.revision == seen_revision)
        .values(revision=seen_revision + 1, **values)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


async def set_step(uow: UnitOfWork, campaign_id: int, *, seen: datetime, next_at: datetime | None) -> bool:
    """Have the next reminder fall due; False when another process has done so."""
    statement = update(_T).where(_T.c.id == campaign_id, _T.c.step_at == seen).values(step_at=next_at)
    return uow.rowcount(await uow.execute(statement)) == 1


async def reopen(uow: UnitOfWork, campaign_id: int) -> None:
    """Have a finished campaign send again, because it got more to send."""
    again = {"state": "sending", "finished_at": None}
    await uow.execute(update(_T).where(_T.c.id == campaign_id, _T.c.state == "finished").values(**again))


async def sending(uow: UnitOfWork) -> list[CampaignRow]:
    statement = select(*_COLUMNS).where(_T.c.state == "sending").order_by(_T.c.id)
    return [_as_row(row) for row in await uow.rows(statement)]


async def due(uow: UnitOfWork, now: datetime, *, limit: int = 20) -> list[CampaignRow]:
    """Return campaigns whose release has come."""
    statement = select(*_COLUMNS).where(_T.c.release_at <= now).order_by(_T.c.release_at).limit(limit)
    return [_as_row(row) for row in await uow.rows(statement)]


async def steps_due(uow: UnitOfWork, now: datetime, *, limit: int = 20) -> list[CampaignRow]:
    """Return campaigns with a reminder, or the end of the acknowledgement, that has come."""
    statement = select(*_COLUMNS).where(_T.c.step_at <= now).order_by(_T.c.step_at).limit(limit)
    return [_as_row(row) for row in await uow.rows(statement)]


def record(
    uow: UnitOfWork, campaign_id: int, *, at: datetime, actor: str, actor_name: str, action: str, **details: Any
) -> None:
    """Write down who did what with it."""
    who = {"actor": actor, "actor_name": actor_name}
    uow.insert(CampaignStep, id=new_id(), campaign_id=campaign_id, at=at, action=action, details=details, **who)


async def steps(uow: UnitOfWork, campaign_id: int) -> list[StepRow]:
    """Return what was done with it, oldest first."""
    statement = select(*_STEP_COLUMNS).where(_S.c.campaign_id == campaign_id).order_by(_S.c.id)
    return [StepRow(**row) for row in await uow.rows(statement)]


async def count_steps(uow: UnitOfWork, campaign_id: int, action: str) -> int:
    wanted = (_S.c.campaign_id == campaign_id, _S.c.action == action)
    found: int = await uow.scalar(select(func.count()).select_from(_S).where(*wanted))
    return found
