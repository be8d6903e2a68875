"""Brings the files that people sent: after the turn, from the platform into the file store, with patience.

Nothing waits for it: the turn kept a row with the platform's own reference, and what is due stands in that row.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Protocol

import structlog

from bot.channels.protocol import Take
from bot.clock import Clock
from bot.delivery.transport import NotSent, Refused, TryLater, Unreachable
from bot.handlers.incoming import Incoming
from storage import incoming_files
from storage.database import Database
from storage.files import FileStore, FileTooLarge
from storage.incoming_files import WantedFile

log = structlog.get_logger()

LARGEST = 20 * 1024 * 1024
"""bytes; what Telegram's cloud hands out, and as much as we keep of a file from anywhere"""
ATTEMPTS_AT_MOST = 10
"""with the waits between them, about an hour and a half"""
_LEASE = timedelta(minutes=5)
"""after this long a file is fetched again: whoever had begun has died"""
_AT_ONCE = 4
_BACKOFF_MAX = timedelta(hours=1)


class Source(Protocol):
    """The part of `bot.delivery.transport.Transport` that is needed here."""

    def fetch(self, reference: str) -> AsyncIterator[bytes]: ...


def backoff(attempt: int) -> timedelta:
    """Return the wait after a failed attempt (the first is 1): 10, 20, 40 … seconds, at most an hour."""
    return min(_BACKOFF_MAX, timedelta(seconds=5 * 2 ** min(attempt, 20)))


class FileFetcher:
    """One for each process. sources: the channels that hand over a reference instead of the content, by name."""

    def __init__(self, database: Database, files: FileStore, sources: Mapping[str, Source], clock: Clock) -> None:
        self._database = database
        self._files = files
        self._sources = sources
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._hints = 0
        self._hinted: asyncio.Task[None] | None = None

    def after(self, take: Take) -> Take:
        """Return `take` with a hint behind it: when a turn that brought files is committed, they are fetched at once."""

        async def take_and_fetch(incoming: Incoming) -> bool:
            new = await take(incoming)
            if new and any(file.sha256 is None for file in incoming.files):
                self.hint()
            return new

        return take_and_fetch

    def hint(self) -> None:
        """Say that something may be due. It is looked at in the background; a hint that comes meanwhile counts too."""
        self._hints += 1
        if self._hinted is None or self._hinted.done():
            self._hinted = asyncio.create_task(self._run_hinted(), name="files: fetch")

    async def run(self) -> int:
        """Fetch everything that is due; return how many files came. Runs one at a time."""
        came = 0
        async with self._one_at_a_time:
            while wanted := await self._claim():
                results = await asyncio.gather(*(self._fetch(file) for file in wanted), return_exceptions=True)
                for failure in results:
                    if isinstance(failure, BaseException):
                        raise failure  # the database is away: the rows fall due again by themselves
                came += results.count(True)
        return came

    async def stop(self) -> None:
        """Break off; what was not brought falls due again by itself."""
        if self._hinted is not None:
            self._hinted.cancel()
            with suppress(asyncio.CancelledError):
                await self._hinted

    async def _run_hinted(self) -> None:
        while self._hints:
            self._hints = 0
            try:
                await self.run()
            except Exception:
                log.exception("files.fetch_failed")  # the next run finds the same rows

    async def _claim(self) -> list[WantedFile]:
        now = self._clock.now()
        channels = list(self._sources)
        return await self._database.write(
            lambda uow: incoming_files.claim(uow, channels=channels, now=now, again_at=now + _LEASE, limit=_AT_ONCE)
        )

    async def _fetch(self, file: WantedFile) -> bool:
        try:
            async with aclosing(self._content(file)) as content:
                sha256, size = await self._files.keep(content, at_most=LARGEST)
        except FileTooLarge:
            await self._give_up(file, f"larger than {LARGEST // 1024 // 1024} MB")
        except (Refused, Unreachable) as failure:
            await self._give_up(file, str(failure))
        except NotSent as failure:
            await self._later(file, failure)
        except Exception as error:
            log.exception("files.fetch_broke_off", file=file.id, channel=file.channel)
            await self._later(file, TryLater(f"{type(error).__name__} on our side"))
        else:
            await self._database.write(lambda uow: incoming_files.kept(uow, file, sha256=sha256, size=size))
            return True
        return False

    async def _content(self, file: WantedFile) -> AsyncGenerator[bytes]:
        source = self._sources[file.channel].fetch(file.reference)
        try:
            async for chunk in source:
                yield chunk
        finally:
            if isinstance(source, AsyncGenerator):  # lets go of the connection now, not when it is collected
                await source.aclose()

    async def _later(self, file: WantedFile, failure: NotSent) -> None:
        reason = str(failure)[:500]
        if file.attempts >= ATTEMPTS_AT_MOST:
            await self._give_up(file, reason)
            return
        wait = failure.after if isinstance(failure, TryLater) and failure.after is not None else backoff(file.attempts)
        until = self._clock.now() + wait
        log.warning("files.fetch_later", file=file.id, channel=file.channel, attempt=file.attempts, reason=reason)
        await self._database.write(lambda uow: incoming_files.postpone(uow, file, until=until, error=reason))

    async def _give_up(self, file: WantedFile, reason: str) -> None:
        log.error("files.fetch_given_up", file=file.id, channel=file.channel, attempts=file.attempts, reason=reason)
        await self._database.write(lambda uow: incoming_files.give_up(uow, file, error=reason[:500]))
