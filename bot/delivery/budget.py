"""What an account of ours may send, shared by all processes that send with it.

The database keeps up to which moment the account's rate has been given out. A process asks for the next few places on that
line, and sends one message at each: however many processes ask, no two have the same place, and together they keep the rate.
Nobody can ask far ahead, so that a reply never waits long for a place.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

HORIZON_S = 0.25
"""how far ahead places are given out"""
_AGAIN_S = 0.05


@dataclass(frozen=True)
class Grant:
    """Places on the account's line: `amount` of them, the first in `starts_in` seconds. None were left where it is 0: then
    asking again is of use after `starts_in`."""

    amount: int
    starts_in: float


Ask = Callable[[int], Awaitable[Grant]]
Close = Callable[[float], Awaitable[None]]


class SharedBucket:
    """The same as `Bucket`, of an account that other processes use as well. Times are seconds of the loop's clock.

    ask: brings so many places from the database. tell: lets the others know that the account is closed for so many seconds.
    changed: called when there is news, for whoever waits.
    """

    def __init__(self, rate: float, ask: Ask, tell: Close, changed: Callable[[], None]) -> None:
        self._rate = rate
        self._ask = ask
        self._tell = tell
        self._changed = changed
        self._places: deque[float] = deque()
        self._most = max(1, int(rate * HORIZON_S))
        self._closed_until = 0.0
        self._ask_from = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    def wait(self, now: float) -> float:
        """Return the seconds until the next message may go: 0 when it may at once."""
        if len(self._places) * 2 <= self._most and now >= self._ask_from:
            self._renew()
        while self._places and self._places[0] < now - HORIZON_S:
            self._places.popleft()  # a place that was not used in time is gone: used late, it would be one too many
        if now < self._closed_until:
            return self._closed_until - now
        return max(0.0, self._places[0] - now) if self._places else _AGAIN_S

    def take(self, now: float) -> None:
        """Count a message that goes now."""
        if self._places:
            self._places.popleft()

    def close(self, until: float) -> None:
        """Let nothing through until then, here and elsewhere: the platform said so."""
        self._closed_until = max(self._closed_until, until)
        self._places.clear()
        seconds = until - asyncio.get_running_loop().time()
        self._keep(asyncio.create_task(self._safely(self._tell(seconds)), name="delivery: account closed"))

    async def stop(self) -> None:
        tasks = [*self._telling, *([self._asking] if self._asking is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _renew(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._bring(), name="delivery: places")

    async def _bring(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            grant = await self._ask(self._most)
        except Exception:
            log.exception("delivery.budget_failed")
            self._ask_from = loop.time() + 1.0
            return
        start = loop.time() + grant.starts_in
        if grant.amount == 0:
            self._ask_from = start
        self._places.extend(start + place / self._rate for place in range(grant.amount))
        self._changed()

    async def _safely(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception:
            log.exception("delivery.budget_failed")

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
