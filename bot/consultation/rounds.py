"""What consultations and surveys do by themselves: things fall due, which stand in rows, and many people are written to.

People are written to some at a time, each batch in a transaction of its own; the ledger's key of each message makes it go out
once, whoever sweeps and however often it was interrupted.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.clock import Clock
from bot.subscriptions.telling import Step, sooner
from storage import asking
from storage.asking import DueRow
from storage.database import Database

log = structlog.get_logger()

AT_ONCE = 200
"""people in one transaction: few enough that nobody who writes waits long for it"""
_TRY_AGAIN_AFTER = timedelta(minutes=1)


async def do_what_is_due(database: Database, clock: Clock, subject: str, act: Callable[[DueRow], Awaitable[int]]) -> int:
    """Do everything of a subject that is due; return how many things that were. What fails is logged, and tried again soon."""
    done = 0
    async with database.read() as uow:
        due = await asking.due(uow, subject, clock.now())
    for each in due:
        try:
            done += await act(each)
        except Exception:
            log.exception(f"{subject}.sweep_failed", subject_id=each.subject_id, kind=each.kind)
            await database.write(partial(asking.postpone, due_id=each.id, to=clock.now() + _TRY_AGAIN_AFTER))
    return done


async def settle(database: Database, clock: Clock, due: DueRow, later: datetime | None) -> int:
    """Mark a thing as done; or have it done once more, for those whose hours begin later: who was told is not told again."""
    if later is not None:
        await database.write(partial(asking.postpone, due_id=due.id, to=later))
        return 1
    return int(await database.write(partial(asking.done, due_id=due.id, now=clock.now())))


async def write_to_all(database: Database, some: Callable[..., Awaitable[Step]]) -> datetime | None:
    """Write to everybody, some at a time; return when the first of those can be written to who cannot be now.

    some: writes to those whose ids come after `after`, in a unit of work.
    """
    after: int | None = 0
    later: datetime | None = None
    while after is not None:
        step = await database.write(partial(some, after=after))
        after, later = step.after, sooner(later, step.later)
    return later
