"""Posts Telegram's updates to a webhook, and finds for each the reply that reached the loopback Bot API.

A reply is told by its chat: the oldest update of a chat that has none yet gets the next message to it. So an update that is
never answered, or answered twice, shows as such, whatever the bot says.
"""

import asyncio
import re
import threading
import time
import urllib.request
from array import array
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import orjson

PATH = "/webhooks/telegram"
SECRET = "bench-secret"
_DRAIN_S = 15.0
_QUIET_S = 3.0
_ANSWER_HEAD = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Says = Iterator[tuple[int, str]]
"""who says what: chat and text, without end"""


@dataclass
class Update:
    """An update that was posted. Moments are monotonic nanoseconds; status 0: the connection ended without an answer."""

    chat: int
    due: int
    sent: int = 0
    acknowledged: int = 0
    status: int = 0


@dataclass
class Outcome:
    """What became of the updates of one run. `started` to `ended`: while updates were posted."""

    started: int
    ended: int
    updates: list[Update]
    replies: list[int] = field(default_factory=list)
    """when each reply arrived, in order"""
    waits_ms: list[float] = field(default_factory=list)
    """from the moment an update was due until its reply arrived"""
    unanswered: int = 0
    """acknowledged, but never replied to"""
    surplus: int = 0
    """second replies to an update; those that come late, to updates of an earlier run, count as well"""

    @property
    def refused(self) -> int:
        return sum(update.status != 200 for update in self.updates)

    @property
    def lost(self) -> int:
        """Updates that went wrong in any way."""
        return self.refused + self.unanswered + self.surplus

    def replies_per_second(self, settled_after_s: float) -> float:
        """Return the rate of replies while updates were posted, without the first moments."""
        start = self.started + int(settled_after_s * 1e9)
        return sum(start <= at < self.ended for at in self.replies) / max((self.ended - start) / 1e9, 1e-9)


class Load:
    """A number of kept connections to one webhook, each with one update on its way at most."""

    def __init__(self, port: int, *, connections: int, api_url: str, update_ids: Iterator[int]) -> None:
        self._port = port
        self._count = connections
        self._api_url = api_url
        self._update_ids = update_ids
        self._connections: list[_Connection] = []

    async def __aenter__(self) -> "Load":
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            _, connection = await loop.create_connection(_Connection, "127.0.0.1", self._port)
            self._connections.append(connection)
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.close()

    async def as_fast_as_it_goes(self, says: Says, seconds: float, *, every_nth_twice: int = 0) -> Outcome:
        """Post on every connection as soon as the one before was acknowledged: the ceiling."""
        started = self._reset()
        ended = started + int(seconds * 1e9)
        updates: list[Update] = []
        await asyncio.gather(*(self._keep_busy(each, says, ended, updates, every_nth_twice) for each in self._connections))
        return await self._counted(Outcome(started, ended, updates))

    async def at_rate(self, says: Says, seconds: float, rate: float) -> Outcome:
        """Post so many updates a second, whatever becomes of them. Where all connections are taken, an update waits, and
        its wait counts."""
        started = self._reset()
        loop = asyncio.get_running_loop()
        free, waiting, done = deque(self._connections), deque[Update](), asyncio.Event()
        on_their_way: set[asyncio.Task[None]] = set()
        updates = [Update(0, started + int((n + 1) / rate * 1e9)) for n in range(max(1, int(seconds * rate)))]
        left = len(updates)

        def send_next() -> None:
            while free and waiting:
                task = loop.create_task(send(free.popleft(), waiting.popleft()))
                on_their_way.add(task)
                task.add_done_callback(on_their_way.discard)

        async def send(connection: _Connection, update: Update) -> None:
            nonlocal left
            await self._post(connection, update, says)
            free.append(connection)
            left -= 1
            if not left:
                done.set()
            send_next()

        def fall_due(update: Update) -> None:
            waiting.append(update)
            send_next()

        metronome = threading.Thread(target=_fall_due_on_time, args=(updates, loop, fall_due), daemon=True)
        metronome.start()
        await asyncio.wait_for(done.wait(), seconds + 30)
        return await self._counted(Outcome(started, updates[-1].due, updates))

    async def _keep_busy(
        self, connection: "_Connection", says: Says, until: int, updates: list[Update], every_nth_twice: int
    ) -> None:
        while (now := time.monotonic_ns()) < until:
            update = Update(0, now)
            updates.append(update)
            body = await self._post(connection, update, says)
            if every_nth_twice and len(updates) % every_nth_twice == 0:
                await connection.post(body)

    async def _post(self, connection: "_Connection", update: Update, says: Says) -> bytes:
        update.chat, text = next(says)
        body = _body(next(self._update_ids), update.chat, text)
        update.sent = time.monotonic_ns()
        update.status = await connection.post(body)
        update.acknowledged = time.monotonic_ns()
        return body

    def _reset(self) -> int:
        _ask(f"{self._api_url}/bench/reset")
        return time.monotonic_ns()

    async def _counted(self, outcome: Outcome) -> Outcome:
        """Wait until the replies have come, or no more do, and find to which update each belongs."""
        expected = sum(update.status == 200 for update in outcome.updates)
        seen = array("q")
        end = time.monotonic() + _DRAIN_S
        quiet_from = time.monotonic()
        while time.monotonic() < end and time.monotonic() - quiet_from < _QUIET_S:
            await asyncio.sleep(0.05)
            before = len(seen)
            seen = array("q")
            seen.frombytes(_ask(f"{self._api_url}/bench/seen"))
            if len(seen) != before:
                quiet_from = time.monotonic()
            if len(seen) // 2 > expected or (len(seen) // 2 == expected and time.monotonic() - quiet_from > 0.2):
                break
        match(outcome, seen)
        return outcome


