"""Bearer tokens of the API: the statements. Only hashes are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select, update

from storage.models import ApiToken
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(ApiToken)


@dataclass(frozen=True)
class TokenRow:
    id: int
    name: str
    role: str
    department_id: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = tuple(_T.c[field.name] for field in fields(TokenRow))


async def by_hash(uow: UnitOfWork, token_hash: str) -> TokenRow | None:
    row = await uow.row(select(*_COLUMNS).where(_T.c.token_hash == token_hash))
    return TokenRow(**row) if row else None


async def listed(uow: UnitOfWork) -> Sequence[TokenRow]:
    return [TokenRow(**row) for row in await uow.rows(select(*_COLUMNS).order_by(_T.c.id))]


async def revoke(uow: UnitOfWork, token_id: int, now: datetime) -> bool:
    """End the token; False when there is none with this id that still holds."""
    statement = update(_T).where(_T.c.id == token_id, _T.c.revoked_at.is_(None)).values(revoked_at=now)
    return uow.rowcount(await uow.execute(statement)) == 1
