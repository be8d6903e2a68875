"""The sender: takes rows of the ledger to the channels, and records what became of each."""

import asyncio
import heapq
import itertools
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.clock import Clock
from bot.delivery.ledger import LEASE, DeliveryState
from bot.delivery.message import Message
from bot.delivery.pacing import Bucket
from bot.delivery.transport import NoAnswer, NotSent, Refused, Transport, TryLater, Unreachable
from bot.metrics import DELIVERIES, DELIVERY_SECONDS
from storage import deliveries
from storage.database import Database
from storage.deliveries import Claimed
from storage.models import Delivery
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
T = TypeVar("T")

_CLAIM_AT_ONCE = 200
_LOOK_EVERY_S = 1.0
"""how often rows are looked for that nobody announced: retries that fall due, rows of other replicas"""
_BACKOFF_MAX = timedelta(minutes=5)
_GIVE_UP_AFTER = timedelta(hours=24)


def backoff(attempt: int) -> timedelta:
    """Return the wait before the next attempt: 1, 2, 4 … seconds, at most five minutes."""
    return min(_BACKOFF_MAX, timedelta(seconds=2 ** min(attempt, 16)))


class Sender:
    """One for each process. `owner` marks its rows, so that it can tell them from those of a process that died."""

    def __init__(self, database: Database, transports: Mapping[str, Transport], clock: Clock, owner: str) -> None:
        self._database = database
        self._clock = clock
        self._owner = owner
        self._lanes = {name: _ChannelLane(self, transport) for name, transport in transports.items()}
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    @staticmethod
    def new_owner() -> str:
        return secrets.token_hex(8)

    def takes(self, channel: str, recipient: str) -> bool:
        """Say whether a row may be claimed for this sender when it is written: not while earlier ones of its chat wait."""
        lane = self._lanes.get(channel)
        return lane is not None and not self._stopping and recipient not in lane.resting

    def accept(self, rows: Sequence[Claimed]) -> None:
        """Take rows that were claimed for this sender when they were written; an empty list is a hint to look."""
        for row in rows:
            lane = self._lanes.get(row.channel)
            if lane is not None and not self._stopping:
                lane.accept(row)
        if not rows:
            self._wake.set()

    async def start(self) -> None:
        """Bring back what a process that died had in its hands, then begin to send."""
        await self.recover(sole=self._database.is_sqlite)
        self._tasks = [
            asyncio.create_task(self._look(), name="sender: claims"),
            asyncio.create_task(self._keep_leases(), name="sender: leases"),
            *(asyncio.create_task(lane.run(), name=f"sender: {name}") for name, lane in self._lanes.items()),
        ]

    async def stop(self) -> None:
        """Finish what is in flight and give the rest back."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        rest = [row.id for lane in self._lanes.values() for row in await lane.stop()]
        if rest:
            await self._database.write(lambda uow: deliveries.give_back(uow, rest, now=self._clock.now()))

    async def recover(self, *, sole: bool = False) -> None:
        """Put back what dead senders held. Called at the start, and by a sweep while running."""
        now = self._clock.now()
        again, unknown = await self._database.write(
            lambda uow: deliveries.recover(uow, now=now, owner=self._owner, in_hand=self._in_hand(), sole=sole)
        )
        if again or unknown:
            log.warning("delivery.recovered", queued_again=again, unknown=unknown)
            self._wake.set()

    async def idle(self) -> None:
        """Return once nothing is in hand: for tests and for a clean stop."""
        while any(lane.busy for lane in self._lanes.values()):
            await asyncio.gather(*(lane.quiet.wait() for lane in self._lanes.values()))

    async def _look(self) -> None:
        while True:
            self._wake.clear()
            claimed: list[Claimed] = []
            try:
                claimed = await self._database.write(self._claim)
            except Exception:
                log.exception("delivery.claim_failed")
            for row in claimed:
                self._lanes[row.channel].resting.discard(row.recipient)
                self._lanes[row.channel].accept(row)
            if len(claimed) < _CLAIM_AT_ONCE:
                try:
                    await asyncio.wait_for(self._wake.wait(), _LOOK_EVERY_S)
                except TimeoutError:
                    continue

    async def _claim(self, uow: UnitOfWork) -> list[Claimed]:
        now = self._clock.now()
        return await deliveries.claim(
            uow, owner=self._owner, channels=list(self._lanes), now=now, lease_until=now + LEASE, limit=_CLAIM_AT_ONCE
        )

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            if any(lane.busy for lane in self._lanes.values()):
                await self._database.write(self._extend_leases)

    async def _extend_leases(self, uow: UnitOfWork) -> None:
        await deliveries.extend_leases(uow, self._in_hand(), owner=self._owner, until=self._clock.now() + LEASE)

    def _in_hand(self) -> set[int]:
        return {row_id for lane in self._lanes.values() for row_id in lane.in_hand()}

    # Recording

    async def record_sent(self, row: Claimed, platform_message_id: str) -> None:
        now = self._clock.now()
        DELIVERY_SECONDS.labels(row.channel).observe((now - row.created_at).total_seconds())
        await self._record(
            row, DeliveryState.SENT, sent_at=now, platform_message_id=platform_message_id, attempts=row.attempts + 1
        )

    async def record_failure(self, row: Claimed, failure: NotSent) -> timedelta | None:
        """Record why a row did not go out; return how long its chat must wait, or nothing when the row is done with."""
        reason = f"{type(failure).__name__}: {failure}"[:500]
        attempts = row.attempts + 1
        if isinstance(failure, Unreachable):
            now = self._clock.now()
            await self._database.write(
                lambda uow: deliveries.mark_unreachable(uow, account_id=row.account_id, reason=str(failure), now=now)
            )
            await self._record(row, DeliveryState.UNREACHABLE, error=reason, attempts=attempts)
            return None
        if isinstance(failure, Refused):
            log.error("delivery.refused", delivery=row.id, channel=row.channel, reason=reason)
            await self._record(row, DeliveryState.REFUSED, error=reason, attempts=attempts)
            return None
        if isinstance(failure, NoAnswer) and row.priority > 0:
            await self._record(row, DeliveryState.UNKNOWN, error=reason, attempts=attempts)
            return None
        now = self._clock.now()
        if now - row.created_at > _GIVE_UP_AFTER:
            log.error("delivery.given_up", delivery=row.id, channel=row.channel, reason=reason)
            await self._record(row, DeliveryState.GIVEN_UP, error=reason, attempts=attempts)
            return None
        wait = failure.after if isinstance(failure, TryLater) and failure.after is not None else backoff(row.attempts)
        await self._record(row, DeliveryState.QUEUED, error=reason, attempts=attempts, next_attempt_at=now + wait)
        return wait

    async def put_back(self, rows: Sequence[Claimed], wait: timedelta) -> None:
        """Put back rows of a chat whose first row must wait, so that they stay behind it."""
        ids, at = [row.id for row in rows], self._clock.now() + wait
        await self._database.write(lambda uow: deliveries.give_back(uow, ids, now=at))

    async def _record(
        self,
        row: Claimed,
        state: DeliveryState,
        *,
        attempts: int,
        error: str | None = None,
        next_attempt_at: datetime | None = None,
        sent_at: datetime | None = None,
        platform_message_id: str | None = None,
    ) -> None:
        DELIVERIES.labels(row.channel, row.kind, state).inc()

        async def write(uow: UnitOfWork) -> None:
            uow.update(
                Delivery,
                row.id,
                state=str(state),
                attempts=attempts,
                error=error,
                next_attempt_at=next_attempt_at,
                sent_at=sent_at,
                platform_message_id=platform_message_id,
                lease_until=None,
                lease_owner=None,
            )

        await self._database.write(write)


class _ChannelLane:
    """The rows of one channel: in order within a chat, chats beside each other, within the platform's limits."""

    def __init__(self, sender: Sender, transport: Transport) -> None:
        self._sender = sender
        self._transport = transport
        limits = transport.limits
        self._account = Bucket(limits.per_second, max(1.0, min(limits.per_second, 10.0)))
        self._chats: dict[str, deque[Claimed]] = {}
        self._buckets: dict[str, Bucket] = {}
        self._ready: list[tuple[int, int, str]] = []
        self._order = itertools.count()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._changed = asyncio.Event()
        self.resting: set[str] = set()
        """chats with a row that waits for its next attempt: what is written to them now must stay behind it"""
        self.quiet = asyncio.Event()
        self.quiet.set()

    @property
    def busy(self) -> bool:
        return bool(self._chats)

    def in_hand(self) -> Iterator[int]:
        return (row.id for rows in self._chats.values() for row in rows)

    def accept(self, row: Claimed) -> None:
        self.quiet.clear()
        waiting = self._chats.get(row.recipient)
        if waiting is None:
            self._chats[row.recipient] = deque([row])
            self._schedule(row.recipient)
        else:
            waiting.append(row)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            while self._ready and len(self._in_flight) < self._transport.limits.in_flight:
                wait = self._account.wait(loop.time())
                if wait > 0:
                    self._later(wait, self._changed.set)
                    break
                _, _, chat = heapq.heappop(self._ready)
                self._account.take(loop.time())
                task = asyncio.create_task(self._send_first(chat), name=f"send: {self._transport.name}")
                self._in_flight.add(task)
                task.add_done_callback(self._in_flight.discard)
                task.add_done_callback(lambda _: self._changed.set())
            await self._changed.wait()

    async def stop(self) -> list[Claimed]:
        """Let what is in flight arrive, and return the rows that were not tried."""
        for timer in self._timers:
            timer.cancel()
        await asyncio.gather(*self._in_flight, return_exceptions=True)
        rest = [row for rows in self._chats.values() for row in rows]
        self._chats.clear()
        return rest

    async def _send_first(self, chat: str) -> None:
        row = self._chats[chat][0]
        loop = asyncio.get_running_loop()
        bucket = self._bucket(chat)
        wait: timedelta | None = None
        try:
            bucket.take(loop.time())
            message_id = await self._transport.send(row.recipient, Message.from_json(row.content), delivery_id=row.id)
        except NotSent as failure:
            if isinstance(failure, TryLater) and failure.after is not None:
                closed = self._account if failure.whole_account else bucket
                closed.close(loop.time() + failure.after.total_seconds())
            wait = await self._safely(self._sender.record_failure(row, failure))
        except Exception as error:
            log.exception("delivery.channel_failed", delivery=row.id, channel=row.channel)
            wait = await self._safely(self._sender.record_failure(row, TryLater(repr(error))))
        else:
            await self._safely(self._sender.record_sent(row, message_id))
        await self._next_of(chat, wait)

    async def _next_of(self, chat: str, wait: timedelta | None) -> None:
        waiting = self._chats[chat]
        waiting.popleft()
        if wait is not None:
            self.resting.add(chat)
        if wait is not None and waiting:
            rest, self._chats[chat] = list(waiting), deque()
            waiting = self._chats[chat]
            await self._safely(self._sender.put_back(rest, wait))
        if waiting:
            self._schedule(chat)
            return
        del self._chats[chat]
        if not self._chats:
            self._forget_idle_buckets()
            self.quiet.set()

    async def _safely(self, recording: Awaitable[T]) -> T | None:
        """Record; if even that fails, the lease ends some day and the row comes back."""
        try:
            return await recording
        except Exception:
            log.exception("delivery.record_failed", channel=self._transport.name)
            return None

    def _schedule(self, chat: str) -> None:
        """Have the first row of the chat sent as soon as its bucket lets it."""
        pause = self._bucket(chat).wait(asyncio.get_running_loop().time())
        if pause > 0:
            self._later(pause, lambda: self._make_ready(chat))
        else:
            self._make_ready(chat)

    def _make_ready(self, chat: str) -> None:
        if waiting := self._chats.get(chat):
            heapq.heappush(self._ready, (waiting[0].priority, next(self._order), chat))
            self._changed.set()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        def fire() -> None:
            self._timers.discard(handle)
            act()

        handle = asyncio.get_running_loop().call_later(seconds, fire)
        self._timers.add(handle)

    def _bucket(self, chat: str) -> Bucket:
        limits = self._transport.limits
        return self._buckets.setdefault(chat, Bucket(limits.per_chat, limits.chat_burst))

    def _forget_idle_buckets(self) -> None:
        now = asyncio.get_running_loop().time()
        self._buckets = {chat: bucket for chat, bucket in self._buckets.items() if not bucket.is_idle(now)}
