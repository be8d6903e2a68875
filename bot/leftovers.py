"""Contents in the file store that nothing names: of a form that was refused, of a turn of which nothing may be kept.

A file is put into the store before the transaction that names it. Where that never came, its content would stay for good.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock
from storage import references
from storage.database import Database
from storage.files import FileStore

log = structlog.get_logger()

LEFT_ALONE = timedelta(hours=2)
"""a content this young may still be on its way to the transaction that names it"""
_AT_ONCE = 50


class Leftovers:
    def __init__(self, database: Database, files: FileStore, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._named: set[str] = set()
        """what was found to be named once: it is not looked for again by this process"""

    async def clear(self) -> int:
        """Remove what nothing names and is old enough; return how much that was. Called now and then."""
        before = self._clock.now() - LEFT_ALONE
        old = [each for each in await asyncio.to_thread(self._files.older_than, before) if each not in self._named]
        removed = 0
        for start in range(0, len(old), _AT_ONCE):
            removed += await self.discard(old[start : start + _AT_ONCE])
        if removed:
            log.info("files.leftovers_removed", files=removed)
        return removed

    async def discard(self, hashes: Sequence[str]) -> int:
        """Remove these contents now, as far as nothing names them; return how many that were."""
        async with self._database.read() as uow:
            named = await references.named(uow, hashes)
        self._named |= named
        gone = [each for each in hashes if each not in named]
        return sum([await asyncio.to_thread(self._files.remove, each) for each in gone])
