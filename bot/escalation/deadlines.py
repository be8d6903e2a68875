"""The two clocks of an inquiry, and the rungs of their ladders.

Routing: 24 hours of wall clock within which a request must reach the unit that can deal with it, or the officer explains
why not (1399/QĐ-TCHQ Điều 3 khoản 1 điểm c). Response: the department's own target, in working time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.escalation.calendar import WorkingCalendar


class Clock(StrEnum):
    ROUTING = "routing"
    RESPONSE = "response"


PERCENTS = (50, 80, 95, 100)


@dataclass(frozen=True)
class RungDue:
    """A step of a clock's ladder: at this share of the clock somebody is told."""

    clock: Clock
    percent: int
    at: datetime


def routing_rungs(start: datetime, deadline: timedelta) -> list[RungDue]:
    """Return the rungs of the routing clock, the last one at the deadline itself."""
    return [RungDue(Clock.ROUTING, percent, start + deadline * percent / 100) for percent in PERCENTS]


def response_rungs(start: datetime, target: timedelta, left: timedelta, calendar: WorkingCalendar) -> list[RungDue]:
    """Return the rungs of the response clock that lie ahead when `left` of the `target` is left at `start`."""
    rungs = []
    for percent in PERCENTS:
        ahead = left - target * (100 - percent) / 100
        if ahead > timedelta() or (percent == PERCENTS[-1] and ahead == timedelta()):
            rungs.append(RungDue(Clock.RESPONSE, percent, calendar.after(start, ahead)))
    return rungs
