"""What processes on one PostgreSQL tell each other: that a page has something new to show, that the knowledge base changed.

With SQLite there is one process, which has nobody to tell; it still looks whether a command asked it to read its files.
"""

import asyncio
from contextlib import suppress

from bot.app import Core
from storage.announcements import Announcements


class Replicas:
    """Ties the signals of this process to those of the others, and its knowledge to theirs."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._keeper: asyncio.Task[None] | None = None
        self._announcements: Announcements | None = None
        if not core.database.is_sqlite:
            self._announcements = Announcements(
                core.settings.database(), core.owner, heard=core.signals.heard, missed=core.signals.missed
            )

    async def start(self) -> None:
        """Listen first, then read what was approved meanwhile: so nothing falls between."""
        if self._announcements is not None:
            await self._announcements.start()
            self._core.signals.relay_to(self._announcements.tell)
        await self._core.shared.start()
        self._keeper = asyncio.create_task(self._core.shared.keep(), name="shared knowledge")

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        self._core.signals.relay_to(None)
        if self._announcements is not None:
            await self._announcements.stop()
