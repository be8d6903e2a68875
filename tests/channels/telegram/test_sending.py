"""Messages of ours: what Telegram shows of them, and what becomes of those that it does not take."""

import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.channels.splitting import split, units
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.outgoing import TEXT_UNITS, plan, safe_name
from bot.delivery.message import Attachment, Button, Message
from bot.delivery.transport import NoAnswer, NotSent, Refused, TryLater, Unreachable
from storage.files import FileStore
from tests.channels.telegram.conftest import MakeChannel
from tests.peers.telegram import TelegramPeer

Channel = TelegramChannel


@pytest.fixture
def channel(make_channel: MakeChannel) -> TelegramChannel:
    return make_channel()


async def refusal(channel: Channel, chat: int, message: Message | None = None, *, delivery: int = 1) -> NotSent:
    """Return what the sender is told. It is kept in a row, so it must not name the address, which has the token in it."""
    with pytest.raises(NotSent) as caught:
        await channel.send(str(chat), message or Message("Chào"), delivery_id=delivery)
    assert "/bot" not in str(caught.value)
    return caught.value


async def kept(files: FileStore, content: bytes) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return (await files.keep(chunks(), at_most=1_000_000))[0]


# What is shown


async def test_text_is_shown_as_it_is_whatever_markup_it_looks_like(peer: TelegramPeer, channel: Channel) -> None:
    lan = peer.user("Lan", started=True)
    text = "Ông <b>Nguyễn & Con</b>, *_[x](http://a)_* `y` https://example.com"
    number = await channel.send(str(lan.id), Message(text), delivery_id=1)
    [shown] = lan.messages
    assert (shown.text, str(shown.id)) == (text, number)
    assert peer.calls_of("sendMessage")[0].params["link_preview_options"]["is_disabled"] is True


async def test_buttons_carry_their_action_or_their_address(peer: TelegramPeer, channel: Channel) -> None:
    lan = peer.user("Lan", started=True)
    rows = ((Button("Đã giải quyết", "solved:1"), Button("Chưa", "unsolved:1")), (Button("Mở", url="https://example.com/x"),))
    await channel.send(str(lan.id), Message("Đã rõ chưa?", rows), delivery_id=1)
    [shown] = lan.messages
    assert [[(b.text, b.data, b.url) for b in row] for row in shown.rows] == [
        [("Đã giải quyết", "solved:1", None), ("Chưa", "unsolved:1", None)],
        [("Mở", None, "https://example.com/x")],
    ]


async def test_a_long_text_is_split_between_paragraphs_with_the_buttons_on_the_last_piece(
    peer: TelegramPeer, channel: Channel
) -> None:
    lan = peer.user("Lan", started=True)
    paragraphs = [f"Đoạn {number} " + "chữ " * 300 for number in range(8)]
    number = await channel.send(
        str(lan.id), Message("\n\n".join(paragraphs), ((Button("Hữu ích", "helped:1"),),)), delivery_id=1
    )
    shown = lan.messages
    assert len(shown) > 1
    assert all(message.text.startswith("Đoạn") for message in shown)
    assert "".join(m.text for m in shown).replace(" ", "").replace("\n", "") == "".join(paragraphs).replace(" ", "")
    assert [message.labels for message in shown] == [[]] * (len(shown) - 1) + [["Hữu ích"]]
    assert number == str(shown[-1].id)


async def test_one_file_is_shown_with_the_text_as_its_caption(peer: TelegramPeer, channel: Channel, files: FileStore) -> None:
    lan = peer.user("Lan", started=True)
    file = Attachment(await kept(files, b"noi dung"), "Công văn.pdf", "application/pdf")
    await channel.send(str(lan.id), Message("Kính gửi", ((Button("Đã rõ", "solved:1"),),), (file,)), delivery_id=1)
    [shown] = lan.messages
    assert (shown.text, shown.file_name, shown.labels) == ("Kính gửi", "Công văn.pdf", ["Đã rõ"])
    assert shown.file_id is not None
    assert peer.file(shown.file_id).data == b"noi dung"


