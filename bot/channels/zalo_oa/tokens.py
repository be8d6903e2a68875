"""Keeps the tokens of the Official Account alive, whoever of several processes does it.

A refresh token can be used once, and the answer is the only copy of the next one: so a lease on the row says who may use it,
the new pair is committed before anybody uses it, and what is not yet committed is held on to until it is.
"""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.channels.alarms import Alarms
from bot.channels.calling import CallFailed, NotConnected
from bot.channels.sealing import CannotOpen, Seal, is_sealed
from bot.channels.vietnam import VIETNAM
from bot.channels.zalo_oa.oauth import REFRESH_LIVES, Oauth, OauthIll, OauthRefused, Tokens
from bot.clock import Clock
from bot.delivery.transport import TryLater
from storage import oauth as stored
from storage.database import Database
from storage.oauth import Pair
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

REFRESH_AFTER = timedelta(hours=20)
_SPARE = timedelta(minutes=2)
"""an access token is not used so shortly before its end"""
_LEASE = timedelta(seconds=90)
"""longer than a request can take: two processes must never use the same refresh token"""
_AFTER_REFUSAL = timedelta(minutes=10)
_WARN_AFTER = timedelta(days=3)
"""renewed daily, a pair that is so old has been failing for days; its refresh token still lives for 87"""
_WAIT_FOR_OTHER_S = 30.0
_LOOK_AT_OTHER_EVERY_S = 0.1
_STOP_WITHIN_S = 20.0
NOT_OURS = "the tokens that are kept were sealed with another SECRET_KEY: put it back, or run `donghanh zalo connect`"


