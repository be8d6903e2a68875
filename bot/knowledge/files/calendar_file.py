"""Reads `calendar.yaml` and checks everything in it, like the other files of the knowledge base."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from types import MappingProxyType

from bot.knowledge.files.problems import Problem
from bot.knowledge.files.working_hours import Week, Window, WorkingHours, WorkingTime
from bot.knowledge.files.yaml_files import Node, Reader

FILE = "calendar.yaml"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,23}")
_WINDOW_EXPECTED = 'from-to within one day, such as "07:30-11:30" or "13:00-24:00"'


def read_working_time(root: Path, problems: list[Problem]) -> WorkingTime:
    """Read the file, adding what is wrong to problems. Without a file: office hours from Monday to Friday."""
    path = root / FILE
    if not path.is_file():
        return WorkingTime()
    node = Reader(root, path, problems).read()
    fields = node.mapping(("version", "week"), ("make_up_days", "days_off", "quiet_hours", "calendars")) if node else None
    if fields is None:
        return WorkingTime()
    version = fields["version"].text() if "version" in fields else None
    if version is not None and not _VERSION.fullmatch(version):
        fields["version"].report(f"`{version}` is not a version", "at most 24 letters, digits, dots or hyphens")
    make_up_days = _make_up_days(fields.get("make_up_days"))
    days_off = _days_off(fields.get("days_off"), make_up_days)
    default = WorkingHours(_week(fields["week"]) if "week" in fields else {}, True, make_up_days, days_off)
    return WorkingTime(
        version=f"{version}+{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}",
        default=default,
        others=_others(fields.get("calendars"), default),
        quiet=_quiet(fields.get("quiet_hours")),
    )


def _week(node: Node) -> Week:
    fields = node.mapping(DAYS)
    if fields is None:
        return {}
    week = {DAYS.index(name): _windows(each) for name, each in fields.items()}
    if len(fields) == len(DAYS) and not any(week.values()):
        node.report("no day has working hours", "at least one, or no deadline could ever be computed")
    return MappingProxyType(week)


def _windows(node: Node) -> tuple[Window, ...]:
    windows: list[Window] = []
    for each in node.items():
        window = _window(each)
        if window is None:
            continue
        if windows and (window[0] < windows[-1][1] or windows[-1][1] == time(0)):
            each.report("this begins before the one above it has ended", "the windows of a day in order, without overlap")
            continue
        windows.append(window)
    return tuple(windows)


def _window(node: Node) -> Window | None:
    text = node.text()
    match = _WINDOW.fullmatch(text) if text is not None else None
    if text is None:
        return None
    if match is None or (match[3] == "24" and match[4] != "00"):
        node.report(f"`{text}` is not a window of time", _WINDOW_EXPECTED)
        return None
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))
    if closes <= opens and match[3] != "24":
        node.report(f"`{text}` ends before it begins", f"{_WINDOW_EXPECTED}; what passes midnight is two windows")
        return None
    return opens, closes


def _make_up_days(node: Node | None) -> Mapping[date, tuple[Window, ...]]:
    found: dict[date, tuple[Window, ...]] = {}
    for item in node.items() if node else ():
        fields = item.mapping(("date", "hours"), ("reason",))
        day = _day(fields["date"]) if fields and "date" in fields else None
        hours = _windows(fields["hours"]) if fields and "hours" in fields else ()
        if day is None or fields is None:
            continue
        if day in found:
            fields["date"].report(f"{day} is there twice", "each day once")
        if "hours" in fields and not hours:
            fields["hours"].report("a make-up day without working hours", "the hours that are worked on it")
        found[day] = hours
    return MappingProxyType(found)


def _days_off(node: Node | None, worked: Mapping[date, tuple[Window, ...]]) -> frozenset[date]:
    found: set[date] = set()
    for item in node.items() if node else ():
        fields = item.mapping(("date",), ("reason",))
        day = _day(fields["date"]) if fields and "date" in fields else None
        if day is None or fields is None:
            continue
        if day in found:
            fields["date"].report(f"{day} is there twice", "each day once")
        if day in worked:
            fields["date"].report(f"{day} is a make-up day as well", "each day either worked or off")
        found.add(day)
    return frozenset(found)


def _day(node: Node) -> date | None:
    if node.is_null:
        node.report("this is empty", "a date such as 2026-08-22")
        return None
    return node.day()


def _others(node: Node | None, default: WorkingHours) -> Mapping[str, WorkingHours]:
    """Calendars for departments that keep other hours; the days of their own come instead of the common ones."""
    found: dict[str, WorkingHours] = {}
    for position in node.items() if node else ():
        item = position.called_by("name")
        fields = item.mapping(("name", "week"), ("public_holidays", "make_up_days", "days_off"))
        name = fields["name"].text(longest=64) if fields and "name" in fields else None
        if fields is None or name is None:
            continue
        if name in found:
            fields["name"].report(f"the calendar {name} is there twice", "each name once")
        make_up_days = _make_up_days(fields["make_up_days"]) if "make_up_days" in fields else default.make_up_days
        found[name] = WorkingHours(
            week=_week(fields["week"]) if "week" in fields else {},
            public_holidays=fields["public_holidays"].boolean() is not False if "public_holidays" in fields else True,
            make_up_days=make_up_days,
            days_off=_days_off(fields["days_off"], make_up_days) if "days_off" in fields else default.days_off,
        )
    return MappingProxyType(found)


def _quiet(node: Node | None) -> tuple[Window, ...]:
    """Read the quiet hours; what passes midnight is kept as two windows."""
    found: list[Window] = []
    for each in node.items() if node else ():
        text = each.text()
        match = _WINDOW.fullmatch(text) if text is not None else None
        if text is None:
            continue
        opens, closes = (time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))) if match else (None, None)
        if opens is None or closes is None or opens == closes:
            each.report(f"`{text}` is not a window of time", 'from-to such as "20:00-07:00", shorter than a day')
        elif closes > opens or closes == time(0):
            found.append((opens, closes))
        else:
            found += [(opens, time(0)), (time(0), closes)]
    return tuple(found)
