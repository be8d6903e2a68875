"""Zalo's rules: who may be written to, what it costs, which token lives."""

import base64
import hashlib
import hmac
import itertools
from datetime import datetime, timedelta
from typing import Any

from tests.clock import ManualClock

from .world import PAID_QUOTA, UPLOADS_LIVE, Heard, PersonState, Switches, TemplateState, TokenPair, Upload, ZaloError

TOKEN_LIVES = timedelta(hours=25)
REFRESH_LIVES = timedelta(days=90)
TEXT_AT_MOST = 2000


class Platform:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.switches = Switches()
        self.app_id, self.app_secret = "1234567890123456789", "app-secret-of-the-tests"
        self.oa_id, self.oa_secret = "9876543210987654321", "oa-secret-of-the-tests"
        self.people: dict[str, PersonState] = {}
        self.pairs: list[TokenPair] = []
        self.codes: dict[str, str] = {}
        """a code of consent, with the challenge that it was given for"""
        self.templates: dict[str, TemplateState] = {}
        self.uploads: dict[str, Upload] = {}
        self.quota = PAID_QUOTA
        self.refreshes = 0
        self.refused_refreshes = 0
        self._ids = itertools.count(1)
        self._calls: list[datetime] = []

    def now(self) -> datetime:
        return self.clock.now()

    def new_id(self, what: str) -> str:
        return f"{what}{next(self._ids):020d}"

    # Tokens

    def consent(self, challenge: str) -> str:
        """An administrator of the account agrees: return the code that the callback gets."""
        code = self.new_id("code")
        self.codes[code] = challenge
        return code

    def grant(self) -> TokenPair:
        now = self.now()
        for pair in self.pairs:
            pair.dead = True  # the old access token dies with the refresh
        pair = TokenPair(self.new_id("access-"), self.new_id("refresh-"), now + TOKEN_LIVES, now + REFRESH_LIVES)
        self.pairs.append(pair)
        return pair

    def tokens(self, form: dict[str, str], secret: str) -> dict[str, Any]:
        if form.get("app_id") != self.app_id or secret != self.app_secret:
            return _refused(-14002, "Invalid app")
        if form.get("grant_type") == "refresh_token":
            found = next((each for each in self.pairs if each.refresh == form.get("refresh_token")), None)
            if found is None or found.used or found.refresh_expires <= self.now():
                self.refused_refreshes += 1
                return _refused(-14020, "Invalid refresh token")
            found.used = True
            self.refreshes += 1
        elif form.get("grant_type") == "authorization_code":
            challenge = self.codes.pop(form.get("code", ""), None)
            if challenge is None or _challenge(form.get("code_verifier", "")) != challenge:
                return _refused(-14004, "Invalid authorization code")
        else:
            return _refused(-14001, "Unknown grant type")
        pair = self.grant()
        return {"access_token": pair.access, "refresh_token": pair.refresh, "expires_in": str(int(TOKEN_LIVES.total_seconds()))}

    def check_token(self, token: str, proof: str) -> None:
        found = next((each for each in self.pairs if each.access == token), None)
        if found is None or found.dead:
            raise ZaloError(-216, "Access token is invalid")
        if found.expires <= self.now():
            raise ZaloError(-220, "access_token is expired or removed")
        if self.switches.proof_demanded and proof != hmac.new(self.app_secret.encode(), token.encode(), "sha256").hexdigest():
            raise ZaloError(-242, "appsecret_proof provided in the API call is invalid")

    def count_call(self) -> None:
        limit, now = self.switches.calls_a_minute, self.now()
        self._calls = [at for at in self._calls if now - at < timedelta(minutes=1)]
        if limit and len(self._calls) >= limit:
            raise ZaloError(-32, "Your application reach limit call api")
        self._calls.append(now)

    @property
    def calls_left(self) -> int:
        return max(0, (self.switches.calls_a_minute or 4000) - len(self._calls))

    # People

    def person(self, user_id: str) -> PersonState:
        found = self.people.get(user_id)
        if found is None:
            raise ZaloError(-201, "user_id is invalid")
        if found.blocked:
            raise ZaloError(-217, "User has blocked invitation from OA")
        return found

    def consultation(self, body: dict[str, Any]) -> dict[str, Any]:
        person = self.person(str(body.get("recipient", {}).get("user_id", "")))
        heard = self._read(body.get("message") or {})
        if person.last_interaction is None:
            raise ZaloError(-232, "User has not interacted with the OA")
        since = self.now() - person.last_interaction
        if since >= self.switches.window:
            raise ZaloError(-230, "User has not interacted with the OA in the past 7 days")
        quota: dict[str, Any] = {"quota_type": "reply", "owner_type": "OA", "owner_id": self.oa_id}
        if since >= self.switches.free_window:
            if self.quota <= 0:
                raise ZaloError(-211, "Out of quota")
            self.quota -= 1
            quota |= {"quota_type": "sub_quota", "remain": self.quota, "total": PAID_QUOTA, "expired_date": "31/12/2026"}
        person.heard.append(heard)
        sent = {"message_id": heard.id, "user_id": person.id, "sent_time": str(int(self.now().timestamp() * 1000))}
        return sent | {"quota": quota}

    def _read(self, message: dict[str, Any]) -> Heard:
        text = message.get("text", "")
        if len(text) > TEXT_AT_MOST:
            raise ZaloError(-210, "text is over 2000 characters")
        heard = Heard(self.new_id("msg"), text)
        attachment = message.get("attachment")
        if attachment is None:
            if not text.strip():
                raise ZaloError(-201, "message is empty")
            return heard
        payload = attachment.get("payload") or {}
        if attachment.get("type") == "file":
            return self._with_upload(heard, str(payload.get("token", "")), "file")
        kind = payload.get("template_type")
        if kind == "media":
            element = (payload.get("elements") or [{}])[0]
            return self._with_upload(heard, str(element.get("attachment_id", "")), "image")
        if kind in self.switches.carried_templates or kind == "request_user_info":
            heard.buttons = list(payload.get("buttons") or [])
            if len(heard.buttons) > 5:
                raise ZaloError(-210, "at most 5 buttons")
            return heard
        raise ZaloError(-233, "template type is not supported")

    def _with_upload(self, heard: Heard, name: str, kind: str) -> Heard:
        upload = self.uploads.get(name)
        if upload is None or upload.kind != kind or self.now() - upload.at > UPLOADS_LIVE:
            raise ZaloError(-100, "attachment_id is expired or invalid")
        heard.file, heard.file_name = upload.content, upload.name
        return heard

    # Templates

    def template_to_user(self, body: dict[str, Any]) -> dict[str, Any]:
        person = self.person(str(body.get("user_id", "")))
        template = self._template(body)
        if not template.for_users:
            raise ZaloError(-249, "template is not for user id")
        if not person.takes_templates:
            raise ZaloError(-114, "user cannot receive")
        return {"message_id": self._show(person, template, body, by_phone=False)}

    def template_to_phone(self, body: dict[str, Any]) -> dict[str, Any]:
        phone = str(body.get("phone", "")).removeprefix("+")
        if not phone.startswith("84"):
            raise ZaloError(-108, "phone number is invalid")
        if len(str(body.get("tracking_id", ""))) > 48:
            raise ZaloError(-1121, "tracking_id is too long")
        template = self._template(body)
        person = next((each for each in self.people.values() if each.phone == phone), None)
        if person is None:
            raise ZaloError(-118, "Zalo account does not exist")
        quota = {"dailyQuota": "500", "remainingQuota": "499"}
        shown = self._show(person, template, body, by_phone=True)
        return {"msg_id": shown, "sent_time": str(int(self.now().timestamp() * 1000)), "sending_mode": "1", "quota": quota}

    def _template(self, body: dict[str, Any]) -> TemplateState:
        template = self.templates.get(str(body.get("template_id", "")))
        if template is None:
            raise ZaloError(-109, "template id is invalid")
        if not template.approved:
            raise ZaloError(-131, "template is not approved")
        data = body.get("template_data") or {}
        for wanted in template.params:
            value = data.get(wanted["name"])
            if wanted["require"] and not value:
                raise ZaloError(-1122, f"template data is missing {wanted['name']}")
            if value and len(value) > wanted["maxLength"]:
                raise ZaloError(-1121, f"{wanted['name']} is too long")
        return template

    def _show(self, person: PersonState, template: TemplateState, body: dict[str, Any], *, by_phone: bool) -> str:
        heard = Heard(self.new_id("zbs"), template=template.id, data=dict(body["template_data"]), by_phone=by_phone)
        person.heard.append(heard)
        return heard.id


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _refused(code: int, words: str) -> dict[str, Any]:
    return {"error": code, "error_name": "oauth", "error_description": words, "ref_doc": "https://developers.zalo.me"}
