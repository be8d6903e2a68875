"""The tracking page: where an inquiry stands, for whoever has its number and its code, without signing in.

It says how far the matter has come and nothing of what it is about: no question, no answer, no name of a person.
"""

import hashlib
import ipaddress
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.body_limit import BodyLimit
from bot.delivery.pacing import Bucket
from bot.escalation.states import State
from bot.escalation.tracking import TrackingCodes
from bot.knowledge.directory import Directory
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import LANGUAGES, Catalogue
from storage import inquiries as stored
from storage.database import Database
from storage.inquiries import InquiryRecord

HERE = Path(__file__).parent
WRONG_AT_ONCE, WRONG_A_SECOND = 10, 0.1
"""wrong numbers or codes from one address: so many at once, then one in ten seconds"""
LANGUAGE_COOKIE = "donghanh_language"
"""the one that the web chat's page remembers"""
_WATCHED_AT_MOST = 20_000
_FORM_BYTES = 4096
_NUMBER = re.compile(r"YC-?(\d{4})-?(\d{1,9})")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class Step:
    """Something that happened, in plain words."""

    at: datetime
    words: str


class WrongTries:
    """Counts wrong tries by address. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._of: dict[str, Bucket] = {}

    def wait(self, address: str, now: float) -> float:
        """Return the seconds for which nothing is looked up for this address; 0 for none."""
        bucket = self._of.get(_network(address))
        return bucket.wait(now) if bucket is not None else 0.0

    def count(self, address: str, now: float) -> None:
        if len(self._of) >= _WATCHED_AT_MOST:
            self._of = {each: bucket for each, bucket in self._of.items() if not bucket.is_idle(now)}
        self._of.setdefault(_network(address), Bucket(WRONG_A_SECOND, WRONG_AT_ONCE)).take(now)


def _network(address: str) -> str:
    """Return what stands for whoever has this address: a whole /64 of IPv6 is one household."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address


def read_number(typed: str) -> str:
    """Return the number as it is written, from how somebody typed it; as it came where it is none."""
    plain = re.sub(r"[\s_–]+", "-", typed.strip().upper()[:40])
    found = _NUMBER.fullmatch(plain)
    return f"YC-{found[1]}-{int(found[2]):06d}" if found else plain


