"""A peer in another process, with the same methods as the one in process.

The methods are not written again: each is looked up in the class that does it over there, and
called by a request. Properties and plain methods ask at once and block for a moment, which is
harmless because the peer's loop is not ours; coroutines are coroutines here too.
"""

import asyncio
import inspect
import json
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from .groups import Group
from .peer import TelegramPeer
from .people import User
from .screen import Press
from .wire import decode, encode


class Line:
    """Requests to the peer's control API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session: aiohttp.ClientSession | None = None

    def ask(self, path: str, *args: Any, **kwargs: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_peer/{path}", self._body(args, kwargs), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return self._read(json.load(answer))
        except urllib.error.HTTPError as refused:
            with refused:
                return self._read(json.load(refused))

    async def ask_async(self, path: str, *args: Any, **kwargs: Any) -> Any:
        if self.session is None:
            raise RuntimeError("use the remote peer in `async with`")
        headers = {"Content-Type": "application/json"}
        async with self.session.post(f"{self.url}/_peer/{path}", data=self._body(args, kwargs), headers=headers) as answer:
            return self._read(await answer.json())

    def _body(self, args: Any, kwargs: Any) -> bytes:
        given = {"args": [encode(a) for a in args], "kwargs": {name: encode(v) for name, v in kwargs.items()}}
        return json.dumps(given).encode()

    def _read(self, answer: dict[str, Any]) -> Any:
        if answer["ok"]:
            return decode(answer["result"], self._refer)
        if "assertion" in answer:
            raise AssertionError(answer["assertion"])
        raise RuntimeError(answer["error"])

    def _refer(self, kind: str, fields: dict[str, Any]) -> Any:
        return {"User": RemoteUser, "Group": RemoteGroup, "Press": RemotePress}[kind](self, **fields)


class Remote:
    """Stands for an object over there; `model` is its class, which says what can be asked."""

    model: type
    kind: str

    def __init__(self, line: Line, id: int | str = 0, **known: Any) -> None:
        self._line = line
        self.id = id
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        member = inspect.getattr_static(self.model, name)
        path = f"{self.kind}/{self.id}/{name}"
        if isinstance(member, property):
            return self._line.ask(path)
        return partial(self._line.ask_async if inspect.iscoroutinefunction(member) else self._line.ask, path)


class RemoteUser(Remote):
    model, kind = User, "user"


class RemoteGroup(Remote):
    model, kind = Group, "group"


class RemotePress(Remote):
    model, kind = Press, "press"


class _RemotePeer(Remote):
    """`async with RemoteTelegramPeer(url) as peer`, or `RemoteTelegramPeer.launched(...)` to start it too."""

    model, kind = TelegramPeer, "peer"

    def __init__(self, url: str) -> None:
        super().__init__(Line(url), url=url)

    @property
    def token(self) -> str:
        return str(self._line.ask("peer/0/bot_token"))

    @property
    def username(self) -> str:
        return str(self._line.ask("peer/0/bot_username"))

    async def __aenter__(self) -> Self:
        self._line.session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._line.session:
            await self._line.session.close()

    @classmethod
    @asynccontextmanager
    async def launched(cls, *options: str) -> AsyncIterator[Self]:
        """Start the peer as a process with these command-line options, and end it afterwards."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.peers.telegram", "--with-parent", *options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = (await process.stdout.readline()).decode().strip()
            async with cls(url) as peer:
                yield peer
        finally:
            process.stdin.close()
            await process.wait()


if TYPE_CHECKING:

    class RemoteTelegramPeer(TelegramPeer):
        """For type checkers the remote peer is a peer: it answers to the same methods."""

        def __init__(self, url: str) -> None: ...
        @classmethod
        @asynccontextmanager
        async def launched(cls, *options: str) -> AsyncIterator[Self]:
            yield cls("")

else:
    RemoteTelegramPeer = _RemotePeer
