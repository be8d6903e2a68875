"""The loopback Telegram held to the Bot API: chats, messages, buttons, files, topics, commands.

Each rule is stated once and asked of two independent clients; python-telegram-bot parses strictly,
so that what aiogram lets through is found here.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_clients import CLIENTS, Client, Refused, contact_keyboard, keyboard


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as running:
        yield running


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
async def client(request: pytest.FixtureRequest, peer: TelegramPeer) -> AsyncIterator[Client]:
    connected = request.param(peer.url, peer.token)
    yield connected
    await connected.close()


async def refusal(client: Client, method: str, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await client.call(method, *args, **kwargs)
    return caught.value


# -- who is asking, and what


async def test_the_bot_learns_who_it_is(client, peer):
    me = await client.call("get_me")
    assert (me.is_bot, me.username) == (True, peer.username)


async def test_a_wrong_token_is_unauthorized(peer):
    for kind in CLIENTS:
        stranger = kind(peer.url, "42:not-the-token-of-this-bot")
        assert (await refusal(stranger, "get_me")).kind == "unauthorized"
        await stranger.close()


# -- messages


async def test_a_sent_message_is_seen_with_its_buttons_and_dated_now(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "Chào chị", reply_markup=keyboard([("Có", "yes"), ("Không", "no")]))
    shown = await lan.sees("Chào")
    assert (shown.id, shown.labels) == (sent.message_id, ["Có", "Không"])
    assert abs(sent.date.timestamp() - peer.platform.clock.now()) < 5


async def test_message_ids_are_counted_per_chat(client, peer):
    first, second = peer.user("Lan", started=True), peer.user("Minh", started=True)
    for _ in range(2):
        await client.call("send_message", first.id, "x")
    assert (await client.call("send_message", second.id, "x")).message_id == 1


@pytest.mark.parametrize("text", ["x" * 4097, "😀" * 2049], ids=["letters", "two units each"])
async def test_a_text_over_4096_utf16_units_is_refused(client, peer, text):
    lan = peer.user("Lan", started=True)
    assert "message is too long" in (await refusal(client, "send_message", lan.id, text)).text
    await client.call("send_message", lan.id, "😀" * 2048)


async def test_the_limit_counts_what_is_left_after_the_markup_is_read(client, peer):
    lan = peer.user("Lan", started=True)
    await client.call("send_message", lan.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(lan.messages[-1].text) == 4096


async def test_a_text_of_white_space_is_empty(client, peer):
    lan = peer.user("Lan", started=True)
    assert "text is empty" in (await refusal(client, "send_message", lan.id, " \n ")).text


@pytest.mark.parametrize(
    ("source", "mode", "text", "kinds"),
    [
        ("<b>Điều 3</b> &lt;1399&gt;", "HTML", "Điều 3 <1399>", ["bold"]),
        ('<a href="https://x.example/?a=1&amp;b=2">luật</a>', "HTML", "luật", ["text_link"]),
        ("<blockquote expandable>dài</blockquote>", "HTML", "dài", ["expandable_blockquote"]),
        (r"*Điều 3* 1\.000\.000 _đồng_", "MarkdownV2", "Điều 3 1.000.000 đồng", ["bold", "italic"]),
        (r"[luật](https://x.example/\)) `mã_số`", "MarkdownV2", "luật mã_số", ["text_link", "code"]),
        ("1 < 2 & *sao*", None, "1 < 2 & *sao*", []),
    ],
)
async def test_markup_becomes_entities(client, peer, source, mode, text, kinds):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, source, parse_mode=mode)
    assert (sent.text, [str(entity.type) for entity in sent.entities or []]) == (text, kinds)


@pytest.mark.parametrize(
    ("source", "mode", "why"),
    [
        ("a <b>b", "HTML", "find end tag"),
        ("a < b", "HTML", "unsupported start tag"),
        ("<b>a</i>", "HTML", "unmatched end tag at byte offset 4"),
        ("<div>a</div>", "HTML", 'unsupported start tag "div"'),
        ("1.000", "MarkdownV2", "'.' is reserved"),
        ("*a", "MarkdownV2", "can't find end of bold"),
    ],
)
async def test_broken_markup_is_refused_with_the_place(client, peer, source, mode, why):
    lan = peer.user("Lan", started=True)
    refused = await refusal(client, "send_message", lan.id, source, parse_mode=mode)
    assert "can't parse entities" in refused.text
    assert why in refused.text


async def test_entity_offsets_are_utf16_units(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "😀<b>đậm</b>", parse_mode="HTML")
    assert (sent.entities[0].offset, sent.entities[0].length) == (2, 3)


async def test_button_data_over_64_bytes_is_refused_and_64_pass(client, peer):
    lan = peer.user("Lan", started=True)
    assert (
        "button_data_invalid"
        in (await refusal(client, "send_message", lan.id, "x", reply_markup=keyboard([("a", "đ" * 33)]))).text
    )
    await client.call("send_message", lan.id, "x", reply_markup=keyboard([("a", "đ" * 32)]))


async def test_a_reply_names_its_original_and_an_unknown_original_is_refused(client, peer):
    lan = peer.user("Lan")
    asked = await lan.says("Hỏi")
    sent = await client.call("send_message", lan.id, "Đáp", reply_to_message_id=asked.id)
    assert sent.reply_to_message.text == "Hỏi"
    refused = await refusal(client, "send_message", lan.id, "Đáp", reply_to_message_id=404)
    assert "message to be replied not found" in refused.text


async def test_an_edit_is_shown_in_place_and_without_a_keyboard_removes_it(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "một", reply_markup=keyboard([("a", "a")]))
    await client.call("edit_message_text", "hai", chat_id=lan.id, message_id=sent.message_id)
    [shown] = lan.messages
    assert (shown.text, shown.edited, shown.labels) == ("hai", True, [])


async def test_the_keyboard_alone_can_be_edited(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "một", reply_markup=keyboard([("a", "a")]))
    where = {"chat_id": lan.id, "message_id": sent.message_id}
    await client.call("edit_message_reply_markup", **where, reply_markup=keyboard([("b", "b")]))
    assert lan.messages[-1].labels == ["b"]


async def test_an_edit_that_changes_nothing_says_so(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "một")
    refused = await refusal(client, "edit_message_text", "một", chat_id=lan.id, message_id=sent.message_id)
    assert "message is not modified" in refused.text


async def test_only_the_bots_own_known_messages_can_be_edited(client, peer):
    lan = peer.user("Lan")
    theirs = await lan.says("của tôi")
    unknown = await refusal(client, "edit_message_text", "x", chat_id=lan.id, message_id=404)
    foreign = await refusal(client, "edit_message_text", "x", chat_id=lan.id, message_id=theirs.id)
    assert ("message to edit not found" in unknown.text, "can't be edited" in foreign.text) == (True, True)


async def test_a_deleted_message_disappears_and_cannot_be_deleted_twice_or_after_two_days(client, peer):
    lan = peer.user("Lan", started=True)
    first, second = [await client.call("send_message", lan.id, text) for text in ("một", "hai")]
    await client.call("delete_message", lan.id, first.message_id)
    assert [message.text for message in lan.messages] == ["hai"]
    assert "not found" in (await refusal(client, "delete_message", lan.id, first.message_id)).text
    peer.advances(49 * 3600)
    assert "can't be deleted" in (await refusal(client, "delete_message", lan.id, second.message_id)).text


async def test_a_copy_has_no_origin_and_a_forward_names_it(client, peer):
    lan, minh = peer.user("Lan"), peer.user("Minh", started=True)
    asked = await lan.says("Hỏi gì đó")
    copy = await client.call("copy_message", minh.id, lan.id, asked.id)
    forward = await client.call("forward_message", minh.id, lan.id, asked.id)
    assert minh.messages[0].id == copy.message_id
    assert "forward_origin" not in minh.messages[0].raw
    assert (forward.text, forward.forward_origin.sender_user.id) == ("Hỏi gì đó", lan.id)


async def test_a_reaction_is_seen_and_typing_is_noticed(client, peer):
    lan = peer.user("Lan")
    asked = await lan.says("Hỏi")
    await client.call("set_message_reaction", lan.id, asked.id, client.reaction("👍"))
    await client.call("send_chat_action", lan.id, "typing")
    assert (lan.conversation[0].reactions, lan.sees_typing) == (("👍",), ["typing"])


# -- who can be reached


@pytest.mark.parametrize(
    ("become", "words"),
    [
        ("blocks_bot", "bot was blocked by the user"),
        ("deactivates", "user is deactivated"),
    ],
)
async def test_a_person_who_is_gone_is_forbidden(client, peer, become, words):
    lan = peer.user("Lan", started=True)
    await getattr(lan, become)()
    refused = await refusal(client, "send_message", lan.id, "x")
    assert refused.kind == "forbidden"
    assert words in refused.text


async def test_a_person_who_never_started_cannot_be_written_to(client, peer):
    refused = await refusal(client, "send_message", peer.user("Lan").id, "x")
    assert refused.kind == "forbidden"
    assert "can't initiate conversation" in refused.text


async def test_an_unknown_chat_is_not_found(client):
    refused = await refusal(client, "send_message", 404, "x")
    assert (refused.kind, "chat not found" in refused.text) == ("bad request", True)


async def test_a_group_that_removed_the_bot_is_forbidden(client, peer):
    minh = peer.user("Minh")
    desk = peer.group("Phòng Thuế", minh)
    await desk.removes_bot(minh)
    refused = await refusal(client, "send_message", desk.id, "x")
    assert (refused.kind, "kicked from the supergroup chat" in refused.text) == ("forbidden", True)


async def test_a_group_that_became_a_supergroup_answers_with_its_new_id(client, peer):
    minh = peer.user("Minh")
    old = peer.group("Phòng Thuế", minh, supergroup=False)
    new = await old.becomes_supergroup(minh)
    refused = await refusal(client, "send_message", old.id, "x")
    assert (refused.kind, refused.new_chat) == ("migrated", new.id)
    assert new.id < -(2**32)
    updates = await client.call("get_updates")
    assert [(u.message.migrate_to_chat_id, u.message.migrate_from_chat_id) for u in updates] == [
        (new.id, None),
        (None, old.id),
    ]


async def test_blocking_and_unblocking_reach_the_bot_as_my_chat_member(client, peer):
    lan = peer.user("Lan", started=True)
    await lan.blocks_bot()
    await lan.unblocks_bot()
    updates = await client.call("get_updates")
    assert [str(u.my_chat_member.new_chat_member.status) for u in updates] == ["kicked", "member"]


async def test_chats_and_members_can_be_looked_up(client, peer):
    minh, other = peer.user("Minh"), peer.user("Lan")
    desk = peer.group("Phòng Thuế", minh, forum=True)
    chat = await client.call("get_chat", desk.id)
    standing = [
        str((await client.call("get_chat_member", desk.id, number)).status)
        for number in (minh.id, other.id, int(peer.token.split(":")[0]))
    ]
    assert (chat.title, chat.is_forum, standing) == ("Phòng Thuế", True, ["member", "left", "administrator"])


# -- buttons


async def test_a_press_arrives_with_data_and_message_and_its_answer_is_shown(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "?", reply_markup=keyboard([("Có", "yes:1")]))
    press = await lan.presses("Có")
    [update] = await client.call("get_updates")
    query = update.callback_query
    assert (query.data, query.from_user.id, query.message.message_id) == ("yes:1", lan.id, sent.message_id)
    assert query.chat_instance
    await client.call("answer_callback_query", query.id, text="Đã ghi", show_alert=True)
    assert (await press.answered()).text == "Đã ghi"
    assert press.answer.alert


async def test_a_press_can_be_answered_once_and_within_its_time(client, peer):
    lan = peer.user("Lan", started=True)
    await client.call("send_message", lan.id, "?", reply_markup=keyboard([("Có", "yes")]))
    first, second = await lan.presses("yes"), await lan.presses("yes")
    await client.call("answer_callback_query", first.id)
    assert "query is too old" in (await refusal(client, "answer_callback_query", first.id)).text
    peer.advances(151)
    assert "query is too old" in (await refusal(client, "answer_callback_query", second.id)).text
    assert await client.call("get_updates") in ([], ())


async def test_a_shared_contact_carries_the_number_and_its_owner(client, peer):
    lan = peer.user("Lan", started=True)
    await client.call("send_message", lan.id, "Số?", reply_markup=contact_keyboard("Gửi số"))
    await lan.taps("Gửi số", phone="+84912345678")
    await lan.shares_contact("+84900000000", of=99, name="Người khác")
    own, foreign = [update.message.contact for update in await client.call("get_updates")]
    assert (own.phone_number, own.user_id, foreign.user_id) == ("+84912345678", lan.id, 99)


async def test_a_group_cannot_be_asked_for_a_phone_number(client, peer):
    desk = peer.group("Phòng Thuế")
    refused = await refusal(client, "send_message", desk.id, "Số?", reply_markup=contact_keyboard("Gửi số"))
    assert "private chats only" in refused.text


async def test_a_deep_link_arrives_as_a_start_command(client, peer):
    await peer.user("Lan").starts("ma-moi-123")
    [update] = await client.call("get_updates")
    assert update.message.text == "/start ma-moi-123"
    assert str(update.message.entities[0].type) == "bot_command"


# -- files


async def test_a_document_is_seen_under_its_name_and_can_be_sent_again_by_id(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_document", lan.id, client.file("Tờ khai.pdf", b"%PDF"), caption="Đây")
    again = await client.call("send_document", lan.id, sent.document.file_id)
    assert [(m.file_name, m.text) for m in lan.messages] == [("Tờ khai.pdf", "Đây"), ("Tờ khai.pdf", "")]
    assert again.document.file_unique_id == sent.document.file_unique_id
    assert peer.file(lan.messages[0].file_id).data == b"%PDF"


async def test_a_file_from_a_person_can_be_downloaded(client, peer):
    await peer.user("Lan").sends_file("hóa đơn.xml", b"<xml/>")
    [update] = await client.call("get_updates")
    assert update.message.document.file_name == "hóa đơn.xml"
    assert await client.download(update.message.document.file_id) == b"<xml/>"


async def test_a_photo_comes_in_sizes_the_largest_last(client, peer):
    await peer.user("Lan").sends_file("ảnh.jpg", b"jpeg", kind="photo", caption="Lỗi đây")
    [update] = await client.call("get_updates")
    assert update.message.photo[-1].width > update.message.photo[0].width
    assert update.message.caption == "Lỗi đây"


async def test_more_than_20_megabytes_cannot_be_downloaded(client, peer):
    big = await peer.user("Lan").sends_file("lớn.zip", b"x", size=21 * 2**20)
    assert "file is too big" in (await refusal(client, "get_file", big.file_id)).text


async def test_an_unknown_file_id_is_refused(client, peer):
    lan = peer.user("Lan", started=True)
    assert "wrong file identifier" in (await refusal(client, "send_document", lan.id, "no-such-id")).text


async def test_a_caption_over_1024_units_is_refused(client, peer):
    lan = peer.user("Lan", started=True)
    refused = await refusal(client, "send_photo", lan.id, client.file("a.jpg", b"x"), caption="x" * 1025)
    assert "caption is too long" in refused.text


async def test_an_album_has_two_to_ten_of_one_kind(client, peer):
    lan = peer.user("Lan", started=True)
    album = client.album(("document", "a.pdf", b"a"), ("document", "b.pdf", b"b"))
    sent = await client.call("send_media_group", lan.id, album)
    assert [m.file_name for m in lan.messages] == ["a.pdf", "b.pdf"]
    assert sent[0].media_group_id == sent[1].media_group_id
    mixed = client.album(("document", "a.pdf", b"a"), ("photo", "b.jpg", b"b"))
    assert "album" in (await refusal(client, "send_media_group", lan.id, mixed)).text


# -- forum topics


async def test_a_topic_is_opened_written_in_closed_reopened_and_deleted(client, peer):
    minh = peer.user("Minh")
    desk = peer.group("Phòng Thuế", minh, forum=True)
    topic = await client.call("create_forum_topic", desk.id, "YC-2026-000001")
    number = topic.message_thread_id
    sent = await client.call("send_message", desk.id, "Câu hỏi", message_thread_id=number)
    assert (sent.message_thread_id, sent.is_topic_message) == (number, True)
    assert [m.text for m in desk.messages_in("YC-2026-000001")] == ["Câu hỏi"]
    await client.call("edit_forum_topic", desk.id, number, name="YC-2026-000001 ✓")
    await client.call("close_forum_topic", desk.id, number)
    assert [(t.name, t.closed) for t in desk.topics] == [("YC-2026-000001 ✓", True)]
    assert "topic_not_modified" in (await refusal(client, "close_forum_topic", desk.id, number)).text
    await client.call("reopen_forum_topic", desk.id, number)
    await client.call("delete_forum_topic", desk.id, number)
    refused = await refusal(client, "send_message", desk.id, "x", message_thread_id=number)
    assert (desk.topics, "message thread not found" in refused.text) == ([], True)


async def test_an_officer_in_a_topic_is_heard_with_its_id_and_as_if_replying_to_its_opening(client, peer):
    minh = peer.user("Minh")
    desk = peer.group("Phòng Thuế", minh, forum=True)
    topic = await client.call("create_forum_topic", desk.id, "YC-1")
    await minh.says("Trả lời", chat=desk, topic="YC-1")
    opening, heard = [update.message for update in await client.call("get_updates")]
    assert opening.forum_topic_created.name == "YC-1"
    assert (heard.message_thread_id, heard.is_topic_message) == (topic.message_thread_id, True)
    assert heard.reply_to_message.forum_topic_created.name == "YC-1"


async def test_the_general_topic_is_addressed_without_its_id(client, peer):
    desk = peer.group("Phòng Thuế", forum=True)
    sent = await client.call("send_message", desk.id, "Chung")
    assert not sent.is_topic_message
    assert "thread not found" in (await refusal(client, "send_message", desk.id, "x", message_thread_id=1)).text


async def test_topics_need_a_forum_and_an_administrator(client, peer):
    plain, poor = peer.group("Nhóm"), peer.group("Diễn đàn", forum=True, bot="member")
    assert "not a forum" in (await refusal(client, "create_forum_topic", plain.id, "x")).text
    assert "not enough rights" in (await refusal(client, "create_forum_topic", poor.id, "x")).text


async def test_in_privacy_mode_a_plain_member_hears_commands_and_replies_only(client, peer):
    minh = peer.user("Minh")
    group = peer.group("Nhóm", minh, bot="member")
    sent = await client.call("send_message", group.id, "Ai nhận?")
    await minh.says("chuyện riêng", chat=group)
    await minh.says("/nhan", chat=group)
    await minh.says("tôi", chat=group, reply_to=sent.message_id)
    assert [update.message.text for update in await client.call("get_updates")] == ["/nhan", "tôi"]


async def test_a_pinned_message_is_on_top_and_told_of(client, peer):
    desk = peer.group("Phòng Thuế")
    sent = await client.call("send_message", desk.id, "Lịch trực")
    await client.call("pin_chat_message", desk.id, sent.message_id)
    assert desk.pinned == [sent.message_id]
    assert (await client.call("get_chat", desk.id)).pinned_message.text == "Lịch trực"
    [update] = await client.call("get_updates")
    assert update.message.pinned_message.message_id == sent.message_id


# -- commands


async def test_the_command_menu_is_kept_per_language(client, peer):
    await client.call("set_my_commands", client.commands(hoi="Đặt câu hỏi"))
    await client.call("set_my_commands", client.commands(ask="Ask a question"), language_code="en")
    assert peer.commands() == [{"command": "hoi", "description": "Đặt câu hỏi"}]
    assert [c.command for c in await client.call("get_my_commands", language_code="en")] == ["ask"]


async def test_command_names_are_lower_case_latin_and_at_most_a_hundred(client):
    assert "command_invalid" in (await refusal(client, "set_my_commands", client.commands(Hỏi="x"))).text
    many = client.commands(**{f"c{n}": "x" for n in range(101)})
    assert "too_much" in (await refusal(client, "set_my_commands", many)).text
