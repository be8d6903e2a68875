"""Zalo's OAuth v4 for Official Accounts: tokens for a code that an administrator granted, and for a refresh token."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from bot.channels.calling import Answer, Caller

REFRESH_LIVES = timedelta(days=90)
_EXPIRES_WHERE_NOT_SAID = timedelta(hours=25)


class OauthRefused(Exception):
    """Zalo gives no tokens for this. The message has Zalo's code and words, never a token."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code} {words}".strip()[:300])
        self.code = code


class OauthIll(Exception):
    """Zalo answered with something that is no answer: what became of the request nobody knows."""


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str
    lives: timedelta

    def __repr__(self) -> str:
        return f"Tokens(lives={self.lives})"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def verifier_from(key: bytes) -> str:
    """Return a PKCE verifier of 43 characters that stays the same for this installation."""
    return base64.urlsafe_b64encode(hmac.digest(key, b"zalo pkce verifier", "sha256")).decode().rstrip("=")


def consent_url(oauth_url: str, *, app_id: str, redirect: str, challenge: str, state: str) -> str:
    """Return where an administrator of the Official Account lets our app in."""
    asked = {"app_id": app_id, "redirect_uri": redirect, "code_challenge": challenge, "state": state}
    return f"{oauth_url.rstrip('/')}/v4/oa/permission?{urlencode(asked)}"


class Oauth:
    """https://docs.zaloplatforms.com/docs/OA/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new"""

    def __init__(self, caller: Caller, *, url: str, app_id: str, app_secret: str) -> None:
        self._caller = caller
        self._url = url.rstrip("/")
        self._app_id = app_id
        self._app_secret = app_secret

    async def by_code(self, code: str, verifier: str) -> Tokens:
        """Raises OauthRefused, OauthIll or CallFailed."""
        return await self._ask(grant_type="authorization_code", code=code, code_verifier=verifier)

    async def by_refresh(self, refresh_token: str) -> Tokens:
        """Use up a refresh token. Raises OauthRefused, OauthIll or CallFailed."""
        return await self._ask(grant_type="refresh_token", refresh_token=refresh_token)

    async def _ask(self, **fields: str) -> Tokens:
        answer = await self._caller.post(
            f"{self._url}/v4/oa/access_token",
            form={"app_id": self._app_id, **fields},
            headers={"secret_key": self._app_secret},
        )
        return _tokens(answer)


def _tokens(answer: Answer) -> Tokens:
    body = answer.body
    if body is None:
        raise OauthIll(f"HTTP {answer.status} without JSON")
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
        seconds = str(body.get("expires_in", ""))
        lives = timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else _EXPIRES_WHERE_NOT_SAID
        return Tokens(access, refresh, lives)
    if "error" not in body:
        raise OauthIll(f"HTTP {answer.status} with neither tokens nor an error")
    words = " ".join(str(body[name]) for name in ("error_name", "error_description", "message") if body.get(name))
    raise OauthRefused(str(body["error"]), words)
