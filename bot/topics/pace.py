"""How fast a group is written to: a group is one chat, whatever number of topics it has, and takes so many messages a minute,
edits and new topics among them."""

from datetime import datetime, timedelta

PER_MINUTE = 20
_BURST = 6
_SPACING = timedelta(seconds=1)


class Pace:
    """A bucket that never lets more through in any minute than the platform takes. per_minute: 0 is no limit.

    level and at: what an earlier owner of the group left behind; a new one starts with a full bucket.
    """

    def __init__(self, per_minute: float, *, level: float | None = None, at: datetime | None = None) -> None:
        self._burst = float(min(_BURST, per_minute))
        # What a full bucket lets through at once, and what flows in during the minute after, make the limit together.
        self._rate = (per_minute - self._burst) / 60 if per_minute > self._burst else per_minute / 60
        self._per_minute = per_minute
        self._spacing = min(_SPACING, timedelta(seconds=20 / per_minute)) if per_minute else timedelta()
        self._level = self._burst if level is None else min(level, self._burst)
        self._at = at
        self._last: datetime | None = None

    def wait(self, now: datetime) -> float:
        """Return the seconds until the next call may be made; 0 when it may at once."""
        if not self._per_minute:
            return 0.0
        self._fill(now)
        pause = (1 - self._level) / self._rate if self._level < 1 - 1e-9 else 0.0
        spaced = (self._last + self._spacing - now).total_seconds() if self._last is not None else 0.0
        return max(0.0, pause, spaced)

    def take(self, now: datetime) -> None:
        """Count a call that is made now."""
        self._fill(now)
        self._level -= 1
        self._last = now

    def level(self, now: datetime) -> float:
        self._fill(now)
        return self._level

    def _fill(self, now: datetime) -> None:
        if self._at is not None and now > self._at:
            self._level = min(self._burst, self._level + (now - self._at).total_seconds() * self._rate)
        self._at = now
