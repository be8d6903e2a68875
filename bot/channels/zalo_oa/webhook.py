"""The webhook: Zalo posts each event here and waits two seconds. Whoever else posts is told nothing."""

import json
from datetime import timedelta

import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.alarms import Alarms
from bot.channels.doorstep import Arrived, Doorstep
from bot.channels.posted import body_of
from bot.channels.vietnam import VIETNAM
from bot.channels.zalo_oa import signature
from bot.channels.zalo_oa.account import CHANNEL, OaAccount
from bot.channels.zalo_oa.events import ZaloEvent, unread
from bot.clock import Clock

log = structlog.get_logger()

PATH = "/webhooks/zalo-oa"
_AHEAD = timedelta(minutes=10)
"""how far Zalo's clock may be before ours"""


class Webhook:
    def __init__(self, account: OaAccount, alarms: Alarms, clock: Clock) -> None:
        self._account = account
        self._alarms = alarms
        self._clock = clock
        self.doorstep: Doorstep | None = None

    def route(self) -> Route:
        return Route(PATH, self._answer, methods=["POST"], name="zalo oa webhook")

    async def _answer(self, request: Request) -> Response:
        raw = await body_of(request)
        if isinstance(raw, Response):
            return raw
        try:
            body = json.loads(raw)
            timestamp = str(body["timestamp"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return Response(status_code=400)
        if not self._is_zalo(request, raw, timestamp, body):
            # The app is looked at only now: what an unsigned body says of itself is worth nothing.
            log.warning("zalo.signature_wrong", client=request.client.host if request.client else None)
            foreign = str(body.get("app_id", "")) not in ("", self._account.app_id)
            await self._alarms.tell(CHANNEL, "unknown_app" if foreign else "signature", str(body.get("app_id", ""))[:40])
            return Response(status_code=403)
        if self.doorstep is None:
            return Response(status_code=503)
        return await self._take(self.doorstep, body, raw)

    def _is_zalo(self, request: Request, raw: bytes, timestamp: str, body: dict[str, object]) -> bool:
        account = self._account
        genuine = signature.fits(
            request.headers.get(signature.HEADER, ""),
            identity=account.app_id if account.signature_id == "app" else account.oa_id,
            raw=raw,
            timestamp=timestamp,
            secret=account.oa_secret if account.signature_with == "oa" else account.app_secret,
        )
        return genuine and str(body.get("app_id", account.app_id)) == account.app_id

    async def _take(self, step: Doorstep, body: dict[str, object], raw: bytes) -> Response:
        now = self._clock.now()
        try:
            event = ZaloEvent.model_validate(body)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            log.error("zalo.event_unreadable", name=unread(body), at=".".join(map(str, first["loc"])), kind=first["type"])
            name = unread(body)
            odd = Arrived(f"{name}:{signature.signature('', raw, '', '')}", name, raw.decode("utf-8", "replace"), now)
            return _answered(await step.set_aside(odd, "unknown"))
        arrived = Arrived(event.event_id, event.event_name, raw.decode("utf-8", "replace"), now)
        age = now - event.happened_at
        if age > self._account.too_old or age < -_AHEAD:
            # It is Zalo's, so it is kept; but an event that anybody may have recorded and sent again is not acted on.
            step.tell("too_old", f"{event.event_name}, {event.happened_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}")
            return _answered(await step.set_aside(arrived, "too_old"))
        return _answered(await step.arrive(arrived))


def _answered(kept: bool) -> Response:
    return Response(status_code=200 if kept else 503)
