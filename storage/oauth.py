"""Statements about the tokens that a platform gives out and renews."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import OauthEvent, OauthToken
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(OauthToken)


@dataclass(frozen=True)
class Pair:
    """Tokens as they were read. seed: which token of the operator's they come from."""

    name: str
    revision: int
    access_token: str | None
    refresh_token: str
    seed: str
    obtained_at: datetime | None
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    refused: str | None
    refused_at: datetime | None

    def __repr__(self) -> str:
        return f"Pair({self.name!r}, revision={self.revision})"  # the tokens must not reach a log


def _pair(row: RowMapping) -> Pair:
    return Pair(**{name: row[name] for name in Pair.__dataclass_fields__})


async def read(uow: UnitOfWork, name: str) -> Pair | None:
    row = await uow.row(select(_T).where(_T.c.name == name))
    return _pair(row) if row else None


async def read_locked(uow: UnitOfWork, name: str) -> Pair | None:
    """Read and, on PostgreSQL, keep the row to this transaction until its end."""
    row = await uow.row(select(_T).where(_T.c.name == name).with_for_update())
    return _pair(row) if row else None


def add(uow: UnitOfWork, name: str, *, refresh_token: str, seed: str) -> None:
    uow.insert(
        OauthToken,
        name=name,
        revision=1,
        access_token=None,
        refresh_token=refresh_token,
        seed=seed,
        obtained_at=None,
        expires_at=None,
        refresh_expires_at=None,
        lease_owner=None,
        lease_until=None,
        refused=None,
        refused_at=None,
    )


async def change(uow: UnitOfWork, name: str, *, seen: int, **values: Any) -> bool:
    """Change the row while it still is at the revision that was seen; False when there is a newer pair."""
    statement = update(_T).where(_T.c.name == name, _T.c.revision == seen).values(**values)
    return uow.rowcount(await uow.execute(statement)) == 1


def note(uow: UnitOfWork, name: str, event: str, detail: str, now: datetime) -> None:
    uow.insert(OauthEvent, id=new_id(), name=name, event=event, detail=detail[:500], at=now)
