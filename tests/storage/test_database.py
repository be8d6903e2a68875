"""Transactions: work that arrives together shares a commit, and nobody is hurt by another's failure."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from storage.database import Database, Turning
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Event
from storage.unit_of_work import AccountKey, EventKey, UnitOfWork

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def turning(event: str, person: str) -> Turning:
    return Turning(EventKey("telegram", event), AccountKey("telegram", person), NOW)


def add_account(uow: UnitOfWork, person: str) -> None:
    contact_id, account_id = new_id(), new_id()
    uow.insert(Contact, id=contact_id, name=person, created_at=NOW)
    uow.insert(
        ChannelAccount,
        id=account_id,
        contact_id=contact_id,
        channel="telegram",
        external_id=person,
        step_data={},
        created_at=NOW,
    )


async def count(database: Database, model: type[Contact] | type[Event]) -> int:
    async with database.read() as uow:
        found: int = await uow.scalar(select(func.count()).select_from(model))
        return found


async def test_what_fails_is_rolled_back_and_what_shared_its_transaction_is_not(database: Database) -> None:
    async def good(uow: UnitOfWork) -> None:
        uow.insert(Contact, id=new_id(), name="good", created_at=NOW)

    async def bad(uow: UnitOfWork) -> None:
        uow.insert(Contact, id=new_id(), name="bad", created_at=NOW)
        raise RuntimeError("a handler with a bug")

    results = await asyncio.gather(*(database.write(work) for work in (good, bad, good, good)), return_exceptions=True)

    assert [type(result) for result in results] == [type(None), RuntimeError, type(None), type(None)]
    assert await count(database, Contact) == 3


async def test_an_event_is_new_once_however_often_it_arrives(database: Database) -> None:
    async def work(uow: UnitOfWork) -> bool:
        return uow.is_new(EventKey("telegram", "7"))

    at_once = await asyncio.gather(*(database.write(work, turning=turning("7", "lan")) for _ in range(5)))
    later = await database.write(work, turning=turning("7", "lan"))

    assert sorted([*at_once, later]) == [False] * 5 + [True]
    assert await count(database, Event) == 1


async def test_an_event_whose_turn_failed_is_new_again(database: Database) -> None:
    async def fails(uow: UnitOfWork) -> None:
        assert uow.is_new(EventKey("telegram", "8"))
        raise RuntimeError

    async def works(uow: UnitOfWork) -> bool:
        return uow.is_new(EventKey("telegram", "8"))

    with pytest.raises(RuntimeError):
        await database.write(fails, turning=turning("8", "lan"))

    assert await database.write(works, turning=turning("8", "lan"))


async def test_turns_of_one_contact_never_share_a_transaction_so_the_second_sees_the_first(database: Database) -> None:
    async def work(uow: UnitOfWork) -> bool:
        known = uow.account(AccountKey("telegram", "lan")) is not None
        if not known:
            add_account(uow, "lan")
        return known

    seen = await asyncio.gather(*(database.write(work, turning=turning(str(n), "lan")) for n in range(4)))

    assert seen == [False, True, True, True]


async def test_numbers_are_given_in_order_and_never_twice(database: Database) -> None:
    async def work(uow: UnitOfWork) -> int:
        return await uow.next_number("inquiry:2026")

    numbers = await asyncio.gather(*(database.write(work, turning=turning(str(n), f"person-{n}")) for n in range(100)))

    assert sorted(numbers) == list(range(1, 101))


async def test_a_number_of_a_turn_that_failed_is_given_to_the_next(database: Database) -> None:
    async def fails(uow: UnitOfWork) -> None:
        await uow.next_number("inquiry:2026")
        raise RuntimeError

    async def works(uow: UnitOfWork) -> int:
        return await uow.next_number("inquiry:2026")

    with pytest.raises(RuntimeError):
        await database.write(fails)

    assert await database.write(works) == 1


async def test_two_processes_never_give_the_same_number(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)

    async def work(uow: UnitOfWork) -> int:
        return await uow.next_number("inquiry:2026")

    numbers = await asyncio.gather(*(database.write(work) for _ in range(20) for database in (first, second)))
    await first.close()
    await second.close()

    assert sorted(numbers) == list(range(1, 41))


async def test_of_two_who_change_a_row_as_they_saw_it_one_is_told_that_it_moved(database: Database) -> None:
    contact_id = new_id()

    async def add(uow: UnitOfWork) -> None:
        uow.insert(Contact, id=contact_id, name="before", created_at=NOW)

    async def change(uow: UnitOfWork, name: str) -> bool:
        return await uow.change(Contact, contact_id, seen={"name": "before"}, name=name)

    await database.write(add)

    assert await database.write(lambda uow: change(uow, "first"))
    assert not await database.write(lambda uow: change(uow, "second"))


async def test_what_waits_for_the_commit_happens_only_after_it(database: Database) -> None:
    heard: list[str] = []

    async def fails(uow: UnitOfWork) -> None:
        uow.after_commit(lambda: heard.append("failed"))
        raise RuntimeError

    async def works(uow: UnitOfWork) -> None:
        uow.after_commit(lambda: heard.append("worked"))
        assert heard == []

    with pytest.raises(RuntimeError):
        await database.write(fails)
    await database.write(works)

    assert heard == ["worked"]


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    async def work(uow: UnitOfWork) -> None:
        uow.insert(Contact, id=new_id(), name="lan", created_at=datetime(2026, 1, 1))  # noqa: DTZ001

    with pytest.raises(Exception, match="without a zone"):
        await database.write(work)


async def test_reading_cannot_write_on_sqlite(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.read() as uow:
        uow.insert(Contact, id=new_id(), name="lan", created_at=NOW)
        with pytest.raises(Exception, match="readonly"):
            await uow.flush()
    await database.close()
