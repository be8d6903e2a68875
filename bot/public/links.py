"""Where a personal link leads: a page with one button, which exchanges the link for a session.

Chat apps look at every address to show a preview: looking uses nothing up.
"""

from starlette.responses import Response

from bot.membership.links import SESSION_FOR
from bot.public.visit import Visit, cookie_name

_PAGES = {"consultation": "/my/consultation", "survey": "/my/survey", "subscriptions": "/my/subscriptions"}


async def look(visit: Visit) -> Response:
    token = visit.request.path_params["token"]
    async with visit.site.database.read() as uow:
        holds = await visit.site.links.holds(uow, token)
    response = visit.page("link.html", 200 if holds else 410, token=token, holds=holds)
    response.headers["Cache-Control"] = "no-store"
    return response


async def enter(visit: Visit) -> Response:
    token = visit.request.path_params["token"]
    entry = await visit.site.database.write(lambda uow: visit.site.links.use(uow, token))
    response = visit.see(_PAGES.get(entry.purpose, "/"))
    response.set_cookie(
        cookie_name(visit.site),
        entry.token,
        max_age=int(SESSION_FOR.total_seconds()),
        path="/my",
        httponly=True,
        samesite="lax",
        secure=visit.site.secure_cookies,
    )
    return response
