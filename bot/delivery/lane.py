"""The rows of one channel: in order within a chat, chats beside each other, within the platform's limits, replies first."""

import asyncio
import heapq
import itertools
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog

from bot.delivery.budget import SharedBucket
from bot.delivery.contents import Contents
from bot.delivery.outside import Knock, OutsideWindow
from bot.delivery.pacing import Bucket
from bot.delivery.recording import Recorder
from bot.delivery.transport import Edits, Knocks, NotSent, QuotaUsedUp, Refused, Transport, TryLater, WindowClosed
from storage.deliveries import Claimed

T = TypeVar("T")
Share = Callable[[Callable[[], None]], SharedBucket]
"""makes the bucket of an account that other processes use as well; what it is given is called when it has news"""
log = structlog.get_logger()

_AHEAD_S = 1.0
"""how far ahead rows of waves are claimed, in seconds of the rate"""
_AHEAD_LEAST = 4
_BURST_S = 0.4
"""how much of the rate may be made up for after a stall: well below the second for which platforms count"""
_AHEAD_TIMES = 10
"""without a rate: that many times the calls at once"""
_BEGUN_SPARE_S = 0.03
_BEGUN_LEAST = 2
_BEGUN_TIMES = 4
"""without a rate: that many times the calls at once are on their way"""
_RESERVED = 8
"""one in so many calls at once is kept for replies and alerts"""
_DRAW_EVERY_S = 1.0
_PRUNE_EVERY = 2000
"""sends between two looks for buckets that can be forgotten"""


