"""What one process tells the others that share its PostgreSQL, by LISTEN and NOTIFY on a connection of its own.

A notice is a hint and may be missed: whoever hears it reads for itself what is so. That is why it is sent after the commit
it tells of and not within: PostgreSQL lets transactions that notify commit only one after the other.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import asyncpg
import structlog
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

CHANNEL = "donghanh"
_LARGEST = 7_000
"""bytes; PostgreSQL takes less than 8,000"""
_ASK_EVERY_S = 20.0
"""how often a silent connection is asked whether it still stands"""
_ANSWER_WITHIN_S = 10.0
_WAIT_AT_MOST_S = 10.0


class Announcements:
    """The connection to the others: kept open, and opened again when it breaks.

    name: tells this process from the others, whose notices alone are passed on. heard: called with each topic that another
    process told. missed: called when the connection stands again after a break, in which notices may have been lost.
    """

    def __init__(self, url: str, name: str, *, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        address = make_url(url)
        # As the engine reads the address, TLS and all; what it only wants for itself is no argument of a connection.
        found = address.get_dialect()().create_connect_args(address)[1]
        self._address = {key: value for key, value in found.items() if not key.startswith(("prepared_", "async_"))}
        self._name = name
        self._heard = heard
        self._missed = missed
        self._waiting: dict[str, None] = {}
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, and return once this listens or the first try has failed; then it goes on trying."""
        first = asyncio.Event()
        self._task = asyncio.create_task(self._run(first), name="announcements")
        await first.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def tell(self, topic: str) -> None:
        """Have the topic told to the others, soon. Never waits and never fails; told again before it went out, it goes once."""
        self._waiting[topic] = None
        self._something.set()

    async def _run(self, first: asyncio.Event) -> None:
        wait, before = 0.2, False
        while True:
            try:
                connection = await asyncpg.connect(**self._address, timeout=_ANSWER_WITHIN_S)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("announcements.unreachable", reason=str(error) or type(error).__name__)
                first.set()
                await asyncio.sleep(wait)
                wait = min(wait * 2, _WAIT_AT_MOST_S)
                continue
            try:
                await connection.add_listener(CHANNEL, self._received)
                wait = 0.2
                if before:
                    self._missed()
                before = True
                first.set()
                await self._tell_on(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("announcements.broken", reason=str(error) or type(error).__name__)
                await asyncio.sleep(wait)
            finally:
                first.set()
                connection.terminate()

    async def _tell_on(self, connection: Any) -> None:
        """Send what waits, together; ask now and then whether the other end still answers."""
        connection.add_termination_listener(lambda *_: self._something.set())
        while not connection.is_closed():
            try:
                await asyncio.wait_for(self._something.wait(), _ASK_EVERY_S)
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=_ANSWER_WITHIN_S)
                continue
            self._something.clear()
            for topics, payload in _payloads(self._name, tuple(self._waiting)):
                # Taken out before, not after: told again while this goes out, a topic has to go once more.
                for topic in topics:
                    del self._waiting[topic]
                try:
                    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload, timeout=_ANSWER_WITHIN_S)
                except BaseException:
                    self._waiting.update(dict.fromkeys(topics))
                    self._something.set()
                    raise
        raise ConnectionResetError("closed by the server")

    def _received(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        try:
            told = json.loads(str(payload))
            name, topics = told["from"], [topic for topic in told["topics"] if isinstance(topic, str)]
        except (ValueError, KeyError, TypeError):
            log.warning("announcements.not_ours")
            return
        if name != self._name:
            for topic in topics:
                self._heard(topic)


async def with_the_commit(uow: UnitOfWork, topic: str) -> None:
    """Have the topic told when the transaction commits: for what happens seldom and is not to be missed. PostgreSQL only."""
    if uow.dialect == "postgresql":
        payload = next(payload for _, payload in _payloads("", (topic,)))
        await uow.execute(select(func.pg_notify(CHANNEL, payload)))


def _payloads(name: str, topics: Iterable[str]) -> Iterable[tuple[list[str], str]]:
    """Write the topics into as few notices as they fit in."""
    part: list[str] = []
    size = 0
    for topic in topics:
        length = len(json.dumps(topic)) + 2
        if part and size + length > _LARGEST:
            yield part, json.dumps({"from": name, "topics": part})
            part, size = [], 0
        part.append(topic)
        size += length
    if part:
        yield part, json.dumps({"from": name, "topics": part})
