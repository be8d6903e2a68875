"""A loopback Telegram, and our channel in front of it. What the channel takes is kept by `Taking` where no conversation is
needed; the whole conversation stands in `test_conversation.py`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.channels.standing import Standings
from bot.channels.telegram.channel import TelegramChannel
from bot.clock import SystemClock
from bot.handlers.incoming import Incoming
from storage.database import Database
from storage.files import FileStore
from tests.channels.unread import unread
from tests.peers.telegram import TelegramPeer

PUBLIC = "https://bot.example"
SECRET = "a-secret-of-the-tests"
MENU = {"vi": [("help", "Hướng dẫn")], "en": [("help", "Help")]}
MakeChannel = Callable[..., TelegramChannel]


class Taking:
    """Stands where the pipeline stands: keeps what it was handed, and fails when it is told to."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.attempts: list[Incoming] = []
        self.broken = False
        self.breaks_on: str | None = None
        """a text that can never be taken"""
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.at_once = 0
        self.most_at_once = 0
        self._news = asyncio.Condition()

    async def __call__(self, incoming: Incoming) -> bool:
        self.attempts.append(incoming)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self._tell()
        try:
            await self.may_go_on.wait()
        finally:
            self.at_once -= 1
        if self.broken or (self.breaks_on is not None and incoming.text == self.breaks_on):
            raise ConnectionError("the database is down")
        new = incoming.event not in [known.event for known in self.taken]
        if new:
            self.taken.append(incoming)
        await self._tell()
        return new

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.taken]

    def tried(self, times: int) -> bool:
        return len(self.attempts) >= times

    async def has(self, times: int) -> list[Incoming]:
        """Wait until so much was taken."""
        await self.until(lambda: len(self.taken) >= times)
        return self.taken

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(true)


async def eventually(true: Callable[[], bool], *, within: float = 10) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.01)


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as started:
        yield started


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def taking() -> Taking:
    return Taking()


async def harmless(text: str) -> bool:
    """Whether what somebody wrote may be kept: all but what is for the special team."""
    return "hối lộ" not in text


@pytest.fixture
async def make_channel(peer: TelegramPeer, files: FileStore, database: Database) -> AsyncIterator[MakeChannel]:
    made: list[TelegramChannel] = []

    def make(**changed: object) -> TelegramChannel:
        settings: dict[str, object] = {
            "token": peer.token,
            "api_url": peer.url,
            "mode": "polling",
            "files": files,
            "standings": Standings(database, SystemClock()),
            "menu": MENU,
            "default_language": "vi",
            "clock": SystemClock(),
            "public_url": PUBLIC,
            "webhook_secret": SECRET,
            "first_wait": 0.02,
            "unread": unread(database, SystemClock(), harmless),
        }
        channel = TelegramChannel(**(settings | changed))  # type: ignore[arg-type]
        made.append(channel)
        return channel

    yield make
    for channel in made:
        await channel.stop()


@pytest.fixture
async def polling(make_channel: MakeChannel, peer: TelegramPeer, taking: Taking) -> TelegramChannel:
    """Our channel, polling: it is up and has nothing left to fetch."""
    channel = make_channel()
    await channel.start(taking)
    await peer.polled()
    return channel


@asynccontextmanager
async def served(routes: list[BaseRoute]) -> AsyncIterator[str]:
    """Serve routes on this machine; give their address."""
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_config=None, lifespan="off", http="httptools", ws="none")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    running = asyncio.create_task(server.main_loop())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
        await server.shutdown()


@pytest.fixture
async def webhook(make_channel: MakeChannel, peer: TelegramPeer, taking: Taking) -> AsyncIterator[str]:
    """Our channel behind its webhook, registered at Telegram; the address at which it is served on this machine."""
    channel = make_channel(mode="webhook")
    async with served(list(channel.routes())) as address:
        peer.reaches(PUBLIC, at=address)
        await channel.start(taking)
        await peer.called("setWebhook")
        yield address
        await channel.stop()


@pytest.fixture(autouse=True)
def no_token_in_errors(
    peer: TelegramPeer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Whatever goes wrong in a test: the token never reaches a log."""
    yield
    captured = capsys.readouterr()
    assert peer.token not in captured.out + captured.err + caplog.text
