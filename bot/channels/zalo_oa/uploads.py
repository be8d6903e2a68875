"""Files of ours at Zalo: uploaded once, and used for every recipient as long as Zalo keeps them."""

import asyncio
from datetime import timedelta

from bot.channels.zalo_oa.account import CHANNEL
from bot.channels.zalo_oa.api import OaApi
from bot.channels.zalo_oa.outgoing import kind_of
from bot.clock import Clock
from bot.delivery.message import Attachment
from bot.delivery.transport import Refused
from storage import platform_uploads as stored
from storage.database import Database
from storage.files import FileStore

_USABLE = timedelta(days=6)
"""Zalo keeps them for 7 days, and takes 5,000 uploads a month"""


class Uploads:
    def __init__(self, database: Database, files: FileStore, api: OaApi, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._api = api
        self._clock = clock
        self._one_at_a_time: dict[tuple[str, str], asyncio.Lock] = {}

    async def kind(self, file: Attachment) -> str:
        """Return how Zalo takes the file; empty where it takes none such. Raises Refused where its content is not there."""
        try:
            size = (await asyncio.to_thread(self._files.path(file.sha256).stat)).st_size
        except OSError as error:
            raise Refused(f"the file cannot be read: {error.strerror}") from None
        return kind_of(file, size)

    async def reference(self, file: Attachment, kind: str) -> str:
        """Return what a message names the file by, uploaded now if it must be. Raises as the API does."""
        lock = self._one_at_a_time.setdefault((file.sha256, kind), asyncio.Lock())
        async with lock:
            now = self._clock.now()
            async with self._database.read() as uow:
                known = await stored.find(uow, channel=CHANNEL, sha256=file.sha256, kind=kind, since=now - _USABLE)
            if known:
                return known
            path = self._files.path(file.sha256)
            made = await self._api.upload(kind, path, file.name, file.media_type)
            await self._database.write(
                lambda uow: stored.keep(uow, channel=CHANNEL, sha256=file.sha256, kind=kind, reference=made, now=now)
            )
        self._one_at_a_time.pop((file.sha256, kind), None)
        return made

    async def forget(self, file: Attachment, kind: str) -> None:
        """Zalo no longer has it: the next use uploads it anew."""
        await self._database.write(lambda uow: stored.forget(uow, channel=CHANNEL, sha256=file.sha256, kind=kind))
