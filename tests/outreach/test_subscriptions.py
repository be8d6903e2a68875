"""A campaign leaves out who switched its topic off, but for what a member is owed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.ledger import Priority, Recipient
from bot.delivery.message import Message
from bot.delivery.transport import Limits
from bot.outreach import errors
from bot.subscriptions.subscriptions import SPANS
from storage.audiences import AudienceFilter
from storage.subscriptions import TimesRow
from storage.unit_of_work import UnitOfWork
from tests.delivery.conftest import Platform
from tests.outreach.conftest import APPROVER, Programme

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("kind", "topic", "reached"),
    [
        ("newsletter", "newsletter", ["minh"]),
        ("newsletter", "event", ["lan", "minh"]),
        ("policy_update", "newsletter", ["lan", "minh"]),
    ],
)
async def test_who_switched_a_topic_off_is_not_told(programme: Programme, kind: str, topic: str, reached: list[str]) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    subscriptions, lan = programme.core.services.subscriptions, programme.people["lan"]
    await programme.core.database.write(lambda uow: subscriptions.choose(uow, lan, topic, wanted=False, member=True))
    await programme.sent(kind=kind)
    assert sorted(person for person, _ in programme.telegram.arrived) == reached


async def test_what_somebody_switched_off_before_they_were_a_member_reaches_them_all_the_same(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    subscriptions, lan = programme.core.services.subscriptions, programme.people["lan"]
    await programme.core.database.write(lambda uow: subscriptions.choose(uow, lan, "policy_update", wanted=False, member=False))
    await programme.sent(kind="policy_update")
    assert [person for person, _ in programme.telegram.arrived] == ["lan"]


async def test_the_plan_and_the_look_before_release_leave_them_out_and_say_why(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    subscriptions, lan = programme.core.services.subscriptions, programme.people["lan"]
    await programme.core.database.write(lambda uow: subscriptions.choose(uow, lan, "newsletter", wanted=False, member=True))
    outreach = programme.core.outreach
    plan = await outreach.planner.plan(await programme.approved(kind="newsletter"))
    look = await outreach.audiences.look(AudienceFilter(), kind="newsletter")
    assert (plan.people, plan.reachable, plan.unreachable) == (2, 1, {"switched_off": 1})
    assert [person.name for person in look.sample] == ["minh"]
    assert [(person.name, person.reason) for person in look.unreachable] == [("lan", "switched_off")]
    assert (await outreach.planner.plan(await programme.approved(kind="policy_update"))).reachable == 2


async def test_a_member_who_switched_off_what_is_owed_is_in_the_plan(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    await programme.enterprise("Bình Minh", "minh", membership="invited")
    subscriptions = programme.core.services.subscriptions
    for person in programme.people.values():
        await programme.core.database.write(
            lambda uow, person=person: subscriptions.choose(uow, person, "policy_update", wanted=False, member=False)
        )
    look = await programme.core.outreach.audiences.look(AudienceFilter(), kind="policy_update")
    assert [person.name for person in look.sample] == ["lan"]
    assert look.count.unreachable == {"switched_off": 1}


async def test_a_campaign_that_everybody_of_its_audience_switched_off_is_not_approved(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    subscriptions, lan = programme.core.services.subscriptions, programme.people["lan"]
    await programme.core.database.write(lambda uow: subscriptions.choose(uow, lan, "newsletter", wanted=False, member=True))
    with pytest.raises(errors.AudienceEmpty):
        await programme.approved(kind="newsletter")


async def chooses(programme: Programme, person: str, times: TimesRow) -> None:
    contact, subscriptions = programme.people[person], programme.core.services.subscriptions
    await programme.core.database.write(lambda uow: subscriptions.set_times(uow, contact, times))


async def evening_for(programme: Programme, person: str) -> None:
    await chooses(programme, person, SPANS["evening"])


def at(programme: Programme, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """That time of the day on which the programme stands, in Hà Nội, or some days later."""
    today = programme.clock.now().astimezone(ZONE)
    return today.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC) + timedelta(days=days)


async def test_what_can_wait_comes_in_the_hours_that_a_person_chose(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    await evening_for(programme, "lan")
    row = await programme.released()
    programme.clock.advance(timedelta(seconds=61))
    await programme.sender.start()
    await programme.until("queued", "sent")
    await programme.run()
    assert [person for person, _ in programme.telegram.arrived] == ["minh"]
    assert (await programme.look(row)).state == "sending"
    await programme.campaigns.pause(row.id, APPROVER)
    await programme.campaigns.resume(row.id, APPROVER)
    assert (await programme.states())["lan"] == "queued"
    await programme.sender.stop()
    evening = programme.clock.now().astimezone(ZONE).replace(hour=18, minute=0, second=1, microsecond=0)
    programme.clock.set(evening.astimezone(UTC))
    await programme.run()
    await programme.sender.start()
    await programme.settled()
    assert [person for person, _ in programme.telegram.arrived] == ["minh", "lan"]


async def test_what_comes_after_the_end_of_their_hours_waits_for_the_next_ones(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    await chooses(programme, "lan", TimesRow(8, 17, working_days=False))
    row = await programme.released()
    await programme.campaigns.pause(row.id, APPROVER)
    programme.clock.set(at(programme, 17, 1))
    await programme.campaigns.resume(row.id, APPROVER)
    await programme.sender.start()
    await programme.until("queued", "sent")
    assert [person for person, _ in programme.telegram.arrived] == ["minh"]
    (waiting,) = [row for row in await programme.rows() if row["state"] == "queued"]
    assert (waiting["next_attempt_at"], waiting["attempts"]) == (at(programme, 8, days=1), 0)
    await programme.sender.stop()
    programme.clock.set(at(programme, 8, days=1) + timedelta(seconds=1))
    await programme.run()
    await programme.sender.start()
    await programme.settled()
    assert [person for person, _ in programme.telegram.arrived] == ["minh", "lan"]


async def test_the_time_to_finish_counts_those_who_wait_for_their_hours(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    await evening_for(programme, "lan")
    row = await programme.released()
    look = programme.core.outreach.progress.look
    waiting = await look(row.id)
    assert (waiting.left, waiting.later, waiting.finish_in) == (2, 1, None)
    programme.clock.advance(timedelta(seconds=61))
    await programme.sender.start()
    await programme.until("queued", "sent")
    alone = await look(row.id)
    assert (alone.left, alone.later, alone.later_until) == (1, 1, at(programme, 18))
    assert alone.finish_in is not None
    assert alone.finish_in >= at(programme, 18) - programme.clock.now()


async def test_an_invitation_does_not_wait_for_hours_that_come_after_the_event(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    await chooses(programme, "lan", TimesRow(8, 17, working_days=False))
    row = await programme.released(kind="event", event_at=at(programme, 7, 30, days=1), event_place="Hà Nội")
    await programme.campaigns.pause(row.id, APPROVER)
    programme.clock.set(at(programme, 17, 1))
    await programme.campaigns.resume(row.id, APPROVER)
    await programme.sender.start()
    await programme.settled()
    assert [person for person, _ in programme.telegram.arrived] == ["lan"]


async def test_the_plan_says_how_many_are_put_off_and_until_when(programme: Programme) -> None:
    await programme.enterprise("An Phát", *(f"p{place}" for place in range(10)))
    await chooses(programme, "p0", TimesRow(18, 20, working_days=False))
    for person in ("p1", "p2", "p3", "p4"):
        await chooses(programme, person, TimesRow(8, 17, working_days=False))
    programme.core.outreach.carriers.connect({"telegram": Platform(Limits(per_second=1 / 360))})
    row = await programme.approved()
    # An hour for ten, from half past four on: half are told after five, so two of the four who chose to be told by then.
    plan = await programme.core.outreach.planner.plan(row, at(programme, 16, 29))
    assert plan.begins_at == at(programme, 16, 30)
    assert (plan.put_off, plan.put_off_until) == (3, at(programme, 8, days=1))
    assert plan.last_at == at(programme, 8, 18, days=1)
    plan = await programme.core.outreach.planner.plan(row, at(programme, 9, 59))
    assert (plan.put_off, plan.put_off_until) == (1, at(programme, 18))
    urgent = await programme.approved(kind="risk_alert", risk="supply_chain", urgent=True)
    assert (await programme.core.outreach.planner.plan(urgent, at(programme, 16, 29))).put_off == 0


async def test_an_urgent_alert_does_not_wait_for_them(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    await evening_for(programme, "lan")
    await programme.sent(kind="risk_alert", risk="supply_chain", urgent=True)
    assert [person for person, _ in programme.telegram.arrived] == ["lan"]


async def test_a_reply_does_not_wait_behind_a_campaign_that_waits_for_the_evening(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    await evening_for(programme, "lan")
    await programme.released()
    (waiting,) = await programme.rows()
    to = Recipient(waiting["account_id"], "telegram", "lan")

    async def reply(uow: UnitOfWork) -> None:
        programme.core.ledger.add(uow, to, Message("Trả lời"), kind="answer", priority=Priority.REPLY, key="a")

    await programme.core.database.write(reply)
    await programme.sender.start()
    await programme.until("queued", "sent")
    assert programme.telegram.arrived == [("lan", "Trả lời")]
