"""The clocks: looks for what is due, and does each thing once, however many processes look at the same time.

What is due stands in rows. Each effect is guarded by a conditional update in the same transaction, so that a sweep that was
killed in the middle, or met another one, leaves everything either done or still to do.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TypeVar

import structlog

from bot.clock import Clock
from bot.escalation.deadlines import Clock as DeadlineClock
from bot.escalation.inquiries import Inquiries
from bot.escalation.ladder import LATE_FROM, Ladder
from bot.escalation.standing_in import posts_now
from bot.escalation.states import WITH_A_DEPARTMENT, State
from bot.metrics import OVERDUE, SWEEP_SECONDS
from storage import clocks
from storage.clocks import Looking
from storage.database import Database
from storage.inquiries import InquiryRecord
from storage.models import Inquiry, Rung
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_LOOK_AT = 500
_AT_ONCE = 25
"""inquiries in one transaction: few enough that nobody who writes waits long for it"""
_REMEMBERED_LOOKS = 8
_TRY_AGAIN_AFTER = timedelta(minutes=1)

T = TypeVar("T")
Act = Callable[[UnitOfWork, Sequence[InquiryRecord]], Awaitable[int]]
PutOff = Callable[[UnitOfWork, int], Awaitable[None]]


class Sweeper:
    """ahead: how long before its end an inquiry's routing clock is taken as over. What is looked at only now and then has to
    be routed at the last look before its deadline, since at the next one it has passed. Where looks have lately been further
    apart than they should, on a machine that is busy, it is more, up to three times as much."""

    def __init__(
        self, database: Database, inquiries: Inquiries, ladder: Ladder, clock: Clock, *, ahead: timedelta = timedelta()
    ) -> None:
        self._database = database
        self._inquiries = inquiries
        self._ladder = ladder
        self._clock = clock
        self._ahead = ahead
        self._looks: deque[datetime] = deque(maxlen=_REMEMBERED_LOOKS)
        self.finished_at: datetime | None = None
        """when everything that was due had been looked at the last time"""

    async def run(self) -> int:
        """Do everything that is due now; return how many things that were. What must be routed comes first."""
        done = 0
        self._looks.append(self._clock.now())
        with SWEEP_SECONDS.time():
            for each in (self._rungs, self._deferrals, self._reminders):
                while some := await each():
                    done += some
            done += await self._closed_departments()
            async with self._database.read() as uow:
                OVERDUE.set(await clocks.overdue_unrouted(uow, self._clock.now(), DeadlineClock.ROUTING))
        self.finished_at = self._clock.now()
        return done

    async def _rungs(self) -> int:
        looking = self._looking()
        async with self._database.read() as uow:
            due = await clocks.inquiries_with_due_rungs(uow, looking, _LOOK_AT)

        async def put_off(uow: UnitOfWork, inquiry_id: int) -> None:
            later = looking.ahead + _TRY_AGAIN_AFTER
            await clocks.postpone_rungs(uow, inquiry_id, due_until=looking.ahead, to=later)

        return await self._each("sweep.rung_failed", due, self._climb, put_off)

    def _looking(self) -> Looking:
        now = self._clock.now()
        apart = max((after - before for before, after in pairwise((*self._looks, now))), default=timedelta())
        ahead = min(max(self._ahead, 2 * apart), 3 * self._ahead)
        return Looking(now, now + ahead, DeadlineClock.ROUTING)

    async def _climb(self, uow: UnitOfWork, inquiries: Sequence[InquiryRecord]) -> int:
        looking = self._looking()
        fired = await clocks.fire_rungs(uow, [each.id for each in inquiries], looking)
        posts = posts_now(await clocks.posts(uow, looking.now), self._inquiries.directory) if fired else frozenset()
        for inquiry in inquiries:
            its_own = [rung for rung in fired if rung["inquiry_id"] == inquiry.id]
            for rung in its_own:
                late = looking.now - rung["due_at"]
                if late > LATE_FROM:
                    uow.update(Rung, rung["id"], late_s=int(late.total_seconds()))
            await self._ladder.climb(uow, inquiry, its_own, posts)
        return len(fired)

    async def _deferrals(self) -> int:
        now = self._clock.now()
        async with self._database.read() as uow:
            due = await clocks.ended_deferrals(uow, now, _LOOK_AT)

        async def resume(uow: UnitOfWork, inquiries: Sequence[InquiryRecord]) -> int:
            ended = [each for each in inquiries if each.resume_at is not None and each.resume_at <= now]
            for inquiry in ended:
                await self._inquiries.resume(uow, inquiry)
            return len(ended)

        async def put_off(uow: UnitOfWork, inquiry_id: int) -> None:
            uow.update(Inquiry, inquiry_id, resume_at=now + _TRY_AGAIN_AFTER)

        return await self._each("sweep.deferral_failed", due, resume, put_off)

    async def _reminders(self) -> int:
        async with self._database.read() as uow:
            due = await clocks.due_reminders(uow, self._clock.now(), _LOOK_AT)
        for some in _some(due):
            await self._database.write(partial(self._ladder.remind, notices=some))
        return len(due)

    async def _closed_departments(self) -> int:
        """Move up what is with a department that the directory no longer has, or that no longer takes inquiries."""
        directory = self._inquiries.directory
        async with self._database.read() as uow:
            in_use = await clocks.departments_in_use(uow)
        moved = 0
        for department_id in in_use:
            department = directory.get(department_id)
            if department is None or not department.accepts_inquiries:
                moved += await self._move_up_from(department_id)
        return moved

    async def _move_up_from(self, department_id: str) -> int:
        async def move_up(uow: UnitOfWork, inquiries: Sequence[InquiryRecord]) -> int:
            still = [each for each in inquiries if each.department_id == department_id]
            still = [each for each in still if State(each.state) in WITH_A_DEPARTMENT]
            for inquiry in still:
                await self._inquiries.move_up(uow, inquiry)
            return len(still)

        moved, after = 0, 0
        while True:
            async with self._database.read() as uow:
                ids = await clocks.with_department(uow, department_id, WITH_A_DEPARTMENT, after=after, limit=_LOOK_AT)
            if not ids:
                break
            moved += await self._each("sweep.move_up_failed", ids, move_up, _leave)
            after = ids[-1]
        if moved:
            log.warning("department.closed", department=department_id, moved_up=moved)
        return moved

    async def _each(self, failure: str, inquiry_ids: Sequence[int], act: Act, put_off: PutOff) -> int:
        """Act on the inquiries, some in a transaction; where that fails, each by itself, so that one that cannot be done
        holds up none of the others. Return how much was done."""
        done = 0
        for some in _some(inquiry_ids):
            try:
                done += await self._database.write(partial(_on_held, ids=some, act=act))
            except Exception:  # noqa: BLE001 - met again below, by the inquiry that it belongs to
                for inquiry_id in some:
                    done += await self._alone(failure, inquiry_id, act, put_off)
        return done

    async def _alone(self, failure: str, inquiry_id: int, act: Act, put_off: PutOff) -> int:
        try:
            return await self._database.write(partial(_on_held, ids=(inquiry_id,), act=act))
        except Exception:
            log.exception(failure, inquiry=inquiry_id)
            await self._database.write(lambda uow: put_off(uow, inquiry_id))
            return 0


def _some(many: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(many), _AT_ONCE):
        yield many[start : start + _AT_ONCE]


async def _on_held(uow: UnitOfWork, *, ids: Sequence[int], act: Act) -> int:
    inquiries = await clocks.hold(uow, ids)
    try:
        return await act(uow, inquiries) if inquiries else 0
    finally:
        uow.remembered.clear()


async def _leave(_uow: UnitOfWork, inquiry_id: int) -> None:
    """It is found again by the next sweep."""
