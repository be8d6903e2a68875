"""What one process commits wakes the pages that another one serves."""

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import asyncpg

from bot import signals
from storage.announcements import CHANNEL, Announcements
from tests.clock import ManualClock
from tests.office import Office
from tests.replicas.conftest import running

PATIENCE_S = 10


async def told(listening: signals.Signals, topic: str) -> asyncio.Task[float]:
    """Begin to listen; the task ends with the moment at which the topic was heard."""
    begun = asyncio.Event()

    async def listen() -> float:
        async with aclosing(listening.listen(topic, at_least_every=60)) as ticks:
            await anext(ticks)
            begun.set()
            assert await asyncio.wait_for(anext(ticks), PATIENCE_S)
            return time.monotonic()

    task = asyncio.create_task(listen())
    await begun.wait()
    return task


async def test_an_inquiry_taken_in_one_process_wakes_the_desk_of_another(two: tuple[Office, Office]) -> None:
    one, other = two
    officer = await one.officer("lan")
    inquiry = await one.given_inquiry(to="cuc-gsql")
    await asyncio.sleep(0)
    listing = await told(other.core.signals, signals.DESK)
    page = await told(other.core.signals, signals.inquiry(inquiry.id))

    await one.core.database.write(lambda uow: one.core.inquiries.take(uow, inquiry, officer.actor))

    await asyncio.gather(listing, page)


async def test_a_chat_is_woken_within_a_tenth_of_a_second(two: tuple[Office, Office]) -> None:
    one, other = two
    waits = []
    for _ in range(10):
        heard = await told(other.core.signals, signals.chat("khach-1"))
        begun = time.monotonic()
        one.core.signals.publish(signals.chat("khach-1"))
        waits.append(await heard - begun)
    assert min(waits) < 0.1  # the machine may be busy with other things now and then, never each time


async def test_a_process_is_not_woken_twice_by_what_it_said_itself(two: tuple[Office, Office]) -> None:
    one, other = two
    heard: list[str] = []
    one.core.signals.heard = heard.append  # type: ignore[method-assign]
    later = await told(other.core.signals, "last")

    one.core.signals.publish("first")
    one.core.signals.publish("last")
    await later

    assert heard == ["first", "last"]


async def test_many_topics_at_once_arrive_whole(two: tuple[Office, Office]) -> None:
    one, other = two
    topics = [signals.chat(f"người-{number}-" + "x" * 60) for number in range(400)]
    waiting = [await told(other.core.signals, topic) for topic in topics]

    for topic in topics:
        one.core.signals.publish(topic)

    await asyncio.gather(*waiting)


async def test_after_a_lost_connection_everybody_looks_once_and_signals_flow_again(
    two: tuple[Office, Office], postgresql_url: str
) -> None:
    one, other = two
    looked = await told(other.core.signals, "anything")
    connection = await asyncpg.connect(postgresql_url.replace("+asyncpg", ""))
    try:
        ended = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1",
            f'LISTEN "{CHANNEL}"%',
        )
        assert len(ended) == 2
        await looked
    finally:
        await connection.close()

    again = await told(other.core.signals, "news")
    while not again.done():  # the sender's own connection may still be on its way
        one.core.signals.publish("news")
        await asyncio.wait([again], timeout=0.05)
    await again


async def test_a_notice_that_is_not_ours_changes_nothing(two: tuple[Office, Office], postgresql_url: str) -> None:
    one, other = two
    after = await told(other.core.signals, "after")
    connection = await asyncpg.connect(postgresql_url.replace("+asyncpg", ""))
    try:
        for payload in ("", "{", "[]", '{"from": 1}', '{"from": "x", "topics": [1, null]}', '{"from": "x", "topics": {}}'):
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
    finally:
        await connection.close()
    one.core.signals.publish("after")
    await after


async def test_a_database_that_cannot_be_reached_holds_nothing_up() -> None:
    nowhere = Announcements("postgresql+asyncpg://nobody@127.0.0.1:1/none", "me", heard=lambda _: None, missed=lambda: None)
    await asyncio.wait_for(nowhere.start(), PATIENCE_S)
    nowhere.tell("anything")
    await nowhere.stop()


async def test_with_sqlite_a_process_is_alone_and_needs_no_other(sqlite_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with running(sqlite_url, tmp_path / "one", clock) as office:
        heard = await told(office.core.signals, signals.DESK)
        office.core.signals.publish(signals.DESK)
        await heard
