"""Quiet hours: when people are left alone, unless it is urgent."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From `begin` to `end` of local time nothing goes out; the end may lie on the next day. Equal: there are none."""

    begin: time
    end: time
    zone: ZoneInfo

    def window(self, at: datetime) -> tuple[datetime, datetime | None]:
        """Return the first stretch of time at or after `at` in which messages may go: (from, until), aware and in UTC."""
        if self.begin == self.end:
            return at, None
        local = at.astimezone(self.zone)
        start = self._next(local, self.end) if self._is_quiet(local.time()) else local
        return start.astimezone(UTC), self._next(start, self.begin).astimezone(UTC)

    def finish(self, at: datetime, needs: timedelta) -> datetime:
        """Return when something is done that begins at `at` and needs so much time outside the quiet hours."""
        start, until = self.window(at)
        while until is not None and until - start < needs:
            needs -= until - start
            start, until = self.window(until)
        return start + needs

    def spent(self, since: datetime, until: datetime) -> timedelta:
        """Return how much time between two moments lies outside the quiet hours."""
        total = timedelta()
        start, end = self.window(since)
        while start < until:
            total += min(until, end or until) - start
            if end is None:
                break
            start, end = self.window(end)
        return total

    def _is_quiet(self, now: time) -> bool:
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end

    def _next(self, local: datetime, when: time) -> datetime:
        at = datetime.combine(local.date(), when, self.zone)
        return at if at > local else datetime.combine(local.date() + timedelta(days=1), when, self.zone)
