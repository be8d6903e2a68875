"""An account's rate is one, however many processes send with it."""

import asyncio

import pytest

from bot.delivery.budget import HORIZON_S, Grant, SharedBucket
from storage import account_budgets
from storage.database import Database
from storage.unit_of_work import UnitOfWork


@pytest.fixture
async def databases(postgresql_url: str):  # type: ignore[no-untyped-def]
    opened = [Database(postgresql_url) for _ in range(2)]
    yield opened
    for each in opened:
        await each.close()


async def take(database: Database, most: int, rate: float = 100) -> tuple[int, float]:
    return await database.write(lambda uow: account_budgets.take(uow, "telegram", rate=rate, most=most, horizon=HORIZON_S))


async def test_two_processes_never_get_the_same_place(databases: list[Database]) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    taken = await asyncio.gather(*(take(databases[n % 2], 50) for n in range(8)))
    allowed = 100 * (loop.time() - began + HORIZON_S) + 1
    assert 0 < sum(amount for amount, _ in taken) <= allowed


async def test_nobody_gets_places_far_ahead(databases: list[Database]) -> None:
    for _ in range(20):
        amount, starts_in = await take(databases[0], 1000)
        assert starts_in + amount / 100 <= HORIZON_S + 0.2


async def test_a_closed_account_is_closed_for_all(databases: list[Database]) -> None:
    async def close(uow: UnitOfWork) -> None:
        await account_budgets.close(uow, "telegram", seconds=30)

    await databases[0].write(close)
    amount, again = await take(databases[1], 5)
    assert amount == 0
    assert 25 < again <= 30


async def test_two_senders_together_keep_the_rate(databases: list[Database]) -> None:
    rate, sent = 200.0, []
    loop = asyncio.get_running_loop()
    end = loop.time() + 1.5

    async def sender(database: Database) -> None:
        async def ask(most: int) -> Grant:
            return Grant(
                *await database.write(
                    lambda uow: account_budgets.take(uow, "telegram", rate=rate, most=most, horizon=HORIZON_S)
                )
            )

        async def tell(seconds: float) -> None:
            raise AssertionError

        bucket = SharedBucket(rate, ask, tell, lambda: None)
        while (now := loop.time()) < end:
            wait = bucket.wait(now)
            if wait <= 0:
                bucket.take(now)
                sent.append(now)
            await asyncio.sleep(max(0.0005, min(wait, 0.02)))
        await bucket.stop()

    await asyncio.gather(*(sender(database) for database in databases))
    assert len(sent) <= rate * 1.5 + rate * HORIZON_S + 1
    assert len(sent) >= rate * 1.5 * 0.5  # a busy machine loses places; it never gains any
