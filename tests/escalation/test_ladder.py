"""Who is told at which share of a clock, how often, and until when."""

import asyncio
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from bot.escalation.deadlines import Clock
from bot.escalation.ladder import STEPS, Level, reached
from bot.escalation.states import State
from bot.knowledge.files.working_hours import WorkingTime
from storage import clocks, queue
from storage.clocks import Post
from storage.database import Database
from storage.inquiries import InquiryRecord
from storage.models import Officer, OfficerNotice, Rung
from storage.unit_of_work import UnitOfWork, table_of
from tests.escalation.conftest import COORDINATOR, HANOI, LAN, LEAD, OTHER, Desk, make_services

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NIGHTS = ((time(20), time(0)), (time(0), time(7)))
HEAD_POST = Post("coordinator", "cuc-qlrr", True)


@pytest.fixture
async def head(desk: Desk) -> None:
    """The coordinating unit has a head: a coordinator who leads."""

    async def appoint(uow: UnitOfWork) -> None:
        uow.update(Officer, COORDINATOR.id or 0, lead=True)

    await desk.database.write(appoint)


async def rungs(desk: Desk, inquiry: InquiryRecord, clock: Clock) -> list[tuple[int, bool]]:
    """(percent, whether it has fired) of a clock's rungs, of all its runs."""
    async with desk.database.read() as uow:
        return [(r["percent"], r["fired_at"] is not None) for r in await clocks.rungs(uow, inquiry.id) if r["clock"] == clock]


async def told(desk: Desk) -> list[tuple[str, int]]:
    """(audience, percent) of the notices about clocks, oldest first."""
    async with desk.database.read() as uow:
        rows = await uow.rows(
            select(table_of(OfficerNotice)).where(OfficerNotice.rung_id.is_not(None)).order_by(OfficerNotice.id)
        )
    return [(row["audience"], row["params"]["percent"]) for row in rows]


async def repeats(desk: Desk) -> list[int]:
    async with desk.database.read() as uow:
        rows = await uow.rows(
            select(OfficerNotice.repeats).where(OfficerNotice.rung_id.is_not(None)).order_by(OfficerNotice.id)
        )
    return [row["repeats"] for row in rows]


async def sees(desk: Desk, reader: queue.Reader) -> None:
    async def press(uow: UnitOfWork) -> list[int]:
        return await queue.mark_seen(uow, reader, now=desk.clock.now(), officer_id=LAN.id or 0, up_to=2**62)

    assert len(await desk.database.write(press)) > 0


OFFICERS = queue.Reader("cuc-kiem-dinh", ("officer",))


async def test_the_response_clock_goes_from_the_officer_to_the_lead_to_the_head(desk: Desk, head: None) -> None:
    await desk.given_inquiry(to="cuc-kiem-dinh")  # 24 working hours from Monday, 9 o'clock
    for hours in (34, 24, 24, 24):
        desk.clock.advance(hours * HOUR)
        await desk.sweeper.run()
    assert await told(desk) == [("officer", 50), ("lead", 80), ("head", 95), ("officer", 100), ("lead", 100), ("head", 100)]


async def test_the_routing_clock_goes_from_the_coordinators_to_their_head(desk: Desk, head: None) -> None:
    await desk.given_inquiry(candidates=("chi-cuc",))
    for percent in (50, 80, 95, 100):
        desk.clock.set(datetime.fromisoformat("2026-11-16T02:00:00+00:00") + 24 * HOUR * percent / 100)
        await desk.sweeper.run()
    assert await told(desk) == [("coordinator", 50), ("lead", 80), ("head", 95), ("head", 100)]


@pytest.mark.parametrize(
    ("level", "posts", "expected"),
    [
        (Level.OFFICER, {Post("officer", "a", False)}, Level.OFFICER),
        (Level.OFFICER, {Post("officer", "a", True)}, Level.OFFICER),
        (Level.OFFICER, {Post("officer", "b", True)}, Level.COORDINATOR),
        (Level.LEAD, {Post("officer", "a", False), HEAD_POST}, Level.HEAD),
        (Level.LEAD, {Post("officer", "a", True)}, Level.LEAD),
        (Level.HEAD, {HEAD_POST}, Level.HEAD),
        (Level.HEAD, {Post("administrator", None, False)}, Level.COORDINATOR),
        (Level.HEAD, {Post("editor", "a", True)}, Level.COORDINATOR),
        (Level.COORDINATOR, set(), Level.COORDINATOR),
    ],
)
def test_where_nobody_fills_a_place_the_next_one_above_is_told(level: Level, posts: set[Post], expected: Level) -> None:
    assert reached(level, "a", frozenset(posts)) is expected


