"""The webhook: Telegram posts each update here, and repeats it until we answer 200, which we do after the commit."""

import hmac
import json
from typing import Any

import structlog
from aiogram.types import Update
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.posted import body_of
from bot.channels.telegram.receiving import Receiver

log = structlog.get_logger()

PATH = "/webhooks/telegram"
_SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header


class Webhook:
    """Refuses everything until `receiver` is set, as Telegram expects of a bot that is not up yet."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("a webhook without a secret would take updates from anybody")
        self._secret = secret.encode("ascii")
        self.receiver: Receiver | None = None

    def route(self) -> Route:
        return Route(PATH, self._answer, methods=["POST"], name="telegram webhook")

    async def _answer(self, request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("latin-1"), self._secret):
            log.warning("telegram.webhook_secret_wrong", client=request.client.host if request.client else None)
            return Response(status_code=401)
        if self.receiver is None:
            return Response(status_code=503)
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        try:
            update: Update | None = self.receiver.parse(body)
        except ValidationError:
            raw = _update(body)
            if raw is None:
                log.error("telegram.update_unreadable", reason="it is no update")
                return Response(status_code=400)
            try:
                update = await self.receiver.understand(raw)
            except Exception:
                log.exception("telegram.unreadable_update_not_kept", update_id=raw["update_id"])
                return Response(status_code=503)
        if update is None:
            return Response(status_code=200)
        try:
            await self.receiver.receive(update)
        except Exception:
            log.exception("telegram.update_not_taken", update_id=update.update_id)
            return Response(status_code=503)
        return Response(status_code=200)


def _update(body: bytes) -> dict[str, Any] | None:
    """Return the JSON of an update that could not be read, or nothing where it is not even one."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and type(raw.get("update_id")) is int else None
