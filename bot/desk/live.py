"""Pages that follow what happens: server-sent events that say "look again"; the page then fetches what it shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot import signals
from bot.desk.desk import Desk
from bot.desk.visit import Endpoint, session_cookie
from storage import queue

LOOK_EVERY = 5.0
"""seconds after which a page looks by itself, at what another process may have changed"""
SPACING = 0.3
"""seconds between two events: what happens in a burst is told once"""


def stream(desk: Desk) -> Endpoint:
    """Return the endpoint of /desk/stream. An open page does not keep its session alive: only what somebody does."""

    async def endpoint(request: Request) -> Response:
        token = request.cookies.get(session_cookie(desk), "")
        session = await desk.sessions.find(token, in_use=False)
        if session is None or session.officer.must_change_password:
            return Response(status_code=401)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
        return StreamingResponse(_events(desk, token), media_type="text/event-stream", headers=headers)

    return endpoint


async def _events(desk: Desk, token: str) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    newest: tuple[int, ...] = ()
    async with aclosing(desk.signals.listen(signals.DESK, at_least_every=LOOK_EVERY)) as looks:
        # The first comes at once: it covers what happened between the page and its stream.
        async for told in looks:
            if await desk.sessions.find(token, in_use=False) is None:
                yield "event: ended\ndata:\n\n"
                return
            before, newest = newest, await _newest(desk)
            yield "event: changed\ndata:\n\n" if told or newest != before else ": still here\n\n"
            await asyncio.sleep(SPACING)


async def _newest(desk: Desk) -> tuple[int, ...]:
    async with desk.database.read() as uow:
        return await queue.newest_change(uow)
