"""What a consultation does by itself: it opens, asks members first and then the others, reminds, closes, tells the outcome."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog

from bot.clock import Clock
from bot.consultation.consultations import REMIND, SUBJECT, TELL_CANCELLED, move
from bot.consultation.invitations import Invitations
from bot.consultation.responding import TELL, group_anew
from bot.consultation.rounds import AT_ONCE, do_what_is_due, settle, write_to_all
from bot.consultation.states import Event, State
from bot.subscriptions.telling import Step
from storage import asking, positions
from storage import consultations as stored
from storage.asking import DueRow
from storage.consultations import ConsultationRow
from storage.database import Database
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()


class ConsultationSweeper:
    def __init__(self, database: Database, clock: Clock, invitations: Invitations) -> None:
        self._database = database
        self._clock = clock
        self._invitations = invitations

    async def run(self) -> int:
        """Do everything that is due; return how many things that were."""
        return await do_what_is_due(self._database, self._clock, SUBJECT, self._act)

    async def _act(self, due: DueRow) -> int:
        later: datetime | None = None
        if due.kind == "close":
            await self._database.write(partial(self._close, due=due))
            await group_anew(self._database, self._clock, due.subject_id)
        elif due.kind == "open":
            if await self._database.write(partial(self._open, due=due)):
                later = await self._ask(due, members_only=True)
        elif due.kind == "ask_others":
            later = await self._ask(due, members_only=False)
        elif due.kind == TELL:
            later = await self._each_participant(due)
        elif due.kind == TELL_CANCELLED:
            later = await self._each_concerned(due)
        elif due.kind.startswith(REMIND):
            later = await self._each_invited(due)
        return await settle(self._database, self._clock, due, later)

    async def _row(self, due: DueRow, *states: State) -> ConsultationRow | None:
        """Return the consultation if it is still in one of the states."""
        async with self._database.read() as uow:
            row = await stored.by_id(uow, due.subject_id)
        return row if row is not None and row.state in states else None

    async def _open(self, uow: UnitOfWork, due: DueRow) -> bool:
        """Open it, unless another has; True while members are still to be asked."""
        if not await asking.hold_due(uow, due.id):
            return False
        row = await stored.by_id(uow, due.subject_id)
        if row is None:
            return False
        now = self._clock.now()
        if row.state == State.APPROVED and row.closes_at is not None and row.closes_at <= now:
            # All of its time passed while nothing ran. Nobody shall be asked what can no longer be answered: somebody gives
            # it new dates and has it approved again.
            log.error("consultation.missed", consultation=row.number)
            await move(uow, row, Event.WITHDRAW, "", now, approver_name=None, approved_at=None, text_hash=None)
            await asking.drop_due(uow, row.id)
            return False
        if row.state == State.APPROVED:
            await move(uow, row, Event.OPEN, "", now, opened_at=now)
            return True
        return row.state == State.OPEN

    async def _close(self, uow: UnitOfWork, due: DueRow) -> None:
        if not await asking.hold_due(uow, due.id):
            return
        await positions.hold_consultation(uow, due.subject_id)
        row = await stored.by_id(uow, due.subject_id)
        if row is not None and row.state == State.OPEN:
            now = self._clock.now()
            await move(uow, row, Event.CLOSE, "", now, closed_at=now)

    async def _ask(self, due: DueRow, *, members_only: bool) -> datetime | None:
        row = await self._row(due, State.OPEN)
        return await self._round(row, partial(self._invitations.ask, row=row, members_only=members_only)) if row else None

    async def _each_invited(self, due: DueRow) -> datetime | None:
        row = await self._row(due, State.OPEN)
        return await self._round(row, partial(self._invitations.remind, row=row, kind=due.kind)) if row else None

    async def _each_participant(self, due: DueRow) -> datetime | None:
        row = await self._row(due, State.PUBLISHED)
        return await self._round(row, partial(self._invitations.tell_outcome, row=row)) if row else None

    async def _each_concerned(self, due: DueRow) -> datetime | None:
        row = await self._row(due, State.CANCELLED)
        return await self._round(row, partial(self._invitations.tell_cancelled, row=row)) if row else None

    async def _round(self, row: ConsultationRow, some: Callable[..., Awaitable[Step]]) -> datetime | None:
        """Write to everybody, some at a time; return when the first of those can be written to who cannot be now."""

        async def next_ones(uow: UnitOfWork, after: int) -> Step:
            # What was closed or given up meanwhile is nothing to ask or remind anybody else of.
            if await positions.hold_consultation(uow, row.id) != row.state:
                return Step(None)
            return await some(uow, after=after, limit=AT_ONCE)

        later = await write_to_all(self._database, next_ones)
        # What comes after the closing is of no use to anybody; the outcome has no such end.
        past = row.state == State.OPEN and later is not None and row.closes_at is not None and later >= row.closes_at
        return None if past else later