async def test_several_files_and_a_text_too_long_for_a_caption_come_after_each_other(
    peer: TelegramPeer, channel: Channel, files: FileStore
) -> None:
    lan = peer.user("Lan", started=True)
    attached = tuple([Attachment(await kept(files, name.encode()), name, "text/plain") for name in ("a.txt", "b.txt")])
    await channel.send(str(lan.id), Message("x" * 1025, ((Button("Đã rõ", "solved:1"),),), attached[:1]), delivery_id=1)
    await channel.send(str(lan.id), Message("Hai tệp", (), attached), delivery_id=2)
    assert [(m.file_name, len(m.text), m.labels) for m in lan.messages] == [
        (None, 1025, ["Đã rõ"]),
        ("a.txt", 0, []),
        (None, 7, []),
        ("a.txt", 0, []),
        ("b.txt", 0, []),
    ]


async def test_a_file_name_cannot_forge_a_path_or_a_header(peer: TelegramPeer, channel: Channel, files: FileStore) -> None:
    lan = peer.user("Lan", started=True)
    name = '../../etc/pass"wd\r\nContent-Type: text/html\r\n\r\n<script>.pdf'
    file = Attachment(await kept(files, b"1"), name, "application/pdf")
    await channel.send(str(lan.id), Message("", (), (file,)), delivery_id=1)
    [shown] = lan.messages
    assert shown.file_name == "etcpasswdContent-Type: texthtml<script>.pdf"
    assert safe_name("\u202e/..") == "file"


# What becomes of those it does not take


async def test_who_blocked_us_or_is_gone_is_unreachable(peer: TelegramPeer, channel: Channel) -> None:
    blocked, gone, stranger = peer.user("Lan", started=True), peer.user("Minh", started=True), peer.user("Hoa")
    await blocked.blocks_bot()
    await gone.deactivates()
    assert [
        (type(failure), str(failure))
        for failure in [await refusal(channel, chat) for chat in (blocked.id, gone.id, stranger.id, 42)]
    ] == [
        (Unreachable, "blocked"),
        (Unreachable, "deactivated"),
        (Unreachable, "never started"),
        (Unreachable, "chat not found"),
    ]


async def test_a_message_that_telegram_will_never_take_is_refused(
    peer: TelegramPeer, channel: Channel, files: FileStore
) -> None:
    lan = peer.user("Lan", started=True)
    assert isinstance(await refusal(channel, lan.id, Message(" ")), Refused)
    lost = Attachment("0" * 64, "a.pdf", "application/pdf")
    assert isinstance(await refusal(channel, lan.id, Message("x", (), (lost,))), Refused)
    peer.fails("sendMessage", status=413, description="Request Entity Too Large")
    assert isinstance(await refusal(channel, lan.id), Refused)
    with pytest.raises(Refused):
        await channel.send("not a chat", Message("x"), delivery_id=1)


async def test_a_pause_that_telegram_asks_for_is_kept(peer: TelegramPeer, channel: Channel) -> None:
    lan = peer.user("Lan", started=True)
    peer.fails("sendMessage", status=429, retry_after=7)
    failure = await refusal(channel, lan.id)
    assert isinstance(failure, TryLater)
    assert (failure.after, failure.whole_account) == (timedelta(seconds=7), False)


async def test_a_long_pause_or_one_in_several_chats_is_for_all(peer: TelegramPeer, channel: Channel) -> None:
    people = [peer.user(name, started=True) for name in ("Lan", "Minh", "Hoa")]
    peer.fails("sendMessage", status=429, retry_after=60)
    failure = await refusal(channel, people[0].id)
    assert isinstance(failure, TryLater)
    assert failure.whole_account
    peer.fails("sendMessage", status=429, retry_after=1, times=3)
    pauses = [await refusal(channel, person.id) for person in people]
    assert [isinstance(pause, TryLater) and pause.whole_account for pause in pauses] == [False, False, True]


