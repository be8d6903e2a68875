"""Officers: who may sign in to the desk, and as what.

These methods open their own transactions, unlike other services: hashing a password takes tens of milliseconds, and must
not stand inside a transaction that others wait for.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.access import errors
from bot.access.passwords import Passwords, check, one_time
from bot.access.roles import Posts
from bot.clock import Clock
from bot.escalation.actors import Actor, ActorKind, Role
from storage import officers as stored
from storage.database import Database
from storage.ids import new_id
from storage.officers import OfficerRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

FREE_ATTEMPTS = 5
"""wrong passwords in a row before the first pause"""
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_STRANGERS_REMEMBERED = 10_000


@dataclass(frozen=True)
class Officer:
    """Somebody who may sign in to the desk."""

    id: int
    login: str
    name: str
    role: Role
    department_id: str | None
    lead: bool
    must_change_password: bool
    active: bool
    away_until: datetime | None = None
    stands_in_for: frozenset[str] = frozenset()
    """other departments, which they lead at this moment, as the deputy of a lead who is away"""

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.OFFICER, self.id, self.name, self.role, self.department_id, self.lead, self.stands_in_for)


def officer_of(row: OfficerRow) -> Officer:
    return Officer(
        row.id,
        row.login,
        row.name,
        Role(row.role),
        row.department_id,
        row.lead,
        row.must_change_password,
        row.active,
        row.away_until,
    )


def pause_after(failures: int) -> timedelta:
    """Return how long the next attempt waits after so many failures in a row: nothing, 30 s, a minute, two, … an hour."""
    if failures < FREE_ATTEMPTS:
        return timedelta()
    return min(_FIRST_PAUSE * (1 << min(failures - FREE_ATTEMPTS, 10)), _LONGEST_PAUSE)


class Officers:
    def __init__(self, database: Database, clock: Clock, posts: Posts, passwords: Passwords | None = None) -> None:
        self._database = database
        self._clock = clock
        self._posts = posts
        self._passwords = passwords or Passwords()
        self._strangers: OrderedDict[str, tuple[int, datetime | None]] = OrderedDict()
        """failures for logins that do not exist: they are answered as those that do, so that nobody can tell them apart"""

    async def add(
        self, *, login: str, name: str, role: str, department: str | None = None, lead: bool = False
    ) -> tuple[Officer, str]:
        """Add an officer; return them and the one-time password, which is kept nowhere and changed at the first sign-in.

        department: id, name or short name. Raises LoginWrong, LoginTaken, NameMissing, RoleUnknown, DepartmentMissing or
        NoSuchDepartment; then nothing was added.
        """
        login = login.strip().casefold()
        if not _LOGIN.fullmatch(login):
            raise errors.LoginWrong(login=login[:80])
        if not name.strip():
            raise errors.NameMissing()
        known_role, department_id = self._posts.read(role, department)
        password = one_time()
        row = OfficerRow(
            id=new_id(),
            login=login,
            name=name.strip()[:120],
            role=str(known_role),
            department_id=department_id,
            lead=lead,
            password_hash=await self._passwords.hash(password),
            must_change_password=True,
            active=True,
            failed_sign_ins=0,
            locked_until=None,
            created_at=self._clock.now(),
        )

        async def work(uow: UnitOfWork) -> bool:
            return await stored.add(uow, **vars(row))

        if not await self._database.write(work):
            raise errors.LoginTaken(login=login)
        log.info("officer.added", officer=row.id, role=row.role, department=department_id)
        return officer_of(row), password

    async def ensure_administrator(self) -> str | None:
        """Make the first administrator, `admin`, where there is none; return the one-time password, or None."""
        async with self._database.read() as uow:
            if await stored.count_active(uow, Role.ADMINISTRATOR):
                return None
        try:
            _, password = await self.add(login="admin", name="Quản trị viên", role=Role.ADMINISTRATOR)
        except errors.LoginTaken:  # another process was quicker, or `admin` was deactivated and nobody replaced them
            return None
        return password

    async def find(self, login: str) -> Officer:
        """Return the officer. Raises OfficerUnknown."""
        async with self._database.read() as uow:
            return officer_of(await self._row(uow, login))

    async def list(self, *, after: int | None = None, limit: int | None = None) -> list[Officer]:
        """Return officers in the order in which they were added, from behind the id `after`; those who left too."""
        async with self._database.read() as uow:
            return [officer_of(row) for row in await stored.listed(uow, after=after, limit=limit)]

    async def sign_in(self, login: str, password: str) -> Officer:
        """Return the officer whose password this is. Raises SignInWrong, or SignInPaused after repeated failures.

        An attempt is counted as failed before it is tried, so that a hundred at once are not a hundred guesses.
        """
        login = login.strip().casefold()[:200]
        row = await self._charge(login)
        if not await self._passwords.fits(password, row.password_hash if row and row.active else None):
            log.warning("sign_in.failed", officer=row.id if row else None)
            raise errors.SignInWrong()
        assert row is not None

        async def forgive(uow: UnitOfWork) -> None:
            await stored.forgive_attempts(uow, row.id)

        await self._database.write(forgive)
        log.info("sign_in", officer=row.id)
        return officer_of(row)

    async def change_password(self, officer_id: int, *, old: str, new: str) -> None:
        """Set the officer's own password and end all their sessions. Raises SignInWrong, SignInPaused or `Password…`."""
        async with self._database.read() as uow:
            row = await stored.by_id(uow, officer_id)
        if row is None:
            raise errors.SignInWrong()
        await self.sign_in(row.login, old)
        check(new, login=row.login)
        if new == old:
            raise errors.PasswordNotNew()
        await self._set_password(row.id, new, must_change=False)

    async def reset_password(self, login: str) -> str:
        """Give a new one-time password, end the officer's sessions and any pause. Raises OfficerUnknown."""
        officer = await self.find(login)
        password = one_time()
        await self._set_password(officer.id, password, must_change=True)
        return password

    async def deactivate(self, login: str) -> Officer:
        """End somebody's access at once; what they did keeps their name. Raises OfficerUnknown or LastAdministrator."""

        async def work(uow: UnitOfWork) -> OfficerRow:
            row = await self._row(uow, login)
            last = row.role == Role.ADMINISTRATOR and row.active and await stored.count_active(uow, row.role) == 1
            if last:
                raise errors.LastAdministrator(login=row.login)
            await stored.set_active(uow, row.id, False)
            await stored.end_sessions_of(uow, row.id)
            return row

        row = await self._database.write(work)
        log.info("officer.deactivated", officer=row.id)
        return officer_of(row)

    async def set_away(self, login: str, until: datetime | None) -> Officer:
        """Note until when somebody is absent, so that their deputy is told instead; None: they are there. Raises OfficerUnknown
        or AwayInThePast."""
        if until is not None and until <= self._clock.now():
            raise errors.AwayInThePast(until=until)

        async def work(uow: UnitOfWork) -> OfficerRow:
            row = await self._row(uow, login)
            await stored.set_away(uow, row.id, until)
            return replace(row, away_until=until)

        return officer_of(await self._database.write(work))

    async def _row(self, uow: UnitOfWork, login: str) -> OfficerRow:
        row = await stored.by_login(uow, login.strip().casefold())
        if row is None:
            raise errors.OfficerUnknown(login=login.strip()[:80])
        return row

    async def _set_password(self, officer_id: int, password: str, *, must_change: bool) -> None:
        password_hash = await self._passwords.hash(password)

        async def work(uow: UnitOfWork) -> None:
            await stored.set_password(uow, officer_id, password_hash=password_hash, must_change=must_change)
            await stored.end_sessions_of(uow, officer_id)

        await self._database.write(work)
        log.info("officer.password_set", officer=officer_id, one_time=must_change)

    async def _charge(self, login: str) -> OfficerRow | None:
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> OfficerRow | timedelta | None:
            # A refusal is returned, not raised: an error would undo the transaction for all who share it.
            row = await stored.by_login(uow, login)
            if row is None or not row.active:
                return None
            if row.locked_until is not None and row.locked_until > now:
                return row.locked_until - now
            pause = pause_after(row.failed_sign_ins + 1)
            charged = await stored.charge_attempt(uow, row, locked_until=now + pause if pause else None)
            return row if charged else timedelta(seconds=1)

        row = await self._database.write(work)
        if isinstance(row, timedelta):
            raise errors.SignInPaused(left=row)
        if row is None:
            self._charge_stranger(login, now)
        return row

    def _charge_stranger(self, login: str, now: datetime) -> None:
        failures, locked_until = self._strangers.get(login, (0, None))
        if locked_until is not None and locked_until > now:
            raise errors.SignInPaused(left=locked_until - now)
        pause = pause_after(failures + 1)
        self._strangers[login] = failures + 1, now + pause if pause else None
        self._strangers.move_to_end(login)
        if len(self._strangers) > _STRANGERS_REMEMBERED:
            self._strangers.popitem(last=False)
