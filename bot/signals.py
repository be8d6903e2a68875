"""Live pages are told that something changed; what it is they read themselves.

Within one process, and from there to the others where they share a PostgreSQL (`bot.replicas`). Missing a signal loses
nothing: a page also looks by itself every few seconds.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

DESK = "desk"
"""something changed that a list of inquiries shows"""

KNOWLEDGE = "knowledge"
"""the knowledge base was changed, or is to be read anew"""


def chat(external_id: str) -> str:
    """Name the topic of a web chat: there is a new message in it."""
    return f"chat:{external_id}"


TOPICS = "topics"
"""something changed that a group of officers shows"""


def inquiry(inquiry_id: int) -> str:
    """Name the topic of an inquiry: its state, its conversation or its history changed."""
    return f"inquiry:{inquiry_id}"


class Signals:
    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False
        self._relay: Callable[[str], None] | None = None

    def publish(self, topic: str) -> None:
        """Tell those who listen here, and the other processes."""
        self.heard(topic)
        if self._relay is not None:
            self._relay(topic)

    def heard(self, topic: str) -> None:
        """Tell those who listen here what another process published."""
        for event in self._listeners.get(topic, ()):
            event.set()

    def missed(self) -> None:
        """Have everybody look: what others published may have been lost."""
        for topic in list(self._listeners):
            self.heard(topic)

    def relay_to(self, relay: Callable[[str], None] | None) -> None:
        """Have what is published here passed on, by something that neither waits nor fails."""
        self._relay = relay

    async def listen(self, topic: str, *, at_least_every: float) -> AsyncGenerator[bool]:
        """Yield at once (True), then whenever the topic was published (True), and otherwise every so many seconds (False),
        until `close`. The first comes when this already listens: what is read on it misses nothing."""
        event = asyncio.Event()
        event.set()
        self._listeners[topic].add(event)
        try:
            while not self._closed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), at_least_every)
                changed = event.is_set()
                event.clear()
                yield changed
        finally:
            self._listeners[topic].discard(event)
            if not self._listeners[topic]:
                del self._listeners[topic]

    def close(self) -> None:
        """End all that listens, so that open pages do not hold up a stop."""
        self._closed = True
        for events in self._listeners.values():
            for event in events:
                event.set()
