"""Officers' accounts on messengers, and the one-time codes that link them: the statements."""

from datetime import datetime

from sqlalchemy import delete, select, update

from storage.ids import new_id
from storage.models import Officer, OfficerAccount, OfficerLinkCode
from storage.officers import COLUMNS, OfficerRow
from storage.unit_of_work import UnitOfWork, table_of

_A = table_of(OfficerAccount)
_K = table_of(OfficerLinkCode)
_O = table_of(Officer)


async def officer_of(uow: UnitOfWork, channel: str, external_id: str) -> OfficerRow | None:
    """Return the officer whose account this is, also one who has left."""
    statement = (
        select(*COLUMNS).join(_A, _A.c.officer_id == _O.c.id).where(_A.c.channel == channel, _A.c.external_id == external_id)
    )
    row = await uow.row(statement)
    return OfficerRow(**row) if row else None


async def account_of(uow: UnitOfWork, channel: str, officer_id: int) -> tuple[str, datetime] | None:
    """Return the name of the officer's account on the channel, and since when it is linked."""
    row = await uow.row(select(_A.c.name, _A.c.linked_at).where(_A.c.channel == channel, _A.c.officer_id == officer_id))
    return (row["name"], row["linked_at"]) if row else None


async def link(uow: UnitOfWork, *, officer_id: int, channel: str, external_id: str, name: str, now: datetime) -> None:
    """Make this the officer's account; what either had before is over."""
    mine = (_A.c.officer_id == officer_id) | (_A.c.external_id == external_id)
    await uow.execute(delete(_A).where(_A.c.channel == channel, mine))
    uow.insert(
        OfficerAccount,
        id=new_id(),
        officer_id=officer_id,
        channel=channel,
        external_id=external_id,
        name=name[:120],
        linked_at=now,
    )


async def unlink(uow: UnitOfWork, channel: str, officer_id: int) -> bool:
    result = await uow.execute(delete(_A).where(_A.c.channel == channel, _A.c.officer_id == officer_id))
    return uow.rowcount(result) > 0


async def keep_code(uow: UnitOfWork, *, code_hash: str, officer_id: int, now: datetime, expires_at: datetime) -> None:
    """Keep a code; an earlier one of the officer that nobody used is over."""
    await uow.execute(delete(_K).where(_K.c.officer_id == officer_id, _K.c.used_at.is_(None)))
    uow.insert(OfficerLinkCode, code_hash=code_hash, officer_id=officer_id, created_at=now, expires_at=expires_at)


async def use_code(uow: UnitOfWork, code_hash: str, now: datetime) -> OfficerRow | None:
    """Use up a code and return whose it is; none where it is unknown, used, too old, or the officer has left."""
    use = (
        update(_K)
        .where(_K.c.code_hash == code_hash, _K.c.used_at.is_(None), _K.c.expires_at > now)
        .values(used_at=now)
        .returning(_K.c.officer_id)
    )
    officer_id = await uow.scalar(use)
    row = await uow.row(select(*COLUMNS).where(_O.c.id == officer_id, _O.c.active.is_(True)))
    return OfficerRow(**row) if row else None
