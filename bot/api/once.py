"""Requests that are carried out once, however often a program sends them: the header Idempotency-Key.

A program that got no answer cannot know whether its request was carried out. With a key of its own choosing it may simply
send it again: the key is taken in the transaction of the work itself, so either both are there or neither is.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from bot.api.caller import Caller
from bot.api.errors import KeyReused
from bot.clock import Clock
from storage import api_requests
from storage.database import Database
from storage.unit_of_work import UnitOfWork

Shape = TypeVar("Shape", bound=BaseModel)

_SAID = (
    "A text of your own choosing, new for every request that is meant (a UUID, say). Sent again with the same key, the same "
    "request has the effect of one and is told the same; another request with that key is refused (422). Keys belong to their "
    "token and are kept for a week. A request that was refused keeps no key."
)


@dataclass(frozen=True)
class Repeatable:
    """A request that may come again. fingerprint: of what it asks for."""

    token_id: int
    key: str
    fingerprint: str


async def _repeatable(
    request: Request,
    caller: Caller,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[!-~]+$", description=_SAID)] = None,
) -> Repeatable | None:
    if idempotency_key is None or caller.id is None:
        return None
    asked = [request.method, request.url.path, _canonical(await request.body())]
    return Repeatable(caller.id, idempotency_key, hashlib.sha256(json.dumps(asked).encode()).hexdigest())


Once = Annotated[Repeatable | None, Depends(_repeatable)]


async def write_once(
    database: Database,
    asked: Repeatable | None,
    clock: Clock,
    shape: type[Shape],
    act: Callable[[UnitOfWork], Awaitable[Shape]],
) -> Shape:
    """Return what `act` makes of it in a transaction, or what it made of it before.

    Raises KeyReused where the key was used for something else, and whatever `act` raises: then the key is free again.
    """

    async def work(uow: UnitOfWork) -> Shape:
        return await _once(uow, asked, clock, shape, act)

    return await database.write(work)


async def _once(
    uow: UnitOfWork,
    asked: Repeatable | None,
    clock: Clock,
    shape: type[Shape],
    act: Callable[[UnitOfWork], Awaitable[Shape]],
) -> Shape:
    if asked is None:
        return await act(uow)
    earlier = await api_requests.claim(
        uow, token_id=asked.token_id, key=asked.key, fingerprint=asked.fingerprint, at=clock.now()
    )
    if earlier is not None:
        if earlier.fingerprint != asked.fingerprint:
            raise KeyReused()
        return shape.model_validate(earlier.response)
    made = await act(uow)
    await api_requests.answered(uow, token_id=asked.token_id, key=asked.key, response=made.model_dump(mode="json"))
    return made


def _canonical(body: bytes) -> str:
    """Return the body such that spaces and the order of fields make no difference; as it is where it is no JSON."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except (ValueError, RecursionError):
        return body.hex()
