"""The webhook: the Bot Platform posts each event here, with the secret that we gave it."""

import hmac
import json

import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.doorstep import Arrived, Doorstep
from bot.channels.posted import body_of
from bot.channels.zalo_bot.updates import parse
from bot.clock import Clock

log = structlog.get_logger()

PATH = "/webhooks/zalo-bot"
_SECRET_HEADER = "x-bot-api-secret-token"  # noqa: S105 - the name of a header


class Webhook:
    def __init__(self, secret: str, clock: Clock) -> None:
        if not secret:
            raise ValueError("a webhook without a secret would take events from anybody")
        self._secret = secret.encode()
        self._clock = clock
        self.doorstep: Doorstep | None = None

    def route(self) -> Route:
        return Route(PATH, self._answer, methods=["POST"], name="zalo bot webhook")

    async def _answer(self, request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self._secret):
            log.warning("zalo_bot.secret_wrong", client=request.client.host if request.client else None)
            return Response(status_code=403)
        if self.doorstep is None:
            return Response(status_code=503)
        raw = await body_of(request)
        if isinstance(raw, Response):
            return raw
        try:
            body = json.loads(raw)
            if not isinstance(body, dict):
                return Response(status_code=400)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        text = raw.decode("utf-8", "replace")
        try:
            update = parse(body)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            log.error("zalo_bot.event_unreadable", at=".".join(map(str, first["loc"])), kind=first["type"])
            odd = Arrived(hmac.new(self._secret, raw, "sha256").hexdigest(), "unreadable", text, self._clock.now())
            return _answered(await self.doorstep.set_aside(odd, "unknown"))
        arrived = Arrived(update.message.message_id, update.event_name, text, self._clock.now())
        return _answered(await self.doorstep.arrive(arrived))


def _answered(kept: bool) -> Response:
    return Response(status_code=200 if kept else 503)
