"""The clocks alone: any number of pauses, and no second is lost or gained."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.escalation.calendar import WorkingCalendar
from bot.escalation.deadlines import PERCENTS, ResponseClock, response_rungs, routing_rungs
from tests.escalation.test_calendar import MINUTE, counts

CALENDAR = WorkingCalendar(ZoneInfo("Asia/Ho_Chi_Minh"))
START = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)  # before a make-up Saturday, a moved Monday and a holiday
TARGET = timedelta(hours=16)

acts = st.lists(st.tuples(st.sampled_from(["stop", "run", "wait"]), st.integers(0, 3 * 24 * 60)), max_size=12)


@settings(max_examples=80, deadline=None)
@given(acts)
def test_any_sequence_of_pauses_uses_up_the_minutes_in_which_it_ran_and_no_others(acts: list[tuple[str, int]]) -> None:
    clock, now, used = ResponseClock(TARGET).run(START), START, 0
    for act, minutes in acts:
        if act == "stop":
            clock = clock.stop(now, CALENDAR)
        elif act == "run":
            clock = clock.run(now)
        if clock.since is not None:
            used += sum(counts(CALENDAR, now + n * MINUTE) for n in range(minutes))
        now += minutes * MINUTE
    assert TARGET - clock.left_at(now, CALENDAR) == used * MINUTE


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 7_000_000_000), min_size=1, max_size=20))
def test_each_second_is_counted_once_however_often_and_whenever_in_it_the_clock_is_stopped(microseconds: list[int]) -> None:
    clock, other, now = ResponseClock(TARGET).run(START), ResponseClock(timedelta(days=300)), START
    for step in microseconds:
        now += timedelta(microseconds=step)
        clock, other = (
            (clock.stop(now, CALENDAR), other.run(now))
            if clock.since is not None
            else (clock.run(now), other.stop(now, CALENDAR))
        )
    left = TARGET - clock.left_at(now, CALENDAR), timedelta(days=300) - other.left_at(now, CALENDAR)
    assert sum(left, timedelta()) == CALENDAR.between(START, now.replace(microsecond=0))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 30 * 60), st.integers(0, 5 * 24 * 60))
def test_a_pause_moves_what_is_to_come_and_nothing_else(before: int, pause: int) -> None:
    stopped = ResponseClock(TARGET).run(START).stop(START + before * MINUTE, CALENDAR)
    again = START + (before + pause) * MINUTE
    rungs = response_rungs(stopped.run(again), TARGET, CALENDAR)
    for rung in rungs:
        assert CALENDAR.between(again, rung.at) == stopped.left - rung.left
    assert [rung.percent for rung in rungs] == [p for p in PERCENTS if stopped.left > TARGET * (100 - p) / 100]


def test_a_clock_that_stands_still_reaches_nothing() -> None:
    assert ResponseClock(TARGET).reaches(timedelta(), CALENDAR) is None


def test_a_target_that_was_missed_is_missed_by_how_much() -> None:
    clock = ResponseClock(timedelta(hours=4)).run(START)
    assert clock.left_at(START + timedelta(hours=9), CALENDAR) == timedelta(hours=-3, minutes=-30)  # 8 to 11:30 and 13 to 17


def test_the_routing_clock_counts_nights_and_holidays() -> None:
    rungs = routing_rungs(START, timedelta(hours=24))
    assert [(rung.percent, (rung.at - START) / timedelta(hours=1)) for rung in rungs] == [
        (50, 12.0),
        (80, 19.2),
        (95, 22.8),
        (100, 24.0),
    ]
