"""A loopback Bot Platform of Zalo: one bot, people who write to it, a webhook or getUpdates that forgets what it hands out."""

import asyncio
import itertools
import json
import time
from typing import Any, Self

import aiohttp
from aiohttp import web

TOKEN = "123456789:secret-of-the-tests"


class BotPerson:
    def __init__(self, peer: "ZaloBotPeer", id: str, name: str) -> None:
        self._peer = peer
        self.id = id
        self.name = name
        self.blocked = False
        self.heard: list[dict[str, Any]] = []
        self.typing = 0

    @property
    def last(self) -> str:
        return str(self.heard[-1].get("text", ""))

    async def says(self, text: str, **how: Any) -> int:
        return await self._does("message.text.received", {"text": text}, **how)

    async def sends_photo(self, name: str, content: bytes, caption: str = "") -> int:
        return await self._does("message.image.received", {"photo": self._peer.host(name, content), "caption": caption})

    async def sends_unsupported(self) -> int:
        return await self._does("message.unsupported.received", {})

    async def chooses(self, label: str) -> int:
        """Type the number beside a choice of the newest message that has it."""
        for heard in reversed(self.heard):
            for line in str(heard.get("text", "")).splitlines():
                number, dot, words = line.partition(". ")
                if dot and number.isdigit() and label.lower() in words.lower():
                    return await self.says(number)
        raise AssertionError(f"no choice {label!r} in {self.heard[-1:]}")

    async def _does(self, event: str, content: dict[str, Any], **how: Any) -> int:
        message = {
            "message_id": self._peer.new_id(),
            "date": int(time.time() * 1000),
            "from": {"id": self.id, "display_name": self.name, "is_bot": False},
            "chat": {"id": self.id, "chat_type": "PRIVATE"},
        }
        return await self._peer.happens({"event_name": event, "message": message | content}, **how)


class ZaloBotPeer:
    def __init__(self) -> None:
        self.people: dict[str, BotPerson] = {}
        self.webhook: dict[str, str] = {}
        self.reach = ""
        """where the webhook is served on this machine; empty: events wait for getUpdates"""
        self.calls: list[str] = []
        self.faults: list[dict[str, Any]] = []
        """what the next calls are met with: {"method", "error_code", "description"}"""
        self.url = ""
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._hosted: dict[str, bytes] = {}
        self._ids = itertools.count(1)
        self._last: tuple[bytes, dict[str, str]] = (b"", {})
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/media/{name}", self._media)
        app.router.add_post("/bot{token}/{method}", self._call)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        assert self._runner is not None
        await self._session.close()
        await self._runner.cleanup()

    def new_id(self) -> str:
        return f"m{next(self._ids):016x}"

    def person(self, name: str = "Lan") -> BotPerson:
        person = BotPerson(self, self.new_id(), name)
        self.people[person.id] = person
        return person

    def host(self, name: str, content: bytes) -> str:
        self._hosted[name] = content
        return f"{self.url}/media/{name}"

    async def happens(self, event: dict[str, Any], *, secret: str | None = None, bare: bool = False) -> int:
        """Hand an event out: to the webhook where there is one (return its status), else to who asks next (0)."""
        if not self.webhook:
            self._events.put_nowait(event)
            return 0
        body = event if bare else {"ok": True, "result": event}
        headers = {"X-Bot-Api-Secret-Token": self.webhook["secret_token"] if secret is None else secret}
        self._last = json.dumps(body, ensure_ascii=False).encode(), headers
        return await self.again()

    async def again(self) -> int:
        """Post the newest event once more."""
        assert self._session is not None
        raw, headers = self._last
        async with self._session.post(self.reach, data=raw, headers=headers) as answer:
            return answer.status

    async def _media(self, request: web.Request) -> web.Response:
        content = self._hosted.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls.append(method)
        if request.match_info["token"] != TOKEN:
            return _error(401, "Unauthorized: invalid token")
        fault = next((each for each in self.faults if each["method"] == method), None)
        if fault is not None:
            self.faults.remove(fault)
            return _error(fault["error_code"], fault["description"])
        body = dict(await request.post()) if request.content_type != "application/json" else await request.json()
        handler = getattr(self, f"_{method}", None)
        return await handler(body) if handler else _error(404, "method not found")

    async def _getMe(self, body: dict[str, Any]) -> web.Response:
        return _ok({"id": "1", "account_name": "bot.haiquan", "account_type": "BASIC", "can_join_groups": False})

    async def _getUpdates(self, body: dict[str, Any]) -> web.Response:
        if self.webhook:
            return _error(409, "webhook is set")
        try:
            return _ok(await asyncio.wait_for(self._events.get(), float(body.get("timeout") or 30)))
        except TimeoutError:
            return _error(408, "Request timeout")

    async def _setWebhook(self, body: dict[str, Any]) -> web.Response:
        if not str(body.get("url", "")).startswith("https://") or not 8 <= len(str(body.get("secret_token", ""))) <= 256:
            return _error(400, "url or secret_token is invalid")
        self.webhook = {"url": body["url"], "secret_token": body["secret_token"]}
        return _ok({"url": body["url"], "updated_at": int(time.time() * 1000)})

    async def _deleteWebhook(self, body: dict[str, Any]) -> web.Response:
        self.webhook = {}
        return _ok({"url": "", "updated_at": int(time.time() * 1000)})

    async def _getWebhookInfo(self, body: dict[str, Any]) -> web.Response:
        return _ok({"url": self.webhook.get("url", ""), "updated_at": 0})

    async def _sendMessage(self, body: dict[str, Any]) -> web.Response:
        if not 1 <= len(str(body.get("text", ""))) <= 2000:
            return _error(400, "text must be 1 to 2000 characters")
        return self._show(body, {"text": body["text"]})

    async def _sendPhoto(self, body: dict[str, Any]) -> web.Response:
        return self._show(body, {"photo": body.get("photo"), "text": body.get("caption", "")})

    async def _sendSticker(self, body: dict[str, Any]) -> web.Response:
        return self._show(body, {"sticker": body.get("sticker")})

    async def _sendChatAction(self, body: dict[str, Any]) -> web.Response:
        person = self.people.get(str(body.get("chat_id")))
        if person is None or body.get("action") != "typing":
            return _error(400, "Bad Request")
        person.typing += 1
        return web.json_response({"ok": True})

    def _show(self, body: dict[str, Any], content: dict[str, Any]) -> web.Response:
        person = self.people.get(str(body.get("chat_id")))
        if person is None:
            return _error(400, "chat not found")
        if person.blocked:
            return _error(403, "bot was blocked by the user")
        message = {"message_id": self.new_id(), "date": int(time.time() * 1000)}
        person.heard.append(message | content)
        return _ok(message)


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _error(code: int, words: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": code, "description": words})
