"""What the clocks tell comes to officers where they are: into the topic, again and again, until somebody has seen it."""

from datetime import timedelta

from bot.topics.steps import Open, Rename, Say, Steps
from storage.inquiries import InquiryRecord
from tests.office import OWN
from tests.topics.conftest import Room, until

REMINDED = "thời hạn trả lời"


async def _passes(room: Room, inquiry: InquiryRecord, left: timedelta) -> None:
    """It is so long before the deadline (nine in the morning), and the clocks have been looked at."""
    due = (await room.office.look(inquiry)).response_due_at
    assert due is not None
    room.office.clock.set(due - left)
    await room.office.core.sweeper.run()


def _reminders(room: Room, topic: int) -> list[str]:
    return [message.text for message in room.group.messages_in(topic) if message.text.startswith("🔔")]


async def _half_over(room: Room) -> tuple[InquiryRecord, int]:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await _passes(room, inquiry, timedelta(hours=22))
    reminder = await room.minh.sees(REMINDED, chat=room.group, topic=topic)
    assert "50%" in reminder.text
    return inquiry, topic


async def _is_gone(room: Room, topic: int) -> bool:
    return _reminders(room, topic) == []


async def test_a_rung_is_told_in_the_topic_and_no_more_once_somebody_has_pressed_seen(room: Room) -> None:
    _, topic = await _half_over(room)
    await room.lan.presses("Đã xem", chat=room.group, topic=topic)
    await until(lambda: _is_gone(room, topic))
    assert "officer.response_soon" not in await room.office.unseen(OWN, "officer")
    room.office.clock.advance(timedelta(minutes=31))
    await room.office.core.sweeper.run()
    await room.settled()
    assert _reminders(room, topic) == []


async def test_what_is_told_again_is_sent_again_in_place_of_the_former_message(room: Room) -> None:
    _, topic = await _half_over(room)
    [first] = [message for message in room.group.messages_in(topic) if message.text.startswith("🔔")]
    room.office.clock.advance(timedelta(minutes=31))
    await room.office.core.sweeper.run()
    await room.settled()
    [second] = [message for message in room.group.messages_in(topic) if message.text.startswith("🔔")]
    assert second.id > first.id


async def test_what_was_seen_at_the_web_desk_is_no_reminder_in_the_topic_any_more(room: Room) -> None:
    _, topic = await _half_over(room)
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.post("/desk/notices/seen", up_to=str(2**62))
    await until(lambda: _is_gone(room, topic))


async def test_nobody_is_reminded_in_the_topic_of_what_has_been_answered(room: Room) -> None:
    inquiry, topic = await _half_over(room)
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "answer", text="Đề nghị liên hệ chi cục.")
    await until(lambda: _is_gone(room, topic))


async def test_what_is_for_the_lead_is_theirs_to_have_seen(room: Room) -> None:
    boss = room.peer.user("Sếp", started=True)
    room.group.adds(boss)
    await room.link(boss, await room.office.officer("sep", lead=True))
    inquiry, topic = await _half_over(room)
    await room.minh.presses("Đã xem", chat=room.group, topic=topic)
    await until(lambda: _is_gone(room, topic))
    await _passes(room, inquiry, timedelta(hours=17))
    await room.minh.sees("Lãnh đạo đơn vị", chat=room.group, topic=topic)
    press = await room.minh.presses("Đã xem", chat=room.group, topic=topic)
    assert "không dành cho anh/chị" in (await press.answered()).text
    await boss.presses("Đã xem", chat=room.group, topic=topic)
    await until(lambda: _is_gone(room, topic))


async def test_what_is_told_again_comes_after_topics_that_are_to_be_opened(room: Room) -> None:
    core = room.office.core
    inquiry = await room.given_inquiry()
    await room.topic(inquiry)
    await room.settled()
    await room.channel.stop()
    await _passes(room, inquiry, timedelta(hours=22))
    await room.given_inquiry()
    await core.topics.settle()
    steps = Steps(core.database, core.topics, core.group_desk.services.groups, core.clock, "another")
    [group] = await steps.claim()
    kinds: list[type] = []
    while (found := await steps.next(group.id)) is not None:
        _, step = found
        kinds.append(type(step))
        match step:
            case Open(topic):
                await steps.opened(topic, 99)
            case Rename(topic):
                await steps.renamed(topic)
            case Say(post, _):
                await steps.said(post, 1)
        assert len(kinds) < 20
    assert Open in kinds
    assert isinstance(step, Say)
    assert step.post.kind == "reminder"
