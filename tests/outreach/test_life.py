"""A campaign goes out once it was approved by a second person, to everybody it is for, each of them once."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.escalation.actors import Actor, ActorKind, Role
from bot.outreach import errors
from storage.audiences import AudienceFilter
from tests.outreach.conftest import APPROVER, AUTHOR, Programme


async def test_what_a_second_person_approved_reaches_everybody_once(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    row = await programme.sent()
    assert sorted(person for person, _ in programme.telegram.arrived) == ["lan", "minh"]
    assert "Từ mai dùng mẫu mới." in programme.telegram.arrived[0][1]
    assert (row.state, await programme.states()) == ("finished", {"lan": "sent", "minh": "sent"})


async def test_everybody_reads_their_own_language(programme: Programme) -> None:
    await programme.enterprise("Foreign Co", "john", language="en")
    await programme.sent()
    assert "New form." in programme.telegram.arrived[0][1]


async def test_who_wrote_it_cannot_approve_it(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    coordinator = Actor(ActorKind.OFFICER, 7, "Đầu mối", Role.COORDINATOR)
    row = await programme.campaigns.create(programme.draft(), AUTHOR)
    row = await programme.campaigns.edit(row.id, programme.draft(title="Khác"), coordinator, seen=row.revision)
    with pytest.raises(errors.ApprovedByAuthor):
        await programme.campaigns.approve(row.id, coordinator, seen=row.revision)
    assert (await programme.look(row)).state == "draft"


async def test_an_editor_cannot_approve(programme: Programme) -> None:
    row = await programme.campaigns.create(programme.draft(), AUTHOR)
    with pytest.raises(errors.MayNotCampaign):
        await programme.campaigns.approve(row.id, Actor(ActorKind.OFFICER, 9, "X", Role.EDITOR), seen=row.revision)


async def test_a_change_after_the_approval_needs_a_new_one(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.approved()
    row = await programme.campaigns.edit(row.id, programme.draft(text_vi="Khác."), AUTHOR, seen=row.revision)
    assert (row.state, row.text_hash, row.approved_by) == ("draft", None, None)
    with pytest.raises(errors.NotInThisState):
        await programme.campaigns.schedule(row.id, None, APPROVER, seen=row.revision)


async def test_who_approves_a_text_that_changed_meanwhile_is_told(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.campaigns.create(programme.draft(), AUTHOR)
    await programme.campaigns.edit(row.id, programme.draft(text_vi="Khác."), AUTHOR, seen=row.revision)
    with pytest.raises(errors.CampaignMovedOn):
        await programme.campaigns.approve(row.id, APPROVER, seen=row.revision)


async def test_it_waits_for_its_time(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.approved()
    at = programme.clock.now() + timedelta(hours=3)
    await programme.campaigns.schedule(row.id, at, APPROVER, seen=row.revision)
    await programme.run()
    assert await programme.rows() == []
    programme.clock.set(at)
    await programme.run()
    assert (await programme.look(row)).state == "sending"
    assert await programme.states() == {"lan": "held"}


async def test_a_release_called_back_in_time_reaches_nobody(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.released()
    await programme.sender.start()
    await programme.campaigns.cancel(row.id, APPROVER)
    programme.clock.advance(timedelta(minutes=5))
    await programme.run()
    assert await programme.states() == {"lan": "cancelled"}
    assert programme.telegram.calls == []


async def test_a_paused_campaign_rests_until_it_is_resumed(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    row = await programme.released()
    await programme.campaigns.pause(row.id, APPROVER)
    programme.clock.advance(timedelta(minutes=5))
    await programme.sender.start()
    await programme.run()
    assert await programme.states() == {"lan": "held"}
    await programme.campaigns.resume(row.id, APPROVER)
    await programme.settled()
    await programme.run()
    assert (await programme.look(row)).state == "finished"


async def test_nobody_is_woken_at_night_unless_it_is_urgent(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    programme.clock.set(datetime(2026, 11, 16, 16, 0, tzinfo=UTC))  # 23 o'clock in Hà Nội
    await programme.released()
    urgent = await programme.released(kind="risk_alert", risk="supply_chain", urgent=True)
    programme.clock.advance(timedelta(minutes=2))
    await programme.sender.start()
    await programme.until("held", "sent")
    assert urgent.number in programme.telegram.arrived[0][1]
    programme.clock.set(datetime(2026, 11, 17, 0, 0, 1, tzinfo=UTC))  # 7 o'clock
    await programme.run()
    await programme.settled()
    assert len(programme.telegram.arrived) == 2


async def test_a_trial_goes_to_the_panel_alone_and_says_that_it_is_one(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    await programme.core.outreach.audiences.save("tổ thử", AudienceFilter(contacts=(programme.people["minh"],)), AUTHOR)
    row = await programme.campaigns.create(programme.draft(), AUTHOR)
    assert await programme.campaigns.trial(row.id, "tổ thử", AUTHOR) == 1
    await programme.run()
    await programme.deliver()
    assert [person for person, _ in programme.telegram.arrived] == ["minh"]
    assert programme.telegram.arrived[0][1].startswith("[BẢN GỬI THỬ")
    assert (await programme.look(row)).state == "draft"


async def test_rows_that_are_half_written_at_a_kill_are_written_to_the_end_once(programme: Programme) -> None:
    from bot.outreach import waves

    await programme.many(waves.CHUNK * 2 + 7)
    row = await programme.approved()
    await programme.campaigns.schedule(row.id, None, APPROVER, seen=row.revision)
    service = programme.core.outreach.waves
    await programme.core.outreach.runner._release()
    async with programme.core.database.read() as uow:
        (wave,) = [each.id for each in await waves.stored.of_campaign(uow, row.id)]
    await programme.core.database.write(lambda uow: service._fill_some(uow, wave))  # and here the process dies
    assert len(await programme.rows()) == waves.CHUNK
    await programme.run()
    assert len({each["contact_id"] for each in await programme.rows()}) == len(await programme.rows()) == waves.CHUNK * 2 + 7
