"""What was rated 1 or 2 goes back to the lead, with a deadline of its own; and how long an inquiry can be opened again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.escalation import errors
from bot.escalation.deadlines import Clock
from storage.inquiries import InquiryRecord
from tests.escalation.conftest import COORDINATOR, LAN, LEAD, Desk
from tests.escalation.test_ladder import rungs, told

HOUR = timedelta(hours=1)


async def closed(desk: Desk) -> InquiryRecord:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    inquiry = await desk.act(desk.inquiries.answer, inquiry, "Mã HS 8471.", LAN)
    return await desk.act(desk.inquiries.close, inquiry, LAN)


async def rated(desk: Desk, stars: int) -> InquiryRecord:
    return await desk.act(desk.inquiries.rate, await closed(desk), desk.asker, stars=stars)


@pytest.mark.parametrize("stars", [1, 2])
async def test_a_bad_rating_is_told_to_the_lead_and_has_a_deadline_in_working_time(desk: Desk, stars: int) -> None:
    inquiry = await rated(desk, stars)  # Monday, 9 o'clock; eight working hours
    assert ("lead", "officer.rated_badly") in await desk.notices()
    assert inquiry.review_due_at == desk.clock.now() + 24 * HOUR


@pytest.mark.parametrize("stars", [3, 4, 5])
async def test_any_other_rating_asks_nothing_of_anybody(desk: Desk, stars: int) -> None:
    inquiry = await rated(desk, stars)
    assert inquiry.review_due_at is None
    assert await rungs(desk, inquiry, Clock.REVIEW) == []


async def test_the_ladder_of_a_bad_rating_goes_from_the_lead_up_and_each_rung_fires_once(desk: Desk) -> None:
    inquiry = await rated(desk, 1)
    for _ in range(2):
        desk.clock.advance(30 * HOUR)
        await desk.sweeper.run()
    assert await rungs(desk, inquiry, Clock.REVIEW) == [(50, True), (80, True), (95, True), (100, True)]
    assert [percent for audience, percent in await told(desk) if audience == "lead"] == [50, 80, 100]


async def test_the_lead_answers_the_enterprise_and_the_clock_ends(desk: Desk) -> None:
    inquiry = await rated(desk, 1)
    inquiry = await desk.act(desk.inquiries.review, inquiry, "Đã kiểm tra lại, xin lỗi doanh nghiệp.", LEAD)
    desk.clock.advance(60 * HOUR)
    await desk.sweeper.run()
    assert inquiry.review_due_at is None
    assert await told(desk) == []
    assert "Đã kiểm tra lại" in (await desk.told())[-1]
    with pytest.raises(errors.NothingToReview):
        await desk.act(desk.inquiries.review, await desk.look(inquiry), "Lần nữa.", LEAD)


async def test_an_officer_who_does_not_lead_cannot_answer_for_the_lead(desk: Desk) -> None:
    inquiry = await rated(desk, 1)
    with pytest.raises(errors.RoleNotEnough):
        await desk.act(desk.inquiries.review, inquiry, "Không sao.", LAN)
    with pytest.raises(errors.RoleNotEnough):
        await desk.act(desk.inquiries.open_again, inquiry, "Xem lại.", LAN)


@pytest.mark.parametrize("actor", [LEAD, COORDINATOR])
async def test_the_lead_and_the_coordinator_may_open_it_again_which_ends_the_review(desk: Desk, actor: object) -> None:
    inquiry = await rated(desk, 2)
    inquiry = await desk.act(desk.inquiries.open_again, inquiry, "Cần kiểm tra lại mã.", actor)
    assert (inquiry.state, inquiry.review_due_at, inquiry.answered_at) == ("reopened", None, None)
    assert "Cần kiểm tra lại mã." in (await desk.told())[-1]
    desk.clock.advance(10 * HOUR)
    await desk.sweeper.run()
    assert all(not done for _, done in await rungs(desk, inquiry, Clock.REVIEW))


async def test_a_rating_that_is_changed_for_the_better_ends_the_review_and_a_second_bad_one_keeps_its_deadline(
    desk: Desk,
) -> None:
    inquiry = await rated(desk, 1)
    due = inquiry.review_due_at
    desk.clock.advance(HOUR)
    inquiry = await desk.act(desk.inquiries.rate, inquiry, desk.asker, stars=2)
    assert inquiry.review_due_at == due
    inquiry = await desk.act(desk.inquiries.rate, inquiry, desk.asker, stars=5)
    assert inquiry.review_due_at is None


async def test_the_enterprise_may_open_it_again_within_the_period_and_not_after(desk: Desk) -> None:
    first, second = await closed(desk), await closed(desk)
    desk.clock.advance(timedelta(days=30))
    assert (await desk.act(desk.inquiries.reopen, first, desk.asker)).state == "reopened"
    desk.clock.advance(timedelta(seconds=1))
    with pytest.raises(errors.ReopenTooLate):
        await desk.act(desk.inquiries.reopen, second, desk.asker)
    assert (await desk.look(second)).state == "closed"


async def test_an_english_reader_reads_the_departments_name_in_english_and_the_old_one_where_it_has_changed(
    desk: Desk,
) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    assert desk.inquiries._names(inquiry) == {"vi": "Cục Kiểm định hải quan", "en": "Goods Verification"}
    renamed = replace(inquiry, department_name="Cục Phân tích")
    assert desk.inquiries._names(renamed) == {"vi": "Cục Phân tích", "en": "Cục Phân tích"}