def match(outcome: Outcome, seen: "array[int]") -> None:
    """Give each reply to the oldest update of its chat that has none."""
    replies: defaultdict[int, deque[int]] = defaultdict(deque)
    for at, chat in zip(seen[::2], seen[1::2], strict=True):
        replies[chat].append(at)
        outcome.replies.append(at)
    for update in sorted(outcome.updates, key=lambda each: each.sent):
        if replies[update.chat]:
            outcome.waits_ms.append((replies[update.chat].popleft() - update.due) / 1e6)
        elif update.status == 200:
            outcome.unanswered += 1
    outcome.surplus = sum(len(left) for left in replies.values())


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class does not derive from it

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._finish(0)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        length = _LENGTH.search(head)
        if len(self._buffer) < end + 4 + (int(length[1]) if length else 0):
            return
        self._buffer = b""
        status = _ANSWER_HEAD.match(head)
        self._finish(int(status[1]) if status else 0)

    async def post(self, body: bytes) -> int:
        """Post an update and return the status; 0 when the connection is gone."""
        if self._transport is None:
            return 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(_HEAD % len(body) + body)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _finish(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


_HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: "
).encode() + b"%d\r\n\r\n"


def _body(update_id: int, chat: int, text: str) -> bytes:
    person = {"id": chat, "first_name": "Load", "last_name": str(chat), "username": f"load{chat}", "language_code": "vi"}
    return orjson.dumps(
        {
            "update_id": update_id,
            "message": {
                "message_id": update_id,
                "from": {**person, "is_bot": False},
                "chat": {"id": chat, "type": "private", "first_name": "Load", "username": person["username"]},
                "date": 1_790_000_000,
                "text": text,
            },
        }
    )


def _fall_due_on_time(updates: list[Update], loop: asyncio.AbstractEventLoop, fall_due: Callable[[Update], None]) -> None:
    """Announce each update when it is due. A thread of its own, since a loop's timers are no finer than a millisecond."""
    for update in updates:
        wait = update.due - time.monotonic_ns()
        if wait > 0:
            time.sleep(wait / 1e9)
        loop.call_soon_threadsafe(fall_due, update)


def _ask(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
        return content
