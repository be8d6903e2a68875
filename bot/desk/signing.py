"""Signing in and out, the first password, the language."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.access.officers import Officer
from bot.access.sessions import LONGEST, csrf_fits, csrf_of
from bot.desk import errors
from bot.desk.desk import Desk
from bot.desk.forms import read
from bot.desk.visit import LANGUAGE_COOKIE, Visit, local_address, session_cookie
from bot.errors import HelpdeskError
from bot.escalation.errors import DateUnreadable
from bot.locales.catalogue import LANGUAGES

_YEAR = 365 * 24 * 3600


def _form_cookie(desk: Desk) -> str:
    """The sign-in form is secured before there is a session: without this another site could sign a browser in as
    somebody else, whose answers would then be written there."""
    return "__Host-donghanh_form" if desk.secure_cookies else "donghanh_form"


def _sign_in_page(visit: Visit, *, next: str, login: str = "", refused: HelpdeskError | None = None) -> Response:
    name = _form_cookie(visit.desk)
    secret = visit.request.cookies.get(name, "")
    if not 20 <= len(secret) <= 100:
        secret = secrets.token_urlsafe(24)
    page = visit.page(
        "sign_in.html",
        refused.status if refused is not None else 200,
        next=next,
        login=login,
        form_token=csrf_of(secret),
        error=visit.words.error(refused) if refused is not None else "",
        wrong=visit.wrong(refused) if refused is not None else {},
    )
    page.set_cookie(name, secret, httponly=True, secure=visit.desk.secure_cookies, samesite="lax", path="/")
    return page


async def sign_in(visit: Visit) -> Response:
    """The form, and what it brings."""
    desk, request = visit.desk, visit.request
    if request.method == "GET":
        next = local_address(request.query_params.get("next", "/desk"))
        if await desk.sessions.find(request.cookies.get(session_cookie(desk), "")):
            return visit.see(next)
        return _sign_in_page(visit, next=next)
    form = await read(request)
    visit = replace(visit, form=form)
    next, login = local_address(form.get("next")), form.get("login").strip()[:200]
    if not csrf_fits(request.cookies.get(_form_cookie(desk), ""), form.get("csrf")):
        return _sign_in_page(visit, next=next, login=login, refused=errors.FormNotOurs())
    try:
        officer = await desk.officers.sign_in(login, form.get("password"))
    except HelpdeskError as refused:
        return _sign_in_page(visit, next=next, login=login, refused=refused)
    return await _signed_in(visit, officer, "/desk/password" if officer.must_change_password else next)


async def _signed_in(visit: Visit, officer: Officer, then: str) -> Response:
    desk = visit.desk
    session = await desk.sessions.start(officer)
    answer = visit.see(then)
    answer.set_cookie(
        session_cookie(desk),
        session.token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        secure=desk.secure_cookies,
        samesite="lax",
        path="/",
    )
    return answer


async def change_password(visit: Visit) -> Response:
    """The form for a new password, which a one-time password leads to; then a new session, and all others are over."""
    if visit.request.method == "GET":
        return visit.page("password.html")
    form, officer = visit.form, visit.officer
    try:
        if form.get("new") != form.get("again"):
            raise errors.PasswordsDiffer()
        await visit.desk.officers.change_password(officer.id, old=form.get("old"), new=form.get("new"))
    except HelpdeskError as refused:
        return visit.page("password.html", refused.status, error=visit.words.error(refused), wrong=visit.wrong(refused))
    return await _signed_in(visit, officer, "/desk?done=password")


async def away(visit: Visit) -> Response:
    """Say until when one is absent (the end of that local day), or, without a day, that one is back."""
    day, until = visit.form.get("until").strip(), None
    if day:
        try:
            next_day = date.fromisoformat(day) + timedelta(days=1)
        except (ValueError, OverflowError):
            raise DateUnreadable(given=day[:40]) from None
        until = datetime.combine(next_day, time(), visit.desk.catalogue.timezone).astimezone(UTC)
    await visit.desk.officers.set_away(visit.officer.login, until)
    return visit.see(local_address(visit.form.get("back")))


async def sign_out(visit: Visit) -> Response:
    assert visit.session is not None
    await visit.desk.sessions.end(visit.session.token)
    answer = visit.see("/desk/sign-in")
    answer.delete_cookie(session_cookie(visit.desk), path="/", secure=visit.desk.secure_cookies, httponly=True)
    return answer


async def language(request: Request) -> Response:
    """Choose the language of the desk, for this browser."""
    answer = RedirectResponse(local_address(request.query_params.get("back", "/desk")), status_code=303)
    chosen = request.path_params["language"]
    if chosen in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR, samesite="lax", path="/desk")
    return answer
