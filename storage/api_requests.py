"""Requests that are carried out once: the statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import ApiRequest
from storage.unit_of_work import UnitOfWork, table_of

_R = table_of(ApiRequest)


@dataclass(frozen=True)
class Earlier:
    """A request that came before under the same key."""

    fingerprint: str
    response: dict[str, Any]


async def claim(uow: UnitOfWork, *, token_id: int, key: str, fingerprint: str, at: datetime) -> Earlier | None:
    """Take the key for the work of this transaction; if it is taken, return what was asked and answered under it.

    Waits for another transaction that has taken it and is not committed yet.
    """
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = {"token_id": token_id, "key": key, "fingerprint": fingerprint, "received_at": at}
    if uow.rowcount(await uow.execute(make(_R).values(**values).on_conflict_do_nothing())) == 1:
        return None
    row = await uow.row(select(_R.c.fingerprint, _R.c.response).where(_R.c.token_id == token_id, _R.c.key == key))
    assert row is not None  # it stood in the way
    return Earlier(row["fingerprint"], row["response"])


async def answered(uow: UnitOfWork, *, token_id: int, key: str, response: dict[str, Any]) -> None:
    """Keep what the request was told, with the work itself."""
    await uow.execute(update(_R).where(_R.c.token_id == token_id, _R.c.key == key).values(response=response))
