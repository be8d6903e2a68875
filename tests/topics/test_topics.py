"""A topic an inquiry: opened when it is routed, with a card; closed with it, opened again with it, rebuilt if it is deleted."""

from datetime import timedelta

from bot.knowledge.verdict import DepartmentGuess
from bot.topics.steps import GRACE
from storage import topics
from storage.inquiries import InquiryRecord
from tests.office import COORDINATING, OTHER, OWN
from tests.peers.telegram.groups import Group
from tests.peers.telegram.people import User
from tests.topics.conftest import Room, until


async def test_an_inquiry_that_is_routed_to_the_department_gets_a_topic_with_a_card(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    [found] = room.group.topics
    assert inquiry.number in found.name
    card = room.group.messages_in(topic)[0]
    assert inquiry.text in card.text
    assert "Chưa ai nhận" in card.text
    assert "Nhận xử lý" in card.labels


async def test_an_inquiry_of_a_department_without_a_group_gets_none(room: Room) -> None:
    await room.given_inquiry(to=OTHER)
    await room.topic(await room.given_inquiry())
    assert len(room.group.topics) == 1


async def test_what_is_done_at_the_web_desk_shows_on_the_card_at_once(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "take")
    await room.minh.sees("Đang xử lý: Cán bộ lan", chat=room.group, topic=topic)
    assert len(room.group.messages_in(topic)) == 1  # the card was edited, not repeated


async def test_what_is_said_at_the_web_desk_is_told_in_the_topic(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "ask_back", text="Xin gửi tờ khai.")
    told = await room.minh.sees("hỏi lại doanh nghiệp", chat=room.group, topic=topic)
    assert "Cán bộ lan" in told.text
    assert "Xin gửi tờ khai." in told.text


async def test_what_the_enterprise_adds_comes_into_the_topic_with_its_file(room: Room) -> None:
    asker = await room.office.asker()
    inquiry = await room.given_inquiry(asker=asker)
    topic = await room.topic(inquiry)
    await room.office.given_file(inquiry, asker, name="to-khai.pdf", content=b"%PDF")
    await room.minh.sees("Gửi cán bộ tệp.", chat=room.group, topic=topic)
    await until(lambda: _has_file(room, topic, "to-khai.pdf"))


async def _has_file(room: Room, topic: int, name: str) -> bool:
    return any(message.raw.get("document", {}).get("file_name") == name for message in room.group.messages_in(topic))


async def test_the_topic_is_closed_with_its_inquiry_and_opened_again_with_it(room: Room) -> None:
    asker = await room.office.asker()
    inquiry = await room.given_inquiry(asker=asker, state="answered", by=room.officers["lan"])
    assert room.group.topics == []  # nobody needs a topic for what is answered already
    inquiries = room.office.core.inquiries
    await room.does(lambda uow: inquiries.reopen(uow, inquiry, asker))
    await room.topic(inquiry)

    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(await room.office.look(inquiry), "close", reason="Trùng với yêu cầu trước.")
    await until(lambda: _closed(room, True))
    assert "đã đóng" in room.group.topics[0].name
    closed = await room.office.look(inquiry)
    await room.does(lambda uow: inquiries.reopen(uow, closed, asker))
    await until(lambda: _closed(room, False))
    assert len(room.group.topics) == 1


async def _closed(room: Room, closed: bool) -> bool:
    return [topic.closed for topic in room.group.topics] == [closed]


async def test_a_topic_that_somebody_deleted_is_built_again_with_all_that_was_said(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("// Đã gọi chi cục.", chat=room.group, topic=topic)
    await until(lambda: _said(room, inquiry, ("note", "Đã gọi chi cục.")))
    await room.settled()
    await room.group.loses_topic(topic)

    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "take")
    again = await room.topic(inquiry)
    assert again != topic
    await room.minh.sees("Đã gọi chi cục.", chat=room.group, topic=again)
    assert "Cán bộ lan" in await room.card(inquiry)
    assert len(room.group.topics) == 1


async def _said(room: Room, inquiry: object, what: tuple[str, str]) -> bool:
    return what in await room.office.said(inquiry)  # type: ignore[arg-type]


async def test_a_deleted_topic_is_missed_also_when_nothing_happens_to_its_inquiry(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.settled()
    await room.group.loses_topic(topic)
    room.office.clock.advance(timedelta(minutes=12))  # the title still says the same
    await until(lambda: _is_another(room, topic))
    assert await room.topic(inquiry) != topic


async def _is_another(room: Room, topic: int) -> bool:
    return [each.id for each in room.group.topics] not in ([], [topic])


async def test_a_topic_that_an_officer_closes_by_hand_is_opened_again_while_its_inquiry_is_open(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.settled()
    await room.group.topic_is_shut(topic, by=room.minh)
    await until(lambda: _closed(room, False))


async def test_a_transferred_inquiry_leaves_a_closed_topic_that_says_where_it_went(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "transfer", department=OTHER, reason="Không thuộc thẩm quyền.")
    await until(lambda: _closed(room, True))
    assert "đã chuyển" in room.group.topics[0].name
    card = await room.minh.sees("hiện ở", chat=room.group, topic=topic)
    assert card.labels == []


async def test_the_title_tells_the_time_that_is_left_in_steps(room: Room) -> None:
    inquiry = await room.given_inquiry()
    await room.topic(inquiry)
    due = (await room.office.look(inquiry)).response_due_at
    assert due is not None
    for left, words in ((timedelta(hours=7), "còn dưới 8 giờ"), (timedelta(minutes=90), "còn dưới 2 giờ")):
        room.office.clock.set(due - left)
        await room.group.has_topic(words)
    await room.settled()
    renamed = len(room.peer.calls_of("editForumTopic"))
    room.office.clock.set(due - timedelta(minutes=80))  # still the same step: nothing is said
    await room.settled()
    assert len(room.peer.calls_of("editForumTopic")) == renamed
    room.office.clock.set(due + timedelta(minutes=1))
    await room.group.has_topic("QUÁ HẠN")


async def _hall(room: Room) -> tuple[User, Group]:
    """A coordinator, and the group of the coordinating unit."""
    chief = await room.office.officer("dieuphoi", role="coordinator", department=COORDINATING)
    hoa = room.peer.user("Hoa", started=True)
    await room.link(hoa, chief)
    hall = room.peer.group("Điều phối", hoa, forum=True)
    await hoa.says(f"/link {COORDINATING}", chat=hall)
    await hoa.sees("từ nay là nhóm của", chat=hall)
    return hoa, hall


async def test_what_nobody_has_routed_waits_in_the_coordinating_units_group_for_one_tap(room: Room) -> None:
    hoa, hall = await _hall(room)
    own = room.office.core.knowledge.directory[OWN]
    inquiry = await room.given_inquiry(to=None, guesses=[DepartmentGuess(own, 0.6, "Giám sát: “container”")])
    topic = await hall.has_topic(inquiry.number)
    card = await hoa.sees("Chọn đơn vị", chat=hall, topic=topic.id)
    assert "Giám sát: “container”" in card.text
    await hoa.presses(card.labels[0], chat=hall, topic=topic.id)
    routed = await room.becomes(inquiry, "routed")
    assert routed.routed_by == "coordinator"
    await room.topic(inquiry)  # the department that was chosen has it now


async def test_a_coordinator_routes_to_a_department_that_no_button_names(room: Room) -> None:
    hoa, hall = await _hall(room)
    inquiry = await room.given_inquiry(to=None, candidates=(OTHER,))
    topic = await hall.has_topic(inquiry.number)
    await hoa.presses("Đơn vị khác", chat=hall, topic=topic.id)
    await hoa.sees("phân công cho đơn vị nào", chat=hall, topic=topic.id)
    await hoa.says("không có đơn vị này", chat=hall, topic=topic.id)
    await hoa.sees("⚠️", chat=hall, topic=topic.id)
    await hoa.says(OWN, chat=hall, topic=topic.id)
    await hoa.sees("đã phân công cho", chat=hall, topic=topic.id)
    routed = await room.becomes(inquiry, "routed")
    assert (routed.department_id, routed.routed_by) == (OWN, "coordinator")


async def test_routing_by_command_is_the_coordinators_alone(room: Room) -> None:
    hoa, hall = await _hall(room)
    clerk = room.peer.user("Tú", started=True)
    hall.adds(clerk)
    await room.link(clerk, await room.office.officer("tu", department=COORDINATING))
    inquiry = await room.given_inquiry(to=None)
    topic = await hall.has_topic(inquiry.number)
    await clerk.says(f"/route {OWN}", chat=hall, topic=topic.id)
    await room.settled()
    assert await room.state(inquiry) == "awaiting_routing"
    await hoa.says(f"/transfer {OWN}", chat=hall, topic=topic.id)  # whoever writes this means the same
    await room.becomes(inquiry, "routed")


async def test_a_group_that_is_linked_late_gets_what_the_department_has_already(room: Room) -> None:
    inquiry = await room.given_inquiry(to=OTHER)
    chief = await room.office.officer("dieuphoi", role="coordinator", department=COORDINATING)
    hoa = room.peer.user("Hoa", started=True)
    await room.link(hoa, chief)
    hall = room.peer.group("Pháp chế", hoa, forum=True)
    await hoa.says(f"/link {OTHER}", chat=hall)
    await hall.has_topic(inquiry.number)


async def test_a_kill_between_the_opening_of_a_topic_and_its_record_leaves_one_topic(room: Room) -> None:
    room.peer.cuts("createForumTopic", after_effect=True)
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.settled()
    assert [each.id for each in room.group.topics] == [topic]
    assert len(room.peer.calls_of("createForumTopic")) == 1  # what Telegram told us was believed


async def _given_a_twin(room: Room) -> tuple[InquiryRecord, int, int]:
    """Open a topic of which nobody hears any more, and wait for the other one; return the inquiry and both."""
    room.peer.keeps_own_acts_quiet()
    room.peer.cuts("createForumTopic", after_effect=True)
    inquiry = await room.given_inquiry()
    await room.peer.called("createForumTopic")
    [twin] = room.group.topics
    asked_at = room.office.clock.now()

    async def asked_again() -> bool:
        room.office.clock.advance(timedelta(seconds=4))
        return len(room.group.topics) == 2

    await until(asked_again)
    assert room.office.clock.now() >= asked_at + GRACE
    topic = next(each.id for each in room.group.topics if each.id != twin.id)
    await room.minh.sees(inquiry.number, chat=room.group, topic=topic)
    return inquiry, topic, twin.id


async def test_where_telegram_tells_nothing_of_a_cut_off_opening_the_inquiry_gets_its_topic_and_the_desk_hears_of_the_twin(
    room: Room,
) -> None:
    inquiry, topic, twin = await _given_a_twin(room)
    assert room.group.messages_in(twin) == []
    assert sorted(await room.office.unseen(OWN, "officer")) == ["officer.new", "officer.topic_twin"]
    assert len(room.peer.calls_of("createForumTopic")) == 2
    await room.minh.says("/take", chat=room.group, topic=topic)
    await room.becomes(inquiry, "in_progress")


async def test_what_an_officer_writes_in_the_twin_is_shown_in_the_inquirys_topic_and_the_twin_goes_away(room: Room) -> None:
    inquiry, topic, twin = await _given_a_twin(room)
    await room.minh.says("Mã này chịu thuế 5%.", chat=room.group, topic=twin)
    await room.minh.sees("Mã này chịu thuế 5%.", chat=room.group, topic=topic)
    await until(lambda: _only(room, topic))
    assert await room.state(inquiry) == "routed"  # nothing of it has gone to the enterprise


async def _only(room: Room, topic: int) -> bool:
    return [each.id for each in room.group.topics] == [topic]


async def test_a_second_topic_of_an_inquiry_is_deleted_as_soon_as_it_is_known(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.settled()
    twin = await room.channel._bot.create_forum_topic(room.group.id, room.group.topics[0].name)
    await room.peer.called("deleteForumTopic")
    assert [each.id for each in room.group.topics] == [topic] != [twin.message_thread_id]


async def test_the_same_change_seen_by_two_processes_makes_one_topic(room: Room) -> None:
    inquiry = await room.given_inquiry()
    await room.topic(inquiry)
    core = room.office.core
    for _ in range(3):
        await room.does(lambda uow: core.topics.look(uow, inquiry.id))
    await room.settled()
    async with core.database.read() as uow:
        assert len(await topics.of_inquiry(uow, inquiry.id)) == 1
