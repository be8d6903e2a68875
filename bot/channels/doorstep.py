"""Events that a webhook brings: taken within the time that the platform waits, or kept and taken later, but never lost.

Mostly a turn is committed long before the platform grows impatient, and nothing is kept beside it. Where it is not, or fails,
the event itself is committed and answered for; it is taken as soon as that works, here or in another process. A second arrival
of an event changes nothing, so it does no harm that both may happen.

What is kept so may be a report for the special team, and there is no time to find out: whatever it is, it is sealed with a key
that is in no table, no archive of ours holds the row, and nothing of it tells a report from a greeting. So the platform is
answered for it, and has no reason to switch the webhook off. Only what the database does not take at all it must bring again.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.channels.alarms import Alarms
from bot.channels.errands import Errands
from bot.channels.sealing import CannotOpen, Seal
from bot.channels.vietnam import VIETNAM
from bot.clock import Clock
from storage import waiting_events
from storage.database import Database
from storage.unit_of_work import UnitOfWork
from storage.waiting_events import Waiting

log = structlog.get_logger()

IN_TIME_S = 1.2
"""how long the turn may take before the event is kept instead; with the time to keep it, below the platform's 2 s"""
KEEPING_S = 0.6
EVENTS = "events that wait"
"""what their seal is for"""
PATIENCE = timedelta(hours=1)
"""how long a platform may have been bringing an event in vain before a person looks whether it has given us up"""
_LEASE = timedelta(seconds=60)
_BACKOFF_MAX = timedelta(minutes=30)
_LOOK_EVERY_S = 5.0
_AT_ONCE = 20

TakeRaw = Callable[[str], Coroutine[None, None, None]]
"""Takes the raw body of an event to its end; raises where it could not be taken."""

MayKeep = Callable[[str], Awaitable[bool]]
"""Says whether a text that somebody wrote may be kept open outside a turn: `Pipeline.may_be_kept`."""
_WRITTEN = ("text", "caption", "title", "description")
"""what a platform calls that which people write"""


@dataclass(frozen=True)
class Arrived:
    """An event whose sender has been checked. raw: its body as it came."""

    event_id: str
    name: str
    raw: str
    received_at: datetime


