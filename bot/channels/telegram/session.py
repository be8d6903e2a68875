"""How Telegram is called: aiogram's session, which here also tells a connection that never opened from an answer that
never came. The first can be repeated without harm; the second may have had its effect.
"""

import errno
from collections.abc import AsyncGenerator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

import orjson
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    ReplyParameters,
    TelegramObject,
)
from aiohttp import ClientConnectorError, ClientError, ClientTimeout, ConnectionTimeoutError

log = structlog.get_logger()

CONNECT_S = 10.0
_JSON = {"Content-Type": "application/json"}
_NO_PREVIEW = {"is_disabled": True}
STALLED_S = 30.0
"""how long a download may bring nothing"""


class NotConnected(TelegramNetworkError):
    """The request never left this machine."""


class Sent(TelegramObject):
    """What we need of the message that Telegram returns. The rest of it may take shapes that aiogram does not know yet:
    a message that went out must not be taken for one that did not."""

    message_id: int


class SendText(TelegramMethod[Sent]):
    """https://core.telegram.org/bots/api#sendmessage, without markup: no `parse_mode` means the text is what it says."""

    __returning__ = Sent
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    link_preview_options: LinkPreviewOptions
    reply_markup: InlineKeyboardMarkup | None = None
    message_thread_id: int | None = None
    reply_parameters: ReplyParameters | None = None
    disable_notification: bool | None = None


class SendFile(TelegramMethod[Sent]):
    """https://core.telegram.org/bots/api#senddocument"""

    __returning__ = Sent
    __api_method__ = "sendDocument"

    chat_id: int
    document: InputFile
    caption: str | None = None
    reply_markup: InlineKeyboardMarkup | None = None
    message_thread_id: int | None = None


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """https://core.telegram.org/bots/api#getupdates, each update still as it came: one that aiogram cannot read must
    not keep the others of its batch from us."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    allowed_updates: list[str]


class EditText(TelegramMethod[Any]):
    """https://core.telegram.org/bots/api#editmessagetext"""

    __returning__ = Any
    __api_method__ = "editMessageText"

    chat_id: int
    message_id: int
    text: str
    link_preview_options: LinkPreviewOptions
    reply_markup: InlineKeyboardMarkup | None = None


class EditCaption(TelegramMethod[Any]):
    """https://core.telegram.org/bots/api#editmessagecaption"""

    __returning__ = Any
    __api_method__ = "editMessageCaption"

    chat_id: int
    message_id: int
    caption: str
    reply_markup: InlineKeyboardMarkup | None = None


_ANY_TEXT = SendText.model_construct(chat_id=0, text="")
"""stands for the call in errors, which name its kind"""


class Session(AiohttpSession):
    def __init__(self, api_url: str, *, timeout: float, connections: int) -> None:
        super().__init__(limit=connections, api=TelegramAPIServer.from_base(api_url), timeout=timeout)
        self._text_limit: ClientTimeout | None = None
        self._encrypted = api_url.startswith("https://")

    async def send_text(self, bot: Bot, chat: int, text: str, keyboard: Mapping[str, Any] | None) -> int:
        """Send a text and return Telegram's id of it: the same call as with `SendText`, raising the same errors.

        What bulk consists of is put together and read as JSON, without a model for the request, the form and the answer:
        that takes less than half of the time, and the time decides how many messages a second one process sends.
        """
        content: dict[str, Any] = {"chat_id": chat, "text": text, "link_preview_options": _NO_PREVIEW}
        if keyboard is not None:
            content["reply_markup"] = keyboard
        url = self.api.api_url(token=bot.token, method=SendText.__api_method__)
        if self._text_limit is None:
            self._text_limit = ClientTimeout(total=self.timeout, connect=CONNECT_S)
        answer, status = await self._post(url, _ANY_TEXT, self._text_limit, data=orjson.dumps(content), headers=_JSON)
        if status == HTTPStatus.OK:
            try:
                return int(orjson.loads(answer)["result"]["message_id"])
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                log.warning("telegram.answer_unusual", status=status)
        said = answer.decode("utf-8", "replace")
        response = self.check_response(bot=bot, method=_ANY_TEXT, status_code=status, content=said)
        sent = cast(Sent, response.result)
        return sent.message_id

    async def _post(
        self,
        url: str,
        method: TelegramMethod[Any],
        limit: ClientTimeout,
        **request: Any,
    ) -> tuple[bytes, int]:
        """Return the answer and its status. Raises NotConnected or TelegramNetworkError, which name the kind of error
        only: aiohttp's own words may contain the address, and with it the token."""
        session = await self.create_session()
        try:
            async with session.post(url, timeout=limit, **request) as answer:
                return await answer.read(), answer.status
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise NotConnected(method=method, message=_kind(error)) from None
        except TimeoutError:
            raise TelegramNetworkError(method=method, message=f"no answer within {limit.total:g} s") from None
        except ClientError as error:
            raise TelegramNetworkError(method=method, message=_kind(error)) from None

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> TelegramType:
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        form = self.build_form_data(bot=bot, method=method)
        limit = ClientTimeout(total=self.timeout if timeout is None else timeout, connect=CONNECT_S)
        answer, status = await self._post(url, method, limit, data=form)
        content = answer.decode("utf-8", "replace")
        response = self.check_response(bot=bot, method=method, status_code=status, content=content)
        return cast(TelegramType, response.result)

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            if status_code < HTTPStatus.BAD_REQUEST:
                raise
            # A gateway's own page instead of an answer. Hours of these are possible, so it is held for "not taken".
            raise TelegramServerError(method=method, message=f"HTTP {status_code}") from error

    async def stream(self, url: str) -> AsyncGenerator[bytes]:
        """Yield the content behind a file's address. Raises TimeoutError or aiohttp's ClientError, which may contain it."""
        session = await self.create_session()
        limit = ClientTimeout(total=None, connect=CONNECT_S, sock_read=STALLED_S)
        async with session.get(url, timeout=limit, raise_for_status=True) as answer:
            async for chunk in answer.content.iter_chunked(65536):
                yield chunk

    async def close(self) -> None:
        if self._encrypted:
            await super().close()  # waits a moment for TLS
        elif self._session is not None:
            await self._session.close()


def keyboard(rows: Sequence[Sequence[Mapping[str, str]]]) -> InlineKeyboardMarkup | None:
    """Return rows of buttons (`label` with `action` or `url`) as Telegram takes them."""
    if not rows:
        return None
    made = [
        [InlineKeyboardButton(text=b["label"], url=b.get("url"), callback_data=b.get("action")) for b in row] for row in rows
    ]
    return InlineKeyboardMarkup(inline_keyboard=made)


def no_preview() -> LinkPreviewOptions:
    return LinkPreviewOptions(is_disabled=True)


def in_short(error: AiogramError) -> str:
    """Return what went wrong in a line for the log: without the answer's content, which may be what people wrote."""
    message: str = getattr(error, "message", type(error).__name__)
    return message.partition("\n")[0][:300]


def pause_asked(error: AiogramError) -> float:
    """Return the seconds for which Telegram wants to be left alone; 0 where it does not say."""
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else 0.0


def _kind(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    name = errno.errorcode.get(number) if number else None
    return f"{type(error).__name__} {name}" if name else type(error).__name__
