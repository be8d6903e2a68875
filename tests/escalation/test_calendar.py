"""Working time, held against an oracle that counts every minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.escalation.calendar import CalendarGap, Calendars, QuietHours, WorkingCalendar
from bot.knowledge.files.working_hours import OFFICE_HOURS, Window, WorkingHours, WorkingTime

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ZONES = [HANOI, UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]
CALENDAR = WorkingCalendar(
    HANOI,
    make_up_days={date(2026, 5, 9): OFFICE_HOURS},
    days_off=frozenset({date(2026, 5, 12)}),
)
MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60

moments = st.integers(0, 400 * DAY_MINUTES).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE)


@st.composite
def windows(draw: st.DrawFn, at_most: int = 3) -> tuple[Window, ...]:
    """Up to three windows of a day, in order. Where clocks are put forward and back, between 0 and 4 in the night, there is
    no edge of a window: nobody could say what is meant."""
    edges = sorted(draw(st.sets(st.integers(4 * 60, DAY_MINUTES - 1), max_size=2 * at_most)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    found = [(time(*divmod(begin, 60)), time(*divmod(end, 60))) for begin, end in pairs]
    if draw(st.booleans()) and len(edges) % 2:
        found.append((time(*divmod(edges[-1], 60)), time(0)))  # to the end of the day
    return tuple(found)


days = st.dates(date(2025, 12, 20), date(2027, 3, 1))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Calendars as an operator may write them, with at least the Wednesdays worked."""
    week = draw(st.dictionaries(st.integers(0, 6), windows(), max_size=7))
    return WorkingCalendar(
        draw(st.sampled_from(ZONES)),
        week={**week, 2: OFFICE_HOURS},
        make_up_days=draw(st.dictionaries(days, windows(), max_size=5)),
        days_off=draw(st.frozensets(days, max_size=5)),
        public_holidays=draw(st.booleans()),
    )


def counts(calendar: WorkingCalendar, moment: datetime) -> bool:
    """Say whether the minute that begins then is working time: the rule, without any cleverness."""
    local = moment.astimezone(calendar.timezone)
    return any(
        opens <= local.time() < (closes if closes != time(0) else time.max) for opens, closes in calendar.windows(local.date())
    )


def minutes_from(start: datetime) -> Iterator[datetime]:
    moment = start
    while True:
        yield moment
        moment += MINUTE


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(1, 20 * 60))
def test_a_deadline_is_where_counting_minutes_leads(calendar: WorkingCalendar, start: datetime, minutes: int) -> None:
    left = minutes
    for moment in minutes_from(start):
        left -= counts(calendar, moment)
        if not left:
            break
    assert calendar.after(start, minutes * MINUTE) == moment + MINUTE


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(0, 12 * DAY_MINUTES))
def test_the_time_between_two_moments_is_what_counting_minutes_gives(
    calendar: WorkingCalendar, start: datetime, minutes: int
) -> None:
    counted = sum(counts(calendar, start + n * MINUTE) for n in range(minutes))
    assert calendar.between(start, start + minutes * MINUTE) == counted * MINUTE


@given(calendars(), moments, st.integers(1, 3000))
def test_what_is_added_is_what_lies_between(calendar: WorkingCalendar, start: datetime, minutes: int) -> None:
    assert calendar.between(start, calendar.after(start, minutes * MINUTE)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 9, 2), False),  # National Day
        (date(2026, 8, 31), False),  # the Monday before it, moved …
        (date(2026, 8, 22), True),  # … to this Saturday
        (date(2026, 4, 27), False),  # Hùng Kings' day fell on a Sunday
        (date(2026, 2, 16), False),  # the last day of the old year
        (date(2026, 2, 17), False),  # the first day of Tết
        (date(2026, 2, 20), False),  # the fourth
        (date(2026, 2, 23), True),  # the Monday after
        (date(2026, 5, 9), True),  # a Saturday worked instead of another day
        (date(2026, 5, 12), False),  # a day off of our own
    ],
)
def test_which_days_are_worked(day: date, working: bool) -> None:
    assert bool(CALENDAR.windows(day)) is working


