"""The web chat over real HTTP: the real core and sender behind it, a browser's habits in front of it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.app import Core, build_core
from bot.channels.menu import menu
from bot.channels.webchat.channel import WebChatChannel
from bot.channels.webchat.visitors import VisitorCookie
from bot.delivery.ledger import Recipient
from bot.delivery.message import Message
from bot.delivery.sender import Sender
from bot.knowledge.service import Knowledge
from bot.settings import PROJECT, Settings
from storage.models import Base, ChannelAccount
from storage.unit_of_work import UnitOfWork
from tests.clock import ManualClock

COOKIE = "donghanh"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge.load(PROJECT / "faq", today=date(2026, 11, 16))


class Visitor:
    """A browser: it keeps the cookie and says where its requests come from."""

    def __init__(self, chat: "Chat", *, language: str = "vi") -> None:
        self.chat = chat
        self.language = language
        self.http = httpx.AsyncClient(base_url=chat.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=10)

    async def opens(self, path: str = "/") -> httpx.Response:
        return await self.http.get(path)

    async def posts(self, **body: Any) -> httpx.Response:
        """Post as the page does; `id` is drawn unless it is given."""
        content = {"id": str(uuid.uuid4()), "language": self.language, **body}
        answer = await self.http.post("/chat/messages", params={"lang": self.language}, json=content)
        await self.chat.sender.idle()
        return answer

    async def sends_files(self, *files: tuple[str, bytes], text: str = "", **fields: str) -> httpx.Response:
        data = {"id": str(uuid.uuid4()), "text": text, "language": self.language, **fields}
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        answer = await self.http.post("/chat/messages", params={"lang": self.language}, data=data, files=parts)
        await self.chat.sender.idle()
        return answer

    async def sees(self, after: str = "0") -> list[dict[str, Any]]:
        answer = await self.http.get("/chat/messages", params={"after": after})
        answer.raise_for_status()
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    async def texts(self, author: str = "bot") -> list[str]:
        return [message["text"] for message in await self.sees() if message["author"] == author]

    @asynccontextmanager
    async def listens(self, after: str = "0", **headers: str) -> AsyncIterator["Listening"]:
        async with self.http.stream("GET", "/chat/stream", params={"after": after}, headers=headers) as answer:
            yield Listening(answer)

    @property
    def external_id(self) -> str:
        return VisitorCookie.external_id(self.http.cookies[COOKIE])


class Listening:
    """An open stream of server-sent events."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> dict[str, Any]:
        """Wait for the next message."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("data: {"):
                    message: dict[str, Any] = json.loads(line.removeprefix("data: "))["message"]
                    return message
        raise EOFError

    async def ended(self) -> bool:
        """Wait until the server has ended it."""
        async with asyncio.timeout(10):
            with suppress(httpx.RemoteProtocolError):
                async for _ in self._lines:
                    pass
        return True


class Chat:
    """A running web chat."""

    def __init__(self, core: Core, channel: WebChatChannel, sender: Sender, url: str) -> None:
        self.core = core
        self.channel = channel
        self.sender = sender
        self.url = url
        self._visitors: list[Visitor] = []

    async def visitor(self, *, language: str = "vi") -> Visitor:
        """Return a browser that has opened the page."""
        visitor = Visitor(self, language=language)
        self._visitors.append(visitor)
        await visitor.opens()
        return visitor

    async def tells(self, visitor: Visitor, message: Message) -> int:
        """Have the system say something to somebody who has written before; return the delivery's id."""
        async with self.core.database.read() as uow:
            account = select(ChannelAccount.id).where(ChannelAccount.external_id == visitor.external_id)
            to = Recipient(await uow.scalar(account), "webchat", visitor.external_id)

        async def work(uow: UnitOfWork) -> int:
            return self.core.ledger.add(uow, to, message, kind="reply")

        delivery = await self.core.database.write(work)
        await self.sender.idle()
        return delivery

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that nobody announces."""
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def count(self, model: type[Base]) -> int:
        async with self.core.database.read() as uow:
            found: int = await uow.scalar(select(func.count()).select_from(model))
        return found

    async def close(self) -> None:
        for visitor in self._visitors:
            await visitor.http.aclose()


@asynccontextmanager
async def running_chat(
    url: str, folder: Path, clock: ManualClock, knowledge: Knowledge, *, public_url: str = "", look_every: float = 5.0
) -> AsyncIterator[Chat]:
    """Run a web chat on a free port. look_every: seconds, as for the channel."""
    settings = Settings(database_url=url, data_dir=folder, public_url=public_url, _env_file=None)  # type: ignore[call-arg]
    core = build_core(settings, clock=clock, knowledge=knowledge)
    channel = WebChatChannel(
        core.database,
        core.files,
        core.catalogue,
        core.signals,
        core.clock,
        public_url=public_url,
        menu=menu(core.router.menu, core.catalogue),
        look_every=look_every,
    )
    sender = Sender(core.database, {channel.name: channel}, core.clock, core.owner)
    core.outbox.connect(sender)
    await sender.start()
    await channel.start(core.pipeline.take)
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=list(channel.routes())), port=0, lifespan="off", ws="none", log_config=None, access_log=False
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    chat = Chat(core, channel, sender, f"http://127.0.0.1:{port}")
    try:
        yield chat
    finally:
        await chat.close()
        core.signals.close()
        server.should_exit = True
        await serving
        await sender.stop()
        await channel.stop()
        await core.database.close()


@pytest.fixture
async def chat(sqlite_url: str, tmp_path: Path, clock: ManualClock, knowledge: Knowledge) -> AsyncIterator[Chat]:
    async with running_chat(sqlite_url, tmp_path, clock, knowledge) as running:
        yield running
