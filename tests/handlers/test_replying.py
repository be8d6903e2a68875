"""A reply to a message of the chat goes to the inquiry that the message was about."""

from tests.handlers.conftest import REPORT, STUCK, Helpdesk
from tests.handlers.test_additions import files_of, said_on, with_two_open

MORE = "Số tờ khai là 105123456789, mở tại cảng Cát Lái"


async def test_a_reply_to_what_an_officer_asked_is_the_answer_to_that_question_among_several(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await helpdesk.routes(person, "dau-moi")
    await helpdesk.asks_back(person, "Xin cho biết số tờ khai.", number=first.number)
    await helpdesk.asks_back(person, "Biên bản ký ngày nào?", number=second.number)
    said = await person.replies(MORE, to="Xin cho biết số tờ khai.")
    assert first.number in said
    assert (await said_on(helpdesk, first))[-1] == MORE
    assert MORE not in await said_on(helpdesk, second)


async def test_without_a_reply_to_it_the_person_is_asked_which_one(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await helpdesk.routes(person, "dau-moi")
    await helpdesk.asks_back(person, number=first.number)
    await helpdesk.asks_back(person, number=second.number)
    await person.says(MORE)
    assert MORE not in await said_on(helpdesk, first) + await said_on(helpdesk, second)
    labels = " ".join(button.label for button in person.buttons)
    assert first.number in labels
    assert second.number in labels


async def test_a_reply_also_answers_the_question_which_one_and_takes_along_what_waited(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await helpdesk.routes(person, "dau-moi")
    await helpdesk.asks_back(person, "Xin cho biết số tờ khai.", number=first.number)
    await helpdesk.asks_back(person, "Biên bản ký ngày nào?", number=second.number)
    await person.says(MORE)
    await person.replies("Ý tôi là yêu cầu này", to="Xin cho biết số tờ khai.")
    assert (await said_on(helpdesk, first))[-1] == f"{MORE}\nÝ tôi là yêu cầu này"


async def test_a_reply_to_what_the_bot_said_about_an_open_inquiry_is_added_to_it(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await person.replies(MORE, to=first.number)
    assert await said_on(helpdesk, first) == [MORE]
    assert await said_on(helpdesk, second) == []


async def test_a_reply_with_a_file_puts_the_file_there_without_a_question(helpdesk: Helpdesk) -> None:
    person, first, second = await with_two_open(helpdesk)
    await person.replies("", helpdesk.file("van-don.pdf"), to=first.number)
    assert await files_of(helpdesk, first) == ["van-don.pdf"]
    assert await files_of(helpdesk, second) == []


async def test_a_reply_to_an_answer_may_be_more_or_a_new_question_and_one_tap_says_which(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    answered = (await person.inquiries())[-1]
    await helpdesk.routes(person, "dau-moi")
    await helpdesk.answers(person, "Đầu mối là bà Hoa.")
    await person.replies("Bà Hoa ở phòng nào, xin số điện thoại?", to="Đầu mối là bà Hoa.")
    assert answered.number in person.last
    await person.presses(answered.number)
    assert (await said_on(helpdesk, answered))[-1] == "Bà Hoa ở phòng nào, xin số điện thoại?"
    assert await said_on(helpdesk, first) == []


async def test_thanks_in_reply_to_a_message_are_no_addition(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.replies("cảm ơn", to=first.number)
    assert await said_on(helpdesk, first) == []


async def test_a_tax_code_in_reply_to_the_offer_is_the_guests_tax_code_and_no_addition(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    inquiry = await person.inquiry()
    await person.replies("0100233488", to=inquiry.number)
    assert await said_on(helpdesk, inquiry) == []


async def test_a_report_of_misconduct_is_not_kept_because_it_is_a_reply(helpdesk: Helpdesk) -> None:
    person, first, _ = await with_two_open(helpdesk)
    await person.replies(REPORT, to=first.number)
    assert await helpdesk.holds_nothing_of(REPORT)


async def test_a_reply_to_a_message_of_another_chat_is_like_any_other_text(helpdesk: Helpdesk) -> None:
    _, first, _ = await with_two_open(helpdesk)
    stranger = helpdesk.person("Kẻ tò mò")
    await stranger.says("/menu")
    for message_id in ("1", "", "không có", *(f"{each}" for each in helpdesk.channel.ids)):
        await stranger.says(MORE, replies_to=message_id)
    assert await said_on(helpdesk, first) == []
