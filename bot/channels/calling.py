"""Calls to a platform's HTTP interface over one pool of connections.

It tells a request that never left from one whose answer never came: the first can be repeated without harm, the second may
have had its effect. Errors name the kind of trouble only: an address may have a token in it.
"""

import errno
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    FormData,
    TCPConnector,
)

CONNECT_S = 10.0
STALLED_S = 30.0
"""how long a download may bring nothing"""


class CallFailed(Exception):
    """No usable answer came."""


class NotConnected(CallFailed):
    """The request never left this machine."""


class Unanswered(CallFailed):
    """It was sent, and what became of it nobody knows."""


@dataclass(frozen=True)
class Answer:
    """body: parsed JSON, or nothing where it is no JSON object."""

    status: int
    body: dict[str, Any] | None
    headers: Mapping[str, str]


class Caller:
    """Opens its connections at the first call. answer_within: seconds."""

    def __init__(self, *, answer_within: float, connections: int) -> None:
        self._answer_within = answer_within
        self._connections = connections
        self._session: ClientSession | None = None

    def _open(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession(
                connector=TCPConnector(limit=self._connections, ttl_dns_cache=300),
                json_serialize=lambda value: orjson.dumps(value).decode(),
            )
        return self._session

    async def post(
        self,
        url: str,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | FormData | None = None,
        headers: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> Answer:
        """Raises NotConnected or Unanswered."""
        body: dict[str, Any] = {"json": json} if json is not None else {"data": form}
        return await self._call("POST", url, within, headers=headers, **body)

    async def get(
        self, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises NotConnected or Unanswered."""
        return await self._call("GET", url, None, headers=headers, params=params)

    async def _call(self, method: str, url: str, within: float | None, **options: Any) -> Answer:
        limit = ClientTimeout(total=within or self._answer_within, connect=CONNECT_S)
        try:
            async with self._open().request(method, url, timeout=limit, allow_redirects=False, **options) as answer:
                content, status, headers = await answer.read(), answer.status, answer.headers
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise NotConnected(_kind(error)) from None
        except TimeoutError:
            raise Unanswered(f"no answer within {limit.total:g} s") from None
        except ClientError as error:
            raise Unanswered(_kind(error)) from None
        return Answer(status, _object(content), headers)

    async def stream(self, url: str) -> AsyncGenerator[bytes]:
        """Yield the content at an address, which may not lead to another. Raises CallFailed."""
        limit = ClientTimeout(total=None, connect=CONNECT_S, sock_read=STALLED_S)
        try:
            async with self._open().get(url, timeout=limit, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise Unanswered(f"HTTP {answer.status}")
                async for chunk in answer.content.iter_chunked(65536):
                    yield chunk
        except (ClientError, TimeoutError) as error:
            raise Unanswered(_kind(error)) from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _kind(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    name = errno.errorcode.get(number) if number else None
    return f"{type(error).__name__} {name}" if name else type(error).__name__
