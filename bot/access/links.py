"""Linking an officer with their account on a messenger: a one-time code, made at the desk or on the command line, which they
send to the bot from that account. Who can send it was signed in as the officer, or was given it by an administrator.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

import structlog

from bot.access import errors
from bot.access.officers import Officer, officer_of
from bot.clock import Clock
from storage import officer_accounts as stored
from storage.database import Database
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

PREFIX = "desk_"
"""tells such a code from an enterprise's invitation, both of which come with `/start`"""
VALID_FOR = timedelta(minutes=30)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


class OfficerLinks:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, officer: Officer) -> str:
        """Return a new code, good for half an hour and for one use; earlier ones of the officer are over."""
        code = PREFIX + secrets.token_urlsafe(24)
        now = self._clock.now()
        await self._database.write(
            lambda uow: stored.keep_code(uow, code_hash=_hash(code), officer_id=officer.id, now=now, expires_at=now + VALID_FOR)
        )
        return code

    async def redeem(self, uow: UnitOfWork, code: str, *, channel: str, external_id: str, name: str) -> Officer:
        """Link the account that sent the code. Raises LinkUnknown where it does not hold (any more)."""
        now = self._clock.now()
        row = await stored.use_code(uow, _hash(code[:200]), now)
        if row is None:
            raise errors.LinkUnknown()
        await stored.link(uow, officer_id=row.id, channel=channel, external_id=external_id, name=name, now=now)
        log.info("officer.linked", officer=row.id, channel=channel)
        return officer_of(row)

    async def account(self, officer_id: int, channel: str) -> tuple[str, datetime] | None:
        """Return the name of the officer's account on the channel, and since when it is linked."""
        async with self._database.read() as uow:
            return await stored.account_of(uow, channel, officer_id)

    async def unlink(self, officer_id: int, channel: str) -> bool:
        """End the link: what comes from that account is nobody's from now on."""
        ended = await self._database.write(lambda uow: stored.unlink(uow, channel, officer_id))
        if ended:
            log.info("officer.unlinked", officer=officer_id, channel=channel)
        return ended
