"""When somebody may be written to: in the hours that they chose, as far as the office writes to people then at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.subscriptions.quiet import QuietHours
from storage.subscriptions import TimesRow

_SATURDAY = 5
_SPANS_AT_MOST = 10
"""a week with two days off, and some to spare: after so many without a common moment there is none"""


@dataclass(frozen=True)
class Hours:
    quiet: QuietHours

    def opening(self, times: TimesRow, at: datetime) -> datetime:
        """Return the first moment, not before `at`, at which somebody who chose these hours may be written to."""
        return self.stretch(times, at)[0]

    def stretch(self, times: TimesRow, at: datetime) -> tuple[datetime, datetime | None]:
        """Return the first stretch at or after `at` in which they may: (from, until), aware and in the zone of `at`.

        Whoever chose hours in which nothing is ever sent is written to whenever the office does: better than never.
        """
        moment = at
        for _ in range(_SPANS_AT_MOST):
            start, end = self._span(times, moment)
            opens, closes = self.quiet.window(start)
            if opens < end:
                return opens.astimezone(at.tzinfo), min(end, closes or end).astimezone(at.tzinfo)
            moment = end
        return self.quiet.window(at)

    def _span(self, times: TimesRow, at: datetime) -> tuple[datetime, datetime]:
        """Return the person's own hours of the first day on which some are left."""
        local = at.astimezone(self.quiet.zone)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        while True:
            start, end = day + timedelta(hours=times.from_hour), day + timedelta(hours=times.until_hour)
            if local < end and not (times.working_days and day.weekday() >= _SATURDAY):
                return max(local, start), end
            day += timedelta(days=1)
