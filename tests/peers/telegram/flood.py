"""The flood model: token buckets after the published limits.

The real thresholds are secret and vary; these are the ones a careful bot paces itself below.
Off by default, because a test presses buttons faster than any person and would otherwise
mostly measure waiting.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from .clock import Clock
from .errors import too_many


@dataclass
class Bucket:
    """capacity: tokens a burst may take. rate: tokens a second that come back."""

    capacity: float
    rate: float
    level: float = field(default=-1.0)
    at: float = 0.0

    def wait_for(self, tokens: int, now: float) -> float:
        """Return the seconds until so many tokens are there; takes nothing."""
        if self.level < 0:
            self.level = self.capacity
        elif now > self.at:
            self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        # A full bucket always serves: an album of ten must pass where the burst is three.
        return max(0.0, (min(tokens, self.capacity) - self.level) / self.rate)


class Flood:
    """Sends, edits and new topics take tokens; answers to button presses and chat actions do not."""

    def __init__(self, clock: Clock, enabled: bool = False) -> None:
        self.enabled = enabled
        self.all_chats = (30.0, 30.0)
        self.paid = (1000.0, 1000.0)
        self.one_chat = (3.0, 1.0)  # short bursts pass, then one a second
        self.one_group = (20.0, 20 / 60)
        self.refusals = 0
        self._clock = clock
        self._buckets: dict[tuple[str, int], Bucket] = {}

    def charge(self, chat_id: int, *, group: bool, messages: int = 1, paid: bool = False) -> None:
        """Take the tokens from every bucket concerned, or raise 429 and take from none."""
        if not self.enabled:
            return
        now = self._clock.now()
        buckets = list(self._concerned(chat_id, group, paid))
        wait = max(bucket.wait_for(messages, now) for bucket in buckets)
        if wait > 1e-6:
            self.refusals += 1
            raise too_many(max(1, math.ceil(wait)))
        for bucket in buckets:
            bucket.level -= min(messages, bucket.capacity)

    def charge_webhook_change(self) -> None:
        if self.enabled and (wait := (bucket := self._bucket("webhook", 0, (1.0, 1.0))).wait_for(1, self._clock.now())):
            raise too_many(max(1, math.ceil(wait)))
        if self.enabled:
            bucket.level -= 1

    def _concerned(self, chat_id: int, group: bool, paid: bool) -> Iterable[Bucket]:
        yield self._bucket("paid", 0, self.paid) if paid else self._bucket("all", 0, self.all_chats)
        yield self._bucket("chat", chat_id, self.one_chat)
        if group:
            yield self._bucket("group", chat_id, self.one_group)

    def _bucket(self, kind: str, key: int, shape: tuple[float, float]) -> Bucket:
        return self._buckets.setdefault((kind, key), Bucket(*shape))
