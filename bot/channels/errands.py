"""What a channel does beside its turns, and nobody waits for: held on to, logged where it fails, and ended with the channel."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

log = structlog.get_logger()


class Errands:
    """channel: whose they are, for the log."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._running: set[asyncio.Task[None]] = set()

    def start(self, what: str, errand: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def run() -> None:
            try:
                await errand()
            except Exception:
                log.exception("channel.errand_failed", channel=self._channel, errand=what)

        task = asyncio.create_task(run(), name=f"{self._channel}: {what}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def settled(self) -> None:
        """Return once those that run now have come to their end."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def stop(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        for task in running:
            with suppress(asyncio.CancelledError):
                await task
