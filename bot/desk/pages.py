"""The officers' web pages, put together: which address leads where."""

from starlette.routing import BaseRoute

from bot.desk.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the desk, all under /desk."""
    return []
