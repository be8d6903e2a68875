"""What goes wrong with groups: inquiries stay on the web desk, the lead is told, the group catches up when it is well."""

import asyncio
from datetime import timedelta

from bot.escalation.states import State
from storage import desk_groups
from tests.office import OWN
from tests.topics.conftest import MakeRoom, Room, until


async def _leads_notices(room: Room) -> list[str]:
    return [each for each in await room.office.unseen(OWN, "lead", "officer") if "group" in each]


async def test_a_bot_that_was_removed_tells_the_lead_and_comes_back_with_what_it_missed(room: Room) -> None:
    await room.office.officer("truong", lead=True)
    await room.group.removes_bot(room.minh)
    await until(lambda: _told(room, "officer.group_removed"))
    inquiry = await room.given_inquiry()
    assert await room.state(inquiry) == "routed"  # and is on the web desk
    await room.group.adds_bot(room.minh)
    await room.topic(inquiry)


async def _told(room: Room, key: str) -> bool:
    return await _leads_notices(room) == [key]


async def test_a_bot_that_finds_out_by_itself_that_it_was_removed_tells_the_lead_once(room: Room) -> None:
    await room.office.officer("truong", lead=True)
    room.peer.holds_updates()
    await room.group.removes_bot(room.minh)
    for _ in range(3):
        await room.given_inquiry()
    await until(lambda: _told(room, "officer.group_removed"))
    room.office.clock.advance(timedelta(minutes=16))
    await room.given_inquiry()
    room.peer.releases_updates()
    await room.peer.taken()
    assert await _leads_notices(room) == ["officer.group_removed"]


async def test_without_the_right_to_manage_topics_the_lead_is_told_and_with_it_all_goes_on(room: Room) -> None:
    await room.office.officer("truong", lead=True)
    await room.group.changes_rights(room.minh, can_manage_topics=False)
    await until(lambda: _told(room, "officer.group_no_rights"))
    inquiry = await room.given_inquiry()
    await room.group.changes_rights(room.minh, can_manage_topics=True)
    await room.topic(inquiry)


async def test_a_group_whose_topics_are_switched_off_is_a_group_in_trouble(room: Room) -> None:
    await room.office.officer("truong", lead=True)
    await room.group.switches_topics(on=False)
    inquiry = await room.given_inquiry()
    await until(lambda: _told(room, "officer.group_no_forum"))
    await room.group.switches_topics(on=True)
    room.office.clock.advance(timedelta(minutes=16))  # nobody tells us; we look again by ourselves
    await room.topic(inquiry)


async def test_a_group_that_became_a_supergroup_is_followed(room: Room) -> None:
    new = await room.group.becomes_supergroup(room.minh, forum=True)
    inquiry = await room.given_inquiry()
    await new.has_topic(inquiry.number)


async def test_a_group_that_became_a_supergroup_is_followed_also_when_only_the_refusal_says_so(room: Room) -> None:
    room.peer.holds_updates()
    new = await room.group.becomes_supergroup(room.minh, forum=True)
    inquiry = await room.given_inquiry()
    await new.has_topic(inquiry.number)


async def test_a_department_that_is_switched_off_closes_its_topics_and_loses_no_inquiry(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    inquiries = room.office.core.inquiries
    await room.does(lambda uow: inquiries.move_up(uow, inquiry))
    await room.minh.sees("hiện ở", chat=room.group, topic=topic)
    moved = await room.office.look(inquiry)
    assert (moved.state, moved.department_id == OWN) == (State.ESCALATED, False)
    await until(lambda: _all_closed(room))


async def _all_closed(room: Room) -> bool:
    return all(topic.closed for topic in room.group.topics)


async def test_a_date_in_the_past_is_asked_for_again_and_the_reason_stays(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.presses("Lùi hạn", chat=room.group, topic=topic)
    await room.minh.sees("vì sao chưa thể", chat=room.group, topic=topic)
    await room.minh.says("Chờ kết quả giám định.", chat=room.group, topic=topic)
    await room.minh.sees("lùi đến khi nào", chat=room.group, topic=topic)
    await room.minh.says("01/11/2026", chat=room.group, topic=topic)
    await room.minh.sees("đã qua", chat=room.group, topic=topic)
    await room.minh.says("hôm nào cũng được", chat=room.group, topic=topic)
    await room.minh.sees("Không đọc được", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "routed"
    await room.minh.says("25/11 14:00", chat=room.group, topic=topic)
    deferred = await room.becomes(inquiry, "deferred")
    assert deferred.deferral_reason == "Chờ kết quả giám định."
    assert deferred.deferred_until is not None
    assert deferred.deferred_until.isoformat() == "2026-11-25T07:00:00+00:00"


async def test_a_burst_becomes_a_digest_and_the_platforms_limit_is_kept(make_room: MakeRoom) -> None:
    room = await make_room(per_minute=1200)
    # A minute here is a second: the same rules, sixty times as fast.
    room.peer.platform.flood.one_group = (20.0, 20.0)
    room.peer.platform.flood.one_chat = (6.0, 20.0)
    room.peer.limits_flood()
    given = [await room.given_inquiry(text=f"Câu hỏi thứ {n} của đợt này") for n in range(12)]
    time = asyncio.create_task(_time_goes_by(room))
    digest = await room.minh.sees("yêu cầu mới", chat=room.group)
    assert given[1].number in digest.text
    await until(lambda: _has_topics(room, len(given)))
    await until(lambda: _digest_says(room, "đều đã có chủ đề"))
    time.cancel()
    assert len([message for message in room.group.messages if "chủ đề" in message.text]) == 1  # edited, not repeated


async def _digest_says(room: Room, words: str) -> bool:
    return any(words in message.text for message in room.group.messages)


async def _time_goes_by(room: Room) -> None:
    while True:
        await asyncio.sleep(0.01)
        room.office.clock.advance(timedelta(milliseconds=20))


async def _has_topics(room: Room, count: int) -> bool:
    return len(room.group.topics) == count


async def test_a_call_that_telegram_refuses_for_a_while_is_made_again_when_it_says(room: Room) -> None:
    room.peer.fails("createForumTopic", status=429, retry_after=7)
    inquiry = await room.given_inquiry()
    await until(lambda: _rests(room))
    assert room.group.topics == []
    room.office.clock.advance(timedelta(seconds=8))
    await room.topic(inquiry)


async def _rests(room: Room) -> bool:
    async with room.office.core.database.read() as uow:
        group = await desk_groups.by_chat(uow, "telegram", str(room.group.id))
    return group is not None and group.retry_at is not None


async def test_a_card_that_somebody_deleted_is_sent_again(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.settled()
    room.group._chat.messages[room.group.messages_in(topic)[0].id].deleted = True
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "take")
    await room.minh.sees("Đang xử lý: Cán bộ lan", chat=room.group, topic=topic)


async def test_only_who_may_links_a_group_with_a_department(room: Room) -> None:
    hall = room.peer.group("Nhóm khác", room.minh, forum=True)
    await room.minh.says(f"/link {OWN}", chat=hall)
    await room.minh.sees("Chỉ điều phối", chat=hall)
    inquiry = await room.given_inquiry()
    await room.topic(inquiry)  # in the group that it has
    assert hall.topics == []
