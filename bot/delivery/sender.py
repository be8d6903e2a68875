"""The sender: takes rows of the ledger to the channels, and records what became of each."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.clock import Clock
from bot.delivery.budget import HORIZON_S, Grant, SharedBucket
from bot.delivery.contents import Contents
from bot.delivery.lane import ChannelLane, Share
from bot.delivery.ledger import LEASE
from bot.delivery.outside import OutsideWindow
from bot.delivery.recording import Recorder
from bot.delivery.transport import Transport
from storage import account_budgets, deliveries
from storage.database import Database
from storage.deliveries import Claimed
from storage.subscriptions import TimesRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_CLAIM_AT_ONCE = 200
_LOOK_EVERY_S = 1.0
"""how often rows are looked for that nobody announced: retries that fall due, rows of other replicas"""


Opening = Callable[[TimesRow, datetime], datetime]
"""from when, at or after a moment, somebody who chose these hours may be written to"""


class Sender:
    """One for each process. `owner` marks its rows, so that it can tell them from those of a process that died.

    opening: where people choose hours for what can wait.
    """

    def __init__(
        self,
        database: Database,
        transports: Mapping[str, Transport],
        clock: Clock,
        owner: str,
        opening: Opening | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._owner = owner
        self._opening = opening
        self._record = Recorder(database, clock, list(transports))
        self._outside = OutsideWindow(database, clock, self._record, list(transports))
        self._contents = Contents(database)
        self._lanes = {
            name: ChannelLane(
                transport,
                self._record,
                self._outside,
                self._contents,
                partial(self._draw, name),
                self._begin,
                self._share(transport),
            )
            for name, transport in transports.items()
        }
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._claiming: set[asyncio.Task[list[Claimed]]] = set()

    @staticmethod
    def new_owner() -> str:
        return secrets.token_hex(8)

    def takes(self, channel: str, recipient: str) -> bool:
        """Say whether a row may be claimed for this sender when it is written: not while earlier ones of its chat wait."""
        lane = self._lanes.get(channel)
        return lane is not None and not self._stopping and recipient not in lane.resting

    def accept(self, rows: Sequence[Claimed]) -> None:
        """Take rows that were claimed for this sender when they were written; an empty list is a hint to look."""
        for row in rows:
            lane = self._lanes.get(row.channel)
            if lane is not None and not self._stopping:
                lane.accept(row)
        if not rows:
            self._wake.set()
            for lane in self._lanes.values():
                lane.wake.set()

    async def start(self) -> None:
        """Bring back what a process that died had in its hands, then begin to send."""
        await self.recover(sole=self._database.is_sqlite)
        self._tasks = [
            asyncio.create_task(self._look(), name="sender: claims"),
            asyncio.create_task(self._keep_leases(), name="sender: leases"),
            *(asyncio.create_task(lane.run(), name=f"sender: {name}") for name, lane in self._lanes.items()),
            *(asyncio.create_task(lane.draw(), name=f"sender: waves on {name}") for name, lane in self._lanes.items()),
            *(asyncio.create_task(lane.begin(), name=f"sender: attempts on {name}") for name, lane in self._lanes.items()),
        ]

    async def stop(self) -> None:
        """Finish what is in flight and give the rest back."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        rest = [row.id for lane in self._lanes.values() for row in await lane.stop()]
        for claimed in await asyncio.gather(*self._claiming, return_exceptions=True):
            rest += [row.id for row in claimed] if isinstance(claimed, list) else []
        self._claiming.clear()
        if rest:
            await self._database.write(lambda uow: deliveries.give_back(uow, rest, now=self._clock.now()))

    async def recover(self, *, sole: bool = False) -> None:
        """Put back what dead senders held. Called at the start, and by a sweep while running."""
        now = self._clock.now()
        again, unknown = await self._database.write(
            lambda uow: deliveries.recover(uow, now=now, owner=self._owner, in_hand=self._in_hand(), sole=sole)
        )
        if again or unknown:
            log.warning("delivery.recovered", queued_again=again, unknown=unknown)
            self._wake.set()

    async def idle(self) -> None:
        """Return once nothing is in hand: for tests and for a clean stop."""
        while any(lane.busy for lane in self._lanes.values()):
            await asyncio.gather(*(lane.quiet.wait() for lane in self._lanes.values()))

    async def _look(self) -> None:
        while True:
            self._wake.clear()
            claimed: list[Claimed] = []
            try:
                claimed = await self._whole(self._database.write(self._claim))
            except Exception:
                log.exception("delivery.claim_failed")
            for row in claimed:
                self._lanes[row.channel].resting.discard(row.recipient)
                self._lanes[row.channel].accept(row)
            if len(claimed) < _CLAIM_AT_ONCE:
                try:
                    await asyncio.wait_for(self._wake.wait(), _LOOK_EVERY_S)
                except TimeoutError:
                    continue

    async def _whole(self, claiming: Coroutine[Any, Any, list[Claimed]]) -> list[Claimed]:
        """Claim rows. A stop may come between the commit and whoever takes them: then they are given back."""
        task = asyncio.create_task(claiming, name="sender: claim")
        self._claiming.add(task)
        try:
            claimed = await asyncio.shield(task)
        except Exception:
            self._claiming.discard(task)
            raise
        self._claiming.discard(task)
        return claimed

    async def _draw(self, channel: str, room: int) -> list[Claimed]:
        """Take rows of waves for a channel, no more than it can send soon."""
        return await self._whole(self._draw_all(channel, room))

    async def _draw_all(self, channel: str, room: int) -> list[Claimed]:
        drawn: list[Claimed] = []
        while len(drawn) < room:
            some = partial(self._draw_some, channel=channel, room=room - len(drawn), now=self._clock.now())
            claimed, welcome = await self._database.write(some)
            drawn += welcome
            if len(welcome) == claimed:
                break
        return drawn

    async def _draw_some(self, uow: UnitOfWork, channel: str, room: int, now: datetime) -> tuple[int, list[Claimed]]:
        """Claim some; return how many, and those whose people may be written to now. The others wait for their hours: these may
        have ended since the rows were written, as sending takes its time, and is paused."""
        claimed = await deliveries.claim_of_waves(
            uow, owner=self._owner, channel=channel, now=now, lease_until=now + LEASE, limit=room
        )
        # What is changed in its place makes no noise.
        audible = [row.id for row in claimed if "replaces" not in row.content]
        if self._opening is None or not audible:
            return len(claimed), claimed
        later: dict[datetime, list[int]] = {}
        for each in await deliveries.chosen_hours(uow, audible):
            opens = self._opening(each.times, now)
            if opens > now and (each.deadline is None or opens < each.deadline):
                later.setdefault(opens, []).append(each.delivery_id)
        for opens, ids in later.items():  # many people, but few different hours
            await deliveries.put_off(uow, ids, opens)
        waiting = {row_id for ids in later.values() for row_id in ids}
        return len(claimed), [row for row in claimed if row.id not in waiting]

    def _share(self, transport: Transport) -> Share | None:
        """Return how the account's rate is shared, where other processes may send with it: on PostgreSQL."""
        rate, channel = transport.limits.per_second, transport.name
        if self._database.is_sqlite or rate <= 0:
            return None

        async def ask(most: int) -> Grant:
            amount, starts_in = await self._database.write(
                lambda uow: account_budgets.take(uow, channel, rate=rate, most=most, horizon=HORIZON_S)
            )
            return Grant(amount, starts_in)

        async def tell(seconds: float) -> None:
            await self._database.write(lambda uow: account_budgets.close(uow, channel, seconds=seconds))

        return lambda changed: SharedBucket(rate, ask, tell, changed)

    async def _begin(self, ids: Sequence[int]) -> set[int]:
        """Write down that rows of waves are tried from here on; return those that may be."""
        now = self._clock.now()
        return await self._database.write(lambda uow: deliveries.begin_attempts(uow, ids, owner=self._owner, now=now))

    async def _claim(self, uow: UnitOfWork) -> list[Claimed]:
        now = self._clock.now()
        return await deliveries.claim(
            uow, owner=self._owner, channels=list(self._lanes), now=now, lease_until=now + LEASE, limit=_CLAIM_AT_ONCE
        )

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            if self._in_hand():
                await self._database.write(self._extend_leases)

    async def _extend_leases(self, uow: UnitOfWork) -> None:
        await deliveries.extend_leases(uow, self._in_hand(), owner=self._owner, until=self._clock.now() + LEASE)

    def _in_hand(self) -> set[int]:
        return {row_id for lane in self._lanes.values() for row_id in lane.in_hand()}
