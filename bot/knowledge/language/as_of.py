"""Questions for what was in force on an earlier day: "năm 2021 thì…", "tại thời điểm 15/3/2021", "as of March 2021".

A year alone says little: people tell what happened to them in it, and documents carry it in their names. Only a question that
puts itself back to a day is answered by that day; of a year or a month by its last one, when the latest of it held.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from bot.knowledge.language.questions import asks
from bot.knowledge.language.vietnamese import fold

_EARLIEST = 1945
_LOOKED_BACK = 80  # characters before a date
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY_OR_MONTH = (
    r"(?:(?:ngay )?(?P<d>\d{1,2})(?:[/.-]| thang )(?P<m>\d{1,2})(?:[/.-]| nam )(?P<y>\d{4})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?:the )?(?P<ed>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<em>{_MONTH}),? (?P<ey>\d{{4}})"
    rf"|(?P<um>{_MONTH}) (?P<ud>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<uy>\d{{4}})"
    rf"|(?P<nm>{_MONTH}),? (?P<ny>\d{{4}})"
    r"|thang (?P<vm>\d{1,2})(?:[/.-]| nam )(?P<vy>\d{4})"
)
_WHEN = rf"(?P<when>{_DAY_OR_MONTH}|(?:nam )?(?P<year>\d{{4}}))(?![\d/-]))"
_WHEN_PLAINLY = rf"(?P<when>{_DAY_OR_MONTH}|nam (?P<year>\d{{4}}))(?![\d/-]))"
_AT = r"(?:(?:vao|tai|o|trong|hoi|luc|ngay|thoi diem|tinh den|cua|on|in|at|of|the|year|day) ){0,5}"
# What puts a question back to a day. Each is tried on the folded text.
_ASKS_OF = tuple(
    re.compile(rf"\b{each}\b")
    for each in (
        rf"(?:thoi diem|hoi|luc) (?:la )?{_AT}{_WHEN}",
        rf"(?:quy dinh|hieu luc|ap dung|hien hanh|luat) (?:vao|tai|hoi|o thoi diem|luc|trong) {_AT}{_WHEN}",
        rf"(?:as of|as at|back in|in force|in effect|applicable|the rules? (?:of|in|on|at)) {_AT}{_WHEN}",
    )
)
_THEN = re.compile(rf"\b{_WHEN_PLAINLY},? (?:thi|luc do|luc ay|khi do|khi ay|hoi do|hoi ay)\b")
# Before a date that is the end of a span, or part of the name of a document or of goods.
_OF_SOMETHING = re.compile(
    r"\b(?:tu|den|toi|truoc|sau|qua|het|cho|since|until|before|after|by|from"
    r"|(?:quyet dinh|qd|thong tu|tt|nghi dinh|nd|cong van|cv|luat|bo luat|chien luoc|ke hoach|quy che|chuong trinh|van ban"
    r"|to khai|lo hang|hop dong|bao cao|ky)(?: so)?(?: [\w/.-]+)?)(?: (?:nam|ngay|thang|ky ngay|ban hanh|ban hanh ngay))*,? $"
)
# A document that is called by its year: "cái quyết định của hải quan hồi 2015". One that is named by its number is known.
_A_DOCUMENT = re.compile(
    r"\b(?:quyet dinh|thong tu|nghi dinh|cong van|quy che|van ban|decision|letter|circular)"
    r"(?: (?!(?:gi|nao|sao|may|quy)\b)[a-z]+){0,4} $"
)
_ASKS_WHETHER_IT_HELD = re.compile(
    r"\bhieu luc (?:chua|khong|ko|k|hay|tu|roi)\b|\bin (?:force|effect) (?:yet|already)\b|\balready in\b"
)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?;]) ")
_NOW = re.compile(r"\b(?:bay gio|hien nay|hien tai|hien gio|hom nay|gio thi|den nay|today|nowadays|currently|now)\b")


# What goes with a date when it is left out of the question.
_BEFORE = re.compile(
    r"(?:\b(?:vao|tai|o|trong|hoi|luc|thoi diem|tinh den|la|as of|as at|back in|in|on|at|of|the rules? (?:of|in|on|at)) )+$"
)
_AFTER = re.compile(r"(?:,? (?:thi|luc do|luc ay|khi do|khi ay|hoi do|hoi ay)\b)?[\s,:;–-]*")


def day_meant(text: str, today: date) -> date | None:
    """Return the day by whose rules a message asks to be answered; None where it asks by today's."""
    return as_asked(text, today)[0]


def as_asked(text: str, today: date) -> tuple[date | None, str]:
    """Return the day by whose rules a message asks to be answered, and what it asks without saying so; None and the message
    as it is where it asks by today's."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    plain = fold(line.lower())
    if _NOW.search(plain) or _ASKS_WHETHER_IT_HELD.search(plain):
        return None, text
    sentences = _SENTENCE_ENDS.split(line)
    # Whoever tells what happened in a year asks by what holds today.
    asking = sentences if len(sentences) == 1 else [each for each in sentences if asks(each)]
    days = {day for each in asking for one in _found(fold(each.lower())) if (day := _day(one)) is not None}
    if len(days) != 1:
        return None, text  # of several it is a comparison: no one day answers that
    [day] = days
    return (day, _without(line, day)) if day < today else (None, text)


def _found(plain: str) -> Iterator[re.Match[str]]:
    for pattern in _ASKS_OF:
        yield from (each for each in pattern.finditer(plain) if not _A_DOCUMENT.search(_before(plain, each)))
    for each in _THEN.finditer(plain):
        before = _before(plain, each)
        if not _OF_SOMETHING.search(before) and not _A_DOCUMENT.search(before):
            yield each


def _before(plain: str, found: re.Match[str]) -> str:
    return plain[max(0, found.start() - _LOOKED_BACK) : found.start()]


def _without(line: str, day: date) -> str:
    """Return the question without the words that put it back to that day."""
    plain = fold(line.lower())
    found = next((each for each in _found(plain) if _day(each) == day), None)
    if found is None or len(plain) != len(line):
        return line
    start, end = found.span("when")
    if before := _BEFORE.search(plain, max(0, start - _LOOKED_BACK), start):
        start = before.start()
    if after := _AFTER.match(plain, end):
        end = after.end()
    rest = f"{line[:start].rstrip(' ,:;')} {line[end:]}".strip()
    return rest or line


def _day(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    try:
        if part["iso"]:
            return date.fromisoformat(part["iso"])
        if part["d"]:
            return _no_earlier(int(part["y"]), int(part["m"]), int(part["d"]))
        if part["ed"] or part["ud"]:
            month = _MONTHS.index((part["em"] or part["um"])[:3]) + 1
            return _no_earlier(int(part["ey"] or part["uy"]), month, int(part["ed"] or part["ud"]))
        if part["nm"]:
            return _no_earlier(int(part["ny"]), _MONTHS.index(part["nm"][:3]) + 1, 0)
        if part["vm"]:
            return _no_earlier(int(part["vy"]), int(part["vm"]), 0)
        return _no_earlier(int(part["year"]), 12, 31)
    except ValueError:  # no day of the calendar
        return None


def _no_earlier(year: int, month: int, day: int) -> date | None:
    """Return the day, the last of the month for day 0; None for a number that is no year of ours."""
    if year < _EARLIEST:
        return None
    return date(year, month, day or monthrange(year, month)[1])
