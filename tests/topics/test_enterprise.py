"""The enterprise's side of an inquiry that officers deal with in a topic: corrections in both directions, on Telegram."""

from storage.inquiries import InquiryRecord
from tests.topics.conftest import Room, until

STUCK = "Tờ khai 104567890123 luồng đỏ của tôi bị giữ 5 ngày ở cảng Cát Lái, cán bộ chưa giải quyết, xin hỏi phải làm gì?"


async def _inquiry_of(room: Room, text: str) -> InquiryRecord:
    from sqlalchemy import select

    from storage import inquiries as stored
    from storage.models import Inquiry

    async with room.office.core.database.read() as uow:
        number = await uow.scalar(select(Inquiry.number).where(Inquiry.text == text))
        found = await stored.by_number(uow, number)
    assert found is not None
    return found


async def test_a_question_that_is_corrected_after_routing_is_corrected_for_the_officers_and_is_no_new_one(room: Room) -> None:
    mai = room.peer.user("Mai", started=True)
    await mai.says("gặp cán bộ")
    sent = await mai.says(STUCK)
    await mai.sees("YC-2026-000001")
    await mai.edits(sent.id, STUCK.replace("5 ngày", "7 ngày"))
    await mai.sees("Đã chuyển nội dung sửa lại")
    inquiry = await _inquiry_of(room, STUCK)
    said = await room.office.said(inquiry)
    assert len(said) == 1
    assert "7 ngày" in said[0][1]
    async with room.office.core.database.read() as uow:
        from sqlalchemy import func, select

        from storage.models import Inquiry

        assert await uow.scalar(select(func.count()).select_from(Inquiry)) == 1


async def test_an_officers_correction_is_made_in_the_message_that_the_enterprise_has(room: Room) -> None:
    mai = room.peer.user("Mai", started=True)
    await mai.says("gặp cán bộ")
    await mai.says(STUCK)
    await mai.sees("YC-2026-000001")
    inquiry = await _inquiry_of(room, STUCK)
    await _route(room, inquiry)
    topic = await room.topic(inquiry)
    written = await room.minh.says("Nộp trong 5 ngày.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    answered = await mai.sees("Nộp trong 5 ngày.")
    await until(lambda: _sent(room, inquiry))
    await room.minh.edits(written.id, "Nộp trong 10 ngày.", chat=room.group)
    corrected = await mai.sees("Nộp trong 10 ngày.")
    assert corrected.id == answered.id  # no second message
    assert not any("5 ngày." in message.text for message in mai.messages)


async def _route(room: Room, inquiry: InquiryRecord) -> None:
    from bot.escalation.actors import SYSTEM
    from tests.office import OWN

    inquiries = room.office.core.inquiries
    if inquiry.state == "awaiting_routing":
        await room.does(lambda uow: inquiries.route(uow, inquiry, OWN, SYSTEM, by="bot"))
    elif inquiry.department_id != OWN:
        chief = await room.office.officer("dieuphoi", role="coordinator", department="cuc-qlrr")
        await room.does(lambda uow: inquiries.transfer(uow, inquiry, OWN, "Đúng thẩm quyền.", chief.actor))


async def _sent(room: Room, inquiry: InquiryRecord) -> bool:
    from storage import deliveries

    async with room.office.core.database.read() as uow:
        rows = await deliveries.of_inquiry(uow, inquiry.id)
    return all(row["state"] == "sent" for row in rows)
