"""A platform that keeps what it was sent and fails when told to, and a sender in front of it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from bot.delivery.ledger import Ledger, Outbox, Priority, Recipient
from bot.delivery.message import Message
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from storage.database import Database
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Delivery
from storage.unit_of_work import UnitOfWork, table_of
from tests.clock import ManualClock


class Platform:
    """A channel of the tests. `outcomes`: exceptions to raise, one a call; nothing means that it goes well."""

    name = "telegram"

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.outcomes: deque[BaseException | None] = deque()
        self.calls: list[tuple[str, str]] = []
        self.arrived: list[tuple[str, str]] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._moved = asyncio.Condition()

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        self.calls.append((recipient, message.text))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        async with self._moved:
            self._moved.notify_all()
        try:
            await self.gate.wait()
            if self.outcomes and (outcome := self.outcomes.popleft()):
                raise outcome
            self.arrived.append((recipient, message.text))
        finally:
            self.in_flight -= 1
        return str(len(self.arrived))

    async def until_in_flight(self, amount: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self.in_flight >= amount)

    async def fetch(self, reference: str) -> AsyncIterator[bytes]:
        yield reference.encode()


class Post:
    """A ledger, a sender and a platform over one database: one process."""

    def __init__(self, database: Database, clock: ManualClock, platform: Platform, owner: str = "first") -> None:
        self.database = database
        self.clock = clock
        self.platform = platform
        outbox = Outbox()
        self.ledger = Ledger(clock, owner, outbox)
        self.sender = Sender(database, {platform.name: platform}, clock, owner)
        outbox.connect(self.sender)
        self.accounts: dict[str, int] = {}

    async def account(self, person: str) -> Recipient:
        if person not in self.accounts:
            contact_id, self.accounts[person] = new_id(), new_id()

            async def add(uow: UnitOfWork) -> None:
                now = self.clock.now()
                uow.insert(Contact, id=contact_id, name=person, created_at=now)
                uow.insert(
                    ChannelAccount,
                    id=self.accounts[person],
                    contact_id=contact_id,
                    channel="telegram",
                    external_id=person,
                    step_data={},
                    created_at=now,
                )

            await self.database.write(add)
        return Recipient(self.accounts[person], "telegram", person)

    async def write(self, person: str, *texts: str, priority: Priority = Priority.REPLY, key: str | None = None) -> None:
        to = await self.account(person)

        async def work(uow: UnitOfWork) -> None:
            for text in texts:
                self.ledger.add(uow, to, Message(text), kind="reply", priority=priority, key=key)

        await self.database.write(work)

    async def rows(self) -> list[RowMapping]:
        async with self.database.read() as uow:
            return list(await uow.rows(select(table_of(Delivery)).order_by(Delivery.id)))

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def until(self, *states: str) -> None:
        """Wait until the ledger's rows are in these states; fails after five seconds with what they are."""
        for _ in range(500):
            if sorted(await self.states()) == sorted(states):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"expected {sorted(states)}, the ledger has {sorted(await self.states())}")


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def post(database: Database, clock: ManualClock, platform: Platform) -> AsyncIterator[Post]:
    made = Post(database, clock, platform)
    yield made
    await made.sender.stop()
