"""The queue of updates for the bot, and long polling on it."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from .clock import Bell, Clock
from .errors import conflict

MESSAGE_LIFE = 86_400.0
CALLBACK_LIFE = 150.0
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(frozen=True)
class Update:
    id: int
    kind: str
    body: dict[str, Any]
    lane: str
    """Order is kept only inside one lane: a chat's messages, a person's button presses."""
    expires_at: float

    def wire(self) -> dict[str, Any]:
        return {"update_id": self.id, self.kind: self.body}


class Updates:
    def __init__(self, clock: Clock, bell: Bell) -> None:
        self.next_id = 700_000_001
        self.allowed: list[str] = []
        self.delivered: list[Update] = []
        self._clock = clock
        self._bell = bell
        self._pending: dict[int, Update] = {}
        self._lanes: dict[str, dict[int, Update]] = {}
        self._next_expiry = float("inf")
        self._held: list[tuple[str, dict[str, Any], str, float]] | None = None

    def put(self, kind: str, body: dict[str, Any], lane: str, life: float = MESSAGE_LIFE) -> None:
        """Queue an update, unless the bot has not asked for its kind."""
        if not (kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT):
            return
        if self._held is not None:
            self._held.append((kind, body, lane, life))
            return
        self._queue(Update(self.next_id, kind, body, lane, self._clock.now() + life))
        self.next_id += 1
        self._bell.ring()

    def _queue(self, update: Update) -> None:
        self._pending[update.id] = update
        self._lanes.setdefault(update.lane, {})[update.id] = update
        self._next_expiry = min(self._next_expiry, update.expires_at)

    def _remove(self, number: int) -> Update | None:
        update = self._pending.pop(number, None)
        if update:
            lane = self._lanes[update.lane]
            del lane[number]
            if not lane:
                del self._lanes[update.lane]
        return update

    def hold(self) -> None:
        """Keep what people do from now on to ourselves, until `release`."""
        if self._held is None:
            self._held = []

    def release(self, order: Literal["kept", "reversed", "shuffled"] = "kept", seed: int = 0) -> None:
        held, self._held = self._held or [], None
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(held)
        for waiting in held:
            self.put(*waiting)

    def repeat(self, last: int) -> None:
        """Put updates that were delivered before into the queue again, under their old ids."""
        for update in self.delivered[-last:]:
            self._queue(update)
        self._pending = dict(sorted(self._pending.items()))
        self._bell.ring()

    def pending(self) -> list[Update]:
        self._forget_expired()
        return list(self._pending.values())

    def count(self) -> int:
        self._forget_expired()
        return len(self._pending)

    def lanes(self) -> Iterable[str]:
        """Return the lanes in which something waits."""
        self._forget_expired()
        return self._lanes.keys()

    def first_in(self, lane: str) -> Update | None:
        self._forget_expired()
        return next(iter(self._lanes.get(lane, {}).values()), None)

    def _forget_expired(self) -> None:
        # Looked at on every delivery, so the queue is only walked when something is due to go.
        now = self._clock.now()
        if now < self._next_expiry:
            return
        for update in list(self._pending.values()):
            if update.expires_at <= now:
                self._remove(update.id)
        self._next_expiry = min((update.expires_at for update in self._pending.values()), default=float("inf"))

    def confirm(self, ids: Iterable[int]) -> None:
        for number in list(ids):
            if update := self._remove(number):
                self.delivered.append(update)
        self._bell.ring()

    def drop(self) -> None:
        self._pending.clear()
        self._lanes.clear()


class Polling:
    """getUpdates: one caller at a time, offsets confirm, the call waits until there is something."""

    def __init__(self, updates: Updates, clock: Clock) -> None:
        self.active: asyncio.Future[None] | None = None
        self._updates = updates
        self._clock = clock
        self._bell = updates._bell
        self._last = (0, float("-inf"))

    async def take(self, offset: int, limit: int, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """Return up to `limit` updates from `offset` on, after waiting at most `timeout` seconds.

        Asking at once for the same offset again is answered slowly and with one update: the real
        server does this to clients that never confirm, and a bot that loops without confirming feels it.
        """
        now = self._clock.now()
        offset_before, asked_before = self._last
        if offset == offset_before and now < asked_before + 3.0:
            timeout = max(timeout, 3)
        if offset == offset_before and now < asked_before + 0.5:
            limit = 1
        self._last = (offset, now)
        self.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
        self._confirm(offset)
        if not self._updates.count() and timeout:
            await self._wait(timeout)
        return [update.wire() for update in self._updates.pending()[:limit]]

    def interrupt(self, why: str) -> None:
        if self.active is not None and not self.active.done():
            self.active.set_exception(conflict(why))

    def _confirm(self, offset: int) -> None:
        ids = [update.id for update in self._updates.pending()]
        if offset < 0:
            self._updates.confirm(ids[:offset])
        else:
            self._updates.confirm(number for number in ids if number < offset)

    async def _wait(self, seconds: int) -> None:
        self.active = stop = asyncio.get_running_loop().create_future()
        self._bell.ring()
        arrival = asyncio.ensure_future(self._bell.until(lambda: self._updates.count() or None, seconds))
        try:
            await asyncio.wait([stop, arrival], return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                stop.result()
        finally:
            arrival.cancel()
            await asyncio.gather(arrival, return_exceptions=True)
            if self.active is stop:
                self.active = None
                self._bell.ring()
