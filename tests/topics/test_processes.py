"""Several processes write to the same group: an inquiry has one topic, also after a kill in the middle of opening it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels.standing import Standings
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.forum import Forum, OfficersGroups
from bot.delivery.transport import Limits
from bot.knowledge.service import Knowledge
from bot.topics.steps import GRACE, LEASE, Steps
from bot.topics.topics import Topics
from storage.inquiries import InquiryRecord
from storage.models import Topic
from storage.topics import TopicRow
from storage.unit_of_work import table_of
from tests.channels.unread import unread
from tests.clock import ManualClock
from tests.office import OWN, Office, open_office
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram.groups import Group
from tests.topics.conftest import KnowledgeWith


class DiesBeforeItsRecord(Steps):
    """The process is gone when Telegram has opened the topic and before that is written down."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.died = asyncio.Event()

    async def opened(self, topic: TopicRow, thread_id: int) -> None:
        self.died.set()
        await asyncio.Event().wait()


@dataclass
class Process:
    office: Office
    channel: TelegramChannel
    steps: Steps

    @property
    def forum(self) -> Forum:
        assert self.channel._forum is not None
        return self.channel._forum

    @property
    def topics(self) -> Topics:
        return self.office.core.topics

    async def works(self) -> None:
        """Look once, and do what is due."""
        await self.forum.look()
        await asyncio.gather(*self.forum._lanes.values())

    async def hears(self) -> None:
        """From now on it takes what Telegram tells, and works by itself."""
        await self.channel.start(self.office.core.pipeline.take)


@dataclass
class Place:
    peer: TelegramPeer
    group: Group
    begin: Callable[..., Process]


@pytest.fixture
async def place(tmp_path: Path, clock: ManualClock, shipped_knowledge: Knowledge) -> AsyncIterator[Place]:
    async with TelegramPeer() as peer, AsyncExitStack() as stack:
        group = peer.group("Phòng Giám sát", peer.user("Minh", started=True), forum=True)
        knowledge: Any = KnowledgeWith(shipped_knowledge, cuc_gsql={"telegram_group": str(group.id)})

        def begin(url: str, kind: type[Steps] = Steps) -> Process:
            office = open_office(url, tmp_path, clock, knowledge, telegram_bot_token=peer.token)
            core = office.core
            stack.push_async_callback(core.database.close)
            steps = kind(core.database, core.topics, core.group_desk.services.groups, clock, core.owner)
            channel = TelegramChannel(
                token=peer.token,
                api_url=peer.url,
                mode="polling",
                files=core.files,
                standings=Standings(core.database, clock),
                menu={},
                default_language="vi",
                clock=clock,
                limits=Limits(),
                first_wait=0.02,
                unread=unread(core.database, clock, core.pipeline.may_be_kept),
                groups=OfficersGroups(desk=core.group_desk, steps=steps, live=core.signals, menu={}, per_minute=0),
            )
            stack.push_async_callback(_end, channel)
            return Process(office, channel, steps)

        yield Place(peer, group, begin)


async def _end(channel: TelegramChannel) -> None:
    assert channel._forum is not None
    for lane in channel._forum._lanes.values():
        lane.cancel()
    await channel.stop()


async def _topics_in_database(process: Process) -> int:
    async with process.office.core.database.read() as uow:
        return int(await uow.scalar(select(func.count()).select_from(table_of(Topic))))


async def _given(process: Process, count: int) -> list[InquiryRecord]:
    return [await process.office.given_inquiry(to=OWN) for _ in range(count)]


async def test_two_processes_at_once_open_one_topic_for_each_inquiry(place: Place, postgresql_url: str) -> None:
    one, two = place.begin(postgresql_url), place.begin(postgresql_url)
    given = await _given(one, 8)
    for each in given:  # the same change twice, so that both processes have something to look at
        await two.office.core.database.write(lambda uow, each=each: _note(two, uow, each))  # type: ignore[misc]
    for _ in range(3):
        await asyncio.gather(one.works(), two.works())
    assert len(place.group.topics) == len(given)
    assert len(place.peer.calls_of("createForumTopic")) == len(given)
    assert await _topics_in_database(one) == len(given)


async def _note(process: Process, uow: Any, inquiry: InquiryRecord) -> None:
    process.topics.note(uow, inquiry.id)


async def test_of_two_processes_that_look_at_the_same_inquiry_at_once_both_find_the_same_topic(
    place: Place, postgresql_url: str
) -> None:
    one, two = place.begin(postgresql_url), place.begin(postgresql_url)
    await one.forum.look()  # reads which group is whose
    given = await _given(one, 6)
    for each in given:
        looks = (p.office.core.database.write(lambda uow, p=p, each=each: p.topics.look(uow, each.id)) for p in (one, two))  # type: ignore[misc]
        await asyncio.gather(*looks)
    assert await _topics_in_database(one) == len(given)


async def test_a_group_is_one_processs_until_its_lease_ends(place: Place, postgresql_url: str, clock: ManualClock) -> None:
    one, two = place.begin(postgresql_url), place.begin(postgresql_url)
    await _given(one, 1)
    await one.office.core.group_desk.services.groups.take_over_directory()
    await one.topics.find_missing()
    await one.topics.settle()
    [held] = await one.steps.claim()
    assert await two.steps.claim() == []
    clock.advance(LEASE - timedelta(seconds=1))
    assert await two.steps.claim() == []
    clock.advance(timedelta(seconds=2))
    assert [group.id for group in await two.steps.claim()] == [held.id]
    assert not await one.steps.keep(held)  # and the first one lets it be


async def test_a_process_that_dies_before_it_recorded_its_topic_leaves_one_topic_after_the_restart(
    place: Place, database_url: str, clock: ManualClock
) -> None:
    dying = place.begin(database_url, DiesBeforeItsRecord)
    [inquiry] = await _given(dying, 1)
    await dying.forum.look()
    assert isinstance(dying.steps, DiesBeforeItsRecord)
    await asyncio.wait_for(dying.steps.died.wait(), 8)

    clock.advance(LEASE + timedelta(seconds=1))
    next_one = place.begin(database_url)
    await next_one.works()  # it waits to be told what became of the first request
    assert len(place.peer.calls_of("createForumTopic")) == 1
    await next_one.hears()
    [topic] = place.group.topics
    await place.peer.taken()
    clock.advance(GRACE + timedelta(seconds=1))
    async with asyncio.timeout(8):
        while not place.group.messages_in(topic.id):  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.02)
    assert inquiry.number in place.group.messages_in(topic.id)[0].text
    assert [each.id for each in place.group.topics] == [topic.id]
    assert len(place.peer.calls_of("createForumTopic")) == 1
