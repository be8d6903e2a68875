"""Working time: which hours of which days count for a department's response deadline.

Windows a day and days off are data; public holidays, Tết among them, come from the `holidays` library. A deadline remembers
the version of the calendar that computed it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

Window = tuple[time, time]

OFFICE_HOURS: tuple[Window, ...] = ((time(7, 30), time(11, 30)), (time(13, 0), time(17, 0)))
_FURTHEST = timedelta(days=366 * 3)


class CalendarGap(ValueError):
    """No working time was found for years: the calendar's data must be wrong."""


@dataclass(frozen=True)
class WorkingCalendar:
    """Working windows by weekday (0 is Monday), make-up working days, and extra days off, in one time zone."""

    timezone: ZoneInfo
    week: Mapping[int, Sequence[Window]] = field(default_factory=lambda: dict.fromkeys(range(5), OFFICE_HOURS))
    make_up_days: Mapping[date, Sequence[Window]] = field(default_factory=dict)
    days_off: frozenset[date] = frozenset()
    version: str = "office-hours-1"

    def windows(self, day: date) -> Sequence[Window]:
        """Return the working windows of a day in local time, earliest first."""
        if day in self.make_up_days:
            return self.make_up_days[day]
        if day in self.days_off or day in _public_holidays(day.year):
            return ()
        return self.week.get(day.weekday(), ())

    def after(self, start: datetime, working: timedelta) -> datetime:
        """Return the moment (aware, UTC) at which that much working time has passed since start (aware).

        Raises CalendarGap if the calendar has no such moment within three years.
        """
        left = working
        for begin, end in self._spans(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise CalendarGap(f"no {working} of working time after {start:%Y-%m-%d}: look at the calendar's data")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two moments (aware); zero if the second is not after the first."""
        total = timedelta()
        for begin, until in self._spans(start):
            if begin >= end:
                break
            total += min(until, end) - begin
        return total

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(self.timezone).date()
        last = day + _FURTHEST
        while day <= last:
            for opens, closes in self.windows(day):
                begin = datetime.combine(day, opens, self.timezone).astimezone(UTC)
                end = datetime.combine(day, closes, self.timezone).astimezone(UTC)
                if end > start:
                    yield max(begin, start.astimezone(UTC)), end
            day += timedelta(days=1)


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))
