"""The HTTP face: token, method, faults, validation, effect, answer; in that order."""

import asyncio
import contextlib
import json
import logging
from typing import Any

from aiohttp import web

from . import chats, editing, receiving, sending  # noqa: F401  (they register the methods)
from .calls import answers_plain_true, known, read_params, validate
from .errors import ApiError, bad
from .faults import Fault
from .files import UPLOAD_LIMIT, Upload
from .platform import METHODS, Platform, Request, Wire

log = logging.getLogger(__name__)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def answer(body: Wire) -> web.Response:
    status = 200 if body["ok"] else body["error_code"]
    headers = {}
    if retry_after := body.get("parameters", {}).get("retry_after"):
        headers["Retry-After"] = str(retry_after)
    return web.json_response(body, status=status, headers=headers, dumps=dumps)


def cut(request: web.Request) -> web.Response:
    """Drop the connection without a word; what is returned has nowhere to go."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


class Server:
    """Serves one bot on 127.0.0.1."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.app = web.Application(client_max_size=UPLOAD_LIMIT + 2**20)
        # {token} is checked in the handler: the answer to a wrong one is part of the behaviour.
        self.app.router.add_route("*", "/bot{token}/test/{method}", self._call)
        self.app.router.add_route("*", "/bot{token}/{method}", self._call)
        self.app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._running: set[asyncio.Task[web.StreamResponse]] = set()
        self._runner: web.AppRunner | None = None
        platform.webhook.on_method = self._method_in_response

    async def start(self, port: int = 0) -> int:
        """Return the port, chosen by the kernel when 0 is given."""
        # A client that goes away while it polls must not leave its long poll behind as a rival.
        self._runner = web.AppRunner(self.app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        await self.platform.webhook.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self.platform.webhook.stop()
        self.drop_everyone()
        if self._runner:
            await self._runner.cleanup()

    def drop_everyone(self) -> None:
        """Break off whatever is being answered, the long poll included."""
        for task in list(self._running):
            task.cancel()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if self.platform.down:
            return cut(request)
        if (refusal := self._token_refusal(request.match_info["token"])) is not None:
            return answer(refusal.body())
        try:
            name = known(request.match_info["method"])
            params, uploads = await read_params(request)
        except web.HTTPRequestEntityTooLarge:
            return answer(ApiError(413, "Request Entity Too Large").body())
        except ApiError as error:
            return answer(error.body())
        # What was asked is done also when the asker went away meanwhile; only a poll ends with its client.
        task = asyncio.create_task(self._perform(request, name, params, uploads))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                return cut(request)  # the outage or the end of the peer, not the client's departure
            if name == "getUpdates":
                task.cancel()
            raise

    async def _perform(self, request: web.Request, name: str, params: Wire, uploads: dict[str, Upload]) -> web.StreamResponse:
        fault = self.platform.faults.take(name, params.get("chat_id"))
        if fault and not fault.after_effect and (early := await self._before(request, fault, name, params)) is not None:
            return early
        body = await self.execute(name, params, uploads)
        if fault and (fault.after_effect or fault.kind == "garble"):
            if fault.seconds:
                await asyncio.sleep(fault.seconds)
            if fault.kind == "cut":
                return cut(request)
            if fault.kind == "garble":
                return web.Response(text=dumps(body)[:-7], content_type="application/json")
            if fault.kind == "status":
                return self._status(fault)
        return answer(body)

    async def _before(self, request: web.Request, fault: Fault, name: str, params: Wire) -> web.Response | None:
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault.kind not in ("cut", "status"):
            return None
        why = "cut before effect" if fault.kind == "cut" else fault.description
        self.platform.note(Request(name, params, self.platform.clock.now(), error=why, status=fault.status))
        return cut(request) if fault.kind == "cut" else self._status(fault)

    def _status(self, fault: Fault) -> web.Response:
        more = {"retry_after": fault.retry_after} if fault.retry_after else {}
        return answer(ApiError(fault.status, fault.description, **more).body())

    async def execute(self, name: str, params: Wire, uploads: dict[str, Upload]) -> Wire:
        """Carry out a call and return the body of its answer; every call is noted in the log."""
        note = Request(name, params, self.platform.clock.now())
        try:
            call = validate(name, params, uploads)
            note.params = call.args
            if model := METHODS.get(name.lower()):
                note.result = await model(self.platform, call)
            elif answers_plain_true(name):
                note.result = True
            else:
                raise bad(f"this peer does not model {name}")
        except ApiError as error:
            note.error, note.status = error.description, error.code
            return error.body()
        finally:
            # The log shows calls in the order in which they ended; an endless poll is no news.
            if name != "getUpdates":
                self.platform.note(note)
        return {"ok": True, "result": note.result}

    def _token_refusal(self, token: str) -> ApiError | None:
        if token == self.platform.token:
            return None
        number, _, secret = token.partition(":")
        if not number.isdigit() or not secret:
            return ApiError(401, "Unauthorized: invalid token specified")
        return ApiError(401, "Unauthorized")

    async def _method_in_response(self, body: Wire) -> None:
        """Carry out a method that the bot put into its answer to a webhook; its result is never seen."""
        params = {key: value for key, value in body.items() if key != "method"}
        with contextlib.suppress(ApiError):
            name = known(str(body["method"]))
            if not name.startswith("get") and name not in ("setWebhook", "deleteWebhook", "close", "logOut"):
                await self.execute(name, params, {})

    async def _download(self, request: web.Request) -> web.Response:
        if self._token_refusal(request.match_info["token"]):
            return answer(ApiError(401, "Unauthorized").body())
        fault = self.platform.faults.take("download", None)
        if fault and fault.kind == "cut":
            return cut(request)
        file = self.platform.files.by_path(request.match_info["path"])
        if file is None:
            return answer(ApiError(404, "Not Found").body())
        return web.Response(body=file.data, content_type="application/octet-stream")
