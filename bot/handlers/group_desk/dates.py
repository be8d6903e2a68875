"""Dates as officers type them: `25/11`, `25/11/2026 14:00`, `14h30 25/11`, `3 ngày`, `mai`."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.escalation.deferrals import moment_of
from bot.escalation.errors import DateUnreadable
from bot.knowledge.language.vietnamese import fold

_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?(?![\d/])")
_TIME = re.compile(r"(?<!\d)(\d{1,2})(?::(\d{2})|[hg](\d{2})?)(?!\d)", re.IGNORECASE)
_IN = re.compile(r"^\s*(\d{1,3})\s*(ngay|day|days|tuan|week|weeks)\b")
_TOMORROW = re.compile(r"^\s*(ngay mai|mai|tomorrow)\b")
_END_OF_DAY = time(17)
"""what a day without an hour means: the end of work"""


def until(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment (aware, UTC) that the text names. Raises DateUnreadable or DateTooFar; that it lies ahead is checked
    where the inquiry is deferred."""
    given = text.strip()
    if not given:
        raise DateUnreadable(given="")
    local, plain = now.astimezone(zone), fold(given).lower()
    clock = _TIME.search(_DAY.sub(" ", plain))
    if (found := _DAY.search(plain)) is not None:
        day = _day(found, local, given)
    elif (in_days := _IN.match(plain)) is not None:
        many = int(in_days[1]) * (7 if in_days[2][0] in "tw" else 1)
        day = local + timedelta(days=many)
    elif _TOMORROW.match(plain):
        day = local + timedelta(days=1)
    else:
        raise DateUnreadable(given=given[:40])
    at = _time(clock, given) if clock is not None else _END_OF_DAY
    return moment_of(datetime.combine(day.date(), at), zone, now)


def _day(found: re.Match[str], local: datetime, given: str) -> datetime:
    year = int(found[3]) if found[3] else local.year
    try:
        return local.replace(year=year + 2000 if year < 100 else year, month=int(found[2]), day=int(found[1]))
    except ValueError:
        raise DateUnreadable(given=given[:40]) from None


def _time(clock: re.Match[str], given: str) -> time:
    try:
        return time(int(clock[1]), int(clock[2] or clock[3] or 0))
    except ValueError:
        raise DateUnreadable(given=given[:40]) from None


def leading(text: str) -> tuple[str, str]:
    """Cut `25/11 14:00 chờ giám định` into the date and the rest; the date is empty where the text does not begin with one."""
    words = text.split()
    taken = 0
    while taken < min(2, len(words)) and (_DAY.fullmatch(words[taken]) or _TIME.fullmatch(words[taken])):
        taken += 1
    date = " ".join(words[:taken])
    return (date, " ".join(words[taken:])) if _DAY.search(date) else ("", text.strip())
