"""Transactions: work that arrives together shares a commit, and nobody is hurt by another's failure."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, select, text

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


def on(channel: str, event: str) -> Turning:
    """A turn of one person's account on a channel: `given_person_on` links them."""
    return Turning(EventKey(channel, event), AccountKey(channel, "lan"), NOW)


async def given_person_on(database: Database, *channels: str) -> int:
    contact_id = new_id()

    async def add(uow: UnitOfWork) -> None:
        uow.insert(Contact, id=contact_id, name="Lan", created_at=NOW)
        for channel in channels:
            at = {"channel": channel, "external_id": "lan", "created_at": NOW}
            uow.insert(ChannelAccount, id=new_id(), contact_id=contact_id, step_data={}, **at)

    await database.write(add)
    return contact_id


async def test_turns_of_one_person_on_two_accounts_never_share_a_transaction_so_the_second_sees_the_first(
    database: Database,
) -> None:
    contact_id = await given_person_on(database, "telegram", "zalo_oa", "webchat")

    async def work(uow: UnitOfWork, channel: str) -> str:
        account = uow.account(AccountKey(channel, "lan"))
        assert account is not None
        assert uow.is_new(EventKey(channel, "1"))
        uow.update(Contact, contact_id, name=account["name"] + "+")
        return str(account["name"])

    at_once = (
        database.write(partial(work, channel=each), turning=on(each, "1")) for each in ("telegram", "zalo_oa", "webchat")
    )
    assert sorted(await asyncio.gather(*at_once)) == ["Lan", "Lan+", "Lan++"]
    assert await count(database, Event) == 3


async def waits(database: Database, name: str) -> bool:
    """Say whether a process of this name waits for a lock now."""
    asked = text("select count(*) from pg_stat_activity where application_name = :name and wait_event_type = 'Lock'")
    async with database.read() as uow:
        return bool(await uow.scalar(asked.bindparams(name=name)))


async def test_turns_of_one_person_on_two_accounts_wait_for_each_other_in_two_processes_and_others_do_not(
    postgresql_url: str,
) -> None:
    first, second = Database(postgresql_url, application_name="first"), Database(postgresql_url, application_name="second")
    await given_person_on(first, "telegram", "zalo_oa")
    inside, may_end = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def slow(uow: UnitOfWork) -> None:
        order.append("first begins")
        inside.set()
        await may_end.wait()
        order.append("first ends")

    async def quick(uow: UnitOfWork) -> None:
        order.append("second begins")

    one = asyncio.create_task(first.write(slow, turning=on("telegram", "1")))
    await inside.wait()
    two = asyncio.create_task(second.write(quick, turning=on("zalo_oa", "2")))
    async with asyncio.timeout(10):
        while not await waits(first, "second"):
            assert not two.done(), "it ran beside the first"
        # Somebody else's turn goes on in both: on another lane than the one that waits.
        other = next(f"p{n}" for n in range(99) if hash(AccountKey("telegram", f"p{n}")) % 4 not in _lanes_of_lan())
        await asyncio.gather(*(each.write(_nothing, turning=turning(str(id(each)), other)) for each in (first, second)))
        assert order == ["first begins"]
        may_end.set()
        await asyncio.gather(one, two)
    await first.close()
    await second.close()

    assert order == ["first begins", "first ends", "second begins"]


def _lanes_of_lan() -> set[int]:
    return {hash(AccountKey(channel, "lan")) % 4 for channel in ("telegram", "zalo_oa")}


async def _nothing(uow: UnitOfWork) -> None:
    pass


async def test_a_turn_that_waited_while_its_account_was_linked_to_another_person_waits_for_that_one_too(
    postgresql_url: str,
) -> None:
    first, second, third = (Database(postgresql_url, application_name=name) for name in ("first", "second", "third"))
    joined = await given_person_on(first, "telegram")
    await given_person_on(first, "zalo_oa")
    inside, may_end, busy, may_rest = (asyncio.Event() for _ in range(4))
    order: list[str] = []

    async def links(uow: UnitOfWork) -> None:
        account = uow.account(AccountKey("zalo_oa", "lan"))
        assert account is not None
        inside.set()
        await may_end.wait()
        uow.update(ChannelAccount, account["id"], contact_id=joined)

    async def is_busy(uow: UnitOfWork) -> None:
        busy.set()
        await may_rest.wait()
        order.append("busy ends")

    async def later(uow: UnitOfWork) -> None:
        account = uow.account(AccountKey("zalo_oa", "lan"))
        assert account is not None
        assert account["contact_id"] == joined
        order.append("later")

    tasks = [asyncio.create_task(second.write(links, turning=on("zalo_oa", "1")))]
    await inside.wait()
    tasks.append(asyncio.create_task(first.write(is_busy, turning=on("telegram", "2"))))
    await busy.wait()
    tasks.append(asyncio.create_task(third.write(later, turning=on("zalo_oa", "3"))))
    async with asyncio.timeout(10):
        while not await waits(first, "third"):
            assert not tasks[2].done()
        may_end.set()
        await tasks[0]
        while not await waits(first, "third"):
            assert not tasks[2].done(), "it ran beside a turn of the person that it is now of"
        may_rest.set()
        await asyncio.gather(*tasks)
    for database in (first, second, third):
        await database.close()

    assert order == ["busy ends", "later"]


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
