"""Consent: an administrator of the Official Account opens a link that we made, agrees, and Zalo brings us the code."""

import hmac
from datetime import timedelta
from html import escape

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channels.calling import CallFailed
from bot.channels.zalo_oa.account import OaAccount
from bot.channels.zalo_oa.oauth import Oauth, OauthIll, OauthRefused, challenge_of, consent_url
from bot.channels.zalo_oa.tokens import TokenKeeper
from bot.clock import Clock
from bot.locales.catalogue import Catalogue

log = structlog.get_logger()

PATH = "/webhooks/zalo-oa/consent"
LINK_LIVES = timedelta(hours=1)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def _state(account: OaAccount, ends: int) -> str:
    mark = hmac.new(account.verifier.encode(), f"zalo consent {ends}".encode(), "sha256").hexdigest()
    return f"{ends}.{mark}"


def link(account: OaAccount, clock: Clock) -> str:
    """Return the address that an administrator of the account opens within the hour."""
    ends = int((clock.now() + LINK_LIVES).timestamp())
    return consent_url(
        account.oauth_url,
        app_id=account.app_id,
        redirect=account.public_url + PATH,
        challenge=challenge_of(account.verifier),
        state=_state(account, ends),
    )


class Consent:
    def __init__(
        self, account: OaAccount, oauth: Oauth, tokens: TokenKeeper, catalogue: Catalogue, clock: Clock, language: str
    ) -> None:
        self._account = account
        self._oauth = oauth
        self._tokens = tokens
        self._catalogue = catalogue
        self._clock = clock
        self._language = language

    def route(self) -> Route:
        return Route(PATH, self._answer, name="zalo oa consent")

    async def _answer(self, request: Request) -> Response:
        given = request.query_params
        ends, _, _ = given.get("state", "").partition(".")
        known = ends.isascii() and ends.isdigit() and len(ends) <= 12
        if not known or not hmac.compare_digest(given.get("state", "").encode(), _state(self._account, int(ends)).encode()):
            return self._page("consent.not_ours", 403)
        if int(ends) <= self._clock.now().timestamp():
            return self._page("consent.late", 410)
        if self._account.oa_id and given.get("oa_id", "") not in ("", self._account.oa_id):
            return self._page("consent.other_account", 409, oa_id=given.get("oa_id", "")[:40])
        try:
            tokens = await self._oauth.by_code(given.get("code", "")[:1000], self._account.verifier)
        except (OauthRefused, OauthIll, CallFailed) as error:
            log.error("zalo.consent_failed", reason=str(error))
            return self._page("consent.refused", 502, reason=str(error))
        await self._tokens.adopt(tokens)
        log.info("zalo.consented", oa_id=given.get("oa_id", "")[:40])
        return self._page("consent.done", 200)

    def _page(self, key: str, status: int, **params: str) -> Response:
        words = self._catalogue.say(key, self._language, **params)
        html = (
            f'<!doctype html><html lang="{self._language}"><meta charset="utf-8"><title>Đồng Hành</title><p>{escape(words)}</p>'
        )
        return HTMLResponse(html, status, headers=_HEADERS)
