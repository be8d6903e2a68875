"""Which address leads where: what everybody may read, and the pages of whoever has a personal link."""

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.body_limit import BodyLimit
from bot.public import consultation, links, outcomes, subscriptions, surveys
from bot.public.site import Site
from bot.public.visit import HERE, Endpoint, anybody, personal

_FORM_BYTES = 256 * 1024


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the public and the personal pages."""
    return [
        Mount("/public/static", StaticFiles(directory=HERE / "static"), name="public-static"),
        _route("/consultations", anybody(site, outcomes.listed), "GET"),
        _route("/consultations/{number}", anybody(site, outcomes.show), "GET"),
        _route("/consultations/{number}/table.docx", anybody(site, outcomes.table), "GET"),
        _route("/l/{token}", anybody(site, links.look), "GET"),
        _route("/l/{token}", anybody(site, links.enter), "POST"),
        _route("/my/consultation", personal(site, "consultation", consultation.show), "GET"),
        _route("/my/consultation/{action}", personal(site, "consultation", consultation.act), "POST"),
        _route("/my/survey", personal(site, "survey", surveys.show), "GET"),
        _route("/my/survey", personal(site, "survey", surveys.answer), "POST"),
        _route("/my/subscriptions", personal(site, "subscriptions", subscriptions.show), "GET"),
        _route("/my/subscriptions", personal(site, "subscriptions", subscriptions.save), "POST"),
    ]


def _route(path: str, endpoint: Endpoint, *methods: str) -> Route:
    return Route(path, endpoint, methods=list(methods), middleware=[Middleware(BodyLimit, most=_FORM_BYTES)])
