"""Zalo's Bot Platform: calls with the token in their address, which therefore appears in no error and no log."""

from collections.abc import Mapping
from typing import Any

from bot.channels.calling import Answer, Caller, NotConnected, Unanswered
from bot.delivery.transport import NoAnswer, TryLater

TIMED_OUT = 408
"""what getUpdates says when nobody wrote meanwhile"""


class BotError(Exception):
    """Zalo answered `"ok": false`. words: its description."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}".strip()[:300])
        self.code = code
        self.words = words


class BotApi:
    """Every method raises BotError, TryLater (not sent) or NoAnswer."""

    def __init__(self, caller: Caller, *, api_url: str, token: str) -> None:
        self._caller = caller
        self._base = f"{api_url.rstrip('/')}/bot{token}"

    async def send_message(self, chat_id: str, text: str) -> str:
        return _id_of(await self._call("sendMessage", {"chat_id": chat_id, "text": text}))

    async def send_photo(self, chat_id: str, photo: str, caption: str) -> str:
        """photo: an address at which Zalo fetches it."""
        body = {"chat_id": chat_id, "photo": photo} | ({"caption": caption} if caption else {})
        return _id_of(await self._call("sendPhoto", body))

    async def send_typing(self, chat_id: str) -> None:
        await self._call("sendChatAction", {"chat_id": chat_id, "action": "typing"})

    async def get_me(self) -> dict[str, Any]:
        return _object(await self._call("getMe", {}))

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._call("setWebhook", {"url": url, "secret_token": secret})

    async def delete_webhook(self) -> None:
        await self._call("deleteWebhook", {})

    async def webhook_url(self) -> str:
        return str(_object(await self._call("getWebhookInfo", {})).get("url", ""))

    async def get_update(self, timeout: int) -> dict[str, Any] | None:  # noqa: ASYNC109 - Zalo's own word
        """Return one event, which Zalo then has forgotten; nothing when none came within `timeout` seconds."""
        try:
            return _object(await self._call("getUpdates", {"timeout": str(timeout)}, within=timeout + 15.0)) or None
        except BotError as error:
            if error.code == TIMED_OUT:
                return None
            raise

    async def _call(self, method: str, body: Mapping[str, Any], within: float | None = None) -> object:
        try:
            answer = await self._caller.post(f"{self._base}/{method}", json=body, within=within)
        except NotConnected as error:
            raise TryLater(f"not connected: {error}") from None
        except Unanswered as error:
            raise NoAnswer(str(error)) from None
        return _result(answer)


def _result(answer: Answer) -> object:
    body = answer.body
    if body is None or "ok" not in body:
        if answer.status in (401, 403, 404, 429):
            raise BotError(answer.status, f"HTTP {answer.status}")
        if answer.status >= 400:
            raise TryLater(f"HTTP {answer.status}")
        raise NoAnswer(f"HTTP {answer.status} without an answer in it")
    if body["ok"] is not True:
        code = body.get("error_code")
        raise BotError(code if isinstance(code, int) else answer.status, str(body.get("description", "")))
    return body.get("result")


def _object(result: object) -> dict[str, Any]:
    return result if isinstance(result, dict) else {}


def _id_of(result: object) -> str:
    return str(_object(result).get("message_id", ""))