class NoToken(TryLater):
    """There is no access token now; messages wait."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, after=_AFTER_REFUSAL, whole_account=True)


class TokenKeeper:
    """name: of the row. seed: the refresh token in the settings, which begins the chain; empty where consent is given
    through the callback. seal: no token is in the database without it. owner: marks the leases of this process."""

    def __init__(
        self, database: Database, oauth: Oauth, alarms: Alarms, clock: Clock, *, name: str, seed: str, seal: Seal, owner: str
    ) -> None:
        self._database = database
        self._oauth = oauth
        self._alarms = alarms
        self._clock = clock
        self._name = name
        self._seed = seed
        self._seal = seal
        self._owner = owner
        self._pair: Pair | None = None
        self._renewing: asyncio.Task[Pair] | None = None

    async def current(self) -> str:
        """Return an access token that lives. Raises NoToken."""
        pair = self._pair
        if pair is None or not self._lives(pair):
            pair = await self._renewed(refused="")
        assert pair.access_token is not None
        return pair.access_token

    async def after_refusal(self, access_token: str) -> str:
        """Return another token than this one, which Zalo refused. Raises NoToken."""
        pair = self._pair
        if pair is None or pair.access_token == access_token or not self._lives(pair):
            pair = await self._renewed(refused=access_token)
        assert pair.access_token is not None
        return pair.access_token

    async def look(self) -> None:
        """Renew what is 20 hours old, and warn long before a refresh token dies. For a job at intervals."""
        await self._seal_what_is_open()
        pair = await self.kept()
        now = self._clock.now()
        if pair is None and not self._seed:
            await self._alarms.tell(self._name, "token", "no consent has been given yet")
            return
        due = pair is None or pair.obtained_at is None or now - pair.obtained_at >= REFRESH_AFTER or not pair.refresh_token
        if due or (pair is not None and self._other_seed(pair)):
            with suppress(TryLater):  # an alarm has been raised where a person is needed
                await self._renewed(refused="", early=True)
        pair = await self.kept()
        if pair is not None and self._lives(pair):
            self._pair = pair  # another process may have renewed it, and what this one held has died with that
        if pair is not None and pair.obtained_at is not None and now - pair.obtained_at >= _WARN_AFTER:
            until = pair.refresh_expires_at or pair.obtained_at + REFRESH_LIVES
            await self._alarms.tell(
                self._name,
                "token_ageing",
                pair.refused or "no answer",
                days=(now - pair.obtained_at).days,
                until=f"{until.astimezone(VIETNAM):%d/%m/%Y}",
            )

    async def adopt(self, tokens: Tokens) -> None:
        """Keep a pair that an administrator of the account has just granted, in place of whatever there was."""
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> None:
            pair = await stored.read_locked(uow, self._name)
            if pair is None:
                stored.add(uow, self._name, refresh_token=self._seal.close(tokens.refresh), seed=_mark(self._seed))
                await uow.flush()
            revision = pair.revision if pair else 1
            values = self._values(tokens, revision, now)
            await stored.change(uow, self._name, seen=revision, **values, seed=_mark(self._seed))
            stored.note(uow, self._name, "consented", "", now)

        await self._database.write(work)
        self._pair = await self.kept()

    async def kept(self) -> Pair | None:
        """Return the pair as it is in the database; without tokens where this installation's key does not open them."""
        async with self._database.read() as uow:
            return self._opened(await stored.read(uow, self._name))

    def _opened(self, pair: Pair | None) -> Pair | None:
        if pair is None:
            return None
        try:
            access = self._seal.open(pair.access_token) if pair.access_token is not None else None
            return replace(pair, access_token=access, refresh_token=self._seal.open(pair.refresh_token))
        except CannotOpen:
            return replace(pair, access_token=None, refresh_token="")

    async def _seal_what_is_open(self) -> None:
        """Seal a pair that was kept before tokens were sealed."""

        async def work(uow: UnitOfWork) -> None:
            pair = await stored.read_locked(uow, self._name)
            if pair is None or is_sealed(pair.refresh_token):
                return
            access = self._seal.close(pair.access_token) if pair.access_token is not None else None
            sealed = {"access_token": access, "refresh_token": self._seal.close(pair.refresh_token)}
            await stored.change(uow, self._name, seen=pair.revision, **sealed)

        async with self._database.read() as uow:
            pair = await stored.read(uow, self._name)
        if pair is not None and not is_sealed(pair.refresh_token):
            await self._database.write(work)

    def _lives(self, pair: Pair) -> bool:
        return pair.access_token is not None and pair.expires_at is not None and self._clock.now() < pair.expires_at - _SPARE

    def _other_seed(self, pair: Pair) -> bool:
        return bool(self._seed) and pair.seed != _mark(self._seed)

    async def _renewed(self, *, refused: str, early: bool = False) -> Pair:
        """Have the pair renewed by one task, which goes on if whoever waits for it is cancelled."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew(refused, early), name="zalo: renew the token")
        return await asyncio.shield(self._renewing)

    async def _renew(self, refused: str, early: bool) -> Pair:
        for _ in range(round(_WAIT_FOR_OTHER_S / _LOOK_AT_OTHER_EVERY_S)):
            mine, pair = await self._claim(refused, early)
            if mine:
                return await self._use(pair)
            if self._lives(pair) and pair.access_token != refused:
                self._pair = pair
                return pair
            await asyncio.sleep(_LOOK_AT_OTHER_EVERY_S)  # another process renews it right now
        raise TryLater(
            "another process has been renewing the token for too long", after=timedelta(seconds=5), whole_account=True
        )

    async def _claim(self, refused: str, early: bool) -> tuple[bool, Pair]:
        """Read the pair under its lock; True when this process now holds the lease to renew it. Raises NoToken."""
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> tuple[bool, Pair]:
            pair = self._opened(await stored.read_locked(uow, self._name))
            if pair is None or self._other_seed(pair):
                if not self._seed:
                    raise NoToken("no consent has been given yet")
                sealed = self._seal.close(self._seed)
                if pair is None:
                    stored.add(uow, self._name, refresh_token=sealed, seed=_mark(self._seed))
                else:  # the operator has put another token into the settings
                    fresh = {"refresh_token": sealed, "seed": _mark(self._seed), "refused": None, "refused_at": None}
                    stale = {"access_token": None, "obtained_at": None, "expires_at": None, "lease_until": None}
                    await stored.change(uow, self._name, seen=pair.revision, **fresh, **stale)
                stored.note(uow, self._name, "seeded", "", now)
                pair = self._opened(await stored.read(uow, self._name))
                assert pair is not None
            if not pair.refresh_token:
                raise NoToken(NOT_OURS)
            due = pair.obtained_at is None or now - pair.obtained_at >= REFRESH_AFTER
            if self._lives(pair) and pair.access_token != refused and not (early and due):
                return False, pair
            if pair.lease_until is not None and pair.lease_until > now:
                return False, pair
            if pair.refused_at is not None and now - pair.refused_at < _AFTER_REFUSAL:
                raise NoToken(f"the token could not be renewed: {pair.refused}")
            await stored.change(uow, self._name, seen=pair.revision, lease_owner=self._owner, lease_until=now + _LEASE)
            return True, pair

        try:
            return await self._database.write(work)
        except NoToken as error:
            if str(error) == NOT_OURS:
                await self._alarms.tell(self._name, "token", NOT_OURS)
            raise

    async def _use(self, pair: Pair) -> Pair:
        """Use up the refresh token, for which this process holds the lease."""
        try:
            tokens = await self._oauth.by_refresh(pair.refresh_token)
        except OauthRefused as error:
            await self._failed(pair, "refused", str(error), refused_at=self._clock.now())
            await self._alarms.tell(self._name, "token", str(error))
            raise NoToken(f"the token could not be renewed: {error}") from None
        except (CallFailed, OauthIll) as error:
            # Whatever went wrong on the way, the same token is tried again: if it was used up, Zalo will say so.
            await self._failed(pair, "no_answer", str(error))
            after = timedelta(seconds=5 if isinstance(error, NotConnected) else 30)
            raise TryLater(f"the token could not be renewed: {error}", after=after, whole_account=True) from None
        await self._keep(pair, tokens)
        kept = await self.kept()
        assert kept is not None
        self._pair = kept
        return kept

    async def _keep(self, pair: Pair, tokens: Tokens) -> None:
        """Commit the new pair, however long the database is away: it is the only copy."""
        now, wait = self._clock.now(), 0.2

        async def work(uow: UnitOfWork) -> None:
            await stored.change(uow, self._name, seen=pair.revision, **self._values(tokens, pair.revision, now))
            stored.note(uow, self._name, "refreshed", "", now)

        while True:
            try:
                await self._database.write(work)
            except Exception:
                log.exception("zalo.token_not_kept", again_in_s=wait)
                await asyncio.sleep(wait)
                wait = min(10.0, wait * 2)
            else:
                return

    async def _failed(self, pair: Pair, event: str, detail: str, *, refused_at: datetime | None = None) -> None:
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> None:
            free = {"lease_owner": None, "lease_until": None}
            values = free | ({"refused": detail, "refused_at": refused_at} if refused_at else {})
            await stored.change(uow, self._name, seen=pair.revision, **values)
            stored.note(uow, self._name, event, detail, now)

        await self._database.write(work)

    def _values(self, tokens: Tokens, revision: int, now: datetime) -> dict[str, object]:
        return {
            "revision": revision + 1,
            "access_token": self._seal.close(tokens.access),
            "refresh_token": self._seal.close(tokens.refresh),
            "obtained_at": now,
            "expires_at": now + tokens.lives,
            "refresh_expires_at": now + REFRESH_LIVES,
            "lease_owner": None,
            "lease_until": None,
            "refused": None,
            "refused_at": None,
        }

    async def stop(self) -> None:
        """Let a renewal come to its end: what it brings must be kept."""
        if self._renewing is not None and not self._renewing.done():
            await asyncio.wait({self._renewing}, timeout=_STOP_WITHIN_S)


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
