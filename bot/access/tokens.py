"""Bearer tokens: how programs are let into the API."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.access import errors
from bot.access.roles import Posts
from bot.clock import Clock
from bot.escalation.actors import Actor, ActorKind, Role
from storage import tokens as stored
from storage.database import Database
from storage.ids import new_id
from storage.models import ApiToken
from storage.tokens import TokenRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_PREFIX = "dh_"
"""lets a scanner of leaked secrets know one of ours"""


@dataclass(frozen=True)
class Token:
    """What a token stands for; its secret is not in here."""

    id: int
    name: str
    role: Role
    department_id: str | None
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.API, self.id, self.name, self.role, self.department_id)


def _token_of(row: TokenRow) -> Token:
    return Token(row.id, row.name, Role(row.role), row.department_id, row.expires_at, row.revoked_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Tokens:
    def __init__(self, database: Database, clock: Clock, posts: Posts) -> None:
        self._database = database
        self._clock = clock
        self._posts = posts

    async def create(
        self, *, role: str, name: str, department: str | None = None, expires_at: datetime | None = None
    ) -> tuple[Token, str]:
        """Return a new token and its secret, which is shown once and kept only as a hash.

        department: id, name or short name; needed for the role `officer`. expires_at: aware; None is never.
        Raises RoleUnknown, DepartmentMissing, NoSuchDepartment, NameMissing or ExpiryNotAhead.
        """
        known_role, department_id = self._posts.read(role, department)
        now = self._clock.now()
        if not name.strip():
            raise errors.NameMissing()
        if expires_at is not None and expires_at <= now:
            raise errors.ExpiryNotAhead(at=expires_at)
        token = Token(new_id(), name.strip()[:120], known_role, department_id, expires_at, None)
        secret = _PREFIX + secrets.token_urlsafe(32)

        async def work(uow: UnitOfWork) -> None:
            uow.insert(
                ApiToken,
                id=token.id,
                token_hash=_hash(secret),
                name=token.name,
                role=str(token.role),
                department_id=token.department_id,
                created_at=now,
                expires_at=expires_at,
            )

        await self._database.write(work)
        log.info("token.created", token=token.id, role=str(token.role), department=department_id)
        return token, secret

    async def find(self, secret: str) -> Token | None:
        """Return the token if it still holds."""
        if not secret.startswith(_PREFIX) or len(secret) > 100:
            return None
        async with self._database.read() as uow:
            row = await stored.by_hash(uow, _hash(secret))
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= self._clock.now():
            return None
        return _token_of(row)

    async def list(self) -> list[Token]:
        async with self._database.read() as uow:
            return [_token_of(row) for row in await stored.listed(uow)]

    async def revoke(self, token_id: int) -> None:
        """End a token at once. Raises TokenUnknown when there is none, or it was revoked before."""

        async def work(uow: UnitOfWork) -> None:
            if not await stored.revoke(uow, token_id, self._clock.now()):
                raise errors.TokenUnknown(token=token_id)

        await self._database.write(work)
        log.info("token.revoked", token=token_id)