class Tracking:
    def __init__(
        self, *, database: Database, knowledge: Knowledge, catalogue: Catalogue, codes: TrackingCodes, default_language: str
    ) -> None:
        self._database = database
        self._knowledge = knowledge
        self._catalogue = catalogue
        self._codes = codes
        self._default_language = default_language
        self._wrong = WrongTries()

    def routes(self) -> list[BaseRoute]:
        limit = [Middleware(BodyLimit, most=_FORM_BYTES)]
        return [
            Route("/track", self.page, methods=["GET", "POST"], middleware=limit),
            Route("/track/style.css", _style, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        try:
            typed: Mapping[str, Any] = await request.form() if request.method == "POST" else request.query_params
        except HTTPException as error:
            return self._show(self._language(request, {}), status=error.status_code, problem="unreadable")
        language = self._language(request, typed)
        number, code = (str(typed.get(name) or "")[:80] for name in ("number", "code"))
        if not number and not code:
            return self._show(language)
        address, now = request.client.host if request.client else "", time.monotonic()
        if (wait := self._wrong.wait(address, now)) > 0:
            seconds = math.ceil(wait)
            page = self._show(language, status=429, problem="too_fast", number=number, seconds=seconds)
            page.headers["Retry-After"] = str(seconds)
            return page
        number = read_number(number)
        # The code is looked at first, and alone: a number that does not exist takes no other path than a wrong code.
        found = await self._find(number) if self._codes.fits(number, code) else None
        if found is None:
            self._wrong.count(address, now)
            return self._show(language, status=404, problem="not_found", number=number)
        inquiry, history = found
        return self._show(language, inquiry=inquiry, number=number, code=self._codes.of(number), history=history)

    async def _find(self, number: str) -> tuple[InquiryRecord, Sequence[Mapping[str, Any]]] | None:
        async with self._database.read() as uow:
            inquiry = await stored.by_number(uow, number)
            if inquiry is None:
                return None
            return inquiry, [dict(row) for row in await stored.history(uow, inquiry.id)]

    def _language(self, request: Request, typed: Mapping[str, Any]) -> str:
        for wanted in (typed.get("lang"), request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
            if wanted in LANGUAGES:
                return str(wanted)
        return self._default_language

    def _show(
        self,
        language: str,
        *,
        status: int = 200,
        problem: str = "",
        number: str = "",
        code: str = "",
        seconds: int = 0,
        inquiry: InquiryRecord | None = None,
        history: Sequence[Mapping[str, Any]] = (),
    ) -> Response:
        def say(key: str, **params: Any) -> str:
            return self._catalogue.say(f"tracking.{key}", language, **params)

        shown: dict[str, Any] = {"inquiry": None}
        if inquiry is not None:
            shown = {
                "inquiry": inquiry,
                "state": self._catalogue.say(f"state.{inquiry.state}", language),
                "department": department_name(self._knowledge.directory, inquiry, language),
                "deadline": self._deadline(inquiry, language),
                "steps": self._steps(history, language),
            }
        html = _template().render(
            say=say,
            language=language,
            languages=LANGUAGES,
            problem=say(f"problem_{problem}", seconds=seconds) if problem else "",
            number=number,
            code=code,
            style=f"/track/style.css?v={_style_mark()}",
            moment=lambda at: say("at", at=at),
            **shown,
        )
        return HTMLResponse(html, status_code=status, headers={**_HEADERS, "Cache-Control": "no-store"})

    def _deadline(self, inquiry: InquiryRecord, language: str) -> str:
        def say(key: str, **params: Any) -> str:
            return self._catalogue.say(f"tracking.{key}", language, **params)

        state = State(inquiry.state)
        if state is State.DEFERRED and inquiry.deferred_until is not None:
            return say("deferred_until", until=inquiry.deferred_until)
        if state is State.WAITING_FOR_ENTERPRISE:
            return say("waits_for_you")
        if inquiry.due_at is None or inquiry.closed_at is not None:
            return ""
        return say("routing_due" if inquiry.routed_at is None else "response_due", due=inquiry.due_at)

    def _steps(self, history: Sequence[Mapping[str, Any]], language: str) -> list[Step]:
        """Return what concerns the enterprise, newest first; what has no words here is the authority's own business."""
        steps = []
        for row in history:
            key = f"tracking.step_{row['event']}"
            if self._catalogue.has(key):
                known = _department_of(self._knowledge.directory, row, language)
                steps.append(Step(row["at"], self._catalogue.say(key, language, department=known, until=_until(row))))
        return steps[::-1]


def department_name(directory: Directory, inquiry: InquiryRecord, language: str) -> str:
    """Return the name that the department had; in the reader's language while it is still called so."""
    return _named(directory, inquiry.department_id, inquiry.department_name, language)


def _department_of(directory: Directory, row: Mapping[str, Any], language: str) -> str:
    return _named(directory, row["details"].get("to"), row["department"], language)


def _named(directory: Directory, department_id: str | None, name: str | None, language: str) -> str:
    found = directory.get(department_id)
    return found.name_in(language) if found is not None and found.name == name else name or ""


def _until(row: Mapping[str, Any]) -> datetime:
    until = row["details"].get("until")
    return datetime.fromisoformat(until) if until else row["at"]


@lru_cache(maxsize=1)
def _template() -> Any:
    loader = FileSystemLoader(HERE / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("track.html")


@lru_cache(maxsize=1)
def _style_text() -> bytes:
    return (HERE / "static" / "track.css").read_bytes()


def _style_mark() -> str:
    return hashlib.sha256(_style_text()).hexdigest()[:12]


async def _style(_request: Request) -> Response:
    headers = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_style_text(), media_type="text/css; charset=utf-8", headers=headers)
