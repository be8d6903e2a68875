"""An office whose department works in a Telegram group: our channel in front of a loopback Telegram, nothing left out.

inquiry = await room.given_inquiry(to=OWN)
topic = await room.group.has_topic(inquiry.number)
await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic.id)
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.access.links import OfficerLinks
from bot.access.officers import Officer
from bot.channels.fetching import FileFetcher
from bot.channels.menu import menu
from bot.channels.standing import Standings
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.forum import OfficersGroups
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from bot.handlers.group_desk.commands import MENU as GROUP_COMMANDS
from bot.knowledge.directory import Directory
from bot.knowledge.service import Knowledge
from bot.topics.steps import Steps
from storage.inquiries import InquiryRecord
from storage.models import InquiryChange, Topic, TopicPost
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.telegram.conftest import eventually
from tests.channels.unread import unread
from tests.clock import ManualClock
from tests.office import OWN, Office, open_office
from tests.office_fixtures import shipped_knowledge
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram.groups import Group
from tests.peers.telegram.people import User

__all__ = ["shipped_knowledge"]


@dataclass
class Room:
    """The office, the group of its department OWN, and two of its officers, both linked."""

    office: Office
    peer: TelegramPeer
    group: Group
    minh: User
    lan: User
    officers: dict[str, Officer]
    channel: TelegramChannel

    async def given_inquiry(self, **given: Any) -> InquiryRecord:
        return await self.office.given_inquiry(**({"to": OWN} | given))

    async def topic(self, inquiry: InquiryRecord) -> int:
        """Wait for the inquiry's topic and its card."""
        found = await self.group.has_topic(inquiry.number)
        await self.minh.sees(inquiry.number, chat=self.group, topic=found.id)
        return found.id

    async def card(self, inquiry: InquiryRecord) -> str:
        topic = await self.topic(inquiry)
        return self.group.messages_in(topic)[0].text

    async def state(self, inquiry: InquiryRecord) -> str:
        return (await self.office.look(inquiry)).state

    async def becomes(self, inquiry: InquiryRecord, state: str) -> InquiryRecord:
        await until(lambda: self._is(inquiry, state))
        return await self.office.look(inquiry)

    async def _is(self, inquiry: InquiryRecord, state: str) -> bool:
        return await self.state(inquiry) == state

    async def does(self, act: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        """Something at the web desk, or by a clock."""
        await self.office.core.database.write(act)

    async def settled(self) -> None:
        """Wait until what people did is taken, and the groups show what they shall."""
        await self.peer.taken()
        await until(self._nothing_due)

    async def _nothing_due(self) -> bool:

        async with self.office.core.database.read() as uow:
            counts = [
                await uow.scalar(select(func.count()).select_from(table_of(InquiryChange))),
                await uow.scalar(
                    select(func.count()).select_from(table_of(Topic)).where(table_of(Topic).c.due_at.is_not(None))
                ),
                await uow.scalar(
                    select(func.count()).select_from(table_of(TopicPost)).where(table_of(TopicPost).c.due_at.is_not(None))
                ),
            ]
        return not any(counts)

    async def link(self, user: User, officer: Officer) -> None:
        core = self.office.core
        code = await OfficerLinks(core.database, core.clock).create(officer)
        await user.starts(code)
        await user.sees("Đã liên kết")


async def until(true: Callable[[], Awaitable[bool]], within: float = 8) -> None:
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.02)


class KnowledgeWith:
    """The shipped knowledge base, where departments of the directory say something else."""

    def __init__(self, knowledge: Knowledge, **departments: dict[str, Any]) -> None:
        self._knowledge = knowledge
        changed = [replace(each, **departments.get(each.id.replace("-", "_"), {})) for each in knowledge.directory]
        self.directory = Directory(changed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._knowledge, name)


MakeRoom = Callable[..., Awaitable[Room]]


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as started:
        yield started


@pytest.fixture
async def make_room(
    sqlite_url: str,
    tmp_path: Path,
    clock: ManualClock,
    shipped_knowledge: Knowledge,
    peer: TelegramPeer,
) -> AsyncIterator[MakeRoom]:
    async with AsyncExitStack() as stack:

        async def make(per_minute: float = 0, **department: Any) -> Room:
            minh, lan = peer.user("Minh", started=True), peer.user("Lan", started=True)
            group = peer.group("Phòng Giám sát", minh, lan, forum=True)
            knowledge: Any = KnowledgeWith(shipped_knowledge, cuc_gsql={"telegram_group": str(group.id), **department})
            office = open_office(sqlite_url, tmp_path, clock, knowledge, telegram_bot_token=peer.token)
            stack.push_async_callback(office.core.database.close)
            return await _open(stack, office, peer, group, minh, lan, per_minute)

        yield make


async def _open(
    stack: AsyncExitStack, office: Office, peer: TelegramPeer, group: Group, minh: User, lan: User, per_minute: float
) -> Room:
    core = office.core
    channel = TelegramChannel(
        token=peer.token,
        api_url=peer.url,
        mode="polling",
        files=core.files,
        standings=Standings(core.database, core.clock),
        menu=menu(core.router.menu, core.catalogue),
        default_language="vi",
        clock=core.clock,
        limits=Limits(),
        first_wait=0.02,
        unread=unread(core.database, core.clock, core.pipeline.may_be_kept),
        groups=OfficersGroups(
            desk=core.group_desk,
            steps=Steps(core.database, core.topics, core.group_desk.services.groups, core.clock, core.owner),
            live=core.signals,
            menu=menu(GROUP_COMMANDS, core.catalogue),
            per_minute=per_minute,
        ),
    )
    sender = Sender(core.database, {"telegram": channel}, core.clock, core.owner)
    fetcher = FileFetcher(core.database, core.files, {"telegram": channel}, core.clock)
    core.outbox.connect(sender)
    await sender.start()
    stack.push_async_callback(sender.stop)
    stack.push_async_callback(fetcher.stop)
    await channel.start(fetcher.after(core.pipeline.take))
    stack.push_async_callback(channel.stop)
    await peer.polled()
    officers = {"minh": await office.officer("minh"), "lan": await office.officer("lan")}
    room = Room(office, peer, group, minh, lan, officers, channel)
    await room.link(minh, officers["minh"])
    await room.link(lan, officers["lan"])
    return room


@pytest.fixture
async def room(make_room: MakeRoom) -> Room:
    return await make_room()


__all__ += ["eventually"]
