"""Working time: which hours of which days count for a department's response deadline.

Windows a day and days off are data (`faq/calendar.yaml`); public holidays, Tết among them, and the make-up Saturdays that go
with moved ones come from the `holidays` library. A deadline remembers the version of the calendar that computed it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version as version_of
from zoneinfo import ZoneInfo

import holidays

from bot.knowledge.files.working_hours import OFFICE_HOURS, Window, WorkingHours, WorkingTime

_FURTHEST = timedelta(days=366 * 3)
_DAY = timedelta(days=1)
_FRIDAY = 4
_HOLIDAYS = version_of("holidays")


class CalendarGap(ValueError):
    """No working time was found for years: the calendar's data must be wrong."""


@dataclass(frozen=True)
class WorkingCalendar:
    """Working windows by weekday (0 is Monday), make-up working days, and extra days off, in one time zone.

    A day of our own in `make_up_days` or `days_off` goes before what the library knows of that day.
    """

    timezone: ZoneInfo
    week: Mapping[int, Sequence[Window]] = field(default_factory=lambda: dict.fromkeys(range(5), OFFICE_HOURS))
    make_up_days: Mapping[date, Sequence[Window]] = field(default_factory=dict)
    days_off: frozenset[date] = frozenset()
    public_holidays: bool = True
    version: str = "office-hours"

    def windows(self, day: date) -> Sequence[Window]:
        """Return the working windows of a day in local time, earliest first."""
        if day in self.make_up_days:
            return self.make_up_days[day]
        if day in self.days_off:
            return ()
        if self.public_holidays:
            known = _public_holidays(day.year)
            if day in known.off:
                return ()
            if day in known.worked:
                return self.week.get(day.weekday()) or self.week.get(_FRIDAY, ())
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
                begin = self._moment(day, opens)
                end = self._moment(day + _DAY if closes == time(0) else day, closes)
                if end > start:
                    yield max(begin, start.astimezone(UTC)), end
            day += _DAY

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.timezone).astimezone(UTC)


@dataclass(frozen=True)
class QuietHours:
    """Local times at which nobody is reminded. windows: none of them passes midnight."""

    timezone: ZoneInfo
    windows: Sequence[Window] = ()

    def ends_after(self, moment: datetime) -> datetime | None:
        """Return when the quiet is over (aware, UTC) if the moment lies in it; None if it does not."""
        end = moment
        # Two windows that meet at midnight are one night.
        for _ in range(len(self.windows) + 1):
            local = end.astimezone(self.timezone)
            window = next((each for each in self.windows if _within(local.time(), each)), None)
            if window is None:
                break
            day = local.date() + _DAY if window[1] == time(0) else local.date()
            end = datetime.combine(day, window[1], self.timezone).astimezone(UTC)
        return end if end > moment else None


def _within(at: time, window: Window) -> bool:
    opens, closes = window
    return opens <= at and (at < closes or closes == time(0))


class Calendars:
    """The calendars as the operator's file has them now. working_time is asked anew on every use, so that a reload of the
    file is noticed; what was computed before stays as it was promised, and says by which version."""

    def __init__(self, timezone: ZoneInfo, working_time: Callable[[], WorkingTime] = WorkingTime) -> None:
        self.timezone = timezone
        self._working_time = working_time

    def of(self, name: str | None) -> WorkingCalendar:
        """Return the calendar of that name; the default one for None, and for a name that the file no longer has."""
        known = self._working_time()
        hours = known.others.get(name) if name is not None else None
        label = f"{known.version}/{name}" if hours is not None else known.version
        return _calendar(self.timezone, hours or known.default, f"{label}/holidays-{_HOLIDAYS}"[:64])

    @property
    def quiet(self) -> QuietHours:
        return QuietHours(self.timezone, self._working_time().quiet)


def _calendar(timezone: ZoneInfo, hours: WorkingHours, version: str) -> WorkingCalendar:
    return WorkingCalendar(timezone, hours.week, hours.make_up_days, hours.days_off, hours.public_holidays, version)


@dataclass(frozen=True)
class _Year:
    off: frozenset[date]
    worked: frozenset[date]
    """days that would be off, worked instead of one that was moved"""


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> _Year:
    known = holidays.country_holidays("VN", years=year)
    worked = frozenset(day for day in getattr(known, "weekend_workdays", ()) if day.year == year)
    return _Year(frozenset(known) - worked, worked)
