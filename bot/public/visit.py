"""One request to a public or personal page: in which language, by whom, and how it is answered."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.body_limit import BodyTooLarge
from bot.consultation.taking_part import Voice
from bot.errors import HelpdeskError
from bot.handlers.pipeline import readable
from bot.locales.catalogue import LANGUAGES
from bot.membership.links import Entry, csrf_fits
from bot.public import errors
from bot.public.site import Site
from storage import audiences
from storage.audiences import Person

log = structlog.get_logger()

HERE = Path(__file__).parent
CHANNEL = "web"
_LANGUAGE_COOKIE = "donghanh_language"
_FIELDS = 60
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=4)
def asset(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    mark = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/public/static/{name}?v={mark}"


@dataclass(frozen=True)
class Visit:
    site: Site
    request: Request
    language: str
    entry: Entry | None = None
    person: Person | None = None
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def me(self) -> Person:
        assert self.person is not None
        return self.person

    @property
    def voice(self) -> Voice:
        me = self.me
        return Voice(
            me.contact_id, me.name, CHANNEL, me.enterprise_id, me.enterprise or "", me.tax_code, me.membership == "member"
        )

    def say(self, key: str, **params: Any) -> str:
        return self.site.catalogue.say(key, self.language, **params)

    def error(self, error: HelpdeskError) -> str:
        """Return what is wrong and how to mend it."""
        params = dict(error.params)
        if "topic" in params and self.site.catalogue.has(f"subscriptions.topic.{params['topic']}"):
            params["topic"] = self.say(f"subscriptions.topic.{params['topic']}")
        return self.say(f"error.{error.code}", **params)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        def short(at: datetime) -> str:
            return at.astimezone(self.site.catalogue.timezone).strftime("%H:%M %d/%m/%Y")

        html = (
            _templates()
            .get_template(template)
            .render(
                **{
                    "say": self.say,
                    "language": self.language,
                    "languages": LANGUAGES,
                    "csrf": self.entry.csrf if self.entry else "",
                    "asset": asset,
                    "short": short,
                    "path": self.request.url.path,
                    "error": "",
                    "done": "",
                    "personal": self.entry is not None,
                    **values,
                }
            )
        )
        headers = {**HEADERS, "Cache-Control": "no-store" if self.entry or status != 200 else "public, max-age=30"}
        return HTMLResponse(html, status, headers=headers)

    def see(self, address: str) -> Response:
        return RedirectResponse(address, 303, headers={**HEADERS, "Cache-Control": "no-store"})

    def problem(self, error: HelpdeskError) -> Response:
        return self.page("problem.html", error.status, error=self.error(error))


Page = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def cookie_name(site: Site) -> str:
    """Return the cookie's name; with https a browser takes this prefix only over https."""
    return "__Secure-donghanh_my" if site.secure_cookies else "donghanh_my"


def anybody(site: Site, page: Page) -> Endpoint:
    """Open a page to everybody; a form of it must come from our own pages."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(site, request, _language(site, request))
        try:
            if request.method == "POST":
                _check_origin(request)
                visit = replace(visit, form=await _form(request))
            return await page(visit)
        except HelpdeskError as error:
            return visit.problem(error)

    return endpoint


def personal(site: Site, purpose: str, page: Page) -> Endpoint:
    """Open a page to whom a personal link for this purpose let in; a form must carry the session's secret."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(site, request, _language(site, request))
        try:
            async with site.database.read() as uow:
                entry = await site.links.session(uow, request.cookies.get(cookie_name(site), ""))
                if entry is None or entry.purpose != purpose:
                    raise errors.SessionOver()
                people = await audiences.people(uow, [entry.contact_id], channels=(), default_language=site.default_language)
            if not people:
                raise errors.SessionOver()
            language = request.query_params.get("lang") or people[0].language
            language = language if language in LANGUAGES else site.default_language
            visit = replace(visit, entry=entry, person=people[0], language=language)
            if request.method == "POST":
                form = await _form(request)
                if not csrf_fits(entry.token, form.get("csrf", "")):
                    log.warning("public.form_refused", path=request.url.path)
                    raise errors.ForeignForm()
                visit = replace(visit, form=form)
            return await page(visit)
        except HelpdeskError as error:
            return visit.problem(error)

    return endpoint


def _language(site: Site, request: Request) -> str:
    wanted = request.query_params.get("lang") or request.cookies.get(_LANGUAGE_COOKIE, "")
    return wanted if wanted in LANGUAGES else site.default_language


def _check_origin(request: Request) -> None:
    """Raise ForeignForm for a form that another site had the browser send."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    own = site == "same-origin" if site is not None else urlsplit(origin).netloc == request.headers.get("host")
    if not own:
        raise errors.ForeignForm()


async def _form(request: Request) -> dict[str, str]:
    try:
        form = await request.form(max_files=0, max_fields=_FIELDS)
    except BodyTooLarge:
        raise errors.FormTooLarge() from None
    except HTTPException:
        raise errors.ForeignForm() from None
    return {
        name: readable(value.replace("\r\n", "\n").replace("\r", "\n"))
        for name, value in form.multi_items()
        if isinstance(value, str)
    }
