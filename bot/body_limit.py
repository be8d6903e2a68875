"""A limit on what a request may carry, kept while it is read: a length that a client states is not believed."""

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
    """ASGI middleware: reading beyond `most` bytes raises BodyTooLarge in whoever reads."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > self._most:
                    raise BodyTooLarge(self._most)
            return message

        await self._app(scope, limited, send)
