"""A campaign over our Official Account: what its plan counts, and what becomes of it when quota or token end on the way."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, or_, select

from bot.channels.zalo_oa import zbs
from bot.delivery.transport import Transport
from bot.outreach.drafts import Draft
from storage.audiences import AudienceFilter
from storage.campaigns import CampaignRow
from storage.deliveries import Claimed
from storage.models import Campaign, Delivery
from storage.unit_of_work import UnitOfWork
from tests.channels.crowd import given_crowd
from tests.channels.zalo_oa.conftest import Desk
from tests.channels.zalo_oa.test_window import Elsewhere
from tests.outreach.conftest import APPROVER, AUTHOR
from tests.peers.zalo_oa import Person, ZaloPeer

DAY = timedelta(days=1)
_D = Delivery.__table__


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def beside(elsewhere: Elsewhere) -> Sequence[Transport]:
    return [elsewhere]


@pytest.fixture
def account_changes() -> dict[str, Any]:
    return {"templates": {"alert": zbs.parse("283747: ma={number}; ten={title}")}}


async def given_people(desk: Desk, zalo: ZaloPeer, amount: int, *, ago: timedelta, on_two: int = 0) -> list[Person]:
    """People who last did something so long ago; the last `on_two` of them are on Telegram too."""
    people, now = [zalo.person(f"P{each}") for each in range(amount)], desk.clock.now()
    both = {each.id for each in people[amount - on_two :]}
    channels = {each.id: ["telegram", "zalo_oa"] if each.id in both else ["zalo_oa"] for each in people}
    await given_crowd(desk.core.database, channels, now=now, active_at=now - ago)
    for person in people:
        person.state.last_interaction = now - ago
    return people


async def approved(desk: Desk, **values: Any) -> CampaignRow:
    campaigns = desk.core.outreach.campaigns
    given = {"kind": "policy_update", "title": "Biểu mẫu mới", "text_vi": "Từ mai dùng mẫu mới.", "text_en": "New form."}
    row = await campaigns.create(Draft(**{**given, "audience": AudienceFilter(), **values}), AUTHOR)
    return await campaigns.approve(row.id, APPROVER, seen=row.revision)


async def released(desk: Desk, **values: Any) -> None:
    await begun(desk, **values)
    await tried(desk)


async def begun(desk: Desk, **values: Any) -> None:
    row = await approved(desk, **values)
    await desk.core.outreach.campaigns.schedule(row.id, None, APPROVER, seen=row.revision)
    await desk.core.outreach.runner.run()
    desk.clock.advance(timedelta(seconds=61))
    desk.core.outbox.hand_over([])


async def tried(desk: Desk) -> None:
    """Wait until nothing is due: what is not over has a time for its next attempt."""
    due = or_(_D.c.state.in_(("held", "sending")), _D.c.next_attempt_at <= desk.clock.now())
    for _ in range(2000):
        async with desk.core.database.read() as uow:
            left = await uow.scalar(select(func.count()).select_from(_D).where(due))
        if not left:
            return
        await asyncio.sleep(0.03)
    raise AssertionError(f"{left} rows were not tried")


async def again(desk: Desk) -> None:
    await desk.core.outreach.runner.run()  # a new day: the hours in which it may flow
    await desk.restarts()
    await tried(desk)


async def test_a_quota_that_ends_at_row_500_of_1000_loses_nobody(desk: Desk, zalo: ZaloPeer, elsewhere: Elsewhere) -> None:
    await given_people(desk, zalo, 1000, ago=3 * DAY, on_two=100)
    zalo.platform.quota = 500
    await released(desk)
    rows = await desk.rows()
    sent = Counter((row["state"], row["channel"]) for row in rows)
    by_telegram = sent["sent", "telegram"]
    assert len(rows) == 1000
    assert sent["sent", "zalo_oa"] == 500
    assert by_telegram == len(elsewhere.sent) > 0, "whoever is on another channel is told there"
    assert sent["queued", "zalo_oa"] == 500 - by_telegram
    waiting = [row for row in rows if row["state"] == "queued"]
    assert all("quota" in row["error"] or "-211" in row["error"] for row in waiting), "the reason stands with each"
    assert {f"{row['next_attempt_at']:%H:%M}" for row in waiting} == {"17:05"}, "five past midnight in Viet Nam"
    (campaign,) = await desk.rows(Campaign)
    reasons = await desk.core.outreach.progress.waiting(campaign["id"])
    assert sum(each.amount for each in reasons) == len(waiting), "and with the campaign, counted"
    assert "quota" in await desk.alarms()
    assert zalo.calls.count("/v3.0/oa/message/cs") < 560, "what would only be refused is not tried"


async def test_who_waited_for_quota_is_told_when_there_is_more_and_nobody_twice(
    desk: Desk, zalo: ZaloPeer, elsewhere: Elsewhere
) -> None:
    people = await given_people(desk, zalo, 20, ago=3 * DAY, on_two=4)
    zalo.platform.quota = 10
    await released(desk)
    assert {row["state"] for row in await desk.rows()} == {"sent", "queued"}
    zalo.platform.quota = 20
    desk.clock.advance(DAY)
    await again(desk)
    assert {row["state"] for row in await desk.rows()} == {"sent"}
    assert {len(person.heard) for person in people[:16]} == {1}
    assert sum(len(person.heard) for person in people) + len(elsewhere.sent) == 20


async def test_a_sender_that_stops_just_as_attempts_begin_leaves_nobody_in_doubt(desk: Desk, zalo: ZaloPeer) -> None:
    people = await given_people(desk, zalo, 3, ago=timedelta(hours=1))
    lane = desk.sender._lanes["zalo_oa"]
    begin, written = lane._begin_rows, asyncio.Event()

    async def begin_and_hang(ids: Sequence[int]) -> set[int]:
        found = await begin(ids)
        written.set()
        await asyncio.Event().wait()
        return found

    lane._begin_rows = begin_and_hang
    await begun(desk)
    await written.wait()
    await desk.sender.stop()
    assert {row["state"] for row in await desk.rows()} == {"held"}, "they were written down as tried, and were not"
    await desk.restarts()
    await tried(desk)
    assert {len(person.heard) for person in people} == {1}


async def test_rows_that_are_drawn_just_as_a_sender_stops_go_out_with_the_next(desk: Desk, zalo: ZaloPeer) -> None:
    people = await given_people(desk, zalo, 3, ago=timedelta(hours=1))
    sender, stopping = desk.sender, asyncio.Queue[asyncio.Task[None]]()
    draw = sender._draw_some

    async def draw_and_stop(uow: UnitOfWork, channel: str, room: int, now: datetime) -> tuple[int, list[Claimed]]:
        found = await draw(uow, channel, room, now)
        if found[0]:
            uow.after_commit(lambda: stopping.put_nowait(asyncio.create_task(sender.stop())))
        return found

    sender._draw_some = draw_and_stop  # type: ignore[method-assign]
    await begun(desk)
    async with asyncio.timeout(10):
        await (await stopping.get())
    assert {(row["state"], row["lease_until"]) for row in await desk.rows()} == {("held", None)}
    await desk.restarts()
    await tried(desk)
    assert {len(person.heard) for person in people} == {1}


async def test_what_waits_for_quota_holds_up_nothing_that_is_free(desk: Desk, zalo: ZaloPeer) -> None:
    (lan,) = await given_people(desk, zalo, 1, ago=3 * DAY)
    zalo.platform.quota = 0
    await released(desk)
    assert [row["state"] for row in await desk.rows()] == ["queued"]
    await lan.says("xin chào")
    await desk.settled()
    assert lan.heard, "the reply is free and goes at once"


async def test_a_token_that_dies_and_a_renewal_that_fails_at_first_lose_nobody(desk: Desk, zalo: ZaloPeer) -> None:
    people = await given_people(desk, zalo, 60, ago=DAY)
    await desk.channel.tokens.look()
    zalo.fails("/v4/oa/access_token", times=1000, status=500)
    for pair in zalo.platform.pairs:
        pair.expires = desk.clock.now()
    await begun(desk)
    async with asyncio.timeout(10):
        while not any("token" in (row["error"] or "") for row in await desk.rows()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert not any(person.heard for person in people)
    await desk.sender.stop()  # what is on its way fails now, not after the clock has jumped past its next attempt
    zalo.heals()
    desk.clock.advance(timedelta(minutes=1))
    await again(desk)
    assert {row["state"] for row in await desk.rows()} == {"sent"}
    assert {len(person.heard) for person in people} == {1}


async def test_the_plan_counts_quota_cost_and_who_is_outside_the_window(desk: Desk, zalo: ZaloPeer) -> None:
    await given_people(desk, zalo, 3, ago=timedelta(hours=1))
    await given_people(desk, zalo, 4, ago=3 * DAY)
    await given_people(desk, zalo, 5, ago=8 * DAY)
    zalo.platform.quota = 2
    await desk.channel.tokens.look()
    desk.core.outreach.carriers.connect({"zalo_oa": desk.channel})
    plan = await desk.core.outreach.planner.plan(await approved(desk))
    (oa,) = plan.channels
    assert (oa.people, oa.free, oa.paid, oa.outside, oa.left, oa.short, oa.template) == (12, 3, 4, 5, 2, 2, False)
    assert plan.cost == 4 * 55
    alert = await desk.core.outreach.planner.plan(await approved(desk, kind="risk_alert", risk="compliance"))
    assert alert.channels[0].template


async def test_a_plan_made_while_zalo_cannot_be_asked_says_so_and_still_counts_the_cost(desk: Desk, zalo: ZaloPeer) -> None:
    await given_people(desk, zalo, 4, ago=3 * DAY)
    await desk.channel.tokens.look()
    desk.core.outreach.carriers.connect({"zalo_oa": desk.channel})
    zalo.fails("/v3.0/oa/quota/message", status=502)
    plan = await desk.core.outreach.planner.plan(await approved(desk))
    (oa,) = plan.channels
    assert (oa.asked, oa.left, oa.paid, plan.cost) == (False, None, 4, 4 * 55)


async def test_a_risk_alert_reaches_people_outside_the_window_by_its_template(desk: Desk, zalo: ZaloPeer) -> None:
    zalo.template("283747", ma=20, ten=40)
    (lan,) = await given_people(desk, zalo, 1, ago=8 * DAY)
    await released(desk, kind="risk_alert", risk="compliance", title="Khai sai mã HS")
    assert [row["state"] for row in await desk.rows()] == ["sent"]
    assert [(heard.template, heard.data["ten"]) for heard in lan.heard] == [("283747", "Khai sai mã HS")]
