"""A lead's deputy has the lead's rights in the topics too, while the lead is away, and not longer."""

from datetime import timedelta

import pytest

from storage.inquiries import InquiryRecord
from tests.office import OTHER, OWN
from tests.topics.conftest import MakeRoom, Room


@pytest.fixture
async def room(make_room: MakeRoom) -> Room:
    """Minh is the deputy of a lead who is there."""
    room = await make_room(lead="truong", deputy="minh")
    await room.office.officer("truong", lead=True)
    return room


async def _lead_is_away(room: Room) -> None:
    await room.office.officers.set_away("truong", room.office.clock.now() + timedelta(days=1))


async def _answers_over_lan(room: Room) -> tuple[InquiryRecord, int]:
    """Minh writes an answer to what Lan has."""
    inquiry = await room.given_inquiry(state="in_progress", by=room.officers["lan"])
    topic = await room.topic(inquiry)
    await room.minh.says("Trả lời thay cán bộ Lan.", chat=room.group, topic=topic)
    return inquiry, topic


async def test_while_the_lead_is_away_the_deputy_answers_what_another_officer_has(room: Room) -> None:
    await _lead_is_away(room)
    inquiry, topic = await _answers_over_lan(room)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")


async def test_while_the_lead_is_there_the_deputy_is_an_officer_like_others(room: Room) -> None:
    inquiry, topic = await _answers_over_lan(room)
    await room.minh.sees("Cán bộ lan đã nhận xử lý", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "in_progress"


async def test_a_deputy_from_another_department_answers_in_the_topic_while_the_lead_is_away_and_not_before(
    make_room: MakeRoom,
) -> None:
    room = await make_room(lead="truong", deputy="thay")
    await room.office.officer("truong", lead=True)
    stand_in = room.peer.user("Thay", started=True)
    await room.link(stand_in, await room.office.officer("thay", department=OTHER))
    room.group.adds(stand_in)
    inquiry = await room.given_inquiry(state="in_progress", by=room.officers["lan"])
    topic = await room.topic(inquiry)
    press = await stand_in.presses("Lịch sử", chat=room.group, topic=topic)
    assert (await press.answered()).alert
    await _lead_is_away(room)
    await stand_in.says("Trả lời thay lãnh đạo.", chat=room.group, topic=topic)
    await stand_in.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    assert ("answer", "Trả lời thay lãnh đạo.") in await room.office.said(inquiry)


async def test_the_deputy_links_a_group_only_while_the_lead_is_away(room: Room) -> None:
    hall = room.peer.group("Nhóm mới", room.minh, forum=True)
    await room.minh.says(f"/link {OWN}", chat=hall)
    await room.minh.sees("Chỉ điều phối", chat=hall)
    await _lead_is_away(room)
    await room.minh.says(f"/link {OWN}", chat=hall)
    await room.minh.sees("từ nay là nhóm của", chat=hall)
    inquiry = await room.given_inquiry()
    await hall.has_topic(inquiry.number)
