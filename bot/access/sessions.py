"""Sessions of the desk: a random token in a cookie, of which the database holds only the hash."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.access.officers import Officer
from bot.access.standing import officer_now
from bot.clock import Clock
from bot.knowledge.directory import Directory
from storage import officers as stored
from storage.database import Database
from storage.unit_of_work import UnitOfWork

IDLE = timedelta(hours=12)
"""a session that is not used for this long is over"""
LONGEST = timedelta(days=7)
"""and this long after the sign-in it is over in any case"""
_EXTENDED_EVERY = timedelta(minutes=5)
_TOKEN_LETTERS = 43


def csrf_of(token: str) -> str:
    """Return the value that a form of this session must carry: another site can make the browser send the cookie, not this."""
    return hashlib.blake2b(token.encode(), digest_size=24, person=b"desk form").hexdigest()


def csrf_fits(token: str, given: str) -> bool:
    return hmac.compare_digest(csrf_of(token).encode(), given.encode("utf-8", "surrogatepass"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Session:
    """A signed-in officer's session. `token` is the cookie's value."""

    token: str = field(repr=False)
    officer: Officer

    @property
    def csrf(self) -> str:
        return csrf_of(self.token)


class Sessions:
    """directory: says who leads a department where that is not said of the officer, and who stands in for whom."""

    def __init__(self, database: Database, clock: Clock, directory: Callable[[], Directory] | None = None) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock

    async def start(self, officer: Officer) -> Session:
        """Begin a session; what has expired of anybody's goes with it."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> None:
            await stored.end_expired_sessions(uow, now)
            stored.add_session(uow, token_hash=_hash(token), officer_id=officer.id, now=now, expires_at=now + IDLE)

        await self._database.write(work)
        return Session(token, officer)

    async def find(self, token: str, *, in_use: bool = True) -> Session | None:
        """Return the session if it still holds. in_use: somebody is at work, so that its end moves on."""
        if len(token) != _TOKEN_LETTERS:
            return None
        now = self._clock.now()
        async with self._database.read() as uow:
            row = await stored.session(uow, _hash(token))
            officer = (
                await officer_now(uow, row.officer, self._directory and self._directory(), now) if row is not None else None
            )
        if row is None or officer is None or not officer.active or row.expires_at <= now:
            return None
        end = min(now + IDLE, row.created_at + LONGEST)
        if in_use and end - row.expires_at > _EXTENDED_EVERY:
            await self._extend(row.token_hash, end)
        return Session(token, officer)

    async def _extend(self, token_hash: str, end: datetime) -> None:
        async def work(uow: UnitOfWork) -> None:
            await stored.extend_session(uow, token_hash, end)

        await self._database.write(work)

    async def end(self, token: str) -> None:
        """Sign out."""

        async def work(uow: UnitOfWork) -> None:
            await stored.end_session(uow, _hash(token))

        await self._database.write(work)
