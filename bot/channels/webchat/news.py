"""What is new in a chat: for one look, and as a stream of server-sent events that stays open."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from bot import signals
from bot.channels.webchat.showing import OVERLAP, shown
from bot.clock import Clock
from bot.signals import Signals
from storage.chat import messages_after
from storage.database import Database

STREAMS_AT_MOST = 8
_AT_ONCE = 200
_SAY_SOMETHING_EVERY_S = 15.0
"""keeps proxies from closing a quiet line, tells us when nobody listens any more, and the page when the line is dead"""


class News:
    """look_every: seconds after which a stream looks by itself, for what another replica wrote."""

    def __init__(self, database: Database, signals: Signals, clock: Clock, *, look_every: float) -> None:
        self._database = database
        self._signals = signals
        self._clock = clock
        self._look_every = look_every
        self._open: Counter[str] = Counter()

    async def after(self, visitor: str, after: int) -> list[dict[str, Any]]:
        """Return the messages after that id, and once more those of the last moments before it, oldest first."""
        messages: list[dict[str, Any]] = []
        start = max(1, after - OVERLAP) if after else 0
        while True:
            async with self._database.read() as uow:
                rows = await messages_after(uow, external_id=visitor, after=start, limit=_AT_ONCE)
            messages += [shown(dict(row)) for row in rows]
            if start == 0 or len(rows) < _AT_ONCE:
                return messages
            start = rows[-1]["id"]

    async def stream(self, visitor: str, after: int) -> AsyncIterator[bytes]:
        """Yield every new message as an event, from that id on, until the server stops or the reader has gone."""
        self._open[visitor] += 1
        try:
            async with aclosing(self._events(visitor, after)) as events:
                async for event in events:
                    yield event
        finally:
            self._open[visitor] -= 1
            if not self._open[visitor]:
                del self._open[visitor]

    def has_enough(self, visitor: str) -> bool:
        """Say whether a visitor holds as many streams as a person with many windows could need."""
        return self._open[visitor] >= STREAMS_AT_MOST

    async def _events(self, visitor: str, after: int) -> AsyncGenerator[bytes]:
        loop = asyncio.get_running_loop()
        sent: set[int] = set()
        yield b"retry: 2000\n\n"
        spoke_at = loop.time()
        async with aclosing(self._signals.listen(signals.chat(visitor), at_least_every=self._look_every)) as ticks:
            async for _ in ticks:
                fresh = [message for message in await self.after(visitor, after) if int(message["id"]) not in sent]
                for message in fresh:
                    yield self._event(message)
                    sent.add(int(message["id"]))
                    after = max(after, int(message["id"]))
                sent = {id for id in sent if id > after - 2 * OVERLAP}
                if fresh:
                    spoke_at = loop.time()
                elif loop.time() - spoke_at >= _SAY_SOMETHING_EVERY_S:
                    yield f"event: here\ndata: {self.now()}\n\n".encode()
                    spoke_at = loop.time()

    def now(self) -> str:
        """Return the server's time: the clocks of cheap phones go wrong, and the page counts down by ours."""
        return self._clock.now().isoformat()

    def _event(self, message: dict[str, Any]) -> bytes:
        data = json.dumps({"now": self.now(), "message": message}, ensure_ascii=False, separators=(",", ":"))
        return f"id: {message['id']}\ndata: {data}\n\n".encode()
