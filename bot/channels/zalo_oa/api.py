"""Zalo's OpenAPI for Official Accounts: each call with a living token, its answer looked at beyond the HTTP status."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import FormData

from bot.channels.calling import Answer, Caller, NotConnected, Unanswered
from bot.channels.zalo_oa.account import OaAccount
from bot.channels.zalo_oa.errors import MESSAGES, TEMPLATES, Kind, OaError
from bot.channels.zalo_oa.tokens import TokenKeeper
from bot.channels.zalo_oa.zbs import Wanted
from bot.delivery.transport import NoAnswer, TryLater

_UPLOAD_S = 120.0


class OaApi:
    """Every method raises OaError, TryLater, NoAnswer or NoToken."""

    def __init__(self, caller: Caller, tokens: TokenKeeper, account: OaAccount) -> None:
        self._caller = caller
        self._tokens = tokens
        self._account = account

    # Messages

    async def send(self, recipient: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.zaloplatforms.com/docs/OA/tin-nhan/tin-tu-van: return `message_id` and, where Zalo says it, `quota`."""
        body = {"recipient": {"user_id": recipient}, "message": message}
        return await self._post(f"{self._account.api_url}/v3.0/oa/message/cs", body)

    async def send_template(self, recipient: str, template_id: str, data: Mapping[str, str]) -> str:
        """Send an approved template to a user; return the message's id."""
        body = {"user_id": recipient, "template_id": template_id, "template_data": data}
        answer = await self._post(f"{self._account.api_url}/v3.0/oa/message/template", body, TEMPLATES)
        return str(answer.get("message_id", ""))

    async def send_template_to_phone(self, phone: str, template_id: str, data: Mapping[str, str], tracking_id: str) -> str:
        """Send an approved template to a phone number (84…); return the message's id."""
        body = {"phone": phone, "template_id": template_id, "template_data": data, "tracking_id": tracking_id[:48]}
        answer = await self._post(f"{self._account.business_url}/message/template", body, TEMPLATES)
        return str(answer.get("msg_id", ""))

    async def template_parameters(self, template_id: str) -> list[Wanted]:
        """Return what a template wants to be filled in (`listParams`)."""
        url = f"{self._account.business_url}/template/info/v2"
        answer = await self._get(url, {"template_id": template_id}, TEMPLATES)
        listed = answer.get("listParams") or []
        return [
            Wanted(str(each.get("name", "")), bool(each.get("require")), int(each.get("maxLength") or 100))
            for each in listed
            if isinstance(each, dict)
        ]

    # Files

    async def upload(self, kind: str, path: Path, name: str, media_type: str) -> str:
        """Upload an image or a file; return what a message names it by. kind: image, file."""
        url = f"{self._account.api_url}/v2.0/oa/upload/{kind}"

        async def call(headers: dict[str, str]) -> Answer:
            form = FormData()
            with path.open("rb") as content:
                form.add_field("file", content, filename=name, content_type=media_type)
                return await self._caller.post(url, form=form, headers=headers, within=_UPLOAD_S)

        data = await self._with_token(call, MESSAGES)
        return str(data.get("attachment_id" if kind == "image" else "token", ""))

    # Facts

    async def account(self) -> dict[str, Any]:
        return await self._get(f"{self._account.api_url}/v2.0/oa/getoa", {})

    async def name_of(self, user_id: str) -> str:
        """Return what the person calls themselves on Zalo."""
        asked = {"data": json.dumps({"user_id": user_id})}
        return str((await self._get(f"{self._account.api_url}/v3.0/oa/user/detail", asked)).get("display_name", ""))

    async def quota(self) -> list[dict[str, Any]]:
        """Return what is left of the consultation messages that cost something."""
        body = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
        data = await self._post(f"{self._account.api_url}/v3.0/oa/quota/message", body)
        listed = data.get("list", [])
        return [each for each in listed if isinstance(each, dict)]

    # Calling

    async def _post(self, url: str, body: Mapping[str, Any], table: dict[int, Kind] = MESSAGES) -> dict[str, Any]:
        return await self._with_token(lambda headers: self._caller.post(url, json=body, headers=headers), table)

    async def _get(self, url: str, params: Mapping[str, str], table: dict[int, Kind] = MESSAGES) -> dict[str, Any]:
        return await self._with_token(lambda headers: self._caller.get(url, params=params, headers=headers), table)

    async def _with_token(self, call: Callable[[dict[str, str]], Awaitable[Answer]], table: dict[int, Kind]) -> dict[str, Any]:
        """Call; where the token is refused, renew it once and call once more: nothing has happened at the first."""
        token = await self._tokens.current()
        try:
            return await self._once(call, token, table)
        except OaError as error:
            if error.kind is not Kind.TOKEN:
                raise
        return await self._once(call, await self._tokens.after_refusal(token), table)

    async def _once(
        self, call: Callable[[dict[str, str]], Awaitable[Answer]], token: str, table: dict[int, Kind]
    ) -> dict[str, Any]:
        headers = {"access_token": token}
        if self._account.appsecret_proof:
            headers["appsecret_proof"] = hmac.new(self._account.app_secret.encode(), token.encode(), "sha256").hexdigest()
        try:
            answer = await call(headers)
        except NotConnected as error:
            raise TryLater(f"not connected: {error}") from None
        except Unanswered as error:
            raise NoAnswer(str(error)) from None
        return _data(answer, table)


def _data(answer: Answer, table: dict[int, Kind]) -> dict[str, Any]:
    body = answer.body
    if body is None or "error" not in body:
        if answer.status == 401:
            raise OaError(-216, "HTTP 401", table)
        if answer.status == 429:
            raise OaError(-32, "HTTP 429", table)
        if answer.status >= 400:
            # A gateway's own page. Hours of these are possible, so it is held for "not taken".
            raise TryLater(f"HTTP {answer.status}")
        if body is None:
            raise NoAnswer(f"HTTP {answer.status} without JSON")
    error = _number(body.get("error", 0))
    if error != 0:
        raise OaError(error, str(body.get("message", "")), table)
    data = body.get("data")
    if isinstance(data, list):
        return {"list": data}
    return data if isinstance(data, dict) else {}


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1
