"""The whole way: from what a person types on Telegram to what they read there, by polling and by webhook."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from bot.app import Core, build_core
from bot.channels.fetching import FileFetcher
from bot.channels.menu import menu
from bot.channels.standing import Standings
from bot.channels.telegram.channel import LIMITS, Mode, TelegramChannel
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from bot.escalation.actors import Actor, ActorKind, Role
from bot.knowledge.service import Knowledge
from bot.membership.enterprises import find_or_add
from bot.settings import PROJECT, Settings
from storage import inquiries as stored
from storage.inquiries import InquiryRecord
from storage.models import Base, ChannelAccount, ChatMessage, Contact, Delivery, Event, File, Inquiry
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.telegram.conftest import PUBLIC, SECRET, served
from tests.channels.unread import unread
from tests.peers.telegram import TelegramPeer

ROUTED_WITHIN = "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?"
CONCRETE = "Tờ khai 104567890123 luồng đỏ của tôi bị giữ 5 ngày ở cảng Cát Lái, cán bộ chưa giải quyết, xin hỏi phải làm gì?"
OFFICER = Actor(ActorKind.OFFICER, None, "Lan Anh", Role.COORDINATOR)


class Helpdesk:
    """The services, the channel and the sender of one process. Stopping it and making another is a restart."""

    def __init__(self, core: Core, channel: TelegramChannel) -> None:
        self.core = core
        self.channel = channel
        self.sender = Sender(core.database, {"telegram": channel}, core.clock, core.owner)
        self.fetcher = FileFetcher(core.database, core.files, {"telegram": channel}, core.clock)

    async def start(self) -> None:
        self.core.outbox.connect(self.sender)
        await self.sender.start()
        await self.channel.start(self.fetcher.after(self.core.pipeline.take))

    async def stop(self) -> None:
        await self.sender.stop()
        await self.fetcher.stop()
        await self.channel.stop()
        await self.core.database.close()

    async def rows(self, model: type[Base]) -> list[RowMapping]:
        async with self.core.database.read() as uow:
            return list(await uow.rows(select(table_of(model))))

    async def inquiry(self, text: str) -> InquiryRecord:
        async with self.core.database.read() as uow:
            number = await uow.scalar(select(Inquiry.number).where(Inquiry.text == text))
            found = await stored.by_number(uow, number)
        assert found is not None
        return found

    async def settled(self) -> None:
        """Wait until every row of the ledger has come to its end."""
        await eventually_async(self._nothing_waits)

    async def _nothing_waits(self) -> bool:
        return all(row["state"] not in ("queued", "sending") for row in await self.rows(Delivery))

    async def officer_does(self, act: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        await self.core.database.write(act)


async def eventually_async(true: Callable[[], Awaitable[bool]], within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load(PROJECT / "faq", today=date(2026, 11, 21))


@pytest.fixture(params=["polling", "webhook"])
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    return found


@pytest.fixture
def limits() -> Limits:
    """None, where a test presses buttons faster than any person."""
    return Limits()


@pytest.fixture
async def helpdesk(
    peer: TelegramPeer, mode: Mode, limits: Limits, tmp_path: Path, sqlite_url: str, knowledge: Knowledge
) -> AsyncIterator[Helpdesk]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=tmp_path,
        database_url=sqlite_url,
        telegram_bot_token=peer.token,
        secret_key="a key of the tests, long enough",
    )
    core = build_core(settings, knowledge=knowledge)
    channel = TelegramChannel(
        token=peer.token,
        api_url=peer.url,
        mode=mode,
        files=core.files,
        standings=Standings(core.database, core.clock),
        menu=menu(core.router.menu, core.catalogue),
        default_language="vi",
        clock=core.clock,
        limits=limits,
        public_url=PUBLIC,
        webhook_secret=SECRET,
        first_wait=0.02,
        unread=unread(core.database, core.clock, core.pipeline.may_be_kept),
    )
    desk = Helpdesk(core, channel)
    async with AsyncExitStack() as stack:
        if mode == "webhook":
            peer.reaches(PUBLIC, at=await stack.enter_async_context(served(list(channel.routes()))))
        await desk.start()
        if mode == "polling":
            await peer.polled()
        else:
            await peer.called("setWebhook")
        yield desk
        await desk.stop()


async def test_a_question_is_answered_with_its_legal_basis(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    lan = peer.user("Lan")
    await lan.says(ROUTED_WITHIN)
    answer = await lan.sees("24 giờ")
    assert "Điều 3 khoản 1 điểm c" in answer.text
    assert "1399/QĐ-TCHQ" in answer.text
    await peer.taken()
    await helpdesk.settled()
    [row] = await helpdesk.rows(Inquiry)
    assert (row["state"], row["decision"]) == ("answered_by_bot", "answer")


async def given_inquiry(peer: TelegramPeer, helpdesk: Helpdesk, name: str = "Lan") -> InquiryRecord:
    """A question that only people can answer, asked on Telegram and routed; everything about it has been said."""
    person = peer.user(name)
    await person.says(CONCRETE)
    await person.sees("YC-")
    await peer.taken()
    await helpdesk.settled()
    inquiry = await helpdesk.inquiry(CONCRETE)
    if inquiry.department_id is None:
        await helpdesk.officer_does(
            lambda uow: helpdesk.core.inquiries.route(uow, inquiry, "cuc-qlrr", OFFICER, by="coordinator")
        )
        await helpdesk.settled()
    return await helpdesk.inquiry(CONCRETE)


async def answer(helpdesk: Helpdesk, inquiry: InquiryRecord, text: str) -> None:
    await helpdesk.officer_does(lambda uow: helpdesk.core.inquiries.answer(uow, inquiry, text, OFFICER))


async def test_what_only_people_can_answer_gets_a_number_and_a_deadline(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    lan = peer.user("Lan")
    await lan.says(CONCRETE)
    said = await lan.sees("YC-")
    inquiry = await helpdesk.inquiry(CONCRETE)
    assert inquiry.number in said.text
    due = inquiry.response_due_at or inquiry.routing_due_at
    assert due is not None
    assert due.astimezone(helpdesk.core.settings.zone).strftime("%H:%M ngày %d/%m/%Y") in said.text


async def test_the_officers_answer_arrives_and_the_enterprise_says_that_it_is_solved(
    peer: TelegramPeer, helpdesk: Helpdesk
) -> None:
    inquiry = await given_inquiry(peer, helpdesk)
    lan = peer.user("Lan")
    await answer(helpdesk, inquiry, "Mời Quý doanh nghiệp nộp bổ sung <C/O> & hóa đơn.")
    shown = await lan.sees("nộp bổ sung <C/O> & hóa đơn.")
    assert inquiry.number in shown.text
    press = await lan.presses(f"solved:{inquiry.id}")
    await press.answered()
    await peer.taken()
    assert (await helpdesk.inquiry(CONCRETE)).state == "closed"


async def test_a_press_on_an_old_button_is_answered_and_changes_nothing(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    inquiry = await given_inquiry(peer, helpdesk)
    lan = peer.user("Lan")
    await answer(helpdesk, inquiry, "Đã xử lý xong.")
    await lan.presses(f"solved:{inquiry.id}")
    await peer.taken()
    closed = await helpdesk.inquiry(CONCRETE)
    count = len(lan.messages)
    old = await lan.presses_data(f"solved:{inquiry.id}", on=1)
    forged = await lan.presses_data("solved:99999999999", on=1)
    nonsense = await lan.presses_data("x" * 64, on=1)
    for press in (old, forged, nonsense):
        await press.answered()
    await helpdesk.settled()
    assert len(lan.messages) >= count + 3, "each press is answered"
    assert (await helpdesk.inquiry(CONCRETE)).history_length == closed.history_length


async def test_nobody_presses_the_buttons_of_another_persons_inquiry(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    inquiry = await given_inquiry(peer, helpdesk)
    await answer(helpdesk, inquiry, "Đã xử lý xong.")
    await helpdesk.settled()
    stranger = peer.user("Kẻ lạ")
    message = await stranger.says("xin chào")
    for action in ("solved", "unsolved", "inquiry", "add", "reply", "details"):
        press = await stranger.presses_data(f"{action}:{inquiry.id}", on=message.id)
        await press.answered()
    await helpdesk.settled()
    assert (await helpdesk.inquiry(CONCRETE)).state == "answered"
    assert not any("Cát Lái" in shown.text or "xử lý xong" in shown.text for shown in stranger.messages)


async def test_a_file_that_is_sent_is_kept_with_the_inquiry(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    inquiry = await given_inquiry(peer, helpdesk)
    lan = peer.user("Lan")
    await lan.presses(f"add:{inquiry.id}")
    await peer.taken()
    await lan.sends_file("Tờ khai.pdf", b"%PDF-1.7 noi dung", caption="Tờ khai đây")
    await peer.taken()

    async def fetched() -> bool:
        return any(row["sha256"] for row in await helpdesk.rows(File))

    await eventually_async(fetched)
    [row] = await helpdesk.rows(File)
    assert (row["inquiry_id"], row["name"]) == (inquiry.id, "Tờ khai.pdf")
    assert helpdesk.core.files.path(row["sha256"]).read_bytes() == b"%PDF-1.7 noi dung"


async def test_the_same_update_twice_has_the_effect_of_one(peer: TelegramPeer, helpdesk: Helpdesk, mode: Mode) -> None:
    if mode == "webhook":
        peer.duplicates_webhooks(1)
    lan = peer.user("Lan")
    await lan.says(CONCRETE)
    await peer.taken()
    if mode == "polling":
        await peer.polled()
        peer.jumps_update_ids(800_000_000)
        peer.delivers_again()
    # A later update of another kind shows that the repetition is through.
    await lan.says("/help")
    await peer.taken()
    await helpdesk.settled()
    assert len(await helpdesk.rows(Inquiry)) == 1
    assert len([shown for shown in lan.messages if "Tôi đã ghi nhận thành yêu cầu" in shown.text]) == 1


async def test_who_blocked_us_is_not_tried_again_and_is_answered_when_they_come_back(
    peer: TelegramPeer, helpdesk: Helpdesk
) -> None:
    inquiry = await given_inquiry(peer, helpdesk)
    lan = peer.user("Lan")
    lan.account.blocked_bot = True  # the platform has not told us yet
    await answer(helpdesk, inquiry, "Đã xử lý xong.")
    await helpdesk.settled()
    [row] = [row for row in await helpdesk.rows(Delivery) if row["kind"] == "answer"]
    assert (row["state"], row["error"]) == ("blocked", "Unreachable: blocked")
    assert [account["unreachable"] for account in await helpdesk.rows(ChannelAccount)] == ["blocked"]
    await lan.unblocks_bot()
    await lan.says("/help")
    await lan.sees("Cách dùng")
    assert [account["unreachable"] for account in await helpdesk.rows(ChannelAccount)] == [None]


@pytest.mark.parametrize("fault", ["429", "500", "cut before", "cut after", "garbled"])
async def test_a_reply_arrives_through_faults_of_the_platform(peer: TelegramPeer, helpdesk: Helpdesk, fault: str) -> None:
    lan = peer.user("Lan")
    match fault:
        case "429":
            peer.fails("sendMessage", status=429, retry_after=1)
        case "500":
            peer.fails("sendMessage", status=500)
        case "cut before":
            peer.cuts("sendMessage", after_effect=False)
        case "cut after":
            peer.cuts("sendMessage", after_effect=True)
        case "garbled":
            peer.garbles("sendMessage")
    await lan.says("/help")
    await peer.called("sendMessage", times=2, timeout=10)
    await helpdesk.settled()
    assert {row["state"] for row in await helpdesk.rows(Delivery)} == {"sent"}
    shown = [message for message in lan.messages if "Cách dùng" in message.text]
    # Where the answer to the first call was lost after its effect, nobody can know, and a reply is rather sent twice.
    assert len(shown) == (2 if fault in ("cut after", "garbled") else 1)


async def test_what_is_said_in_a_group_is_nothing_to_us(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    lan = peer.user("Lan")
    group = peer.group("Doanh nghiệp Cát Lái", lan)
    await lan.says(CONCRETE, chat=group)
    await lan.says("/start", chat=group)
    await peer.taken()
    assert await helpdesk.rows(Event) == []
    assert group.messages == []


async def test_a_corrected_question_is_answered_anew(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    lan = peer.user("Lan")
    message = await lan.says("Xin chào")
    await peer.called("sendMessage")
    await lan.edits(message.id, ROUTED_WITHIN)
    await lan.sees("24 giờ")


async def test_a_name_with_markup_in_it_is_shown_as_it_is(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    lan = peer.user("<b>Lan</b> & *Minh*")
    await lan.says("/start")
    await lan.presses("Tiếng Việt")
    await lan.sees("Kính chào <b>Lan</b> & *Minh*!")


async def test_an_answer_longer_than_a_message_arrives_whole(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    inquiry = await given_inquiry(peer, helpdesk)
    lan = peer.user("Lan")
    before = len(lan.messages)
    paragraphs = [f"Khoản {number}. " + "Nội dung giải thích rõ ràng. " * 20 for number in range(12)]
    await answer(helpdesk, inquiry, "\n\n".join(paragraphs).strip())
    await helpdesk.settled()
    shown = lan.messages[before:]
    assert len(shown) == 2
    assert all(f"Khoản {number}." in " ".join(message.text for message in shown) for number in range(12))
    assert [bool(message.labels) for message in shown] == [False, True]


async def test_an_invitation_is_redeemed_by_its_deep_link(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    core = helpdesk.core

    async def invite(uow: UnitOfWork) -> str:
        enterprise = await find_or_add(
            uow, tax_code="0100233488", name="Công ty <Ánh Dương>", membership="member", now=core.clock.now()
        )
        return core.services.invitations.create(uow, enterprise)

    code = await core.database.write(invite)
    await peer.user("Lan").starts(code)
    await peer.user("Lan").sees("Công ty <Ánh Dương>")
    await peer.user("Minh").starts(code)
    await peer.taken()
    await helpdesk.settled()
    joined = [row["enterprise_id"] for row in await helpdesk.rows(Contact)]
    assert sum(found is not None for found in joined) == 1, "a code is for one person"


async def test_what_cannot_be_read_is_answered_and_never_a_dead_end(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    lan = peer.user("Lan")
    await lan.says("/start")
    sticker = {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1}
    for content in (
        {"sticker": {**sticker, "is_animated": False, "is_video": False}},
        {"location": {"latitude": 21.0, "longitude": 105.8}},
        {"text": "\u0000\u0007\u200b"},
        {"text": "🚢🚢🚢"},
        {"text": "/"},
        {"text": "/khong_co_lenh_nay"},
    ):
        await peer.taken()
        await helpdesk.settled()
        before = len(lan.messages)
        await lan.sends(content)
        await peer.taken()
        await helpdesk.settled()
        assert len(lan.messages) > before, content
        assert lan.messages[-1].buttons, content


async def test_the_chat_remembers_itself_so_no_copy_of_it_is_kept(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    await peer.user("Lan").says("/help")
    await peer.taken()
    assert await helpdesk.rows(ChatMessage) == []


async def test_the_menu_shows_every_command_of_the_conversations(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    await peer.called("setMyCommands", times=3)
    for language in ("vi", "en"):
        shown = [entry["command"] for entry in peer.commands(language, scope="all_private_chats")]
        assert shown == helpdesk.core.router.menu


@pytest.mark.parametrize("limits", [LIMITS], ids=["limits"])
async def test_it_keeps_within_telegrams_limits_by_itself(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    peer.limits_flood()
    lan = peer.user("Lan")
    for _ in range(5):
        await lan.says("/help")
    await peer.called("sendMessage", times=5, timeout=10)
    assert peer.platform.flood.refusals == 0
    assert len([message for message in lan.messages if "Cách dùng" in message.text]) == 5


async def test_many_people_are_answered_at_once(peer: TelegramPeer, helpdesk: Helpdesk) -> None:
    people = [peer.user(f"Người {number}") for number in range(20)]
    for person in people:
        await person.says("/help")
    await asyncio.gather(*(person.sees("Cách dùng", timeout=15) for person in people))
