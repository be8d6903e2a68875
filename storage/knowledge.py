"""Which change of the knowledge base was the last: a number that every process compares with the one it has loaded."""

from sqlalchemy import select

from storage.models import Counter
from storage.unit_of_work import UnitOfWork, table_of

_SERIES = "knowledge"
_APPROVALS = "knowledge:approvals"
_C = table_of(Counter)


async def generation(uow: UnitOfWork) -> int:
    """Return the number of the last change, 0 before the first."""
    found: int | None = await uow.scalar(select(_C.c.value).where(_C.c.name == _SERIES))
    return found or 0


async def advance(uow: UnitOfWork) -> int:
    """Count a change and return its number."""
    return await uow.next_number(_SERIES)


async def one_approval_at_a_time(uow: UnitOfWork) -> None:
    """Wait until no other process approves an entry, and let none until this transaction ends."""
    await uow.next_number(_APPROVALS)
