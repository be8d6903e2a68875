"""Two independent Bot API clients behind one small face, so that a rule is stated once and held by both."""

import asyncio
import os
from contextlib import suppress
from typing import Any

import telegram.error
from aiogram import Bot, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BotCommand, BufferedInputFile, InputMediaDocument, InputMediaPhoto, ReactionTypeEmoji
from telegram.request import HTTPXRequest


class Refused(Exception):
    """A refusal in either client's words, made comparable."""

    def __init__(self, kind: str, text: str, retry_after: int | None = None, new_chat: int | None = None) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text.lower()
        self.retry_after = retry_after
        self.new_chat = new_chat


class QuickSession(AiohttpSession):
    """Without the quarter of a second that closing waits for TLS, of which there is none here."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class Aiogram:
    name = "aiogram"
    KINDS = (
        (exceptions.TelegramForbiddenError, "forbidden"),
        (exceptions.TelegramConflictError, "conflict"),
        (exceptions.TelegramUnauthorizedError, "unauthorized"),
        (exceptions.TelegramNotFound, "not found"),
        (exceptions.TelegramEntityTooLarge, "too large"),
        (exceptions.TelegramServerError, "server"),
        (exceptions.TelegramNetworkError, "network"),
        (exceptions.ClientDecodeError, "garbled"),
        (exceptions.TelegramBadRequest, "bad request"),
    )

    def __init__(self, url: str, token: str) -> None:
        self.bot = Bot(token, session=QuickSession(api=TelegramAPIServer.from_base(url)))

    async def call(self, method: str, *args: Any, patience: float | None = None, **kwargs: Any) -> Any:
        more = {"request_timeout": patience} if patience else {}
        try:
            return await getattr(self.bot, method)(*args, **kwargs, **more)
        except exceptions.TelegramRetryAfter as error:
            raise Refused("retry", str(error), retry_after=error.retry_after) from error
        except exceptions.TelegramMigrateToChat as error:
            raise Refused("migrated", str(error), new_chat=error.migrate_to_chat_id) from error
        except (exceptions.TelegramAPIError, exceptions.ClientDecodeError) as error:
            raise Refused(next(kind for cls, kind in self.KINDS if isinstance(error, cls)), str(error)) from error

    def file(self, name: str, data: bytes) -> Any:
        return BufferedInputFile(data, name)

    def album(self, *items: tuple[str, str, bytes]) -> list[Any]:
        kinds = {"document": InputMediaDocument, "photo": InputMediaPhoto}
        return [kinds[kind](media=self.file(name, data)) for kind, name, data in items]

    def commands(self, **described: str) -> list[Any]:
        return [BotCommand(command=name, description=text) for name, text in described.items()]

    def reaction(self, emoji: str) -> list[Any]:
        return [ReactionTypeEmoji(emoji=emoji)]

    async def download(self, file_id: str) -> bytes:
        found = await self.bot.download(file_id)
        assert found is not None
        return found.read()

    async def close(self) -> None:
        await self.bot.session.close()


class PythonTelegramBot:
    name = "python-telegram-bot"
    KINDS = (
        (telegram.error.Forbidden, "forbidden"),
        (telegram.error.Conflict, "conflict"),
        (telegram.error.BadRequest, "bad request"),
        (telegram.error.TimedOut, "network"),
    )

    def __init__(self, url: str, token: str) -> None:
        # Reading the machine's certificates takes longer than the test, and nothing here is encrypted.
        requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]
        self.bot = telegram.Bot(token, f"{url}/bot", f"{url}/file/bot", request=requests[0], get_updates_request=requests[1])
        self._requests = requests

    async def call(self, method: str, *args: Any, patience: float | None = None, **kwargs: Any) -> Any:
        more = {"read_timeout": patience} if patience else {}
        try:
            return await getattr(self.bot, method)(*args, **kwargs, **more)
        except telegram.error.RetryAfter as error:
            wait = error.retry_after
            seconds = wait if isinstance(wait, int) else int(wait.total_seconds())
            raise Refused("retry", str(error), retry_after=seconds) from error
        except telegram.error.ChatMigrated as error:
            raise Refused("migrated", str(error), new_chat=error.new_chat_id) from error
        except telegram.error.TelegramError as error:
            raise Refused(self._kind(error), str(error)) from error

    def _kind(self, error: Exception) -> str:
        for cls, kind in self.KINDS:
            if isinstance(error, cls):
                return kind
        text = str(error).lower()
        if isinstance(error, telegram.error.InvalidToken):
            return "unauthorized" if "unauthorized" in text else "not found"
        if "httpx" in text:
            return "network"
        if "too large" in text:
            return "too large"
        return "garbled" if "invalid server response" in text or "parse" in text else "server"

    def file(self, name: str, data: bytes) -> Any:
        return telegram.InputFile(data, filename=name)

    def album(self, *items: tuple[str, str, bytes]) -> list[Any]:
        kinds = {"document": telegram.InputMediaDocument, "photo": telegram.InputMediaPhoto}
        return [kinds[kind](media=data, filename=name) for kind, name, data in items]

    def commands(self, **described: str) -> list[Any]:
        return [telegram.BotCommand(name, text) for name, text in described.items()]

    def reaction(self, emoji: str) -> list[Any]:
        return [telegram.ReactionTypeEmoji(emoji)]

    async def download(self, file_id: str) -> bytes:
        return bytes(await (await self.bot.get_file(file_id)).download_as_bytearray())

    async def close(self) -> None:
        for request in self._requests:
            await request.shutdown()


# The client is on its way from numbers to timedeltas and warns until the new way is chosen.
os.environ.setdefault("PTB_TIMEDELTA", "1")
Client = Aiogram | PythonTelegramBot
CLIENTS: list[type[Client]] = [Aiogram, PythonTelegramBot]


def keyboard(*rows: list[tuple[str, str]]) -> dict[str, Any]:
    """Return an inline keyboard of (text, data) that both clients take."""
    return {"inline_keyboard": [[{"text": text, "callback_data": data} for text, data in row] for row in rows]}


def contact_keyboard(label: str) -> dict[str, Any]:
    return {"keyboard": [[{"text": label, "request_contact": True}]], "resize_keyboard": True}


async def stopped(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Refused):
        await task