def test_every_rung_has_somebody_to_tell() -> None:
    assert {(clock, percent) for clock in Clock for percent in (50, 80, 95, 100)} == STEPS.keys()


async def test_ten_sweeps_at_once_in_two_processes_fire_each_rung_once(desk: Desk, database: Database) -> None:
    inquiries = [await desk.given_inquiry(candidates=("chi-cuc",)) for _ in range(30)]
    desk.clock.advance(25 * HOUR)
    _, other, _ = make_services(database, desk.clock)

    fired = await asyncio.gather(*(sweeper.run() for sweeper in (desk.sweeper, other) * 5))

    assert sum(fired) == 4 * len(inquiries)
    for inquiry in inquiries:
        assert await rungs(desk, inquiry, Clock.ROUTING) == [(50, True), (80, True), (95, True), (100, True)]
        assert (await desk.history(inquiry)).count("route") == 1
    assert len(await told(desk)) == 4 * len(inquiries)


async def test_after_a_stop_of_days_each_rung_fires_once_and_is_marked_with_how_late_it_is(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    desk.clock.advance(timedelta(days=3))
    await desk.sweeper.run()
    await desk.sweeper.run()
    async with desk.database.read() as uow:
        rows = [row for row in await clocks.rungs(uow, inquiry.id) if row["clock"] == Clock.ROUTING]
    assert [row["late_s"] for row in rows] == [216000, 190080, 177120, 172800]
    about_clocks = [key for _, key in await desk.notices() if key.endswith("_late")]
    assert about_clocks == ["officer.routing_soon_late"] * 3 + ["officer.routed_at_deadline_late"]


async def test_a_rung_that_fires_on_time_is_not_called_late(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    desk.clock.advance(12 * HOUR + 15 * SECOND)
    await desk.sweeper.run()
    async with desk.database.read() as uow:
        rows = await clocks.rungs(uow, inquiry.id)
    assert rows[0]["late_s"] == 0
    assert await desk.notices() == [("coordinator", "officer.routing_soon")]


async def test_the_system_routes_at_the_last_look_before_the_deadline_and_leaves_no_gap_in_the_ladder(
    desk: Desk, database: Database
) -> None:
    inquiry = await desk.given_inquiry(candidates=("chi-cuc",))
    _, sweeper, _ = make_services(database, desk.clock, ahead=20 * SECOND)
    desk.clock.advance(24 * HOUR - 21 * SECOND)
    await sweeper.run()
    assert (await desk.look(inquiry)).state == State.AWAITING_ROUTING
    desk.clock.advance(2 * SECOND)
    await sweeper.run()
    found = await desk.look(inquiry)
    assert found.routed_at is not None
    assert found.routing_due_at is not None
    assert found.routed_at < found.routing_due_at
    assert all(fired for _, fired in await rungs(desk, inquiry, Clock.ROUTING))


async def test_where_looks_come_late_the_system_looks_further_ahead_but_not_much(desk: Desk, database: Database) -> None:
    inquiries = [await desk.given_inquiry(candidates=("chi-cuc",))]
    _, sweeper, _ = make_services(database, desk.clock, ahead=20 * SECOND)
    desk.clock.advance(24 * HOUR - 100 * SECOND)
    await sweeper.run()
    desk.clock.advance(25 * SECOND)  # from now on it is known that looks are so far apart: 50 s ahead
    inquiries.append(await desk.given_inquiry(candidates=("chi-cuc",)))
    await sweeper.run()
    assert (await desk.look(inquiries[0])).state == State.AWAITING_ROUTING
    desk.clock.advance(25 * SECOND)
    await sweeper.run()
    assert (await desk.look(inquiries[0])).state == State.ROUTED
    desk.clock.advance(10 * HOUR)  # it was not at work for hours: that is no reason to be hours early
    await sweeper.run()
    assert (await desk.look(inquiries[1])).state == State.AWAITING_ROUTING


async def test_looking_ahead_of_a_short_deadline_fires_what_lies_between_as_well(desk: Desk, database: Database) -> None:
    inquiry = await desk.given_inquiry(candidates=("chi-cuc",))
    _, sweeper, _ = make_services(database, desk.clock, ahead=10 * HOUR)
    desk.clock.advance(15 * HOUR)  # 80 and 95 per cent are still to come
    await sweeper.run()
    assert await rungs(desk, inquiry, Clock.ROUTING) == [(50, True), (80, True), (95, True), (100, True)]


async def test_a_notice_is_told_again_and_again_and_counted_on_its_row_until_somebody_has_seen_it(desk: Desk) -> None:
    await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 17, 15, 0, tzinfo=HANOI))  # past the half
    await desk.sweeper.run()
    assert (await told(desk), await repeats(desk)) == ([("officer", 50)], [0])
    for expected in (1, 2, 3):
        desk.clock.advance(29 * 60 * SECOND)
        assert await desk.sweeper.run() == 0
        desk.clock.advance(60 * SECOND)
        await desk.sweeper.run()
        assert (await told(desk), await repeats(desk)) == ([("officer", 50)], [expected])
    await sees(desk, OFFICERS)
    desk.clock.advance(2 * HOUR)
    await desk.sweeper.run()
    assert await repeats(desk) == [3]


