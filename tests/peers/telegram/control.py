"""The acts of people and tests over HTTP: `POST /_peer/<peer|user|group|press>/<id>/<act>`.

The body is `{"args": [...], "kwargs": {...}}`, the values as in `wire`; plain JSON strings, numbers
and booleans are themselves, so that `curl -d '{"args": ["/start"]}' .../_peer/user/7000000001/says` works.
"""

import inspect
from typing import Any

from aiohttp import web

from .groups import Group
from .people import User
from .screen import Press
from .wire import decode, encode

KINDS: dict[str, type] = {"user": User, "group": Group, "press": Press}
CLOSED = {"start", "stop", "server", "platform", "account"}


class Control:
    def __init__(self, peer: Any) -> None:
        self._peer = peer
        self._presses: dict[str, Press] = {}

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/_peer/{kind}/{id}/{act}", self._act)

    async def _act(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        act = request.match_info["act"]
        try:
            if act.startswith("_") or act in CLOSED:
                raise AttributeError(act)
            target = self._refer(request.match_info["kind"].title(), {"id": request.match_info["id"]})
            args = [decode(value, self._refer) for value in body.get("args", [])]
            kwargs = {name: decode(value, self._refer) for name, value in body.get("kwargs", {}).items()}
            found = getattr(target, act)
            result = found(*args, **kwargs) if callable(found) else found
            if inspect.isawaitable(result):
                result = await result
        except AssertionError as error:
            return web.json_response({"ok": False, "assertion": str(error)}, status=409)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": repr(error)}, status=400)
        if isinstance(result, Press):
            self._presses[result.id] = result
        return web.json_response({"ok": True, "result": encode(result)})

    def _refer(self, kind: str, fields: dict[str, Any]) -> Any:
        if kind == "Peer":
            return self._peer
        if kind == "Press":
            return self._presses[str(fields["id"])]
        return self._peer.by_id(kind, int(fields["id"]))
