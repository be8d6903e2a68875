"""The response clock through a whole life: whatever happens to an inquiry, the working time used is what an oracle counts."""

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.escalation import errors
from bot.escalation.calendar import Calendars, WorkingCalendar
from bot.escalation.states import CLOCK_STANDS_STILL, State
from bot.knowledge.files.working_hours import OFFICE_HOURS, WorkingHours, WorkingTime
from storage import clocks
from storage.inquiries import InquiryRecord
from tests.escalation.conftest import HANOI, LAN, OTHER, Desk, make_services
from tests.escalation.test_calendar import MINUTE, counts

HOUR = timedelta(hours=1)
TARGET = timedelta(hours=24)  # of cuc-kiem-dinh
CALENDAR = WorkingCalendar(HANOI)

acts = st.lists(
    st.tuples(st.sampled_from(["take", "ask back", "reply", "defer", "wait", "sweep"]), st.integers(1, 30 * 60)), max_size=10
)


def left(desk: Desk, inquiry: InquiryRecord) -> timedelta:
    """What the clock has left now, by the rows."""
    if inquiry.response_left_s is not None:
        return timedelta(seconds=inquiry.response_left_s)
    assert inquiry.response_since is not None
    assert inquiry.response_budget_s is not None
    return timedelta(seconds=inquiry.response_budget_s) - CALENDAR.between(inquiry.response_since, desk.clock.now())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts)
async def test_any_life_uses_the_working_minutes_in_which_the_clock_ran(desk: Desk, acts: list[tuple[str, int]]) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    used = 0
    for act, minutes in acts:
        try:
            if act == "take":
                inquiry = await desk.act(desk.inquiries.take, inquiry, LAN)
            elif act == "ask back":
                inquiry = await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", LAN)
            elif act == "reply":
                inquiry = await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Đây ạ")
            elif act == "defer":
                until = desk.clock.now() + 2 * minutes * MINUTE
                inquiry = await desk.act(desk.inquiries.defer, inquiry, reason="Bão.", until=until, actor=LAN)
        except errors.NotPossibleNow:
            pass  # the state machine refuses it; the clock goes on as it was
        for _ in range(minutes):
            ends = inquiry.resume_at
            stands_still = State(inquiry.state) in CLOCK_STANDS_STILL and (ends is None or desk.clock.now() < ends)
            used += counts(CALENDAR, desk.clock.now()) and not stands_still
            desk.clock.advance(MINUTE)
        if act == "sweep" or inquiry.resume_at is not None:
            await desk.sweeper.run()
            inquiry = await desk.look(inquiry)
    assert TARGET - left(desk, inquiry) == used * MINUTE
    if inquiry.response_left_s is None and used * MINUTE < TARGET:
        assert inquiry.response_due_at == CALENDAR.after(desk.clock.now(), TARGET - used * MINUTE)


async def test_a_deferral_that_ended_while_nobody_was_at_work_gives_the_department_no_time(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")
    until = desk.clock.now() + 2 * HOUR  # Monday, 11 o'clock
    await desk.act(desk.inquiries.defer, inquiry, reason="Bão.", until=until, actor=OTHER)
    desk.clock.advance(timedelta(days=1))
    await desk.sweeper.run()
    found = await desk.look(inquiry)
    assert found.response_due_at == CALENDAR.after(until, 8 * HOUR)


async def test_a_target_missed_before_a_pause_stays_missed_since_then(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    missed = inquiry.response_due_at
    desk.clock.set(datetime(2026, 11, 20, 10, 0, tzinfo=HANOI))
    inquiry = await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", LAN)
    assert inquiry.response_left_s is not None
    assert inquiry.response_left_s < 0
    desk.clock.advance(HOUR)
    inquiry = await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Đây ạ")
    assert inquiry.response_due_at == missed


async def test_a_day_off_that_is_declared_while_the_clock_runs_is_not_taken_from_the_department(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")  # Monday 9 o'clock, 24 hours: due on Thursday at 9
    first = inquiry.response_calendar
    tuesday_off = WorkingTime("2", WorkingHours(days_off=frozenset({date(2026, 11, 17)})))
    desk.inquiries, desk.sweeper, _ = make_services(desk.database, desk.clock, working_time=tuesday_off)
    desk.clock.set(datetime(2026, 11, 18, 9, 0, tzinfo=HANOI))
    inquiry = await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", LAN)
    assert inquiry.response_left_s == (24 - 6.5 - 1.5) * 3600
    inquiry = await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Đây ạ")
    assert inquiry.response_due_at == datetime(2026, 11, 20, 9, 0, tzinfo=HANOI)
    assert inquiry.response_calendar == Calendars(HANOI, lambda: tuesday_off).of(None).version != first


async def test_each_deadline_says_which_calendar_computed_it(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    assert inquiry.response_calendar == Calendars(HANOI).of(None).version
    assert Calendars(HANOI).of(None).windows(desk.clock.now().date()) == OFFICE_HOURS


async def test_after_a_pause_the_same_rungs_are_set_again(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    async with desk.database.read() as uow:
        before = {row["id"] for row in await clocks.rungs(uow, inquiry.id) if row["clock"] == "response"}
    desk.clock.advance(HOUR)
    inquiry = await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", LAN)
    desk.clock.advance(timedelta(days=1))
    inquiry = await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Đây ạ")
    async with desk.database.read() as uow:
        rows = [row for row in await clocks.rungs(uow, inquiry.id) if row["clock"] == "response"]
    assert {row["id"] for row in rows} == before
    assert rows[-1]["due_at"] == rows[-1]["pending_at"] == inquiry.response_due_at
