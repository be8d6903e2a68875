"""The web chat: a channel of our own, with no platform behind it. The page is its platform."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from starlette.routing import BaseRoute, Route

from bot import signals
from bot.channels.menu import Menu
from bot.channels.protocol import Take
from bot.channels.webchat.assets import Assets
from bot.channels.webchat.guard import OriginCheck
from bot.channels.webchat.news import News
from bot.channels.webchat.pace import VisitorPace
from bot.channels.webchat.pages import Pages
from bot.channels.webchat.uploads import Uploads
from bot.channels.webchat.visitors import VisitorCookie
from bot.clock import Clock
from bot.delivery.message import Message
from bot.delivery.transport import Limits, TryLater, Unreachable
from bot.locales.catalogue import Catalogue
from bot.signals import Signals
from storage.chat import show
from storage.database import Database
from storage.files import FileStore

NAME = "webchat"
_CHUNK = 256 * 1024


class WebChatChannel:
    """Takes messages over HTTP at `/chat/messages`, shows ours by writing them where the page reads.

    public_url: where people reach us, empty when unknown; https makes the visitor's cookie Secure. menu: the commands that
    the page offers (`bot.channels.menu.menu`). look_every: seconds after which an open page's stream looks by itself.

    The composition makes it from what the core has:

        WebChatChannel(core.database, core.files, core.catalogue, core.signals, core.clock, public_url=settings.public_url,
                       default_language=settings.default_language, menu=menu(core.router.menu, core.catalogue))

    At a stop call `signals.close()` first: it ends the streams that open pages hold, for which a web server waits.
    """

    name = NAME
    limits = Limits()

    def __init__(
        self,
        database: Database,
        files: FileStore,
        catalogue: Catalogue,
        live: Signals,
        clock: Clock,
        *,
        public_url: str = "",
        default_language: str = "vi",
        menu: Menu | None = None,
        look_every: float = 5.0,
    ) -> None:
        self._database = database
        self._files = files
        self._live = live
        self._clock = clock
        self._pages = Pages(
            database=database,
            files=files,
            catalogue=catalogue,
            clock=clock,
            assets=Assets(catalogue, menu or {}),
            cookie=VisitorCookie(secure=public_url.startswith("https://")),
            origin=OriginCheck(public_url),
            pace=VisitorPace(),
            uploads=Uploads(files),
            news=News(database, live, clock, look_every=look_every),
            default_language=default_language,
        )

    def routes(self) -> Sequence[BaseRoute]:
        pages = self._pages
        return [
            Route("/", pages.page),
            Route("/chat/messages", pages.post, methods=["POST"]),
            Route("/chat/messages", pages.messages),
            Route("/chat/stream", pages.stream),
            Route("/chat/files/{message}/{place:int}", pages.file),
            Route("/chat/static/{version}/{name}", pages.static),
        ]

    async def start(self, take: Take) -> None:
        self._pages.take = take

    async def stop(self) -> None:
        """Take nothing more: pages keep what people write meanwhile and send it when the server is back."""
        self._pages.take = None

    async def problems(self) -> list[str]:
        return []

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        """Put the message where the page reads. A second time with the same delivery changes nothing."""
        now = self._clock.now()
        content = message.to_json()
        found = await self._database.write(
            lambda uow: show(uow, delivery_id=delivery_id, external_id=recipient, content=content, now=now)
        )
        if not found:
            raise Unreachable("there is no such chat")
        self._live.publish(signals.chat(recipient))
        return str(delivery_id)

    async def fetch(self, reference: str) -> AsyncIterator[bytes]:
        """Bring the content of a file from the store, where the web chat puts it before the turn."""
        try:
            file = await asyncio.to_thread(self._files.path(reference).open, "rb")
        except OSError as error:
            raise TryLater(f"the file store: {error.strerror}") from error
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
        finally:
            await asyncio.to_thread(file.close)
