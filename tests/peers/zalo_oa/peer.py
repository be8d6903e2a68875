"""The HTTP face of the loopback Zalo, and how it posts events."""

import hashlib
import io
import json
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.clock import ManualClock

from .people import Person
from .platform import Platform
from .world import Fault, Heard, PersonState, TemplateState, Upload, ZaloError

_IMAGE_BYTES, _FILE_BYTES = 1024 * 1024, 5 * 1024 * 1024


class ZaloPeer:
    def __init__(self, clock: ManualClock) -> None:
        self.platform = Platform(clock)
        self.webhook = ""
        """where events go; empty: nowhere"""
        self.answers: list[int] = []
        """what our webhook answered"""
        self.events: list[tuple[bytes, dict[str, str]]] = []
        """what was posted, for posting it again"""
        self.calls: list[str] = []
        self.echoes = False
        """whether what we send comes back as an event, as Zalo does"""
        self._faults: list[Fault] = []
        self._hosted: dict[str, bytes] = {}
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.router.add_post("/v4/oa/access_token", self._tokens)
        app.router.add_get("/media/{name}", self._media)
        app.router.add_route("*", "/{path:.+}", self._call)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
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

    # The tests' side

    def person(self, name: str = "Lan", *, active: bool = False) -> Person:
        state = PersonState(self.platform.new_id("9"), name)
        if active:
            state.last_interaction = self.platform.now()
        self.platform.people[state.id] = state
        return Person(self, state)

    def template(self, id: str, **longest: int) -> TemplateState:
        """An approved template whose parameters are all required; name=longest value."""
        params = [{"name": name, "require": True, "type": "STRING", "maxLength": most} for name, most in longest.items()]
        self.platform.templates[id] = TemplateState(id, params)
        return self.platform.templates[id]

    def fails(self, path: str, *, times: int = 1, **how: Any) -> None:
        """Have the next calls to addresses that hold `path` fail; see `Fault`."""
        self._faults.append(Fault(path, times, **how))

    def heals(self) -> None:
        """Have nothing fail any more."""
        self._faults.clear()

    def host(self, name: str, content: bytes) -> str:
        self._hosted[name] = content
        return f"{self.url}/media/{name}"

    def timestamp(self) -> str:
        return str(int(self.platform.now().timestamp() * 1000))

    def envelope(self, name: str, user_id: str) -> dict[str, Any]:
        return {
            "app_id": self.platform.app_id,
            "user_id_by_app": f"app-{user_id}",
            "event_name": name,
            "timestamp": self.timestamp(),
            "sender": {"id": user_id},
            "recipient": {"id": self.platform.oa_id},
        }

    def echo(self, user_id: str, heard: Heard, *, admin: str = "") -> dict[str, Any]:
        sender = {"id": self.platform.oa_id} | ({"admin_id": admin} if admin else {})
        message = {"msg_id": heard.id, "text": heard.text}
        return self.envelope("oa_send_text", user_id) | {"sender": sender, "recipient": {"id": user_id}, "message": message}

    async def post(
        self, body: dict[str, Any] | bytes, *, mac: str | None = None, timestamp: str | None = None, retry: int = 0
    ) -> int:
        """Post an event to our webhook, signed; return the status. mac: another signature."""
        if isinstance(body, dict):
            body |= {"timestamp": timestamp} if timestamp else {}
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "X-ZEvent-Signature": f"mac={mac or self.sign(raw)}"}
        if retry:
            headers["num_retry"] = str(retry)
        self.events.append((raw, headers))
        return await self._deliver(raw, headers)

    async def again(self, which: int = -1) -> int:
        """Post an event once more, as Zalo does when it got no answer."""
        raw, headers = self.events[which]
        return await self._deliver(raw, headers | {"num_retry": "1"})

    def sign(self, raw: bytes) -> str:
        platform, switches = self.platform, self.platform.switches
        identity = platform.app_id if switches.signature_id == "app" else platform.oa_id
        secret = platform.oa_secret if switches.signature_with == "oa" else platform.app_secret
        stamp = str(json.loads(raw)["timestamp"])
        return hashlib.sha256(identity.encode() + raw + stamp.encode() + secret.encode()).hexdigest()

    async def _deliver(self, raw: bytes, headers: dict[str, str]) -> int:
        assert self._session is not None
        if not self.webhook:
            return 0
        async with self._session.post(self.webhook, data=io.BytesIO(raw), headers=headers) as answer:
            self.answers.append(answer.status)
            return answer.status

    # Answering

    async def _tokens(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        fault = self._fault(request.path)
        if fault is not None and not fault.done:
            return self._failed(request, fault)
        form = {name: str(value) for name, value in (await request.post()).items()}
        body = self.platform.tokens(form, request.headers.get("secret_key", ""))
        return self._failed(request, fault) if fault is not None else web.json_response(body)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        content = self._hosted.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)

    def _fault(self, path: str) -> Fault | None:
        found = next((each for each in self._faults if each.path in path and each.times > 0), None)
        if found is not None:
            found.times -= 1
        return found

    def _failed(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.cut:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if fault.status is not None:
            return web.Response(status=fault.status, text="<html>gateway</html>")
        return web.json_response({"error": fault.error, "message": "injected", "error_name": "injected"})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        fault = self._fault(request.path)
        if fault is not None and not fault.done:
            return self._failed(request, fault)
        try:
            self.platform.count_call()
            self.platform.check_token(request.headers.get("access_token", ""), request.headers.get("appsecret_proof", ""))
            data = await self._data(request)
            body: dict[str, Any] = {"data": data, "error": 0, "message": "Success"}
        except ZaloError as error:
            if error.code == -216 and self.platform.switches.token_refused_with_401:
                return web.Response(status=401)
            body = {"error": error.code, "message": error.message}
        if fault is not None:
            return self._failed(request, fault)
        headers = {"X-RateLimit-Limit": "4000", "X-RateLimit-Remain": str(self.platform.calls_left)}
        return web.json_response(body, headers=headers)

    async def _data(self, request: web.Request) -> Any:
        platform, path = self.platform, request.path
        if path.startswith("/v2.0/oa/upload/"):
            return await self._upload(request, path.rpartition("/")[2])
        if request.method == "GET":
            asked = json.loads(request.query.get("data", "{}")) | dict(request.query)
            return self._facts(path, asked)
        body = await request.json()
        if path == "/v3.0/oa/message/cs":
            data = platform.consultation(body)
            await self._echo_of(data)
            return data
        if path == "/v3.0/oa/message/template":
            return platform.template_to_user(body)
        if path == "/message/template":
            return platform.template_to_phone(body)
        if path == "/v3.0/oa/quota/message":
            return self._quota(body)
        if path == "/v2.0/oa/message" and "sender_action" in body:
            platform.person(str(body["recipient"]["user_id"]))
            return {"message_id": body["sender_action"]["react_message_id"]}
        if path in ("/v2.0/oa/message", "/v3.0/oa/message/transaction", "/v3.0/oa/message/promotion"):
            raise ZaloError(-240, "MessageV2 API has been shut down, please use MessageV3 API instead")
        if path.startswith("/v2.0/oa/tag/"):
            return {}
        raise ZaloError(-212, f"API {path} is not registered")

    async def _echo_of(self, data: dict[str, Any]) -> None:
        if self.echoes:
            heard = self.platform.people[data["user_id"]].heard[-1]
            await self.post(self.echo(data["user_id"], heard))

    def _quota(self, body: dict[str, Any]) -> Any:
        platform = self.platform
        if "user_id" in body:
            person = platform.person(str(body["user_id"]))
            last = person.last_interaction
            return {"last_interaction": str(int(last.timestamp() * 1000)) if last else "0"}
        if body.get("quota_owner") not in ("OA", "App"):
            raise ZaloError(-201, "quota_owner is invalid")
        return [
            {
                "asset_id": "asset-1",
                "product_type": "cs",
                "quota_type": body.get("quota_type") or "sub_quota",
                "valid_through": "31/12/2026",
                "total": 500,
                "remain": platform.quota,
            }
        ]

    def _facts(self, path: str, asked: dict[str, Any]) -> Any:
        platform = self.platform
        if path == "/v2.0/oa/getoa":
            return {
                "oaid": platform.oa_id,
                "name": "Hải quan",
                "is_verified": True,
                "oa_type": 4,
                "num_follower": len(platform.people),
                "package_name": "Growth",
                "package_valid_through_date": "31/12/2027",
            }
        if path in ("/v3.0/oa/user/detail", "/v2.0/oa/getprofile"):
            person = platform.people.get(str(asked.get("user_id", "")))
            if person is None:
                raise ZaloError(-201, "user_id is invalid")
            return {"user_id": person.id, "display_name": person.name, "user_is_follower": person.follows}
        if path in ("/v3.0/oa/user/getlist", "/v2.0/oa/getfollowers"):
            count, offset = int(asked.get("count", 50)), int(asked.get("offset", 0))
            if count > 50:
                raise ZaloError(-210, "count is over 50")
            shown = [{"user_id": each} for each in list(platform.people)[offset : offset + count]]
            return {"total": len(platform.people), "count": len(shown), "offset": offset, "users": shown}
        if path == "/template/all":
            return [{"templateId": int(each.id), "status": "ENABLE"} for each in platform.templates.values()]
        if path == "/template/info/v2":
            template = platform.templates.get(str(asked.get("template_id", "")))
            if template is None:
                raise ZaloError(-109, "template id is invalid")
            return {"templateId": int(template.id), "status": "ENABLE", "listParams": template.params}
        if path == "/v2.0/oa/tag/gettagsofoa":
            return ["khách hàng"]
        raise ZaloError(-212, f"API {path} is not registered")

    async def _upload(self, request: web.Request, kind: str) -> Any:
        field = (await request.post()).get("file")
        if not isinstance(field, web.FileField):
            raise ZaloError(-201, "file is missing")
        content = field.file.read()
        suffix = field.filename.rpartition(".")[2].lower()
        allowed = ("jpg", "jpeg", "png") if kind == "image" else ("pdf", "doc", "docx")
        if suffix not in allowed or len(content) > (_IMAGE_BYTES if kind == "image" else _FILE_BYTES):
            raise ZaloError(-210, "file is too large or of a wrong kind")
        name = self.platform.new_id("up")
        self.platform.uploads[name] = Upload(content, field.filename, self.platform.now(), kind)
        return {"attachment_id": name} if kind == "image" else {"token": name}
