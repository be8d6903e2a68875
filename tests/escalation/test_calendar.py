"""Working time, held against an oracle that counts every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.escalation.calendar import OFFICE_HOURS, CalendarGap, WorkingCalendar

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkingCalendar(
    HANOI,
    make_up_days={date(2026, 5, 9): OFFICE_HOURS},
    days_off=frozenset({date(2026, 5, 12)}),
)
MINUTE = timedelta(minutes=1)

moments = st.integers(0, 350 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE)


def counts(moment: datetime) -> bool:
    """Say whether the minute that begins then is working time: the rule, without any cleverness."""
    local = moment.astimezone(HANOI)
    return any(opens <= local.time() < closes for opens, closes in CALENDAR.windows(local.date()))


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 20 * 60))
def test_a_deadline_is_where_counting_minutes_leads(start: datetime, minutes: int) -> None:
    due, moment, left = CALENDAR.after(start, minutes * MINUTE), start, minutes
    while left:
        left -= counts(moment)
        moment += MINUTE
    assert due == moment


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 6 * 24 * 60))
def test_the_time_between_two_moments_is_what_counting_minutes_gives(start: datetime, minutes: int) -> None:
    counted = sum(counts(start + n * MINUTE) for n in range(minutes))
    assert CALENDAR.between(start, start + minutes * MINUTE) == counted * MINUTE


@given(moments, st.integers(1, 3000))
def test_what_is_added_is_what_lies_between(start: datetime, minutes: int) -> None:
    assert CALENDAR.between(start, CALENDAR.after(start, minutes * MINUTE)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 9, 2), False),  # National Day
        (date(2026, 2, 17), False),  # the first day of Tết
        (date(2026, 5, 9), True),  # a Saturday worked instead of another day
        (date(2026, 5, 12), False),  # a day off of our own
    ],
)
def test_which_days_are_worked(day: date, working: bool) -> None:
    assert bool(CALENDAR.windows(day)) is working


def test_the_holidays_of_next_year_are_known() -> None:
    new_year = date(datetime.now(UTC).year + 1, 1, 1)
    assert WorkingCalendar(HANOI).windows(new_year) == ()


def test_a_calendar_without_working_time_is_found_out() -> None:
    with pytest.raises(CalendarGap):
        WorkingCalendar(HANOI, week={}).after(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1))


def test_a_lunch_break_does_not_count() -> None:
    half_past_eleven = datetime.combine(date(2026, 11, 20), time(11, 30), HANOI)
    assert CALENDAR.after(half_past_eleven, MINUTE).astimezone(HANOI).time() == time(13, 1)