async def keepable(raw: str, may_keep: MayKeep) -> str:
    """Return the body of an event as it may be kept: nothing of it where it holds what must not be."""
    try:
        body = json.loads(raw)
    except ValueError:
        return ""
    for text in dict.fromkeys(_texts(body)):
        if not await may_keep(text):
            return ""
    return raw


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """Yield what people may have written in an event; its own names, ids and addresses are single words."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    elif isinstance(value, str) and (name in _WRITTEN or len(value.split()) > 1):
        yield value


class Doorstep:
    """One for each channel that has a webhook. in_time, keeping: seconds, see above. alarms: told where the platform has been
    refused for so long that it may bring nothing more."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channel: str,
        take: TakeRaw,
        *,
        may_keep: MayKeep,
        seal: Seal,
        alarms: Alarms,
        in_time: float = IN_TIME_S,
        keeping: float = KEEPING_S,
        look_every: float = _LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._channel = channel
        self._take = take
        self._may_keep = may_keep
        self._seal = seal
        self._alarms = alarms
        self._in_time = in_time
        self._keeping = keeping
        self._look_every = look_every
        self._late: set[asyncio.Task[None] | asyncio.Task[str]] = set()
        self._errands = Errands(channel)
        self._one_at_a_time = asyncio.Lock()
        self._in_vain_since: datetime | None = None

    async def arrive(self, event: Arrived) -> bool:
        """Take the event or keep it; True once either is committed. False: neither was possible, and the platform must
        bring it again."""
        began = time.monotonic()
        turn = asyncio.create_task(self._take(event.raw), name=f"{self._channel}: {event.name}")
        done, _ = await asyncio.wait({turn}, timeout=self._in_time)
        if done and turn.exception() is None:
            return self._answer(True)
        reason = "failed" if done else "slow"
        if done:
            log.error("event.not_taken", channel=self._channel, name=event.name, exc_info=turn.exception())
        due_at = self._clock.now() + (timedelta(seconds=2) if done else _LEASE)
        left = max(self._keeping, self._in_time + self._keeping - (time.monotonic() - began))
        kept = await self._keep(event, reason, self._seal.close(event.raw), due_at=due_at, within=left)
        if not done:
            log.warning("event.slow", channel=self._channel, name=event.name, kept=kept)
            self._watch(turn, event, kept=kept)
        return self._answer(kept)

    async def set_aside(self, event: Arrived, reason: str) -> bool:
        """Keep an event that no turn is to take, for a person to look at; False where the platform must bring it again.

        Only that it came is kept of what must not lie open, and where nobody can tell in time whether it may.
        """
        looking = asyncio.create_task(keepable(event.raw, self._may_keep), name=f"{self._channel}: look at {event.name}")
        done, _ = await asyncio.wait({looking}, timeout=self._in_time)
        if not done:
            self._hold(looking)
        elif looking.exception() is not None:
            log.error("event.not_looked_at", channel=self._channel, name=event.name, exc_info=looking.exception())
        body = looking.result() if done and looking.exception() is None else ""
        return self._answer(await self._keep(event, reason, body, due_at=None, within=self._keeping))

    def tell(self, matter: str, detail: str) -> None:
        """Have a matter put on the desk; the platform does not wait for that."""
        self._errands.start(f"tell of {matter}", partial(self._alarms.tell, self._channel, matter, detail))

    async def _keep(self, event: Arrived, reason: str, body: str, *, due_at: datetime | None, within: float) -> bool:
        """Commit the event itself; False where even that did not succeed in time."""

        async def work(uow: UnitOfWork) -> None:
            await waiting_events.keep(
                uow,
                channel=self._channel,
                event_id=event.event_id,
                name=event.name,
                reason=reason,
                body=body,
                received_at=event.received_at,
                due_at=due_at,
            )

        keeping = asyncio.create_task(self._database.write(work), name=f"{self._channel}: keep {event.name}")
        done, _ = await asyncio.wait({keeping}, timeout=within)
        if not done:
            log.error("event.not_kept", channel=self._channel, name=event.name, reason="the database is slow")
            self._hold(keeping)
            return False
        if keeping.exception() is not None:
            log.error("event.not_kept", channel=self._channel, name=event.name, exc_info=keeping.exception())
            return False
        return True

    def _answer(self, ours: bool) -> bool:
        """Remember since when the platform has been bringing events in vain."""
        if ours:
            self._in_vain_since = None
        elif self._in_vain_since is None:
            self._in_vain_since = self._clock.now()
        return ours

    def _watch(self, turn: asyncio.Task[None], event: Arrived, *, kept: bool) -> None:
        """Let a slow turn come to its end, and forget the event that was kept for it."""

        async def follow() -> None:
            await turn
            if kept:
                await self._database.write(lambda uow: waiting_events.done(uow, channel=self._channel, event_id=event.event_id))

        self._hold(asyncio.create_task(follow(), name=f"{self._channel}: late {event.name}"))

    def _hold(self, task: "asyncio.Task[None] | asyncio.Task[str]") -> None:
        def ended(task: "asyncio.Task[None] | asyncio.Task[str]") -> None:
            self._late.discard(task)
            if not task.cancelled() and task.exception() is not None:
                # It falls due again by itself, or the platform brings it again.
                log.error("event.late_turn_failed", channel=self._channel, exc_info=task.exception())

        self._late.add(task)
        task.add_done_callback(ended)

    # What was kept

    async def start(self) -> None:
        self._errands.start("events that wait", self._look)

    async def stop(self) -> None:
        await self._errands.stop()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            try:
                await self.run()
            except Exception:
                log.exception("event.look_failed", channel=self._channel)
            await self.look_at_silence()
            await asyncio.sleep(self._look_every)

    async def look_at_silence(self) -> None:
        """Have somebody look where nothing came since events were refused for as long as the platform repeats them."""
        since = self._in_vain_since
        if since is not None and self._clock.now() - since >= PATIENCE:
            await self._alarms.tell(self._channel, "webhook_refused", since=f"{since.astimezone(VIETNAM):%H:%M %d/%m/%Y}")

    async def run(self) -> int:
        """Take what is due, in the order in which it came; return how many were taken."""
        taken = 0
        async with self._one_at_a_time:
            while waiting := await self._claim():
                for event in waiting:
                    taken += await self._again(event)
        return taken

    async def _claim(self) -> list[Waiting]:
        now = self._clock.now()
        return await self._database.write(
            lambda uow: waiting_events.claim(uow, channel=self._channel, now=now, again_at=now + _LEASE, limit=_AT_ONCE)
        )

    async def _again(self, event: Waiting) -> bool:
        try:
            raw = self._seal.open(event.body)
        except CannotOpen:
            log.error("event.sealed_with_another_key", channel=self._channel, name=event.name, mend="put SECRET_KEY back")
            await self._database.write(lambda uow: waiting_events.give_up(uow, event.id, reason="sealed"))
            return False
        try:
            await self._take(raw)
        except Exception as error:
            until = self._clock.now() + min(_BACKOFF_MAX, timedelta(seconds=5 * 2 ** min(event.attempts, 16)))
            log.exception("event.not_taken", channel=self._channel, name=event.name, tries=event.attempts, again_at=str(until))
            reason = f"{type(error).__name__} on our side"
            await self._database.write(lambda uow: waiting_events.postpone(uow, event.id, until=until, error=reason))
            return False
        await self._database.write(lambda uow: waiting_events.done(uow, channel=event.channel, event_id=event.event_id))
        return True