async def test_an_ill_platform_is_tried_later(peer: TelegramPeer, channel: Channel) -> None:
    lan = peer.user("Lan", started=True)
    for status in (500, 502, 503):
        peer.fails("sendMessage", status=status)
        assert isinstance(await refusal(channel, lan.id), TryLater)
    assert lan.messages == []


async def test_a_refused_token_stops_the_whole_account(make_channel: MakeChannel, peer: TelegramPeer) -> None:
    channel = make_channel(token="1000000001:AAanother-token-0123456789abcdefgh")
    failure = await refusal(channel, peer.user("Lan", started=True).id)
    assert isinstance(failure, TryLater)
    assert failure.whole_account


async def test_a_connection_that_never_opened_is_tried_later(make_channel: MakeChannel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        channel = make_channel(api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert isinstance(await refusal(channel, 1), TryLater)


async def test_a_connection_that_ended_before_the_answer_leaves_it_open_whether_it_went_out(
    peer: TelegramPeer, channel: Channel
) -> None:
    lan = peer.user("Lan", started=True)
    peer.cuts("sendMessage", after_effect=False)
    assert isinstance(await refusal(channel, lan.id), NoAnswer)
    assert lan.messages == []
    peer.cuts("sendMessage", after_effect=True)
    assert isinstance(await refusal(channel, lan.id), NoAnswer)
    assert len(lan.messages) == 1
    peer.garbles("sendMessage")
    assert isinstance(await refusal(channel, lan.id), NoAnswer)


async def test_an_answer_that_does_not_come_in_time_leaves_it_open_too(peer: TelegramPeer, make_channel: MakeChannel) -> None:
    lan = peer.user("Lan", started=True)
    channel = make_channel(answer_within=0.2)
    peer.delays("sendMessage", seconds=0.6, after_effect=True)
    assert isinstance(await refusal(channel, lan.id), NoAnswer)
    assert len(lan.messages) == 1


async def test_a_repetition_goes_on_after_the_pieces_that_got_through(
    peer: TelegramPeer, channel: Channel, files: FileStore
) -> None:
    lan = peer.user("Lan", started=True)
    attached = tuple([Attachment(await kept(files, name.encode()), name, "text/plain") for name in ("a.txt", "b.txt")])
    message = Message("Hai tệp", (), attached)
    peer.fails("sendDocument", status=500, skip=1)
    assert isinstance(await refusal(channel, lan.id, message, delivery=9), TryLater)
    await channel.send(str(lan.id), message, delivery_id=9)
    assert [m.file_name or m.text for m in lan.messages] == ["Hai tệp", "a.txt", "b.txt"]


async def test_a_chat_that_moved_gets_its_message_at_the_new_place(peer: TelegramPeer, channel: Channel) -> None:
    minh = peer.user("Minh", started=True)
    group = peer.group("Phòng Thuế", minh, supergroup=False)
    moved = await group.becomes_supergroup(by=minh)
    await channel.send(str(group.id), Message("Chào"), delivery_id=1)
    assert [message.text for message in moved.messages] == ["Chào"]


# How it is cut


def test_a_text_is_measured_in_utf_16_units_and_no_character_is_torn() -> None:
    text = "🚢" * 5000
    pieces = split(text, TEXT_UNITS)
    assert [units(piece) for piece in pieces] == [4096, 4096, 1808]
    assert "".join(pieces) == text


def test_a_text_without_a_pause_is_cut_where_it_must_and_blank_pieces_are_not_made() -> None:
    assert [len(piece) for piece in split("x" * 5000, TEXT_UNITS)] == [4096, 904]
    assert split("a" + "\n" * 9000 + "b", TEXT_UNITS) == ["a", "b"]
    assert split("   ", TEXT_UNITS) == []


def test_sentences_are_kept_whole_where_there_are_no_lines() -> None:
    assert all(piece.endswith(".") for piece in split("Một câu không dài lắm. " * 400, TEXT_UNITS))


def test_an_empty_message_is_still_one_piece_so_that_its_refusal_is_recorded() -> None:
    assert len(plan(Message("")).pieces) == 1
