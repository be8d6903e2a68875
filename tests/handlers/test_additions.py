"""Adding to an inquiry: each text and file finds its own, or the person is asked; nothing is lost."""

from datetime import timedelta

from sqlalchemy import select

from storage import inquiries as stored
from storage.inquiries import InquiryRecord
from storage.models import File
from tests.handlers.conftest import KNOWN, NOBODYS, STUCK, Helpdesk, Person


async def said_on(helpdesk: Helpdesk, inquiry: InquiryRecord) -> list[str]:
    async with helpdesk.core.database.read() as uow:
        return [row["text"] for row in await stored.messages(uow, inquiry.id)]


async def files_of(helpdesk: Helpdesk, inquiry: InquiryRecord) -> list[str]:
    async with helpdesk.core.database.read() as uow:
        return [row["name"] for row in await stored.files(uow, inquiry.id)]


async def with_two_open(helpdesk: Helpdesk) -> tuple[Person, InquiryRecord, InquiryRecord]:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says(NOBODYS)
    first, second = await person.inquiries()
    await person.says("/menu")
    return person, first, second


# With a button


async def test_the_next_text_goes_to_the_inquiry_whose_button_was_pressed(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await person.acts(f"add:{first.id}")
    said = await person.says("Số tờ khai là 105123456789")
    assert first.number in said
    assert await said_on(helpdesk, first) == ["Số tờ khai là 105123456789"]
    assert await said_on(helpdesk, second) == []


async def test_text_and_files_may_come_together(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.acts(f"add:{first.id}")
    await person.sends("van-don.pdf", text="Vận đơn đính kèm")
    assert await said_on(helpdesk, first) == ["Vận đơn đính kèm"]
    assert await files_of(helpdesk, first) == ["van-don.pdf"]


async def test_the_rest_of_an_album_follows_its_first_picture(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await person.acts(f"add:{first.id}")
    for name in ("1.jpg", "2.jpg", "3.jpg"):
        await person.sends(name)
    assert await files_of(helpdesk, first) == ["1.jpg", "2.jpg", "3.jpg"]
    assert await files_of(helpdesk, second) == []


async def test_after_adding_the_next_text_is_a_question_again(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.acts(f"add:{first.id}")
    await person.says("Số tờ khai là 105123456789")
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)


async def test_what_was_written_while_the_inquiry_was_closed_is_not_lost(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    inquiry = await person.inquiry()
    await person.acts(f"add:{inquiry.id}")
    await helpdesk.closes(person, reason="Đã giải quyết qua điện thoại")
    await person.says("Vẫn chưa thông quan được ạ")
    assert "Đã đóng" in person.last
    await person.presses(inquiry.number)
    assert await said_on(helpdesk, inquiry) == ["Vẫn chưa thông quan được ạ"]
    assert (await person.inquiry()).state == "reopened"


async def test_a_file_that_is_too_large_is_refused_by_name_and_the_rest_is_kept(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.acts(f"add:{first.id}")
    huge, small = helpdesk.file("video.mp4", size=21 * 1024 * 1024), helpdesk.file("anh.jpg")
    await person.says("", huge, small)
    assert any("video.mp4" in message.text and "20 MB" in message.text for message in person.heard)
    assert await files_of(helpdesk, first) == ["anh.jpg"]


async def test_only_files_that_are_too_large_leave_the_step_as_it_was(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.acts(f"add:{first.id}")
    await person.sends("video.mp4", size=21 * 1024 * 1024)
    assert await person.step() == "add"
    assert await files_of(helpdesk, first) == []


# Files for which nobody asked


async def test_a_file_goes_to_the_only_open_inquiry(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    said = await person.sends("van-don.pdf")
    inquiry = await person.inquiry()
    assert inquiry.number in said
    assert await files_of(helpdesk, inquiry) == ["van-don.pdf"]


async def test_with_several_open_it_is_asked_which_one_and_the_files_wait(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await person.sends("1.pdf")
    await person.sends("2.pdf")
    assert await helpdesk.count(File) == 0
    await person.presses(first.number)
    assert await files_of(helpdesk, first) == ["1.pdf", "2.pdf"]
    assert await files_of(helpdesk, second) == []


async def test_typing_the_number_says_which_one_as_well(helpdesk: Helpdesk) -> None:
    person, _, second = await with_two_open(helpdesk)
    await person.sends("1.pdf")
    await person.says(second.number.lower())
    assert await files_of(helpdesk, second) == ["1.pdf"]


async def test_right_after_a_question_a_file_belongs_to_it(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says(NOBODYS)
    await person.sends("bien-ban.pdf")
    assert await files_of(helpdesk, await person.inquiry()) == ["bien-ban.pdf"]


async def test_later_a_file_is_no_longer_taken_for_granted(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says(NOBODYS)
    helpdesk.clock.advance(timedelta(minutes=11))
    await person.sends("bien-ban.pdf")
    assert await helpdesk.count(File) == 0
    assert await person.step() == "where"


async def test_a_file_without_an_open_inquiry_waits_for_its_question(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.sends("to-khai.pdf")
    assert "1 tệp" in said
    await person.says("Tờ khai này bị từ chối vì lý do gì ạ")
    assert await files_of(helpdesk, await person.inquiry()) == ["to-khai.pdf"]


async def test_a_question_with_a_file_goes_to_people_since_the_bot_cannot_read_files(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.sends("anh.jpg", text=KNOWN)
    inquiry = await person.inquiry()
    assert inquiry.state == "awaiting_routing"
    assert await files_of(helpdesk, inquiry) == ["anh.jpg"]


async def test_a_greeting_with_a_file_is_not_taken_for_its_question(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.sends("anh.jpg", text="xin chào")
    assert await person.step() == "officer.files"
    await person.says(STUCK)
    assert await files_of(helpdesk, await person.inquiry()) == ["anh.jpg"]


async def test_a_file_with_a_text_while_one_is_open_may_be_either(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    await person.sends("cong-van.pdf", text=NOBODYS)
    await person.presses("Câu hỏi mới")
    first, second = await person.inquiries()
    assert await files_of(helpdesk, second) == ["cong-van.pdf"]
    assert await files_of(helpdesk, first) == []


async def test_more_text_instead_of_a_tap_is_kept_with_the_rest(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.sends("1.pdf", text="Bên em gửi chứng từ")
    await person.says("của lô hàng hôm qua ạ")
    await person.presses(first.number)
    assert await said_on(helpdesk, first) == ["Bên em gửi chứng từ\ncủa lô hàng hôm qua ạ"]


async def test_a_waiting_file_can_become_a_new_question(helpdesk: Helpdesk) -> None:
    person, *_ = await with_two_open(helpdesk)
    await person.sends("1.pdf")
    await person.presses("Câu hỏi mới")
    await person.says(KNOWN)
    assert await files_of(helpdesk, await person.inquiry()) == ["1.pdf"]


async def test_looking_at_the_menu_loses_nothing_that_waits(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.sends("1.pdf")
    await person.says("/menu")
    await person.says(first.number)
    assert await files_of(helpdesk, first) == ["1.pdf"]


async def test_more_than_fits_is_refused_and_the_rest_goes_on_waiting(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    long = "chứng từ " * 600
    await person.sends("1.pdf", text=long)
    assert "8000" in await person.says(long)
    await person.presses(first.number)
    assert await said_on(helpdesk, first) == [long.strip()]


async def test_what_waits_cannot_be_put_twice(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await person.sends("1.pdf")
    await person.presses(first.number)
    await person.acts(f"to:{second.id}")
    await person.acts("as_new")
    assert await files_of(helpdesk, second) == []
    assert len(await person.inquiries()) == 2


# Asked back by an officer


async def test_the_reply_button_leads_to_the_reply_and_starts_the_clock_again(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await helpdesk.asks_back(person)
    await person.presses("Trả lời cán bộ")
    await person.says("Số tờ khai là 105123456789")
    inquiry = await person.inquiry()
    assert inquiry.state == "in_progress"
    assert await said_on(helpdesk, inquiry) == ["Xin cho biết số tờ khai.", "Số tờ khai là 105123456789"]


async def test_free_text_while_an_officer_waits_is_asked_about_with_one_tap(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    await helpdesk.asks_back(person)
    inquiry = await person.inquiry()
    said = await person.says("105123456789 nhé")
    assert inquiry.number in said
    await person.presses("Đó là câu trả lời")
    assert await said_on(helpdesk, inquiry) == ["Xin cho biết số tờ khai.", "105123456789 nhé"]
    assert await person.step() != "asked_back"


async def test_an_officer_who_asks_right_after_the_question_is_replied_to_as_well(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await helpdesk.asks_back(person)
    await person.says("Số tờ khai là 105123456789 ạ")
    await person.presses("Đó là câu trả lời")
    assert (await person.inquiry()).state == "in_progress"


async def test_an_officer_who_asks_in_the_middle_of_something_is_replied_to_afterwards(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("gặp cán bộ")
    await helpdesk.asks_back(person)
    await person.says("hủy")
    await person.says("Số tờ khai là 105123456789 ạ")
    assert await person.step() == "where"


async def test_it_may_be_a_new_question_all_the_same(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    await helpdesk.asks_back(person)
    await person.says(KNOWN)
    assert "Điều 3 khoản 1 điểm c" in await person.presses("Câu hỏi mới")
    waiting, answered = await person.inquiries()
    assert (waiting.state, answered.state) == ("waiting_for_enterprise", "answered_by_bot")


async def test_looking_around_first_does_not_lose_the_reply(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    await helpdesk.asks_back(person)
    await person.says("/inquiries")
    await person.acts(f"inquiry:{(await person.inquiry()).id}")
    await person.says("Số tờ khai là 105123456789")
    assert await person.step() == "where"


async def test_a_file_alone_is_the_reply(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(NOBODYS)
    await person.says(STUCK)
    await person.says("/menu")
    await helpdesk.asks_back(person)
    await person.sends("to-khai.pdf")
    inquiry = await person.inquiry()
    assert inquiry.state == "in_progress"
    assert await files_of(helpdesk, inquiry) == ["to-khai.pdf"]


async def test_thanks_are_not_taken_for_the_reply(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    await helpdesk.asks_back(person)
    await person.says("cảm ơn")
    assert (await person.inquiry()).state == "waiting_for_enterprise"
    await person.says("Số tờ khai là 105123456789")
    assert await person.step() == "where"


async def test_with_two_that_wait_it_is_asked_which_one(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await helpdesk.routes(person, "thue")
    await helpdesk.asks_back(person, number=first.number)
    await helpdesk.asks_back(person, number=second.number)
    await person.says("Dạ đây là câu trả lời cho hải quan ạ")
    await person.presses(second.number)
    states = [each.state for each in await person.inquiries()]
    assert states == ["waiting_for_enterprise", "in_progress"]
    await person.says("Còn đây là câu trả lời kia ạ")
    await person.presses(first.number)
    assert [each.state for each in await person.inquiries()] == ["in_progress", "in_progress"]


async def test_somebody_in_the_middle_of_something_is_not_torn_out_of_it(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("gặp cán bộ")
    await helpdesk.asks_back(person)
    await person.says(NOBODYS)
    assert [each.state for each in await person.inquiries()] == ["waiting_for_enterprise", "awaiting_routing"]


async def test_an_officer_who_needs_no_reply_any_more_is_not_waited_for(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    await helpdesk.asks_back(person)
    await helpdesk.answers(person)
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)


async def test_the_files_of_an_addition_are_to_be_fetched(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.sends("van-don.pdf")
    async with helpdesk.core.database.read() as uow:
        [row] = await uow.rows(select(File.__table__))
    assert (row["reference"], row["fetch_at"]) == ("ref-van-don.pdf", helpdesk.clock.now())