async def test_after_a_stop_a_notice_is_repeated_once_not_as_often_as_was_missed(desk: Desk) -> None:
    await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 17, 15, 0, tzinfo=HANOI))
    await desk.sweeper.run()
    desk.clock.advance(5 * HOUR)
    await desk.sweeper.run()
    await desk.sweeper.run()
    assert (await repeats(desk))[0] == 1


async def test_ten_sweeps_at_once_repeat_a_notice_once(desk: Desk, database: Database) -> None:
    await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 17, 15, 0, tzinfo=HANOI))
    await desk.sweeper.run()
    desk.clock.advance(HOUR / 2)
    _, other, _ = make_services(database, desk.clock)
    await asyncio.gather(*(sweeper.run() for sweeper in (desk.sweeper, other) * 5))
    assert await repeats(desk) == [1]


async def test_at_night_nobody_is_reminded_but_in_the_morning(desk: Desk, database: Database) -> None:
    inquiries, sweeper, _ = make_services(database, desk.clock, working_time=WorkingTime(quiet=NIGHTS))
    desk.inquiries, desk.sweeper = inquiries, sweeper
    await desk.given_inquiry()  # Monday 9 o'clock: the half of the routing clock is at 21
    desk.clock.advance(12 * HOUR)
    await sweeper.run()
    async with database.read() as uow:
        waiting = await uow.row(select(OfficerNotice.told_at, OfficerNotice.repeat_at, OfficerNotice.created_at))
    assert waiting is not None
    assert waiting["told_at"] is None
    assert waiting["repeat_at"] == datetime(2026, 11, 17, 7, 0, tzinfo=HANOI)
    desk.clock.set(datetime(2026, 11, 17, 7, 0, tzinfo=HANOI))
    await sweeper.run()
    async with database.read() as uow:
        row = await uow.row(select(OfficerNotice.told_at, OfficerNotice.repeats).order_by(OfficerNotice.id))
    assert row is not None
    assert (row["told_at"], row["repeats"]) == (desk.clock.now(), 0)


async def test_a_deadline_that_has_passed_is_told_and_repeated_at_night_as_well(desk: Desk, database: Database) -> None:
    inquiries, sweeper, _ = make_services(database, desk.clock, working_time=WorkingTime(quiet=NIGHTS))
    desk.inquiries, desk.sweeper = inquiries, sweeper
    desk.clock.set(datetime(2026, 11, 16, 22, 0, tzinfo=HANOI))
    await desk.given_inquiry()
    desk.clock.advance(24 * HOUR)
    await sweeper.run()
    desk.clock.advance(HOUR / 2)
    await sweeper.run()
    assert (await told(desk))[-1] == ("coordinator", 100)
    assert (await repeats(desk))[-1] == 1
    assert (await repeats(desk))[:-1] == [0, 0, 0]


async def test_nobody_is_reminded_of_what_has_been_answered(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 17, 15, 0, tzinfo=HANOI))
    await desk.sweeper.run()
    await desk.act(desk.inquiries.answer, inquiry, "Mã HS là 8471.30.", LAN)
    for _ in range(3):
        desk.clock.advance(HOUR)
        await desk.sweeper.run()
    assert await repeats(desk) == [0]


