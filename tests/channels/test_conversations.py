"""The same conversations over the four real adapters: what a person does and reads, from platform to platform's end."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Core, build_core
from bot.channels.fetching import FileFetcher
from bot.delivery.message import Attachment
from bot.delivery.sender import Sender
from bot.escalation.actors import Actor, ActorKind, Role
from bot.knowledge.service import Knowledge
from bot.membership import enterprises
from bot.settings import Settings
from storage import inquiries as stored
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import Base, Contact, Delivery, Event, File, Inquiry, InquiryMessage, Officer
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.platforms import Platform, Talk, Telegram, WebChat, ZaloBot, ZaloOa
from tests.clock import ManualClock
from tests.handlers.conftest import KNOWN, STUCK, TAX_CODE, small_knowledge  # noqa: F401
from tests.peers.telegram import TelegramPeer
from tests.peers.zalo_bot import ZaloBotPeer
from tests.peers.zalo_oa import ZaloPeer

PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256))
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
OFFICER = Actor(ActorKind.OFFICER, new_id(), "Trần Minh", Role.COORDINATOR, "dau-moi", lead=True)


class Helpdesk:
    """The services with one sender and one fetcher, and the channels that a test asks for."""

    def __init__(self, core: Core, platforms: dict[str, Platform]) -> None:
        self.core = core
        self.platforms = platforms
        transports = {name: platform.channel for name, platform in platforms.items()}
        self.sender = Sender(core.database, transports, core.clock, core.owner)
        self.fetcher = FileFetcher(core.database, core.files, transports, core.clock)

    async def opens(self, stack: AsyncExitStack) -> None:
        self.core.outbox.connect(self.sender)
        await self.core.database.write(self._add_officer)
        for platform in self.platforms.values():
            await platform.starts(stack, self.fetcher.after(self.core.pipeline.take))
        await self.sender.start()
        stack.push_async_callback(self.fetcher.stop)
        stack.push_async_callback(self.sender.stop)

    async def _add_officer(self, uow: UnitOfWork) -> None:
        who = {"login": "minh", "name": OFFICER.name, "role": str(OFFICER.role), "department_id": "dau-moi", "lead": True}
        how = {"password_hash": "-", "must_change_password": False, "active": True, "failed_sign_ins": 0}
        uow.insert(Officer, id=OFFICER.id, **who, **how, created_at=self.core.clock.now())

    async def settled(self) -> None:
        """Return once everything that is due was sent and fetched."""
        async with asyncio.timeout(10):
            while [row for row in await self.rows(Delivery) if row["state"] in ("queued", "sending")]:
                await self.sender.idle()
        await self.fetcher.run()

    async def rows(self, model: type[Base]) -> list[dict[str, Any]]:
        table = table_of(model)
        async with self.core.database.read() as uow:
            return [dict(row) for row in await uow.rows(select(table).order_by(*table.primary_key.columns))]

    async def inquiry(self) -> InquiryRecord:
        async with self.core.database.read() as uow:
            found = await stored.by_id(uow, (await self.rows(Inquiry))[-1]["id"])
        assert found is not None
        return found

    async def officer(self, act: str, *given: object, **named: object) -> None:
        """Have an officer do something about the newest inquiry."""
        newest = (await self.inquiry()).id

        async def work(uow: UnitOfWork) -> None:
            await getattr(self.core.inquiries, act)(uow, await stored.by_id(uow, newest), *given, **named)

        await self.core.database.write(work)
        await self.settled()

    async def keep(self, name: str, media_type: str, content: bytes) -> Attachment:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        sha256, _ = await self.core.files.keep(chunks(), at_most=1_000_000)
        return Attachment(sha256, name, media_type)

    async def invite(self) -> str:
        async def work(uow: UnitOfWork) -> str:
            enterprise = await enterprises.find_or_add(
                uow, tax_code=TAX_CODE, name="Công ty Bình Minh", membership="member", now=self.core.clock.now()
            )
            await uow.flush()
            return self.core.services.invitations.create(uow, enterprise)

        return await self.core.database.write(work)


class Person:
    """Somebody on a platform; each act returns when everything that follows from it has happened."""

    def __init__(self, helpdesk: Helpdesk, talk: Talk) -> None:
        self._helpdesk = helpdesk
        self._talk = talk

    async def says(self, text: str) -> str:
        await self._talk.says(text)
        return await self.last()

    async def chooses(self, label: str) -> str:
        await self._talk.chooses(label)
        return await self.last()

    async def sends(self, name: str, content: bytes) -> str:
        await self._talk.sends(name, content)
        return await self.last()

    async def again(self) -> None:
        await self._talk.again()
        await self._helpdesk.settled()

    async def heard(self) -> list[str]:
        await self._helpdesk.settled()
        return await self._talk.heard()

    async def last(self) -> str:
        return (await self.heard())[-1]

    async def got_file(self) -> bytes:
        return await self._talk.got_file()


@pytest.fixture(params=["telegram", "zalo_oa", "zalo_bot", "webchat"])
def channels(request: pytest.FixtureRequest) -> Sequence[str]:
    """Which channels the helpdesk has; a test with a person on several names them."""
    return (request.param,)


@pytest.fixture
async def helpdesk(
    channels: Sequence[str],
    tmp_path: Path,
    clock: ManualClock,
    sqlite_url: str,
    small_knowledge: Knowledge,  # noqa: F811
) -> AsyncIterator[Helpdesk]:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=sqlite_url, secret_key="a-key-for-tests-only")
    core = build_core(settings, clock=clock, knowledge=small_knowledge)
    async with AsyncExitStack() as stack:
        platforms: dict[str, Platform] = {}
        for name in channels:
            match name:
                case "telegram":
                    platforms[name] = Telegram(core, await stack.enter_async_context(TelegramPeer()))
                case "zalo_oa":
                    platforms[name] = ZaloOa(core, await stack.enter_async_context(ZaloPeer(clock)), clock)
                case "zalo_bot":
                    platforms[name] = ZaloBot(core, await stack.enter_async_context(ZaloBotPeer()), clock)
                case "webchat":
                    platforms[name] = WebChat(core)
        stack.push_async_callback(core.database.close)
        opened = Helpdesk(core, platforms)
        await opened.opens(stack)
        stack.callback(core.signals.close)
        yield opened


@pytest.fixture
async def lan(helpdesk: Helpdesk, channels: Sequence[str]) -> Person:
    return Person(helpdesk, await helpdesk.platforms[channels[0]].person())


async def test_a_question_is_answered_with_its_legal_ground(helpdesk: Helpdesk, lan: Person) -> None:
    await lan.says("/start")
    await lan.chooses("Tiếng Việt")
    assert "Điều 3 khoản 1 điểm c" in await lan.says(KNOWN)
    await lan.chooses("Có")
    assert (await helpdesk.inquiry()).helped is True


async def test_a_matter_goes_to_officers_with_number_and_deadline_and_is_rated_when_solved(
    helpdesk: Helpdesk, lan: Person, channels: Sequence[str]
) -> None:
    said = " ".join([await lan.says(STUCK), *await lan.heard()])
    inquiry = await helpdesk.inquiry()
    assert inquiry.number in said
    assert re.search(r"\d\d:\d\d.*\d\d/\d\d/2026", said), said
    await helpdesk.officer("ask_back", "Xin cho biết số tờ khai.", OFFICER)
    assert "số tờ khai" in await lan.last()
    if channels[0].startswith("zalo"):  # no number stands below an open question: what comes next is offered as the reply
        await lan.says("Số tờ khai 105123456789")
        await lan.chooses("Trả lời")
    else:
        await lan.chooses("Trả lời cán bộ")
        await lan.says("Số tờ khai 105123456789")
    assert [row["text"] for row in await helpdesk.rows(InquiryMessage)][-1] == "Số tờ khai 105123456789"
    await helpdesk.officer("answer", "Đã kiểm hóa xong.", OFFICER)
    assert "Đã kiểm hóa xong." in await lan.last()
    await lan.chooses("Đã giải quyết")
    await lan.chooses("5 ★")
    await lan.says("Cán bộ rất nhiệt tình")
    closed = await helpdesk.inquiry()
    assert (closed.state, closed.rating, closed.rating_comment) == ("closed", 5, "Cán bộ rất nhiệt tình")
    assert closed.channel == channels[0]


async def test_files_come_up_whole_and_go_down_whole(helpdesk: Helpdesk, lan: Person) -> None:
    await lan.says(STUCK)
    await lan.sends("to-khai.jpg", PICTURE)
    [file] = await helpdesk.rows(File)
    assert (file["fetch_at"], file["error"]) == (None, None)
    assert helpdesk.core.files.path(file["sha256"]).read_bytes() == PICTURE
    letter = await helpdesk.keep("công văn trả lời.pdf", "application/pdf", PDF)
    await helpdesk.officer("answer", "Kèm công văn trả lời.", OFFICER, (letter,))
    assert await lan.got_file() == PDF


async def test_somebody_invited_joins_their_enterprise(helpdesk: Helpdesk, lan: Person) -> None:
    assert "Công ty Bình Minh" in await lan.says(await helpdesk.invite())
    [contact] = await helpdesk.rows(Contact)
    assert contact["enterprise_id"] is not None


async def test_an_event_that_the_platform_repeats_is_one_turn(helpdesk: Helpdesk, lan: Person) -> None:
    await lan.says(STUCK)
    heard, events = await lan.heard(), await helpdesk.rows(Event)
    await lan.again()
    assert await lan.heard() == heard
    assert await helpdesk.rows(Event) == events
    assert len(await helpdesk.rows(Inquiry)) == 1


@pytest.mark.parametrize("channels", [("telegram", "zalo_oa"), ("webchat", "zalo_bot")])
async def test_a_person_on_two_channels_is_answered_where_they_last_wrote_and_told_where_they_prefer(
    helpdesk: Helpdesk, lan: Person, channels: Sequence[str], clock: ManualClock
) -> None:
    await lan.says("/channels")
    code = (await lan.chooses("Liên kết ứng dụng khác")).split(": ", 1)[1].split()[0]
    there = Person(helpdesk, await helpdesk.platforms[channels[1]].person())
    assert "Đã liên kết" in await there.says(code)
    clock.advance(timedelta(minutes=2))
    await there.says(STUCK)
    here_before = len(await lan.heard())
    await helpdesk.officer("answer", "Đã kiểm hóa xong.", OFFICER)
    assert "Đã kiểm hóa xong." in await there.last()
    assert len(await lan.heard()) == here_before, "a reply goes where they last wrote, and only there"
    await there.says("/channels")
    first = helpdesk.core.catalogue.say(f"channels.name.{channels[0]}", "vi")
    assert first in await there.chooses(first)
    await helpdesk.officer("close", OFFICER)
    assert len(await lan.heard()) == here_before + 1, "a notice goes where they prefer"
    await there.says("/channels")
    await there.chooses("Nơi tôi nhắn gần nhất")
    assert {row["preferred_channel"] for row in await helpdesk.rows(Contact)} == {None}
