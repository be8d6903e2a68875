"""What becomes of each message of a campaign: sent, to be looked at, gone to the next channel, or over."""

from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.transport import NoAnswer, Refused, TryLater, Unreachable
from bot.outreach import errors
from bot.outreach.drafts import Draft
from storage import campaigns as stored
from storage import waves
from storage.audiences import AudienceFilter
from storage.campaigns import CampaignRow
from tests.delivery.conftest import Platform
from tests.outreach.conftest import APPROVER, AUTHOR, Programme


async def attempts(programme: Programme) -> list[tuple[str, str]]:
    """The attempts that did not end well: where, and why."""
    rows = await programme.rows()
    async with programme.core.database.read() as uow:
        kept = [each for row in rows for each in await waves.attempts(uow, row["id"])]
    return [(each["channel"], each["outcome"]) for each in kept]


async def test_who_blocked_us_on_one_channel_is_told_on_the_next(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", channels=("zalo_oa", "telegram"))
    programme.telegram.outcomes.append(Unreachable("blocked"))
    await programme.sent()
    assert [person for person, _ in programme.zalo.arrived] == ["lan"]
    (row,) = await programme.rows()
    assert (row["state"], row["channel"], row["attempts"]) == ("sent", "zalo_oa", 2)
    assert await attempts(programme) == [("telegram", "blocked")]


async def test_an_account_that_cannot_be_written_to_now_can_be_later(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", channels=("zalo_oa", "telegram"))
    programme.telegram.outcomes.append(Unreachable("window closed", lasting=False))
    await programme.sent()
    assert len(programme.zalo.arrived) == 1
    await programme.sent()
    assert len(programme.telegram.arrived) == 1


async def test_who_has_no_other_channel_is_recorded_as_blocked(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    programme.telegram.outcomes.append(Unreachable("blocked"))
    row = await programme.sent()
    assert sorted((await programme.states()).values()) == ["blocked", "sent"]
    assert row.state == "finished"


async def test_who_is_known_to_be_unreachable_has_a_row_that_says_so_and_is_not_tried(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    programme.telegram.outcomes.append(Unreachable("blocked"))
    await programme.sent()
    calls = len(programme.telegram.calls)
    await programme.sent()
    assert len(programme.telegram.calls) == calls + 1
    assert sorted(row["state"] for row in await programme.rows()) == ["blocked", "blocked", "sent", "sent"]


async def test_a_message_without_an_answer_is_unknown_until_a_person_says_what_became_of_it(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    programme.telegram.outcomes.append(NoAnswer("cut"))
    row = await programme.sent()
    assert (row.state, await programme.states()) == ("finished", {"lan": "unknown"})
    (delivery,) = await programme.rows()
    await programme.campaigns.settle_unknown(row.id, delivery["id"], arrived=True, actor=APPROVER)
    assert await programme.states() == {"lan": "sent"}
    with pytest.raises(errors.DeliveryNotUnknown):
        await programme.campaigns.settle_unknown(row.id, delivery["id"], arrived=False, actor=APPROVER)


async def test_failed_messages_are_sent_again_with_one_action_and_the_others_are_not(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh", "hoa")
    programme.telegram.outcomes.extend([Refused("chat is odd")])
    row = await programme.sent()
    assert await programme.campaigns.send_again(row.id, APPROVER, states=("refused",)) == 1
    assert (await programme.look(row)).state == "sending"
    await programme.deliver()
    assert sorted(person for person, _ in programme.telegram.arrived) == ["hoa", "lan", "minh"]
    assert (await programme.look(row)).state == "finished"


async def test_what_is_tried_later_waits_and_then_goes_out_and_every_attempt_is_kept(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    programme.telegram.outcomes.append(TryLater("ill"))
    await programme.released()
    programme.clock.advance(timedelta(seconds=61))
    await programme.sender.start()
    await programme.until("queued")
    programme.clock.advance(timedelta(seconds=8))
    await programme.settled()
    assert await programme.states() == {"lan": "sent"}
    assert await attempts(programme) == [("telegram", "try_later")]


async def test_a_retry_of_a_cancelled_campaign_does_not_go_out(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    programme.telegram.outcomes.append(TryLater("ill"))
    row = await programme.released()
    programme.clock.advance(timedelta(seconds=61))
    await programme.sender.start()
    await programme.until("queued")
    await programme.campaigns.cancel(row.id, APPROVER)
    await programme.run()
    programme.clock.advance(timedelta(minutes=5))
    assert await programme.states() == {"lan": "cancelled"}
    assert programme.telegram.arrived == []


async def test_of_a_process_that_died_only_what_was_begun_is_unknown(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    await programme.released()
    programme.clock.advance(timedelta(seconds=61))
    from bot.delivery.ledger import LEASE
    from storage import deliveries

    now = programme.clock.now()

    async def die(uow: Any) -> None:
        taken = await deliveries.claim_of_waves(
            uow, owner="dead", channel="telegram", now=now, lease_until=now + LEASE, limit=2
        )
        await deliveries.begin_attempts(uow, [taken[0].id], owner="dead", now=now)

    await programme.core.database.write(die)
    programme.clock.advance(LEASE + timedelta(seconds=1))
    await programme.sender.start()
    await programme.settled()
    assert sorted((await programme.states()).values()) == ["sent", "unknown"]
    assert len(programme.telegram.calls) == 1


class Editable(Platform):
    """A platform that lets messages be changed; of `final` it says that they cannot be any more."""

    def __init__(self) -> None:
        super().__init__()
        self.edited: list[tuple[str, str]] = []
        self.final: deque[str] = deque()

    async def edit(self, recipient: str, platform_message_id: str, message: Any) -> None:
        if recipient in self.final:
            raise Refused("message can't be edited")
        self.edited.append((recipient, message.text))


async def corrected(programme: Programme, row: CampaignRow) -> CampaignRow:
    fix = await programme.campaigns.correct(row.id, "", "Mẫu mới áp dụng từ thứ Hai.", "From Monday.", AUTHOR)
    fix = await programme.campaigns.approve(fix.id, APPROVER, seen=fix.revision)
    await programme.campaigns.schedule(fix.id, None, APPROVER, seen=fix.revision)
    await programme.run()
    await programme.deliver()
    return await programme.look(fix)


async def test_a_correction_changes_what_can_be_changed_and_sends_the_rest_a_new_message(programme: Programme) -> None:
    from bot.delivery.sender import Sender

    platform = Editable()
    programme.sender = Sender(programme.core.database, {"telegram": platform}, programme.clock, "editor")
    await programme.enterprise("An Phát", "lan", "minh", "hoa")
    platform.outcomes.append(Unreachable("blocked"))
    row = await programme.sent()
    told = sorted(person for person, _ in platform.arrived)
    assert len(told) == 2
    platform.final.append(told[0])
    fix = await corrected(programme, row)
    assert fix.state == "finished"
    assert [person for person, _ in platform.edited] == [told[1]]
    assert "Mẫu mới áp dụng từ thứ Hai." in platform.edited[0][1]
    (follow_up,) = platform.arrived[2:]
    assert follow_up[0] == told[0]
    assert f"Đính chính thông báo {row.number}" in follow_up[1]


async def test_what_reached_nobody_is_not_corrected(programme: Programme) -> None:
    row = await programme.campaigns.create(programme.draft(), AUTHOR)
    with pytest.raises(errors.NothingToCorrect):
        await programme.campaigns.correct(row.id, "", "x", "x", AUTHOR)


async def test_a_preferred_channel_comes_first(programme: Programme) -> None:
    from storage.models import Contact

    await programme.enterprise("An Phát", "lan", channels=("zalo_oa", "telegram"))

    async def prefer(uow: Any) -> None:
        uow.update(Contact, programme.people["lan"], preferred_channel="zalo_oa")

    await programme.core.database.write(prefer)
    await programme.sent()
    assert (len(programme.zalo.arrived), len(programme.telegram.arrived)) == (1, 0)


# Acknowledgement and events


def acknowledged_by(programme: Programme, **more: Any) -> dict[str, Any]:
    due = programme.clock.now() + timedelta(hours=4)
    return {"acknowledge": True, "ack_due_at": due, "reminders": (1.0,), **more}


async def press(programme: Programme, row: CampaignRow, person: str) -> Any:
    answers = programme.core.services.campaign_answers
    return await programme.core.database.write(lambda uow: answers.confirm(uow, row.id, programme.people[person]))


async def test_who_has_confirmed_is_not_reminded(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    row = await programme.sent(**acknowledged_by(programme))
    assert (await press(programme, row, "lan")).first
    assert not (await press(programme, row, "lan")).first
    programme.clock.advance(timedelta(hours=3))
    await programme.run()
    await programme.deliver()
    assert [person for person, text in programme.telegram.arrived if text.startswith("🔔")] == ["minh"]
    assert await programme.waves(row) == ["main", "reminder:1"]


async def test_when_time_is_up_an_urgent_alert_goes_to_the_next_channel_of_the_silent(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh", channels=("zalo_oa", "telegram"))
    urgent = {"kind": "risk_alert", "risk": "supply_chain", "urgent": True, "reminders": ()}
    row = await programme.sent(**acknowledged_by(programme, **urgent))
    await press(programme, row, "lan")
    programme.clock.advance(timedelta(hours=5))
    await programme.run()
    await programme.deliver()
    assert [person for person, _ in programme.zalo.arrived] == ["minh"]


async def test_somebody_who_was_not_told_cannot_confirm(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.sent()
    await programme.enterprise("Khác", "hoa")
    with pytest.raises(errors.NotInvited):
        await press(programme, row, "hoa")


def event(programme: Programme, **more: Any) -> dict[str, Any]:
    at = programme.clock.now() + timedelta(days=2)
    return {"kind": "event", "event_at": at, "event_place": "Hà Nội", "reminders": (24.0,), **more}


async def answer(programme: Programme, row: CampaignRow, person: str, *, comes: bool = True) -> str:
    from bot.delivery.ledger import Recipient

    answers = programme.core.services.campaign_answers
    rows = {each["recipient"]: each for each in await programme.rows()}
    account = Recipient(rows[person]["account_id"], "telegram", person)
    contact = programme.people[person]
    _, place = await programme.core.database.write(
        lambda uow: answers.answer_invitation(uow, row.id, contact, account, None, comes=comes)
    )
    return str(place)


async def test_a_full_event_has_a_waiting_list_and_who_leaves_makes_room(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh", "hoa")
    row = await programme.sent(**event(programme, event_capacity=1))
    assert [await answer(programme, row, person) for person in ("lan", "minh", "hoa")] == ["registered", "waiting", "waiting"]
    assert await answer(programme, row, "lan") == "registered"
    assert await answer(programme, row, "lan", comes=False) == "withdrawn"
    await programme.deliver()
    assert [person for person, text in programme.telegram.arrived if "Đã có chỗ" in text] == ["minh"]


async def test_only_who_comes_is_reminded_of_an_event(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    row = await programme.sent(**event(programme))
    await answer(programme, row, "lan")
    programme.clock.advance(timedelta(days=1, minutes=1))
    await programme.run()
    await programme.deliver()
    assert [person for person, text in programme.telegram.arrived if text.startswith("🔔")] == ["lan"]


async def test_an_event_that_is_over_takes_no_answers(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.sent(**event(programme))
    programme.clock.advance(timedelta(days=3))
    with pytest.raises(errors.EventOver):
        await answer(programme, row, "lan")


# Audiences


async def test_an_audience_is_filtered_by_all_that_is_known(programme: Programme) -> None:
    await programme.enterprise("A", "lan", region="Hải Phòng", compliance_level=2, sector="Dệt may", hs_chapters=("61", "62"))
    await programme.enterprise("B", "minh", region="Hà Nội", membership="none", kind="logistics", language="en")
    audiences = programme.core.outreach.audiences
    for wanted, people in (
        (AudienceFilter(), 2),
        (AudienceFilter(regions=("Hải Phòng",), hs_chapters=("62",), compliance_levels=(1, 2)), 1),
        (AudienceFilter(membership=("member",)), 1),
        (AudienceFilter(languages=("en",), kinds=("logistics",)), 1),
        (AudienceFilter(regions=("Hà Nội",), sectors=("Dệt may",)), 0),
        (AudienceFilter(channels=("zalo_oa",)), 2),
    ):
        assert (await audiences.count(wanted)).people == people, wanted


async def test_who_cannot_be_reached_is_named_with_the_reason(programme: Programme) -> None:
    await programme.enterprise("Có người", "lan")
    await programme.enterprise("Chưa ai tham gia")
    await programme.enterprise("Zalo", "hoa", channels=("zalo_oa",))
    look = await programme.core.outreach.audiences.look(AudienceFilter(channels=("telegram",)))
    assert (look.count.reachable, look.count.unreachable) == (1, {"no_contact": 1, "other_channel": 1})
    assert {each.reason for each in look.unreachable} == {"no_contact", "other_channel"}


async def test_the_plan_names_the_last_one_and_counts_the_quiet_hours(programme: Programme) -> None:
    from bot.delivery.transport import Limits

    await programme.many(60)
    programme.core.outreach.carriers.connect({"telegram": Platform(Limits(per_second=0.01))})
    row = await programme.campaigns.create(programme.draft(), AUTHOR)
    plan = await programme.core.outreach.planner.plan(row)
    assert plan.reachable == 60
    # 9 o'clock; 6,000 s later the last one
    assert plan.last_at == programme.clock.now() + timedelta(seconds=60 + 6000)
    programme.core.outreach.carriers.connect({"telegram": Platform(Limits(per_second=60 / 43200 / 1.5))})
    late = await programme.core.outreach.planner.plan(row)
    assert late.last_at == programme.clock.now() + timedelta(minutes=1, hours=18 + 10)


async def test_what_was_done_with_a_campaign_is_kept(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.sent()
    async with programme.core.database.read() as uow:
        steps = [(each.action, each.actor_name) for each in await stored.steps(uow, row.id)]
    assert steps == [
        ("create", AUTHOR.name),
        ("approve", APPROVER.name),
        ("schedule", APPROVER.name),
        ("release", "system"),
        ("finish", "system"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        Draft("party", "t", "x", "x"),
        Draft("risk_alert", "t", "x", "x"),
        Draft("newsletter", "t", " ", "x"),
        Draft("newsletter", "t", "**đậm", "x"),
        Draft("newsletter", "t", "<i>x</b>", "x"),
        Draft("newsletter", "t", "x", "y" * 5000),
        Draft("newsletter", "t", "x", "x", acknowledge=True),
        Draft("newsletter", "t", "x", "x", reminders=(0.0,)),
        Draft("newsletter", "t", "x", "x", entries=("khong-co",)),
        Draft("event", "t", "x", "x"),
    ],
)
async def test_what_is_wrong_is_refused_before_anything_is_kept(programme: Programme, wrong: Draft) -> None:
    from bot.errors import HelpdeskError

    with pytest.raises(HelpdeskError):
        await programme.campaigns.create(wrong, AUTHOR)
    async with programme.core.database.read() as uow:
        assert await stored.listed(uow) == []
