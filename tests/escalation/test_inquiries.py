"""What can be done with an inquiry, by whom, and what everybody is told."""

import asyncio
from datetime import timedelta

import pytest

from bot.escalation import errors
from bot.escalation.history import START
from bot.escalation.states import State
from storage.database import Database
from tests.escalation.conftest import BOT, COORDINATOR, LAN, LEAD, MINH, OTHER, Desk, make_services

HOUR = timedelta(hours=1)


async def test_every_question_gets_a_number_in_order(desk: Desk) -> None:
    first = await desk.given_inquiry()
    second = await desk.given_inquiry()
    assert (first.number, second.number) == ("YC-2026-000001", "YC-2026-000002")


async def test_the_24_hours_count_from_the_moment_it_goes_to_people(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    assert inquiry.state == State.AWAITING_ROUTING
    assert inquiry.routing_due_at == desk.clock.now() + 24 * HOUR


async def test_routing_starts_the_departments_own_clock_in_working_time(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")  # Monday 9 o'clock, 8 working hours
    assert inquiry.state == State.ROUTED
    assert inquiry.routed_by == "bot"
    assert inquiry.response_due_at == desk.clock.now() + 24 * HOUR  # Tuesday 9 o'clock


async def test_an_answer_reaches_the_ledger_with_its_text_and_ends_the_clock(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    inquiry = await desk.act(desk.inquiries.answer, inquiry, "Mã HS là 8471.30.", LAN)

    assert inquiry.state == State.ANSWERED
    assert "8471.30" in (await desk.told())[-1]
    desk.clock.advance(timedelta(days=60))
    assert await desk.sweeper.run() == 0


async def test_a_message_that_was_not_committed_tells_nobody(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    told = await desk.told()
    with pytest.raises(errors.TextMissing):
        await desk.act(desk.inquiries.answer, inquiry, "   ", LAN)
    assert await desk.told() == told
    assert await desk.look(inquiry) == inquiry


async def test_of_two_officers_who_answer_at_once_one_wins_and_the_other_hears_why(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")

    results = await asyncio.gather(
        desk.act(desk.inquiries.answer, inquiry, "của Lan", LAN),
        desk.act(desk.inquiries.answer, inquiry, "của Minh", MINH),
        return_exceptions=True,
    )

    assert [type(result) for result in results].count(errors.NotPossibleNow) == 1
    assert (await desk.history(inquiry)).count("answer") == 1
    assert len([text for text in await desk.told() if "notice.answered" in text]) == 1


async def test_what_an_officer_has_in_hand_no_colleague_answers_but_the_lead_may(desk: Desk) -> None:
    inquiry = await desk.act(desk.inquiries.take, await desk.given_inquiry(to="cuc-kiem-dinh"), LAN)

    with pytest.raises(errors.TakenByOther):
        await desk.act(desk.inquiries.answer, inquiry, "thay", MINH)
    with pytest.raises(errors.TakenByOther):
        await desk.act(desk.inquiries.take, inquiry, MINH)
    assert (await desk.act(desk.inquiries.answer, inquiry, "thay", LEAD)).state == State.ANSWERED


async def test_an_officer_of_another_department_can_do_nothing(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    for act, args in (
        (desk.inquiries.take, ()),
        (desk.inquiries.answer, ("x",)),
        (desk.inquiries.ask_back, ("x",)),
        (desk.inquiries.transfer, ("chi-cuc", "x")),
        (desk.inquiries.escalate, ("x",)),
    ):
        with pytest.raises(errors.InquiryNotYours):
            await desk.act(act, inquiry, *args, OTHER)
    with pytest.raises(errors.InquiryNotYours):
        await desk.act(desk.inquiries.close, inquiry, OTHER, reason="x")
    assert await desk.look(inquiry) == inquiry


async def test_only_the_coordinator_routes(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    with pytest.raises(errors.RoleNotEnough):
        await desk.act(desk.inquiries.route, inquiry, "chi-cuc", LAN, by="coordinator")
    routed = await desk.act(desk.inquiries.route, inquiry, "chi-cuc", COORDINATOR, by="coordinator")
    assert (routed.department_name, routed.routed_by) == ("Chi cục Hải quan", "coordinator")


@pytest.mark.parametrize("department", ["tchq", "nowhere", ""])
async def test_a_department_that_takes_no_inquiries_is_refused(desk: Desk, department: str) -> None:
    inquiry = await desk.given_inquiry()
    with pytest.raises(errors.DepartmentUnknown):
        await desk.act(desk.inquiries.route, inquiry, department, COORDINATOR, by="coordinator")


async def test_the_response_clock_stands_still_while_the_enterprise_is_asked(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")  # 8 working hours, from 9 o'clock
    desk.clock.advance(HOUR)
    inquiry = await desk.act(desk.inquiries.ask_back, inquiry, "Xin gửi hợp đồng.", OTHER)
    assert (inquiry.state, inquiry.response_left_s) == (State.WAITING_FOR_ENTERPRISE, 7 * 3600)

    desk.clock.advance(timedelta(days=2))
    assert await desk.sweeper.run() == 0

    inquiry = await desk.act(desk.inquiries.add_message, inquiry, desk.asker, "Hợp đồng đây ạ")
    assert inquiry.state == State.IN_PROGRESS
    assert inquiry.response_due_at == desk.clock.now() + 24 * HOUR - HOUR  # Wednesday 10 o'clock and 7 working hours


async def test_a_deferral_says_why_and_until_when_and_goes_on_by_itself(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    until = desk.clock.now() + timedelta(days=3)
    inquiry = await desk.act(desk.inquiries.defer, inquiry, reason="Bão, cảng đóng cửa.", until=until, actor=LAN)
    assert inquiry.state == State.DEFERRED
    assert "Bão" in (await desk.told())[-1]
    assert str(until) in (await desk.told())[-1]

    desk.clock.set(until)
    await desk.sweeper.run()
    assert (await desk.look(inquiry)).state == State.IN_PROGRESS
    assert (await desk.look(inquiry)).response_due_at is not None


async def test_a_deferral_needs_a_reason_and_a_date_ahead(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    later = desk.clock.now() + HOUR
    with pytest.raises(errors.ReasonMissing):
        await desk.act(desk.inquiries.defer, inquiry, reason=" ", until=later, actor=LAN)
    with pytest.raises(errors.DateNotAhead):
        await desk.act(desk.inquiries.defer, inquiry, reason="x", until=desk.clock.now(), actor=LAN)


async def test_a_transfer_starts_the_other_departments_clock_and_both_steps_stand_in_the_history(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    inquiry = await desk.act(desk.inquiries.transfer, inquiry, "chi-cuc", "Hàng đang ở cảng.", LAN)
    assert (inquiry.state, inquiry.department_id) == (State.ROUTED, "chi-cuc")
    assert (await desk.history(inquiry))[-2:] == ["transfer", "route"]


async def test_an_inquiry_goes_up_to_the_level_above(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")
    inquiry = await desk.act(desk.inquiries.escalate, inquiry, "Ngoài thẩm quyền.", OTHER)
    assert (inquiry.state, inquiry.department_id) == (State.ESCALATED, "cuc-kiem-dinh")


async def test_closing_without_an_answer_needs_a_reason(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    with pytest.raises(errors.ReasonMissing):
        await desk.act(desk.inquiries.close, inquiry, LAN)
    closed = await desk.act(desk.inquiries.close, inquiry, LAN, reason="Trùng với YC-2026-000001.")
    assert closed.state == State.CLOSED
    assert "Trùng" in (await desk.told())[-1]


async def test_not_solved_opens_it_again_with_a_fresh_clock(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")
    inquiry = await desk.act(desk.inquiries.answer, inquiry, "x", OTHER)
    desk.clock.advance(timedelta(days=1))
    inquiry = await desk.act(desk.inquiries.reopen, inquiry, desk.asker)
    assert inquiry.state == State.REOPENED
    assert inquiry.response_due_at == desk.clock.now() + 24 * HOUR


async def test_nobody_adds_to_or_rates_the_inquiry_of_another(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    stranger = desk.another_asker()
    with pytest.raises(errors.InquiryNotYours):
        await desk.act(desk.inquiries.add_message, inquiry, stranger, "x")
    with pytest.raises(errors.InquiryNotYours):
        await desk.act(desk.inquiries.solved, inquiry, stranger)
    with pytest.raises(errors.InquiryNotYours):
        await desk.act(desk.inquiries.rate, inquiry, stranger, stars=5)


async def test_at_the_deadline_the_system_routes_to_the_best_candidate_and_tells_lead_and_enterprise_once(
    desk: Desk, database: Database
) -> None:
    inquiry = await desk.given_inquiry(candidates=("chi-cuc",))
    desk.clock.advance(24 * HOUR)
    _, another_process, _ = make_services(database, desk.clock)

    await asyncio.gather(desk.sweeper.run(), another_process.run(), desk.sweeper.run())

    inquiry = await desk.look(inquiry)
    assert (inquiry.state, inquiry.department_id, inquiry.routed_by) == (State.ROUTED, "chi-cuc", "auto")
    assert len([text for text in await desk.told() if "notice.routed_at_deadline" in text]) == 1
    assert (await desk.notices()).count(("lead", "officer.routed_at_deadline")) == 1
    assert (await desk.history(inquiry)).count("route") == 1


async def test_without_a_candidate_the_coordinating_unit_gets_it(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    desk.clock.advance(24 * HOUR)
    await desk.sweeper.run()
    assert (await desk.look(inquiry)).department_id == "cuc-qlrr"


async def test_a_sweep_before_anything_is_due_does_nothing(desk: Desk) -> None:
    await desk.given_inquiry()
    desk.clock.advance(11 * HOUR)
    assert await desk.sweeper.run() == 0


async def test_what_was_routed_in_time_the_deadline_leaves_alone(desk: Desk) -> None:
    inquiry = await desk.given_inquiry()
    await desk.act(desk.inquiries.route, inquiry, "chi-cuc", COORDINATOR, by="coordinator")
    desk.clock.advance(24 * HOUR)
    await desk.sweeper.run()
    assert (await desk.look(inquiry)).routed_by == "coordinator"


async def test_an_answer_by_the_bot_is_logged_with_its_ground(desk: Desk) -> None:
    ground = [{"document": "1399/QĐ-TCHQ", "place": "Điều 3 khoản 1 điểm c"}]

    async def ask(uow):  # type: ignore[no-untyped-def]
        inquiry = await desk.inquiries.receive(uow, desk.asker, "Bao lâu?")
        return await desk.inquiries.answered_by_bot(uow, inquiry, entry_id="e", citations=ground, confidence=0.9, actor=BOT)

    inquiry = await desk.database.write(ask)
    found = await desk.look(inquiry)
    assert (found.state, found.entry_id, found.citations) == (State.ANSWERED_BY_BOT, "e", ground)
    assert found.history_length == 2
    assert found.history_head != START
