"""Officers and their sessions: the statements."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import Officer, OfficerSession
from storage.unit_of_work import UnitOfWork, table_of

_O = table_of(Officer)
_S = table_of(OfficerSession)


@dataclass(frozen=True)
class OfficerRow:
    id: int
    login: str
    name: str
    role: str
    department_id: str | None
    lead: bool
    password_hash: str
    must_change_password: bool
    active: bool
    failed_sign_ins: int
    locked_until: datetime | None
    created_at: datetime
    away_until: datetime | None = None


COLUMNS = tuple(_O.c[field.name] for field in fields(OfficerRow))


@dataclass(frozen=True)
class SessionRow:
    token_hash: str
    created_at: datetime
    expires_at: datetime
    officer: OfficerRow


async def add(uow: UnitOfWork, **values: Any) -> bool:
    """Add an officer; False when the login is taken."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_O).values(**values).on_conflict_do_nothing(index_elements=["login"])
    return uow.rowcount(await uow.execute(statement)) == 1


async def by_login(uow: UnitOfWork, login: str) -> OfficerRow | None:
    row = await uow.row(select(*COLUMNS).where(_O.c.login == login))
    return OfficerRow(**row) if row else None


async def by_id(uow: UnitOfWork, officer_id: int) -> OfficerRow | None:
    row = await uow.row(select(*COLUMNS).where(_O.c.id == officer_id))
    return OfficerRow(**row) if row else None


async def listed(uow: UnitOfWork, *, after: int | None = None, limit: int | None = None) -> Sequence[OfficerRow]:
    """Return officers in the order in which they were added, those who left too."""
    statement = select(*COLUMNS).order_by(_O.c.id)
    if after is not None:
        statement = statement.where(_O.c.id > after)
    return [OfficerRow(**row) for row in await uow.rows(statement.limit(limit))]


async def count_active(uow: UnitOfWork, role: str) -> int:
    found: int = await uow.scalar(select(func.count()).select_from(_O).where(_O.c.role == role, _O.c.active.is_(True)))
    return found


async def charge_attempt(uow: UnitOfWork, officer: OfficerRow, *, locked_until: datetime | None) -> bool:
    """Count an attempt to sign in as failed before it is tried; False when another attempt was counted meanwhile."""
    statement = (
        update(_O)
        .where(_O.c.id == officer.id, _O.c.failed_sign_ins == officer.failed_sign_ins)
        .values(failed_sign_ins=officer.failed_sign_ins + 1, locked_until=locked_until)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


async def forgive_attempts(uow: UnitOfWork, officer_id: int) -> None:
    await uow.execute(update(_O).where(_O.c.id == officer_id).values(failed_sign_ins=0, locked_until=None))


async def set_password(uow: UnitOfWork, officer_id: int, *, password_hash: str, must_change: bool) -> None:
    values = {"password_hash": password_hash, "must_change_password": must_change, "failed_sign_ins": 0, "locked_until": None}
    await uow.execute(update(_O).where(_O.c.id == officer_id).values(**values))


async def set_active(uow: UnitOfWork, officer_id: int, active: bool) -> None:
    await uow.execute(update(_O).where(_O.c.id == officer_id).values(active=active))


async def set_away(uow: UnitOfWork, officer_id: int, until: datetime | None) -> None:
    await uow.execute(update(_O).where(_O.c.id == officer_id).values(away_until=until))


# Sessions


async def session(uow: UnitOfWork, token_hash: str) -> SessionRow | None:
    statement = (
        select(*COLUMNS, _S.c.token_hash, _S.c.expires_at, _S.c.created_at.label("session_created_at"))
        .join(_S, _S.c.officer_id == _O.c.id)
        .where(_S.c.token_hash == token_hash)
    )
    row = await uow.row(statement)
    if row is None:
        return None
    officer = OfficerRow(**{field.name: row[field.name] for field in fields(OfficerRow)})
    return SessionRow(row["token_hash"], row["session_created_at"], row["expires_at"], officer)


def add_session(uow: UnitOfWork, *, token_hash: str, officer_id: int, now: datetime, expires_at: datetime) -> None:
    uow.insert(OfficerSession, token_hash=token_hash, officer_id=officer_id, created_at=now, expires_at=expires_at)


async def extend_session(uow: UnitOfWork, token_hash: str, expires_at: datetime) -> None:
    await uow.execute(update(_S).where(_S.c.token_hash == token_hash).values(expires_at=expires_at))


async def end_session(uow: UnitOfWork, token_hash: str) -> None:
    await uow.execute(delete(_S).where(_S.c.token_hash == token_hash))


async def end_sessions_of(uow: UnitOfWork, officer_id: int) -> None:
    await uow.execute(delete(_S).where(_S.c.officer_id == officer_id))


async def end_expired_sessions(uow: UnitOfWork, now: datetime) -> None:
    await uow.execute(delete(_S).where(_S.c.expires_at <= now))
