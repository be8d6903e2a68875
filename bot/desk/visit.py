"""One request to the desk: who comes, in which language, and how they are answered."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.access.officers import Officer
from bot.access.sessions import Session, csrf_fits
from bot.desk import errors
from bot.desk.desk import Desk
from bot.desk.forms import Form, read
from bot.desk.mistakes import field_of
from bot.desk.words import Words
from bot.errors import HelpdeskError
from bot.locales.catalogue import LANGUAGES

log = structlog.get_logger()

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "donghanh_desk_language"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=8)
def asset(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    mark = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/desk/static/{name}?v={mark}"


@dataclass(frozen=True)
class Visit:
    desk: Desk
    request: Request
    language: str
    session: Session | None
    form: Form = field(default_factory=Form)

    @property
    def officer(self) -> Officer:
        assert self.session is not None
        return self.session.officer

    @cached_property
    def words(self) -> Words:
        return Words(self.desk.catalogue, self.language, self.desk.knowledge.directory, self.desk.today)

    @property
    def here(self) -> str:
        """The address of this page within the desk, to come back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page with the values that every page needs."""
        words = self.words
        html = (
            _templates()
            .get_template(template)
            .render(
                **{
                    "say": words.say,
                    "named": words.named,
                    "words": words,
                    "language": self.language,
                    "languages": LANGUAGES,
                    "officer": self.session.officer if self.session else None,
                    "csrf": self.session.csrf if self.session else "",
                    "asset": asset,
                    "now": self.desk.now,
                    "iso": lambda at: at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                    "here": self.here,
                    "error": "",
                    "wrong": {},
                    "done": "",
                    **values,
                }
            )
        )
        return HTMLResponse(html, status_code=status, headers=_HEADERS)

    def wrong(self, error: HelpdeskError) -> dict[str, str]:
        """Return what is wrong with which field of the form; nothing where the error is about no field of it."""
        field = field_of(error, self.form)
        return {field: self.words.error(error)} if field is not None else {}

    def problem(self, error: HelpdeskError, *, typed: str = "") -> Response:
        """Answer with a page that says what is wrong. typed: what the officer wrote, so that it is not lost."""
        return self.page("problem.html", error.status, error=self.words.error(error), typed=typed)

    def see(self, address: str) -> Response:
        """Send the browser on after a form."""
        return RedirectResponse(address, status_code=303, headers=_HEADERS)

    def to_sign_in(self) -> Response:
        back = self.here if self.request.method == "GET" else ""
        return self.see("/desk/sign-in" + (f"?next={quote(back, safe='')}" if back not in ("", "/desk") else ""))


Page = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def session_cookie(desk: Desk) -> str:
    """Return the cookie's name; with https a browser takes this prefix only from this host itself."""
    return "__Host-donghanh_desk" if desk.secure_cookies else "donghanh_desk"


def local_address(text: str) -> str:
    """Return an address within the desk, whatever somebody put into a link."""
    inside = text == "/desk" or text.startswith(("/desk/", "/desk?"))
    return text if inside and len(text) <= 500 and text.isprintable() and "\\" not in text else "/desk"


def anybody(desk: Desk, page: Page) -> Endpoint:
    """Open a page to people who have not signed in; forms of such pages are read by the page itself."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(desk, request, _language(desk, request), None)
        return await _answered(visit, page)

    return endpoint


def officers_only(desk: Desk, page: Page, *, also_with_one_time_password: bool = False) -> Endpoint:
    """Open a page to signed-in officers; a form must carry the session's secret."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(desk, request, _language(desk, request), None)
        session = await desk.sessions.find(request.cookies.get(session_cookie(desk), ""))
        if session is None:
            if request.method == "GET":
                return visit.to_sign_in()
            return visit.problem(errors.SessionEnded())
        visit = replace(visit, session=session)
        if session.officer.must_change_password and not also_with_one_time_password:
            return visit.see("/desk/password")
        return await _answered(visit, _with_form(page) if request.method == "POST" else page)

    return endpoint


def _with_form(page: Page) -> Page:
    async def checked(visit: Visit) -> Response:
        form = await read(visit.request)
        assert visit.session is not None
        if not csrf_fits(visit.session.token, form.get("csrf")):
            log.warning("desk.form_refused", path=visit.request.url.path, officer=visit.officer.id)
            raise errors.FormNotOurs()
        try:
            return await page(replace(visit, form=form))
        finally:
            for file in form.files:
                await file.close()

    return checked


async def _answered(visit: Visit, page: Page) -> Response:
    try:
        return await page(visit)
    except HelpdeskError as error:
        return visit.problem(error)


def _language(desk: Desk, request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else desk.default_language
