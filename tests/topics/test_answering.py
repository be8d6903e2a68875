"""From an officer's words in a topic to the enterprise: one tap, notes, files, corrections, and who may."""

from dataclasses import replace
from functools import partial

import pytest

from storage.models import ChannelAccount
from storage.unit_of_work import UnitOfWork
from tests.channels.telegram.conftest import eventually
from tests.topics.conftest import MakeRoom, Room, until


async def test_pressing_take_puts_it_into_that_officers_hands(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    press = await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert inquiry.number in (await press.answered()).text
    await room.minh.sees("Đang xử lý: Cán bộ minh", chat=room.group, topic=topic)
    assert (await room.office.look(inquiry)).officer_id == room.officers["minh"].id


async def test_of_two_officers_who_take_it_one_wins_and_the_other_is_told_who(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    first = await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic)
    second = await room.lan.presses_data(first.data, on=room.group.messages_in(topic)[0].id, chat=room.group)
    answers = [await first.answered(), await second.answered()]
    [told] = [each for each in answers if each.alert]
    holder = (await room.office.look(inquiry)).officer_name
    assert holder is not None
    assert holder in told.text


async def test_a_second_officer_cannot_answer_over_the_one_who_has_it(room: Room) -> None:
    inquiry = await room.given_inquiry(state="in_progress", by=room.officers["minh"])
    topic = await room.topic(inquiry)
    await room.lan.says("Tôi trả lời thay.", chat=room.group, topic=topic)
    await room.lan.sees("Cán bộ minh đã nhận xử lý", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "in_progress"


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


async def test_who_answers_an_inquiry_that_came_by_telephone_is_told_to_pass_it_on(room: Room) -> None:
    asker = replace(await room.office.asker(), channel="phone")
    await room.does(partial(_has_no_chat, account_id=asker.account_id))
    inquiry = await room.given_inquiry(asker=asker)
    topic = await room.topic(inquiry)
    await room.minh.says("Đề nghị nộp bổ sung C/O.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    done = await room.minh.sees("không dùng kênh chat", chat=room.group, topic=topic)
    assert "Điện thoại" in done.text


async def _has_no_chat(uow: UnitOfWork, *, account_id: int) -> None:
    uow.update(ChannelAccount, account_id, channel="phone", unreachable="by_hand")


async def test_an_answer_is_not_told_again_in_the_topic_in_which_it_was_written(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Đã kiểm tra xong.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    await room.settled()
    assert not any("Đã kiểm tra xong." in message.text for message in room.group.messages_in(topic))


async def test_a_department_may_have_replies_sent_at_once(make_room: MakeRoom) -> None:
    room = await make_room(telegram_confirm=False)
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Hàng đã được thông quan.", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    await room.minh.sees("đã gửi trả lời", chat=room.group, topic=topic)


async def test_what_was_forwarded_is_looked_at_once_more_even_there(make_room: MakeRoom) -> None:
    room = await make_room(telegram_confirm=False)
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Ai đó"}
    await room.minh.sends({"text": "Nội bộ: chưa trả lời.", "forward_origin": origin}, chat=room.group, topic=topic)
    await room.minh.sees("tin chuyển tiếp", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "routed"


async def test_several_messages_become_one_answer_with_one_tap(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Thứ nhất, nộp tờ khai.", chat=room.group, topic=topic)
    await room.minh.sees("gửi nội dung này", chat=room.group, topic=topic)
    await room.minh.says("Thứ hai, nộp hóa đơn.", chat=room.group, topic=topic)
    await room.minh.sees("Gồm 2 tin nhắn", chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    assert [text for kind, text in await room.office.said(inquiry) if kind == "answer"] == [
        "Thứ nhất, nộp tờ khai.\n\nThứ hai, nộp hóa đơn."
    ]


async def test_two_slashes_make_an_internal_note_that_the_enterprise_never_sees(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    before = await room.office.told(inquiry)
    sent = await room.minh.says("// Doanh nghiệp này hay nhầm mã.", chat=room.group, topic=topic)
    await room.peer.called("setMessageReaction")
    assert ("note", "Doanh nghiệp này hay nhầm mã.") in await room.office.said(inquiry)
    assert await room.office.told(inquiry) == before
    assert room.peer.calls_of("setMessageReaction")[0].params["message_id"] == sent.id


async def test_only_who_wrote_it_can_send_it(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Bản nháp của tôi.", chat=room.group, topic=topic)
    press = await room.lan.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    assert "Cán bộ minh" in (await press.answered()).text
    assert await room.state(inquiry) == "routed"


async def test_what_is_dropped_is_gone_and_was_sent_to_nobody(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Nhầm chủ đề.", chat=room.group, topic=topic)
    press = await room.minh.presses("Bỏ", chat=room.group, topic=topic)
    await press.answered()
    await room.settled()
    assert len(room.group.messages_in(topic)) == 1
    assert await room.state(inquiry) == "routed"


async def test_a_draft_can_be_sent_as_a_question_instead(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Xin cho biết số tờ khai.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi là câu hỏi lại", chat=room.group, topic=topic)
    await room.becomes(inquiry, "waiting_for_enterprise")


async def test_who_was_quicker_at_the_web_desk_keeps_it_and_the_draft_in_the_topic_is_not_sent(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("Trả lời của Minh.", chat=room.group, topic=topic)
    await room.minh.sees("gửi nội dung này", chat=room.group, topic=topic)
    async with room.office.browser(room.officers["lan"]) as browser:
        await browser.press(inquiry, "take")
    press = await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    assert "Cán bộ lan" in (await press.answered()).text
    assert await room.state(inquiry) == "in_progress"


# Files


async def test_a_file_goes_to_the_enterprise_with_the_answer(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.sends_file("huong-dan.pdf", b"%PDF", caption="Xem hướng dẫn.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    [file] = await room.office.files_of(inquiry)
    assert (file["name"], file["sha256"] is not None) == ("huong-dan.pdf", True)


async def test_a_draft_with_a_file_can_be_sent_as_a_question(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.sends_file("mau.pdf", b"%PDF", caption="Xin điền mẫu này.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi là câu hỏi lại", chat=room.group, topic=topic)
    await room.becomes(inquiry, "waiting_for_enterprise")
    [file] = await room.office.files_of(inquiry)
    assert (file["name"], file["sha256"] is not None) == ("mau.pdf", True)
    assert ("ask_back", "Xin điền mẫu này.") in await room.office.said(inquiry)


async def test_a_file_in_answer_to_what_the_enterprise_is_to_be_asked_waits_for_a_tap_also_where_replies_go_at_once(
    make_room: MakeRoom,
) -> None:
    room = await make_room(telegram_confirm=False)
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("/ask", chat=room.group, topic=topic)
    await room.minh.sees("cần doanh nghiệp bổ sung gì", chat=room.group, topic=topic)
    await room.minh.sends_file("mau.pdf", b"%PDF", caption="Xin điền mẫu này.", chat=room.group, topic=topic)
    await room.minh.sees("gửi nội dung này", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "routed"
    await room.minh.presses("Gửi là câu hỏi lại", chat=room.group, topic=topic)
    await room.becomes(inquiry, "waiting_for_enterprise")
    assert [file["name"] for file in await room.office.files_of(inquiry)] == ["mau.pdf"]


async def test_an_album_is_one_answer(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    for name in ("mot.jpg", "hai.jpg"):
        await room.minh.sends_file(name, name.encode(), kind="photo", chat=room.group, topic=topic)
    await room.minh.sees("2 tệp", chat=room.group, topic=topic)
    await room.settled()
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    assert len(await room.office.files_of(inquiry)) == 2
    assert len([kind for kind, _ in await room.office.said(inquiry) if kind == "answer"]) == 1


@pytest.mark.parametrize("kind", ["voice", "video"])
async def test_a_voice_message_goes_as_a_file(room: Room, kind: str) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.sends_file("loi-noi.ogg", b"OggS", kind=kind, chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    assert len(await room.office.files_of(inquiry)) == 1


async def test_a_file_that_telegram_gives_to_no_bot_is_named_and_the_way_round_it(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    much = 21 * 1024 * 1024
    await room.minh.sends_file("ban-ve.zip", b"PK", size=much, caption="Bản vẽ", chat=room.group, topic=topic)
    told = await room.minh.sees("ban-ve.zip", chat=room.group, topic=topic)
    assert "20 MB" in told.text
    assert await room.state(inquiry) == "routed"


async def test_a_sticker_is_explained_and_sent_to_nobody(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.sends_file("sticker.webp", b"RIFF", kind="sticker", chat=room.group, topic=topic)
    await room.minh.sees("nhãn dán", chat=room.group, topic=topic)
    assert await room.state(inquiry) == "routed"


# Corrections


async def test_a_correction_before_the_tap_changes_what_is_sent(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    sent = await room.minh.says("Thuế suất 5 %.", chat=room.group, topic=topic)
    await room.minh.sees("gửi nội dung này", chat=room.group, topic=topic)
    await room.minh.edits(sent.id, "Thuế suất 10 %.", chat=room.group)
    await room.peer.taken()
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    assert [text for kind, text in await room.office.said(inquiry) if kind == "answer"] == ["Thuế suất 10 %."]


async def test_a_correction_after_it_was_sent_follows_to_the_enterprise(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    sent = await room.minh.says("Thuế suất 5 %.", chat=room.group, topic=topic)
    await room.minh.presses("Gửi doanh nghiệp", chat=room.group, topic=topic)
    await room.becomes(inquiry, "answered")
    await room.minh.edits(sent.id, "Thuế suất 10 %.", chat=room.group)
    await until(lambda: _told(room, inquiry, "Thuế suất 10 %."))
    assert ("answer", "Thuế suất 10 %.") in await room.office.said(inquiry)


async def _told(room: Room, inquiry: object, words: str) -> bool:
    return words in (await room.office.told(inquiry))[-1]  # type: ignore[arg-type]


async def test_a_correction_of_a_note_changes_the_note_and_tells_nobody(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    sent = await room.minh.says("// Gọi số 1.", chat=room.group, topic=topic)
    await room.peer.called("setMessageReaction")
    before = await room.office.told(inquiry)
    await room.minh.edits(sent.id, "// Gọi số 2.", chat=room.group)
    await room.peer.called("setMessageReaction", times=2)
    assert ("note", "Gọi số 2.") in await room.office.said(inquiry)
    assert await room.office.told(inquiry) == before


# Who may


async def test_who_is_no_officer_reads_but_their_words_do_nothing_and_they_are_told_once(room: Room) -> None:
    stranger = room.peer.user("Khách", started=True)
    room.group.adds(stranger)
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await stranger.says("Cho tôi hỏi.", chat=room.group, topic=topic)
    told = await stranger.sees("chỉ cán bộ", chat=room.group, topic=topic)
    assert "Khách" in told.text
    assert room.peer.calls_of("sendMessage")[-1].params["disable_notification"] is True
    await stranger.says("Alo?", chat=room.group, topic=topic)
    await room.peer.taken()
    await room.settled()
    assert [m.text for m in room.group.messages_in(topic)].count(told.text) == 1
    press = await stranger.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert (await press.answered()).alert
    assert await room.state(inquiry) == "routed"
    assert [kind for kind, _ in await room.office.said(inquiry)] == []


async def test_an_officer_who_left_is_a_stranger_from_that_moment(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.office.officers.deactivate("minh")
    press = await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert (await press.answered()).alert
    assert await room.state(inquiry) == "routed"


async def test_an_officer_of_another_department_reads_only(room: Room) -> None:
    other = await room.office.officer("phapche", department="vu-phap-che")
    hoa = room.peer.user("Hoa", started=True)
    await room.link(hoa, other)
    room.group.adds(hoa)
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    press = await hoa.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert (await press.answered()).alert
    assert await room.state(inquiry) == "routed"


async def test_a_press_that_no_button_shows_changes_nothing(room: Room) -> None:
    first, second = await room.given_inquiry(), await room.given_inquiry()
    topic = await room.topic(first)
    await room.topic(second)
    card = room.group.messages_in(topic)[0].id
    for action in (f"k:take:{second.id}", "k:take:abc", f"k:nonsense:{first.id}", "d:send:1", "d:send:", "x", "k:route:1:x"):
        press = await room.minh.presses_data(action, on=card, chat=room.group)
        await press.answered()
    assert [await room.state(each) for each in (first, second)] == ["routed", "routed"]


async def test_an_update_that_comes_twice_is_answered_once(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    await room.minh.says("// Một lần.", chat=room.group, topic=topic)
    await room.peer.taken()
    room.peer.delivers_again(1)
    await room.peer.taken()
    assert [text for kind, text in await room.office.said(inquiry) if kind == "note"] == ["Một lần."]


async def test_what_is_written_in_the_general_topic_is_nobodys_business(room: Room) -> None:
    await room.topic(await room.given_inquiry())
    await room.settled()
    before = len(room.group.messages)
    await room.minh.says("Chiều nay họp nhé.", chat=room.group)
    await room.peer.taken()
    await room.settled()
    assert len(room.group.messages) == before


async def test_a_link_code_works_once(room: Room) -> None:
    from bot.access.links import OfficerLinks

    core = room.office.core
    code = await OfficerLinks(core.database, core.clock).create(room.officers["minh"])
    thief = room.peer.user("Kẻ trộm", started=True)
    await room.minh.starts(code)
    await eventually(lambda: sum("Đã liên kết" in message.text for message in room.minh.messages) == 2)
    await thief.starts(code)
    await thief.sees("không dùng được")
