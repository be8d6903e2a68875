"""How far a campaign has come: what is shown while it goes out, and what is left of it afterwards."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.delivery.ledger import FAILED, DeliveryState
from bot.outreach.waves import FILLING, MAIN
from storage import waves as stored
from storage.database import Database
from storage.waves import Waiting

_LOOKS = 30
_RATE_OVER_S = 12.0
_CAMPAIGNS_KEPT = 200
_FRESH_S = 0.8
"""how old figures may be: many pages that look at once cost one look at the database"""

_REASONS = 3
OPEN = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True)
class Progress:
    """Of the main wave: rows by state. writing: its rows are still being written, and `total` grows.

    rate: messages a second, lately. finish_in: at this rate, and not before those are told who chose other hours; none while
    nothing moves that could. later: how many wait for the hours that they chose, the last of which begin at `later_until`.
    """

    total: int
    states: Mapping[str, int]
    channels: Mapping[str, Mapping[str, int]]
    writing: bool
    rate: float
    finish_in: timedelta | None
    later: int
    later_until: datetime | None
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    waves: tuple[tuple[str, str, int], ...]
    """purpose, state and recipients of each wave"""

    def of(self, *states: str) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def left(self) -> int:
        return self.of(*OPEN)

    @property
    def sent(self) -> int:
        return self.of(DeliveryState.SENT, DeliveryState.ACKNOWLEDGED)

    @property
    def acknowledged(self) -> int:
        return self.of(DeliveryState.ACKNOWLEDGED)

    @property
    def failed(self) -> int:
        return self.of(*FAILED)

    @property
    def unknown(self) -> int:
        return self.of(DeliveryState.UNKNOWN)

    @property
    def done(self) -> int:
        return self.total - self.left

    def to_json(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "done": self.done,
            "left": self.left,
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "failed": self.failed,
            "unknown": self.unknown,
            "writing": self.writing,
            "rate": round(self.rate, 1),
            "finish_in_s": round(self.finish_in.total_seconds()) if self.finish_in is not None else None,
            "later": self.later,
            "later_until": self.later_until.isoformat() if self.later_until else None,
            "states": dict(self.states),
            "channels": {name: dict(states) for name, states in self.channels.items()},
            "first_sent_at": self.first_sent_at.isoformat() if self.first_sent_at else None,
            "last_sent_at": self.last_sent_at.isoformat() if self.last_sent_at else None,
            "waves": [{"purpose": p, "state": s, "recipients": n} for p, s, n in self.waves],
        }


class ProgressWatch:
    """monotonic: seconds that only go forward."""

    def __init__(self, database: Database, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._looks: OrderedDict[int, deque[tuple[float, int]]] = OrderedDict()
        self._fresh: dict[int, tuple[float, Progress]] = {}

    async def look(self, campaign_id: int, *, whole: bool = False, shared: bool = False) -> Progress:
        """Return how far it has come. whole: with the times of the first and the last message, which takes longer.
        shared: what another page was told just now will do."""
        now, wall = self._monotonic(), self._clock.now()
        known = self._fresh.get(campaign_id)
        if shared and known is not None and now - known[0] < _FRESH_S:
            return known[1]
        async with self._database.read() as uow:
            waves = await stored.of_campaign(uow, campaign_id)
            main = next((each for each in waves if each.purpose == MAIN), None)
            found = await stored.counts(uow, [main.id] if main else [])
            queued = any(state == DeliveryState.QUEUED for _, _, state in found)
            later, until = await stored.at_their_hours(uow, main.id, wall) if queued and main else (0, None)
            first, last = await stored.first_and_last_sent(uow, main.id) if whole and main else (None, None)
        states: dict[str, int] = {}
        channels: dict[str, dict[str, int]] = {}
        for (_, channel, state), amount in found.items():
            states[state] = states.get(state, 0) + amount
            channels.setdefault(channel, {})[state] = amount
        left = sum(states.get(state, 0) for state in OPEN)
        total = sum(states.values())
        rate = self._rate(campaign_id, now, total - left)
        progress = Progress(
            total=total,
            states=states,
            channels=channels,
            writing=main is not None and main.state == FILLING,
            rate=rate,
            finish_in=_finish_in(left, rate, later, until - wall if until is not None else timedelta()),
            later=later,
            later_until=until,
            first_sent_at=first,
            last_sent_at=last,
            waves=tuple((each.purpose, each.state, each.recipients) for each in waves),
        )
        self._fresh[campaign_id] = (now, progress)
        return progress

    async def waiting(self, campaign_id: int) -> list[Waiting]:
        """Return why messages of the main wave wait for another attempt, and until when."""
        async with self._database.read() as uow:
            waves = await stored.of_campaign(uow, campaign_id)
            main = next((each for each in waves if each.purpose == MAIN), None)
            return await stored.waiting(uow, main.id, limit=_REASONS) if main else []

    def _rate(self, campaign_id: int, now: float, done: int) -> float:
        looks = self._looks.setdefault(campaign_id, deque(maxlen=_LOOKS))
        self._looks.move_to_end(campaign_id)
        if len(self._looks) > _CAMPAIGNS_KEPT:
            oldest, _ = self._looks.popitem(last=False)
            self._fresh.pop(oldest, None)
        while looks and now - looks[0][0] > _RATE_OVER_S:
            looks.popleft()
        looks.append((now, done))
        since, before = looks[0]
        return max(0.0, (done - before) / (now - since)) if now > since else 0.0


def _finish_in(left: int, rate: float, later: int, last: timedelta) -> timedelta | None:
    """later: how many of those who are left wait for their hours; last: until the last of these begin."""
    if not left or (rate <= 0 and later < left):
        return None
    return max(timedelta(seconds=left / rate) if rate > 0 else timedelta(), last)
