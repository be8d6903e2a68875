"""What becomes of an attempt, written down: sent, to be tried again, gone to the next channel, or over."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from bot.clock import Clock
from bot.delivery.ledger import DeliveryState, failed_state
from bot.delivery.transport import NoAnswer, NotSent, QuotaUsedUp, Refused, TryLater, Unreachable
from bot.metrics import DELIVERIES, DELIVERY_SECONDS
from storage import deliveries
from storage.database import Database
from storage.deliveries import Claimed
from storage.models import Delivery
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_BACKOFF_MAX = timedelta(minutes=5)
_GIVE_UP_AFTER = timedelta(hours=24)
_NO_LEASE: dict[str, Any] = {"lease_until": None, "lease_owner": None}


def backoff(attempt: int) -> timedelta:
    """Return the wait before the next attempt: 1, 2, 4 … seconds, at most five minutes."""
    return min(_BACKOFF_MAX, timedelta(seconds=2 ** min(attempt, 16)))


class Recorder:
    """channels: those that this process sends on, to which a row may go when another fails for good."""

    def __init__(self, database: Database, clock: Clock, channels: Sequence[str]) -> None:
        self._database = database
        self._clock = clock
        self._channels = channels
        self._arrived: list[tuple[Claimed, str, datetime]] = []
        self._writing: asyncio.Task[None] | None = None
        self._written: asyncio.Future[None] | None = None
        self._metered: dict[tuple[str, str], tuple[Histogram, Counter]] = {}

    async def sent(self, row: Claimed, platform_message_id: str) -> None:
        """Record that a message went out; returns once that is committed. What comes while a transaction runs shares the next
        one: at a thousand messages a second that is some tens of rows, and one flush of the disk."""
        now = self._clock.now()
        took, counted = self._meters(row.channel, row.kind)
        took.observe((now - row.created_at).total_seconds())
        counted.inc()
        self._arrived.append((row, platform_message_id, now))
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        written = self._written
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_arrived(), name="delivery: record")
        await written

    async def _write_arrived(self) -> None:
        while self._arrived:
            arrived, self._arrived = self._arrived, []
            written, self._written = self._written, None
            assert written is not None  # whoever added the rows has made it
            try:
                await self._database.write(partial(_mark_sent, arrived))
            except Exception as error:  # noqa: BLE001 - handed to everybody whose rows they were
                written.set_exception(error)
            else:
                written.set_result(None)

    def _meters(self, channel: str, kind: str) -> tuple[Histogram, Counter]:
        found = self._metered.get((channel, kind))
        if found is None:
            found = DELIVERY_SECONDS.labels(channel), DELIVERIES.labels(channel, kind, DeliveryState.SENT)
            self._metered[channel, kind] = found
        return found

    async def failed(self, row: Claimed, failure: NotSent) -> timedelta | None:
        """Record why a row did not go out; return how long its chat must wait, or nothing when the row is done with."""
        now = self._clock.now()
        reason = f"{type(failure).__name__}: {failure}"[:500]
        state, wait = self._judge(row, failure, now)
        if state in (DeliveryState.REFUSED, DeliveryState.GIVEN_UP):
            log.error(f"delivery.{state}", delivery=row.id, channel=row.channel, reason=reason)

        async def write(uow: UnitOfWork) -> str:
            if isinstance(failure, Unreachable) and failure.lasting:
                await deliveries.mark_unreachable(uow, account_id=row.account_id, reason=str(failure), now=now)
            if row.wave_id is None:
                uow.update(Delivery, row.id, **_outcome(row, state, reason, now + wait if wait is not None else None))
                return state
            return await self._of_wave(uow, row, failure, state, reason, now, wait)

        became = await self._database.write(write)
        DELIVERIES.labels(row.channel, row.kind, became).inc()
        return wait

    def _judge(self, row: Claimed, failure: NotSent, now: datetime) -> tuple[DeliveryState, timedelta | None]:
        """Return what becomes of the row, and how long until its next attempt where there is one."""
        if isinstance(failure, Unreachable):
            return failed_state(str(failure)), None
        if isinstance(failure, Refused):
            return DeliveryState.REFUSED, None
        if isinstance(failure, NoAnswer) and row.priority > 0:
            return DeliveryState.UNKNOWN, None
        # A quota begins anew by itself; and whoever is written to no more by then is outside the window.
        if now - row.created_at > _GIVE_UP_AFTER and not isinstance(failure, QuotaUsedUp):
            return DeliveryState.GIVEN_UP, None
        asked = failure.after if isinstance(failure, TryLater) else None
        return DeliveryState.QUEUED, asked if asked is not None else backoff(row.attempts)

    async def _of_wave(
        self,
        uow: UnitOfWork,
        row: Claimed,
        failure: NotSent,
        state: DeliveryState,
        reason: str,
        now: datetime,
        wait: timedelta | None,
    ) -> str:
        """Keep the attempt, and let the row go on: later, or on another account of the same person."""
        outcome = "try_later" if state is DeliveryState.QUEUED else str(state)
        deliveries.add_attempt(uow, row, at=now, outcome=outcome, reason=reason)
        values = _outcome(row, state, reason, now + wait if wait is not None else None)
        if state is DeliveryState.QUEUED and await deliveries.is_wave_cancelled(uow, row.wave_id):
            values |= {"state": str(DeliveryState.CANCELLED), "next_attempt_at": None}
        elif (wait is None or isinstance(failure, QuotaUsedUp)) and state is not DeliveryState.UNKNOWN:
            account = await deliveries.next_account(uow, row, self._channels)
            if account is not None:
                where = {"account_id": account["id"], "channel": account["channel"], "recipient": account["external_id"]}
                values |= {"state": str(DeliveryState.HELD), "next_attempt_at": None, **where}
        uow.update(Delivery, row.id, **values)
        return str(values["state"])

    async def put_back(self, rows: Sequence[Claimed], wait: timedelta) -> None:
        """Put back rows of a chat whose first row must wait, so that they stay behind it."""
        ids, at = [row.id for row in rows], self._clock.now() + wait
        await self._database.write(lambda uow: deliveries.give_back(uow, ids, now=at))


async def _mark_sent(arrived: Sequence[tuple[Claimed, str, datetime]], uow: UnitOfWork) -> None:
    for row, platform_message_id, at in arrived:
        uow.update(
            Delivery,
            row.id,
            state=str(DeliveryState.SENT),
            attempts=row.attempts + 1,
            error=None,
            next_attempt_at=None,
            sent_at=at,
            platform_message_id=platform_message_id,
            **_NO_LEASE,
        )


def _outcome(row: Claimed, state: DeliveryState, reason: str, next_attempt_at: datetime | None) -> dict[str, Any]:
    return {
        "state": str(state),
        "attempts": row.attempts + 1,
        "error": reason,
        "next_attempt_at": next_attempt_at,
        **_NO_LEASE,
    }
