"""A limit on what a request may carry, kept while it is read: a length that a client states is not believed."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLarge(HTTPException):
    """More came than is allowed. `most`: bytes.

    An HTTPException, because FastAPI takes every other error while it reads a body for a malformed one.
    """

    def __init__(self, most: int) -> None:
        super().__init__(413, f"more than {most} bytes")
        self.most = most


class BodyLimit:
    """ASGI middleware: reading beyond `most` bytes raises BodyTooLarge in whoever reads.

    longer: how many bytes a path may carry that ends so, where that is more.
    """

    def __init__(self, app: ASGIApp, most: int, longer: Mapping[str, int] = MappingProxyType({})) -> None:
        self._app = app
        self._most = most
        self._longer = longer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0
        most = next((more for end, more in self._longer.items() if scope["path"].endswith(end)), self._most)

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > most:
                    raise BodyTooLarge(most)
            return message

        await self._app(scope, limited, send)
