"""Places at events: the statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import Contact, Enterprise, Registration
from storage.unit_of_work import UnitOfWork, table_of

_R, _C, _E = table_of(Registration), table_of(Contact), table_of(Enterprise)


@dataclass(frozen=True)
class Guest:
    """Somebody with a place at an event, or who waits for one."""

    contact_id: int
    name: str
    enterprise: str | None
    tax_code: str | None
    account_id: int
    state: str
    registered_at: datetime
    attended_at: datetime | None


async def put(
    uow: UnitOfWork,
    *,
    campaign_id: int,
    contact_id: int,
    enterprise_id: int | None,
    account_id: int,
    state: str,
    now: datetime,
) -> None:
    """Write down what the contact answered; a later answer takes the place of the earlier one."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = {"enterprise_id": enterprise_id, "account_id": account_id, "state": state, "registered_at": now}
    statement = make(_R).values(campaign_id=campaign_id, contact_id=contact_id, **values)
    await uow.execute(statement.on_conflict_do_update(index_elements=["campaign_id", "contact_id"], set_=values))


async def change_state(uow: UnitOfWork, campaign_id: int, contact_id: int, state: str) -> None:
    """Change what somebody has, in the place in the order that they have."""
    wanted = (_R.c.campaign_id == campaign_id, _R.c.contact_id == contact_id)
    await uow.execute(update(_R).where(*wanted).values(state=state))


async def state_of(uow: UnitOfWork, campaign_id: int, contact_id: int) -> str | None:
    found: str | None = await uow.scalar(
        select(_R.c.state).where(_R.c.campaign_id == campaign_id, _R.c.contact_id == contact_id)
    )
    return found


async def count(uow: UnitOfWork, campaign_id: int) -> dict[str, int]:
    """Return how many there are by state, and as `attended` how many came."""
    rows = await uow.rows(
        select(_R.c.state, func.count().label("n"), func.count(_R.c.attended_at).label("came"))
        .where(_R.c.campaign_id == campaign_id)
        .group_by(_R.c.state)
    )
    found = {row["state"]: int(row["n"]) for row in rows}
    return {**found, "attended": sum(int(row["came"]) for row in rows)}


async def contacts(uow: UnitOfWork, campaign_id: int, *, states: Sequence[str]) -> list[int]:
    """Return the contacts in these states, the earliest first."""
    wanted = (_R.c.campaign_id == campaign_id, _R.c.state.in_(list(states)))
    rows = await uow.rows(select(_R.c.contact_id).where(*wanted).order_by(_R.c.registered_at, _R.c.contact_id))
    return [row["contact_id"] for row in rows]


async def guests(uow: UnitOfWork, campaign_id: int) -> list[Guest]:
    """Return everybody who answered, in the order of their answers."""
    columns = [_R.c[name] for name in ("contact_id", "account_id", "state", "registered_at", "attended_at")]
    rows = await uow.rows(
        select(*columns, _C.c.name, _E.c.name.label("enterprise"), _E.c.tax_code)
        .join(_C, _C.c.id == _R.c.contact_id)
        .outerjoin(_E, _E.c.id == _R.c.enterprise_id)
        .where(_R.c.campaign_id == campaign_id)
        .order_by(_R.c.registered_at, _R.c.contact_id)
    )
    return [Guest(**row) for row in rows]


async def attend(uow: UnitOfWork, campaign_id: int, contact_id: int, at: datetime | None) -> bool:
    """Write down that somebody came (or, without a moment, that they did not)."""
    wanted = (_R.c.campaign_id == campaign_id, _R.c.contact_id == contact_id)
    return uow.rowcount(await uow.execute(update(_R).where(*wanted).values(attended_at=at))) == 1
