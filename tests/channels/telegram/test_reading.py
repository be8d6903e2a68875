"""What a person does on Telegram, and what it is to us."""

import pytest

from bot.channels.telegram.channel import TelegramChannel
from tests.channels.telegram.conftest import Taking
from tests.peers.telegram import TelegramPeer

pytestmark = pytest.mark.usefixtures("polling")


async def test_a_deep_link_arrives_as_the_command_with_its_code(peer: TelegramPeer, taking: Taking) -> None:
    await peer.user("Lan").starts("ABC-123")
    [incoming] = await taking.has(1)
    assert incoming.text == "/start ABC-123"


@pytest.mark.parametrize(
    ("kind", "sent", "name", "media_type"),
    [
        ("document", "to-khai.pdf", "to-khai.pdf", "application/pdf"),
        ("video", "kho.mp4", "kho.mp4", "video/mp4"),
        ("audio", "hop.mp3", "hop.mp3", "audio/mpeg"),
        ("photo", "x.jpg", "photo-1.jpg", "image/jpeg"),
        ("voice", "x.ogg", "voice-1.ogg", "audio/ogg"),
        ("video_note", "x.mp4", "video-1.mp4", "video/mp4"),
    ],
)
async def test_a_file_arrives_as_a_reference_with_name_type_and_size(
    peer: TelegramPeer, taking: Taking, kind: str, sent: str, name: str, media_type: str
) -> None:
    await peer.user("Lan").sends_file(sent, b"12345", kind=kind)
    [incoming] = await taking.has(1)
    [file] = incoming.files
    assert (file.channel, file.name, file.media_type, file.size) == ("telegram", name, media_type, 5)
    assert peer.file(file.reference).data == b"12345"
    assert file.sha256 is None


async def test_the_caption_of_a_file_is_its_text(peer: TelegramPeer, taking: Taking) -> None:
    await peer.user("Lan").sends_file("a.pdf", b"1", caption="Tờ khai của tôi")
    [incoming] = await taking.has(1)
    assert incoming.text == "Tờ khai của tôi"
    assert len(incoming.files) == 1


async def test_a_file_name_keeps_nothing_that_a_database_cannot_store(peer: TelegramPeer, taking: Taking) -> None:
    await peer.user("Lan").sends_file("a\x00b\n\u202e.pdf", b"1")
    [incoming] = await taking.has(1)
    assert incoming.files[0].name == "ab .pdf"


@pytest.mark.parametrize(
    "content",
    [
        {"contact": {"phone_number": "+84900000001", "first_name": "Lan"}},
        {"location": {"latitude": 21.0, "longitude": 105.8}},
        {"sticker": {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"kind_of_next_year": {"id": 1}},
    ],
    ids=["contact", "location", "sticker", "dice", "unknown"],
)  # fmt: skip
async def test_what_we_cannot_use_arrives_without_content_so_that_it_is_answered(
    peer: TelegramPeer, taking: Taking, content: dict[str, object]
) -> None:
    await peer.user("Lan").sends(content)
    [incoming] = await taking.has(1)
    assert (incoming.text, incoming.action, incoming.files) == ("", "", ())


@pytest.mark.parametrize(
    "note",
    [{"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}}, {"write_access_allowed": {}}],
    ids=["timer", "write access"],
)
async def test_a_note_of_the_platform_is_nobodys_words(peer: TelegramPeer, taking: Taking, note: dict[str, object]) -> None:
    lan = peer.user("Lan")
    await lan.sends(note)
    await lan.says("sau đó")
    await taking.has(1)
    assert taking.texts == ["sau đó"]


async def test_a_press_arrives_as_its_action_and_is_acknowledged(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking
) -> None:
    lan = peer.user("Lan", started=True)
    message = await lan.says("một")
    await taking.has(1)
    press = await lan.presses_data("rate:5:17", on=message.id)
    await press.answered()
    assert (await taking.has(2))[1].action == "rate:5:17"
    assert taking.taken[1].text == ""
    assert taking.taken[1].external_id == str(lan.id)


async def test_a_press_is_not_acknowledged_before_it_was_taken(peer: TelegramPeer, taking: Taking) -> None:
    lan = peer.user("Lan", started=True)
    message = await lan.says("một")
    await taking.has(1)
    taking.may_go_on.clear()
    press = await lan.presses_data("menu", on=message.id)
    await taking.until(lambda: len(taking.attempts) == 2)
    assert press.answer is None
    taking.may_go_on.set()
    await press.answered()


async def test_a_press_that_telegram_no_longer_knows_is_taken_all_the_same(peer: TelegramPeer, taking: Taking) -> None:
    lan = peer.user("Lan", started=True)
    message = await lan.says("một")
    peer.fails("answerCallbackQuery", status=400, description="Bad Request: query is too old")
    await lan.presses_data("menu", on=message.id)
    await taking.has(2)
    await peer.taken()


async def test_an_edited_text_is_taken_as_said_anew(peer: TelegramPeer, taking: Taking) -> None:
    lan = peer.user("Lan")
    message = await lan.says("thông quann")
    await lan.edits(message.id, "thông quan")
    await taking.has(2)
    assert taking.texts == ["thông quann", "thông quan"]
    assert taking.taken[0].event != taking.taken[1].event


async def test_an_edit_without_words_is_not_said_anew(peer: TelegramPeer, taking: Taking) -> None:
    lan = peer.user("Lan")
    message = await lan.sends({"location": {"latitude": 21.0, "longitude": 105.8, "live_period": 900}})
    await lan.edits(message.id, "")
    await lan.says("sau đó")
    await taking.has(2)
    assert taking.texts == ["", "sau đó"]


async def test_what_is_said_and_pressed_in_a_group_is_left_alone(peer: TelegramPeer, taking: Taking) -> None:
    lan = peer.user("Lan")
    group = peer.group("Phòng Thuế", lan)
    said = await lan.says("trong nhóm", chat=group)
    press = await lan.presses_data("menu", on=said.id, chat=group)
    await press.answered()
    await lan.says("riêng")
    await taking.has(1)
    await peer.taken()
    assert taking.texts == ["riêng"]
    assert group.messages == []
