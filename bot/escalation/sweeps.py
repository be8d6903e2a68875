"""The clocks: looks for what is due, and does each thing once, however many processes look at the same time.

What is due stands in rows. Each effect is guarded by a conditional update in the same transaction, so that a sweep that was
killed in the middle, or met another one, leaves everything either done or still to do.
"""

from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.engine import RowMapping

from bot.clock import Clock
from bot.escalation.deadlines import Clock as DeadlineClock
from bot.escalation.errors import NotPossibleNow
from bot.escalation.inquiries import Inquiries
from bot.escalation.notices import Notices
from bot.escalation.states import State
from bot.metrics import OVERDUE, RUNGS, SWEEP_SECONDS
from storage import inquiries as stored
from storage.database import Database
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_AT_ONCE = 50
_LATE_FROM = timedelta(seconds=60)
"""a rung that fires this long after its time is marked late: nobody was at work when it fell due"""


class Sweeper:
    def __init__(self, database: Database, inquiries: Inquiries, notices: Notices, clock: Clock) -> None:
        self._database = database
        self._inquiries = inquiries
        self._notices = notices
        self._clock = clock
        self.finished_at: datetime | None = None
        """when everything that was due had been looked at the last time"""

    async def run(self) -> int:
        """Do everything that is due now; return how many things that were. The oldest come first."""
        done = 0
        with SWEEP_SECONDS.time():
            while fired := await self._rungs():
                done += fired
            while resumed := await self._deferrals():
                done += resumed
            async with self._database.read() as uow:
                OVERDUE.set(await stored.overdue_unrouted(uow, self._clock.now(), DeadlineClock.ROUTING))
        self.finished_at = self._clock.now()
        return done

    async def _rungs(self) -> int:
        now = self._clock.now()
        async with self._database.read() as uow:
            due = await stored.due_rungs(uow, now, _AT_ONCE)
        fired = 0
        for rung in due:
            try:
                fired += await self._database.write(partial(self._fire, rung=rung))
            except Exception:
                log.exception("sweep.rung_failed", rung=rung["id"], inquiry=rung["inquiry_id"])
        return fired

    async def _fire(self, uow: UnitOfWork, *, rung: RowMapping) -> int:
        inquiry_id, clock, percent, due_at = rung["inquiry_id"], rung["clock"], rung["percent"], rung["due_at"]
        now = self._clock.now()
        late = now - due_at
        if not await stored.fire_rung(uow, rung["id"], now=now, late_s=int(late.total_seconds()) if late > _LATE_FROM else 0):
            return 0
        inquiry = await stored.by_id(uow, inquiry_id)
        assert inquiry is not None
        RUNGS.labels(clock, str(percent), str(late > _LATE_FROM)).inc()
        if clock == DeadlineClock.ROUTING:
            if inquiry.state != State.AWAITING_ROUTING:
                return 1
            if percent == 100:
                log.warning("routing.at_deadline", inquiry=inquiry.number, late_s=int(late.total_seconds()))
                await self._inquiries.route_at_deadline(uow, inquiry)
                return 1
            department, audience = self._inquiries.directory.coordinating.id, "coordinator"
        else:
            department, audience = inquiry.department_id or "", _ladder(percent)
        await self._notices.tell_officers(
            uow,
            inquiry,
            f"officer.{clock}_{'over' if percent == 100 else 'soon'}",
            audience=audience,
            department_id=department,
            once=f"{clock}:{percent}:{inquiry_id}:{due_at.isoformat()}",
            percent=percent,
        )
        return 1

    async def _deferrals(self) -> int:
        now = self._clock.now()
        async with self._database.read() as uow:
            due = await stored.due_deferrals(uow, now, _AT_ONCE)
        resumed = 0
        for inquiry in due:
            try:
                await self._database.write(partial(self._inquiries.resume, inquiry=inquiry))
                resumed += 1
            except NotPossibleNow:  # another process, or an officer, was quicker
                continue
        return resumed


def _ladder(percent: int) -> str:
    """Who is told at which share of the response clock: the officer, then the lead, then the coordinating unit."""
    return "officer" if percent < 80 else "lead" if percent < 100 else "coordinator"