def test_a_make_up_saturday_has_the_hours_of_a_friday_unless_the_file_says_which() -> None:
    hours = {4: ((time(8), time(12)),)}
    assert WorkingCalendar(HANOI, week=hours).windows(date(2026, 8, 22)) == hours[4]
    own = ((time(9), time(10)),)
    assert WorkingCalendar(HANOI, week=hours, make_up_days={date(2026, 8, 22): own}).windows(date(2026, 8, 22)) == own


def test_what_the_file_says_of_a_day_goes_before_what_the_library_knows() -> None:
    called_off = WorkingCalendar(HANOI, days_off=frozenset({date(2026, 8, 22)}))
    assert called_off.windows(date(2026, 8, 22)) == ()
    worked = WorkingCalendar(HANOI, make_up_days={date(2026, 9, 2): OFFICE_HOURS})
    assert worked.windows(date(2026, 9, 2)) == OFFICE_HOURS


def test_a_border_gate_works_through_nights_and_tet() -> None:
    always = ((time(0), time(0)),)
    gate = WorkingCalendar(HANOI, week=dict.fromkeys(range(7), always), public_holidays=False)
    eve = datetime(2026, 2, 16, 20, 0, tzinfo=HANOI)
    assert gate.after(eve, timedelta(hours=30)) == eve + timedelta(hours=30)


def test_tet_moves_a_deadline_behind_it() -> None:
    friday_before = datetime(2026, 2, 13, 16, 0, tzinfo=HANOI)
    assert CALENDAR.after(friday_before, timedelta(hours=2)) == datetime(2026, 2, 23, 8, 30, tzinfo=HANOI)


def test_the_holidays_of_next_year_are_known() -> None:
    """Fails while the installed `holidays` library does not know next year yet: then it is to be updated."""
    year = datetime.now(UTC).year + 1
    working = WorkingCalendar(HANOI)
    assert working.windows(date(year, 1, 1)) == ()
    assert working.windows(date(year, 9, 2)) == ()
    first = date(year, 1, 15)
    off = [day for n in range(45) if (day := first + timedelta(days=n)).weekday() < 5 and not working.windows(day)]
    assert len(off) >= 3, f"Tết {year} is not among the holidays"
    assert off[-1] - off[0] <= timedelta(days=11)


def test_a_calendar_without_working_time_is_found_out() -> None:
    with pytest.raises(CalendarGap):
        WorkingCalendar(HANOI, week={}).after(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1))


def test_a_lunch_break_does_not_count() -> None:
    half_past_eleven = datetime.combine(date(2026, 11, 20), time(11, 30), HANOI)
    assert CALENDAR.after(half_past_eleven, MINUTE).astimezone(HANOI).time() == time(13, 1)


def test_a_department_keeps_the_calendar_that_it_names_and_a_name_that_is_gone_means_the_common_one() -> None:
    gate = WorkingHours(week=dict.fromkeys(range(7), ((time(0), time(0)),)))
    known = Calendars(HANOI, lambda: WorkingTime(version="7+abc", others={"gate": gate}))
    assert known.of("gate").week == gate.week
    assert known.of("gone").week == known.of(None).week == WorkingHours().week


def test_the_version_of_a_deadline_names_the_file_the_calendar_and_the_library() -> None:
    known = Calendars(HANOI, lambda: WorkingTime(version="7+abc", others={"gate": WorkingHours()}))
    assert known.of(None).version.startswith("7+abc/holidays-")
    assert known.of("gate").version.startswith("7+abc/gate/holidays-")
    assert (
        len(Calendars(HANOI, lambda: WorkingTime(version="v" * 33, others={"g" * 64: WorkingHours()})).of("g" * 64).version)
        <= 64
    )


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ((20, 19, 59), None),
        ((20, 20, 0), (21, 7, 0)),
        ((20, 23, 59), (21, 7, 0)),
        ((21, 0, 0), (21, 7, 0)),
        ((21, 6, 59), (21, 7, 0)),
        ((21, 7, 0), None),
    ],
)
def test_quiet_hours_over_midnight_are_one_night(at: tuple[int, int, int], until: tuple[int, int, int] | None) -> None:
    quiet = QuietHours(HANOI, ((time(20), time(0)), (time(0), time(7))))
    expected = datetime(2026, 11, *until, tzinfo=HANOI) if until else None
    assert quiet.ends_after(datetime(2026, 11, *at, tzinfo=HANOI)) == expected
