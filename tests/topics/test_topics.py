"""A topic an inquiry: opened when it is routed, with a card; closed with it, opened again with it, rebuilt if it is deleted."""

from tests.office import OTHER
from tests.topics.conftest import Room


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
    inquiry = await room.given_inquiry()
    await room.topic(inquiry)
    assert len(room.group.topics) == 1


async def test_pressing_take_puts_it_into_that_officers_hands(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    press = await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert inquiry.number in (await press.answered()).text
    await room.minh.sees("Đang xử lý: Cán bộ minh", chat=room.group, topic=topic)
    assert (await room.office.look(inquiry)).officer_id == room.officers["minh"].id


async def test_a_reply_goes_to_the_enterprise_after_one_tap(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Đề nghị nộp bổ sung chứng từ.", chat=room.group, topic=topic)
    await room.minh.sees("gửi nội dung này", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "routed"
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.minh.sees("đã gửi trả lời", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "answered"
    assert "Đề nghị nộp bổ sung chứng từ." in (await room.office.told(inquiry))[-1]