async def test_while_the_enterprise_is_asked_nobody_is_reminded_and_afterwards_they_are_again(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 17, 15, 0, tzinfo=HANOI))
    await desk.sweeper.run()
    inquiry = await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", LAN)
    desk.clock.advance(3 * HOUR)
    await desk.sweeper.run()
    assert await repeats(desk) == [0]
    await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Đây ạ")
    desk.clock.advance(HOUR)
    await desk.sweeper.run()
    assert await repeats(desk) == [1]


async def test_a_department_is_not_reminded_of_what_it_has_handed_over(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 17, 15, 0, tzinfo=HANOI))
    await desk.sweeper.run()
    await desk.act(desk.inquiries.transfer, inquiry, "chi-cuc", "Hàng ở cảng.", LAN)
    desk.clock.advance(HOUR)
    await desk.sweeper.run()
    assert await repeats(desk) == [0]


async def test_a_rung_fires_once_in_a_run_of_the_clock_however_often_it_is_paused(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.set(datetime(2026, 11, 19, 17, 0, tzinfo=HANOI))  # past the target
    await desk.sweeper.run()
    for _ in range(3):
        inquiry = await desk.act(desk.inquiries.ask_back, await desk.look(inquiry), "Còn gì nữa?", LEAD)
        desk.clock.advance(HOUR)
        inquiry = await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Hết rồi ạ")
        desk.clock.advance(30 * HOUR)
        await desk.sweeper.run()
    assert await rungs(desk, inquiry, Clock.RESPONSE) == [(50, True), (80, True), (95, True), (100, True)]
    assert [percent for _, percent in await told(desk)] == [50, 80, 95, 100, 100, 100]


async def test_another_department_has_a_ladder_of_its_own(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")
    desk.clock.advance(6 * HOUR)
    await desk.sweeper.run()
    inquiry = await desk.act(desk.inquiries.transfer, inquiry, "cuc-kiem-dinh", "Nhầm đơn vị.", OTHER)
    assert await rungs(desk, inquiry, Clock.RESPONSE) == [
        *[(50, True), (80, False), (95, False), (100, False)],
        *[(50, False), (80, False), (95, False), (100, False)],
    ]


async def test_what_fell_due_before_a_pause_still_fires_and_what_lies_behind_it_does_not(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")  # 8 working hours from 9 o'clock: the half is at 14:30
    desk.clock.advance(6 * HOUR)
    await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", OTHER)
    desk.clock.advance(timedelta(days=3))
    await desk.sweeper.run()
    assert await rungs(desk, inquiry, Clock.RESPONSE) == [(50, True), (80, False), (95, False), (100, False)]


async def test_one_that_cannot_be_done_holds_up_none_of_the_others(desk: Desk) -> None:
    broken = await desk.given_inquiry()
    others = [await desk.given_inquiry(candidates=("chi-cuc",)) for _ in range(3)]

    async def break_it(uow: UnitOfWork) -> None:
        # A notice with the key of what will be told: the database refuses a second one.
        key = f"routing:100:{broken.id}"
        uow.insert(
            OfficerNotice, id=1, audience="lead", key=key, text_key="officer.new", params={}, created_at=desk.clock.now()
        )

    await desk.database.write(break_it)
    desk.clock.advance(24 * HOUR)
    await desk.sweeper.run()
    assert {(await desk.look(each)).state for each in others} == {State.ROUTED}
    assert (await desk.look(broken)).state == State.AWAITING_ROUTING

    async def mend_it(uow: UnitOfWork) -> None:
        await uow.execute(update(OfficerNotice).where(OfficerNotice.id == 1).values(key="mended"))

    await desk.database.write(mend_it)
    desk.clock.advance(2 * 60 * SECOND)
    await desk.sweeper.run()
    assert (await desk.look(broken)).state == State.ROUTED


async def test_the_database_refuses_a_second_rung_of_the_same_run(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    async with desk.database.read() as uow:
        row = dict((await clocks.rungs(uow, inquiry.id))[0])

    async def again(uow: UnitOfWork) -> None:
        uow.insert(Rung, **{**row, "id": 1})

    with pytest.raises(Exception, match=r"(?i)unique"):
        await desk.database.write(again)


def test_the_ladder_only_goes_up() -> None:
    order = [Level.OFFICER, Level.COORDINATOR, Level.LEAD, Level.HEAD]
    for clock in Clock:
        highest = [max(order.index(level) for level in STEPS[clock, percent]) for percent in (50, 80, 95, 100)]
        assert all(below <= above for below, above in pairwise(highest))
