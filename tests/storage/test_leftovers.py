"""What nothing names does not stay in the file store, and what something names does."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.leftovers import LEFT_ALONE, Leftovers
from storage.database import Database
from storage.files import FileStore
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Delivery
from storage.unit_of_work import UnitOfWork
from tests.clock import ManualClock

Put = Callable[[bytes], Awaitable[str]]


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def put(files: FileStore, clock: ManualClock) -> Put:
    async def put(content: bytes) -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        sha256, _ = await files.keep(chunks(), at_most=1000)
        os.utime(files.path(sha256), (clock.now().timestamp(),) * 2)
        return sha256

    return put


async def in_a_step(database: Database, clock: ManualClock, sha256: str) -> None:
    async def work(uow: UnitOfWork) -> None:
        contact, account = new_id(), new_id()
        uow.insert(Contact, id=contact, name="Lan", created_at=clock.now())
        step_data = {"files": [{"sha256": sha256}]}
        uow.insert(
            ChannelAccount,
            id=account,
            contact_id=contact,
            channel="webchat",
            external_id=str(account),
            step="officer.files",
            step_data=step_data,
            created_at=clock.now(),
        )

    await database.write(work)


async def in_a_message(database: Database, clock: ManualClock, sha256: str) -> None:
    async def work(uow: UnitOfWork) -> None:
        contact, account = new_id(), new_id()
        uow.insert(Contact, id=contact, name="Lan", created_at=clock.now())
        uow.insert(
            ChannelAccount,
            id=account,
            contact_id=contact,
            channel="webchat",
            external_id=str(account),
            step_data={},
            created_at=clock.now(),
        )
        uow.insert(
            Delivery,
            id=new_id(),
            account_id=account,
            channel="webchat",
            recipient=str(account),
            kind="answer",
            priority=0,
            content={"text": "Kèm tệp.", "files": [{"sha256": sha256}]},
            state="sent",
            attempts=1,
            created_at=clock.now(),
        )

    await database.write(work)


async def test_what_nothing_names_goes_once_it_is_old_enough(
    database: Database, files: FileStore, clock: ManualClock, put: Put
) -> None:
    sha256, leftovers = await put(b"nobody's"), Leftovers(database, files, clock)
    assert await leftovers.clear() == 0  # it may be on its way to the transaction that names it
    clock.advance(LEFT_ALONE + timedelta(seconds=1))
    assert await leftovers.clear() == 1
    assert not files.path(sha256).exists()


@pytest.mark.parametrize("name_it", [in_a_step, in_a_message])
async def test_what_a_row_names_stays(
    database: Database,
    files: FileStore,
    clock: ManualClock,
    put: Put,
    name_it: Callable[[Database, ManualClock, str], Awaitable[None]],
) -> None:
    sha256 = await put(b"somebody's")
    await name_it(database, clock, sha256)
    clock.advance(timedelta(days=30))
    leftovers = Leftovers(database, files, clock)
    assert (await leftovers.clear(), await leftovers.discard([sha256])) == (0, 0)
    assert files.path(sha256).exists()


async def test_a_store_that_is_not_there_yet_has_nothing_left_over(
    database: Database, files: FileStore, clock: ManualClock
) -> None:
    assert await Leftovers(database, files, clock).clear() == 0
