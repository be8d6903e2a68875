"""Files of ours for platforms that carry none: a page behind a link that nobody can guess and that ends by itself.

The link says what it is for and is signed, so every replica can answer it and nothing is kept beside it.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.delivery.message import Attachment
from bot.locales.catalogue import LANGUAGES, Catalogue
from storage.files import FileStore

VALID_FOR = timedelta(days=14)
PICTURES = ("image/jpeg", "image/png")
"""what may be shown as a picture; everything else is only ever saved"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title} · Đồng Hành</title><style>
body{{margin:0;font:17px/1.5 system-ui,sans-serif;background:#f2f5f8;color:#1a2733}}
main{{max-width:30rem;margin:12vh auto 0;padding:1.5rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #0002}}
h1{{font-size:1.15rem;margin:0 0 .5rem;overflow-wrap:anywhere}}p{{margin:.4rem 0;color:#4a5a68}}
a{{display:inline-block;margin-top:.8rem;padding:.7rem 1.2rem;border-radius:8px;background:#0b5cad;color:#fff}}
a:focus-visible{{outline:3px solid #ffb000;outline-offset:2px}}@media(max-width:34rem){{main{{margin:1rem}}}}
</style></head><body><main><h1>{heading}</h1>{body}</main></body></html>"""


@dataclass(frozen=True)
class Offer:
    """What a link is for, until when, and in which language its page speaks."""

    sha256: str
    name: str
    media_type: str
    until: datetime
    language: str


class Downloads:
    """key: the installation's secret. base_url: where people reach us."""

    def __init__(
        self,
        files: FileStore,
        catalogue: Catalogue,
        clock: Clock,
        *,
        key: bytes,
        base_url: str,
        valid_for: timedelta = VALID_FOR,
    ) -> None:
        self._files = files
        self._catalogue = catalogue
        self._clock = clock
        self._key = hmac.digest(key, b"download links", "sha256")
        self._base_url = base_url.rstrip("/")
        self._valid_for = valid_for

    def link(self, file: Attachment, language: str) -> str:
        """Return the address of the file's page."""
        return f"{self._base_url}/files/{self._token(file, language)}"

    def picture(self, file: Attachment, language: str) -> str:
        """Return the address at which a platform fetches a picture."""
        return f"{self.link(file, language)}/picture"

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/files/{token}", self._page, name="a file's page"),
            Route("/files/{token}/content", self._content, name="a file"),
            Route("/files/{token}/picture", self._picture, name="a picture"),
        ]

    def _token(self, file: Attachment, language: str) -> str:
        until = int((self._clock.now() + self._valid_for).timestamp())
        payload = json.dumps([file.sha256, file.name[:200], file.media_type, until, language], ensure_ascii=False).encode()
        return f"{_text(payload)}.{_text(hmac.digest(self._key, payload, 'sha256'))}"

    def _offer(self, token: str) -> Offer | None:
        """Return what the link is for; nothing when we did not make it."""
        payload_text, _, mark_text = token.partition(".")
        try:
            payload, mark = _bytes(payload_text), _bytes(mark_text)
        except (ValueError, binascii.Error):
            return None
        if not hmac.compare_digest(mark, hmac.digest(self._key, payload, "sha256")):
            return None
        sha256, name, media_type, until, language = json.loads(payload)
        return Offer(sha256, name, media_type, datetime.fromtimestamp(until, UTC), language)

    async def _page(self, request: Request) -> Response:
        offer = self._offer(request.path_params["token"])
        if offer is None or self._ended(offer):
            return self._gone(request, offer)
        say, language = self._catalogue.say, offer.language
        body = (
            f"<p>{escape(say('download.until', language, until=offer.until))}</p>"
            f'<a href="{escape(request.url.path)}/content" download>{escape(say("download.save", language))}</a>'
            f"<p>{escape(say('download.hint', language))}</p>"
        )
        return self._html(language, offer.name, body, 200)

    async def _content(self, request: Request) -> Response:
        offer = self._offer(request.path_params["token"])
        if offer is None or self._ended(offer) or not self._files.path(offer.sha256).is_file():
            return self._gone(request, offer)
        shown = f"attachment; filename=\"file\"; filename*=UTF-8''{quote(offer.name, safe='')}"
        headers = _HEADERS | {"Content-Disposition": shown}
        return FileResponse(self._files.path(offer.sha256), media_type="application/octet-stream", headers=headers)

    async def _picture(self, request: Request) -> Response:
        offer = self._offer(request.path_params["token"])
        fits = offer is not None and offer.media_type in PICTURES and not self._ended(offer)
        if offer is None or not fits or not self._files.path(offer.sha256).is_file():
            return self._gone(request, offer)
        return FileResponse(self._files.path(offer.sha256), media_type=offer.media_type, headers=_HEADERS)

    def _ended(self, offer: Offer) -> bool:
        return offer.until <= self._clock.now()

    def _gone(self, request: Request, offer: Offer | None) -> Response:
        """A link that ended says how to get another; one that we never made says nothing of what there might be."""
        asked = request.headers.get("accept-language", "")[:2].lower()
        language = offer.language if offer is not None else asked if asked in LANGUAGES else LANGUAGES[0]
        key = "download.ended" if offer is not None else "download.unknown"
        body = f"<p>{escape(self._catalogue.say(key, language))}</p>"
        return self._html(language, self._catalogue.say("download.none", language), body, 410 if offer is not None else 404)

    def _html(self, language: str, heading: str, body: str, status: int) -> Response:
        title = self._catalogue.say("download.title", language)
        page = _PAGE.format(language=language, title=escape(title), heading=escape(heading), body=body)
        return HTMLResponse(page, status_code=status, headers=_HEADERS)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii", "strict") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