class Lately:
    """How long something takes, lately: quick to believe that it takes longer, slow to believe the opposite."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def note(self, seconds: float) -> None:
        weight = 0.3 if seconds > self.seconds else 0.05
        self.seconds += weight * (min(seconds, 2.0) - self.seconds)


class ChannelLane:
    """draw_rows: claims so many rows of waves for this channel; begin_rows: writes down that they are tried now.
    share: where other processes send with the same account.

    Rows of waves go through two steps, so that a process that is killed leaves few of which nobody knows whether they were
    sent: they are drawn well ahead, and begun only as many as will be on their way while that is written down.
    """

    def __init__(
        self,
        transport: Transport,
        recorder: Recorder,
        outside: OutsideWindow,
        contents: Contents,
        draw_rows: Callable[[int], Awaitable[list[Claimed]]],
        begin_rows: Callable[[Sequence[int]], Awaitable[set[int]]],
        share: Share | None = None,
    ) -> None:
        self._transport = transport
        self._edits = transport if isinstance(transport, Edits) else None
        self._recorder = recorder
        self._outside = outside
        self._contents = contents
        self._draw_rows = draw_rows
        self._begin_rows = begin_rows
        self._drawn: deque[Claimed] = deque()
        self._beginning: list[Claimed] = []
        self._begin_takes = Lately(0.02)
        self._send_takes = Lately(0.1)
        limits = transport.limits
        own = Bucket(limits.per_second, max(1.0, limits.per_second * _BURST_S))
        self._account: Bucket | SharedBucket = own if share is None else share(self._look_again)
        self._ahead = _AHEAD_TIMES * limits.in_flight
        if limits.per_second > 0:
            self._ahead = min(self._ahead, max(_AHEAD_LEAST, math.ceil(limits.per_second * _AHEAD_S)))
        self._bulk_calls_most = limits.in_flight - max(1, limits.in_flight // _RESERVED) if limits.in_flight > 1 else 1
        self._chats: dict[str, deque[Claimed]] = {}
        self._buckets: dict[str, Bucket] = {}
        self._ready: list[tuple[int, int, str]] = []
        self._order = itertools.count()
        self._calls = 0
        self._bulk_calls = 0
        self._of_waves = 0
        self._since_pruned = 0
        self._sending: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._more = asyncio.Event()
        self.wake = asyncio.Event()
        """somebody says that waves may have rows for this channel"""
        self.resting: set[str] = set()
        """chats with a row that waits for its next attempt: what is written to them now must stay behind it"""
        self.quiet = asyncio.Event()
        self.quiet.set()

    @property
    def busy(self) -> bool:
        return bool(self._chats)

    def in_hand(self) -> Iterator[int]:
        return (row.id for rows in (*self._chats.values(), self._drawn, self._beginning) for row in rows)

    def accept(self, row: Claimed) -> None:
        self.quiet.clear()
        self._of_waves += row.wave_id is not None
        waiting = self._chats.get(row.recipient)
        if waiting is None:
            self._chats[row.recipient] = deque([row])
            self._schedule(row.recipient)
        else:
            waiting.append(row)

    async def draw(self) -> None:
        """Keep some rows of waves at hand, as long as there are any."""
        while True:
            self.wake.clear()
            self._room.clear()
            room = self._ahead - len(self._drawn)
            if room * 3 < self._ahead:
                await self._room.wait()
                continue
            taken = await self._safely(self._draw_rows(room)) or []
            self._drawn.extend(taken)
            self._more.set()
            if len(taken) < room:
                try:
                    await asyncio.wait_for(self.wake.wait(), _DRAW_EVERY_S)
                except TimeoutError:
                    continue

    async def begin(self) -> None:
        """Have rows that were drawn be sent, as many at a time as the channel takes soon."""
        loop = asyncio.get_running_loop()
        while True:
            self._more.clear()
            most = self._begun_most()
            room = most - self._of_waves
            if not self._drawn or room * 3 < most:
                await self._more.wait()
                continue
            rows = [self._drawn.popleft() for _ in range(min(room, len(self._drawn)))]
            self._room.set()
            self._of_waves += len(rows)  # also while it is being written: what is in hand is counted once
            self._beginning = rows  # a stop may come between the commit and here: these were not tried, and go back
            started = loop.time()
            begun = await self._safely(self._begin_rows([row.id for row in rows])) or set()
            self._begin_takes.note(loop.time() - started)
            self._of_waves -= len(rows)
            self._beginning = []
            for row in rows:
                if row.id in begun:
                    self.accept(row)

    def _begun_most(self) -> int:
        """Return how many rows of waves may be on their way: what the rate needs for as long as one of them takes."""
        limits = self._transport.limits
        if limits.per_second <= 0:
            return _BEGUN_TIMES * limits.in_flight
        takes = self._begin_takes.seconds + self._send_takes.seconds + _BEGUN_SPARE_S
        return max(_BEGUN_LEAST, min(2 * limits.in_flight, math.ceil(limits.per_second * takes)))

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            while self._ready and self._calls < self._transport.limits.in_flight:
                bulk = self._ready[0][0] > 0
                if bulk and self._bulk_calls >= self._bulk_calls_most:
                    break
                wait = self._account.wait(loop.time())
                if wait > 0:
                    self._later(wait, self._changed.set)
                    break
                _, _, chat = heapq.heappop(self._ready)
                self._account.take(loop.time())
                self._calls += 1
                self._bulk_calls += bulk
                task = asyncio.create_task(self._send_first(chat, bulk), name=f"send: {self._transport.name}")
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            await self._changed.wait()

    def _look_again(self) -> None:
        self._changed.set()

    async def stop(self) -> list[Claimed]:
        """Let what is in flight arrive, and return the rows that were not tried."""
        if isinstance(self._account, SharedBucket):
            await self._account.stop()
        for timer in self._timers:
            timer.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        rest = [row for rows in (*self._chats.values(), self._drawn, self._beginning) for row in rows]
        self._chats.clear()
        self._drawn.clear()
        self._beginning = []
        return rest

    async def _send_first(self, chat: str, bulk: bool) -> None:
        row = self._chats[chat][0]
        started = asyncio.get_running_loop().time()
        failure: NotSent | None = None
        message_id = ""
        try:
            self._bucket(chat).take(asyncio.get_running_loop().time())
            message_id = await self._send(row)
        except NotSent as error:
            failure = error
        except Exception as error:
            log.exception("delivery.channel_failed", delivery=row.id, channel=row.channel)
            failure = TryLater(repr(error))
        finally:
            self._calls -= 1
            self._bulk_calls -= bulk
            self._changed.set()
        wait: timedelta | None = None
        if failure is None:
            await self._safely(self._recorder.sent(row, message_id))
            self._send_takes.note(asyncio.get_running_loop().time() - started)
        elif isinstance(failure, WindowClosed):
            wait = await self._safely(self._outside.settle(row, failure, self._knock(row)))
        else:
            self._heed(failure, chat)
            wait = await self._safely(self._recorder.failed(row, failure))
            if isinstance(failure, QuotaUsedUp):
                wait = None  # the chat goes on: as soon as the person writes, what is said to them costs nothing
        await self._next_of(chat, wait)

    async def _send(self, row: Claimed) -> str:
        message = await self._contents.of(row)
        replaces = row.content.get("replaces")
        if replaces is not None and self._edits is not None:
            try:
                await self._edits.edit(row.recipient, replaces, message)
            except Refused:
                log.info("delivery.not_editable", delivery=row.id, channel=row.channel)
            else:
                return str(replaces)
        return await self._transport.send(row.recipient, message, delivery_id=row.id)

    def _knock(self, row: Claimed) -> Knock | None:
        """Return how the person is told by a template that this waits for them, where the platform has such."""
        knocks = self._transport
        if not isinstance(knocks, Knocks):
            return None

        async def knock() -> str | None:
            return await knocks.knock(row.recipient, await self._contents.of(row))

        return knock

    def _heed(self, failure: NotSent, chat: str) -> None:
        """Let nothing through for as long as the platform said."""
        if isinstance(failure, TryLater) and failure.after is not None and not isinstance(failure, QuotaUsedUp):
            closed = self._account if failure.whole_account else self._bucket(chat)
            closed.close(asyncio.get_running_loop().time() + failure.after.total_seconds())

    async def _next_of(self, chat: str, wait: timedelta | None) -> None:
        waiting = self._chats[chat]
        self._done(waiting.popleft())
        if wait is not None:
            self.resting.add(chat)
        if wait is not None and waiting:
            rest, self._chats[chat] = list(waiting), deque()
            waiting = self._chats[chat]
            await self._safely(self._recorder.put_back(rest, wait))
            for row in rest:
                self._done(row)
        if waiting:
            self._schedule(chat)
            return
        del self._chats[chat]
        self._since_pruned += 1
        if not self._chats or self._since_pruned >= _PRUNE_EVERY:
            self._forget_idle_buckets()
        if not self._chats:
            self.quiet.set()

    def _done(self, row: Claimed) -> None:
        if row.wave_id is not None:
            self._of_waves -= 1
            self._more.set()

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
        bucket = self._buckets.get(chat)
        if bucket is None:
            rate, burst = self._transport.limits.of_chat(chat)
            bucket = self._buckets[chat] = Bucket(rate, burst)
        return bucket

    def _forget_idle_buckets(self) -> None:
        now = asyncio.get_running_loop().time()
        self._since_pruned = 0
        self._buckets = {
            chat: bucket for chat, bucket in self._buckets.items() if chat in self._chats or not bucket.is_idle(now)
        }
