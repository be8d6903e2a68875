"""When people are at work: what stands in `calendar.yaml`. What follows from it is computed in `bot.escalation.calendar`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType

Window = tuple[time, time]
"""from the first to before the second, in local time; midnight as the second is the end of the day"""
Week = Mapping[int, tuple[Window, ...]]
"""by weekday, 0 is Monday"""

OFFICE_HOURS: tuple[Window, ...] = ((time(7, 30), time(11, 30)), (time(13, 0), time(17, 0)))


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """One calendar of the file: the usual week (0 is Monday), and the days that differ from it."""

    week: Week = field(default_factory=lambda: MappingProxyType(dict.fromkeys(range(5), OFFICE_HOURS)))
    public_holidays: bool = True
    """whether Vietnam's public holidays are off, and the make-up days that go with them are worked"""
    make_up_days: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    days_off: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The whole file. version: what the editor calls it, and a digest, so that no two contents have the same."""

    version: str = "office-hours"
    default: WorkingHours = field(default_factory=WorkingHours)
    others: Mapping[str, WorkingHours] = field(default_factory=dict)
    """by name; a department of the directory says which one it keeps, most say none"""
    quiet: tuple[Window, ...] = ()
    """local times at which nobody is reminded; none of them passes midnight"""
