"""Personal links: a one-time address that somebody gets in their chat, and that lets them in on the web as themselves.

Looking at the address uses nothing up (chat apps look at every address to show a preview); it is exchanged for a session by
a button on the page. A session is good for one purpose only.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.membership.errors import LinkOver
from storage import asking
from storage.asking import LinkRow
from storage.ids import new_id
from storage.models import PersonalLink
from storage.unit_of_work import UnitOfWork

VALID_FOR = timedelta(hours=1)
SESSION_FOR = timedelta(hours=12)
_TOKEN_LETTERS = 43


@dataclass(frozen=True)
class Entry:
    """Somebody whom a link let in. token: the cookie's value."""

    token: str = field(repr=False)
    purpose: str
    subject_id: int | None
    contact_id: int
    account_id: int
    until: datetime

    @property
    def csrf(self) -> str:
        return csrf_of(self.token)


def csrf_of(token: str) -> str:
    return hashlib.blake2b(token.encode(), digest_size=24, person=b"personal form").hexdigest()


def csrf_fits(token: str, given: str) -> bool:
    return hmac.compare_digest(csrf_of(token).encode(), given.encode("utf-8", "surrogatepass"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Links:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def create(self, uow: UnitOfWork, *, purpose: str, subject_id: int | None, contact_id: int, account_id: int) -> str:
        """Return the token of a new link; it is shown once and kept only as a hash."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        uow.insert(
            PersonalLink,
            id=new_id(),
            token_hash=_hash(token),
            purpose=purpose,
            subject_id=subject_id,
            contact_id=contact_id,
            account_id=account_id,
            created_at=now,
            expires_at=now + VALID_FOR,
            used_at=None,
            session_hash=None,
            session_until=None,
        )
        return token

    async def holds(self, uow: UnitOfWork, token: str) -> bool:
        """Say whether the link could be used now; it is not used by that."""
        row = await self._row(uow, token)
        return row is not None and row.used_at is None and row.expires_at > self._clock.now()

    async def _row(self, uow: UnitOfWork, token: str) -> LinkRow | None:
        return await asking.link(uow, _hash(token)) if len(token) == _TOKEN_LETTERS else None

    async def use(self, uow: UnitOfWork, token: str) -> Entry:
        """Exchange the link for a session. Raises LinkOver for one that was used, has expired or never was."""
        row, now = await self._row(uow, token), self._clock.now()
        if row is None or row.used_at is not None or row.expires_at <= now:
            raise LinkOver()
        session = secrets.token_urlsafe(32)
        until = now + SESSION_FOR
        if not await asking.use_link(uow, row.id, session_hash=_hash(session), now=now, until=until):
            raise LinkOver()
        return Entry(session, row.purpose, row.subject_id, row.contact_id, row.account_id, until)

    async def session(self, uow: UnitOfWork, token: str) -> Entry | None:
        """Return whom the session belongs to, while it holds."""
        row = await asking.link_of_session(uow, _hash(token)) if len(token) == _TOKEN_LETTERS else None
        if row is None or row.session_until is None or row.session_until <= self._clock.now():
            return None
        return Entry(token, row.purpose, row.subject_id, row.contact_id, row.account_id, row.session_until)
