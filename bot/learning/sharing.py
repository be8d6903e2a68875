"""One knowledge base for all processes that share a database, also where each reads files on a disk of its own.

What an editor changes by hand reaches a process with its files. What is approved at the desk stands in the database and
belongs in the files of every process: each writes what its own lack. A number in the database says that something changed;
a signal says so at once, and looking now and then finds what a signal missed (docs/decisions/0006).
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import date

import structlog

from bot import metrics, signals
from bot.knowledge.files import writing
from bot.knowledge.files.problems import KnowledgeFilesError, Problem
from bot.knowledge.service import Knowledge
from bot.learning.content import Content
from storage import drafts as stored
from storage import knowledge as shared
from storage.announcements import with_the_commit
from storage.database import Database
from storage.drafts import DraftRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
_LACKING_EVERY = 60
"""looks: so often it is also asked whether something approved is lacking, without anybody having said so"""
_TRIES = 3


async def _nothing() -> None:
    """Do nothing more after a reload."""


class SharedKnowledge:
    """Keeps the knowledge of this process with that of the others.

    reloaded: awaited after each reading of the files, for what is searched beside them.
    """

    def __init__(self, database: Database, knowledge: Knowledge, live: signals.Signals, *, today: Callable[[], date]) -> None:
        self._database = database
        self._knowledge = knowledge
        self._live = live
        self._today = today
        self.reloaded: Callable[[], Awaitable[None]] = _nothing
        self._seen = 0
        self._refused: set[tuple[int, int]] = set()
        self.wrong: tuple[Problem, ...] = ()
        """what keeps this process from taking over its files as they are now; the former ones are answered from meanwhile"""
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        """Write what was approved elsewhere while this process did not run. To be called before questions are taken."""
        async with self._database.read() as uow:
            self._seen = await shared.generation(uow)
        if await self._take_over():
            await self._read_anew()
        await self._show()

    async def announce(self) -> None:
        """Tell the others that the knowledge of this process has changed; it has taken the change over itself."""
        async with self._reading:
            before, self._seen = self._seen, await announce(self._database)
            if self._seen != before + 1:
                self._seen = before  # others have changed it too, and that is still to be read
        self.wrong = ()
        await self._show()

    async def keep(self) -> None:
        """Take over what changes, until the signals are closed. Runs as a task of whoever started it."""
        looks = 0
        async with aclosing(self._live.listen(signals.KNOWLEDGE, at_least_every=LOOK_EVERY_S)) as ticks:
            async for _ in ticks:
                looks += 1
                try:
                    await self.look(lacking=looks % _LACKING_EVERY == 0)
                except Exception:
                    log.exception("knowledge.sharing_failed")

    async def look(self, *, lacking: bool = False) -> bool:
        """Read the files anew if the number has moved on; say whether they were read.

        lacking: also if something approved is not in them. A wrong file leaves the old knowledge, and the log says where.
        """
        async with self._reading:
            async with self._database.read() as uow:
                now = await shared.generation(uow)
            moved = now != self._seen
            if moved:
                self._refused.clear()
            wrote = await self._take_over() if moved or lacking else False
            self._seen = now
            if moved or wrote:
                await self._read_anew()
            return moved or wrote

    async def _take_over(self) -> bool:
        """Write the approved entries that the files lack; say whether any was written."""
        async with self._database.read() as uow:
            rows = await stored.approved(uow)
        there = await asyncio.to_thread(self._ids_in_files)
        if there is None:
            return False
        missing = [row for row in rows if row.content["entry_id"] not in there and (row.id, row.revision) not in self._refused]
        return any([await self._write(row) for row in missing])

    def _ids_in_files(self) -> frozenset[str] | None:
        """Return the ids that the files have now; None where they are wrong, which the reading that follows says."""
        try:
            return frozenset(writing.ids_in(self._knowledge.folder, today=self._today()))
        except KnowledgeFilesError:
            return None

    async def _write(self, row: DraftRow) -> bool:
        content = Content.from_json(row.content)
        reason = ""
        for _ in range(_TRIES):
            try:
                await asyncio.to_thread(
                    writing.add, self._knowledge.folder, content.topic, content.entry(), today=self._today()
                )
            except writing.FileChangedMeanwhile:
                continue  # an editor, or another process on the same disk
            except KnowledgeFilesError as error:
                reason = str(error.problems[0])
            except OSError as error:
                reason = error.strerror or str(error)
            else:
                log.info("entry.taken_over", draft=row.id, entry=content.entry_id)
                return True
            break
        self._refused.add((row.id, row.revision))
        log.warning("entry.not_taken_over", draft=row.id, entry=content.entry_id, reason=reason or "changed meanwhile")
        return False

    async def _read_anew(self) -> None:
        try:
            await self._knowledge.reload_off_loop(today=self._today())
        except KnowledgeFilesError as error:
            self.wrong = tuple(each for each in error.problems if not each.warning)
            for problem in error.problems:
                log.error("knowledge.refused", problem=str(problem))
            return
        self.wrong = ()
        await self.reloaded()
        await self._show()
        log.info("knowledge.reloaded", entries=len(self._knowledge.entries))

    async def _show(self) -> None:
        found = await asyncio.to_thread(digest, self._knowledge)
        metrics.KNOWLEDGE.clear()
        metrics.KNOWLEDGE.labels(digest=found).set(len(self._knowledge.entries))


async def announce(database: Database) -> int:
    """Count a change of the knowledge base, which every running process then takes over; return its number."""

    async def work(uow: UnitOfWork) -> int:
        await with_the_commit(uow, signals.KNOWLEDGE)
        return await shared.advance(uow)

    return await database.write(work)


def digest(knowledge: Knowledge) -> str:
    """Return what tells one knowledge base from another: the same where entries and departments are, in whatever order."""
    parts = sorted(
        repr(
            (
                each.id,
                each.status,
                each.audience,
                each.department,
                each.citations,
                each.vi,
                each.en,
                each.valid_from,
                each.valid_until,
            )
        )
        for each in knowledge.entries.values()
    )
    parts += sorted(f"{each.id} {each.name}" for each in knowledge.directory)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
