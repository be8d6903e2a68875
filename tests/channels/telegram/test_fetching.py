"""Files that people sent: brought from Telegram into the file store after the turn, with patience, and not for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from bot.channels.fetching import ATTEMPTS_AT_MOST, LARGEST, FileFetcher
from bot.channels.telegram.channel import TelegramChannel
from bot.escalation.actors import BOT
from bot.escalation.keeping import Asker, IncomingFile
from bot.handlers.incoming import Incoming
from bot.membership.accounts import Accounts
from storage import incoming_files
from storage.database import Database
from storage.files import FileStore
from storage.models import File
from storage.unit_of_work import AccountKey, UnitOfWork, table_of
from tests.channels.telegram.conftest import MakeChannel, eventually
from tests.clock import ManualClock
from tests.escalation.conftest import make_services
from tests.peers.telegram import TelegramPeer


class Desk:
    """An inquiry to which a person adds files."""

    def __init__(self, database: Database, clock: ManualClock, peer: TelegramPeer) -> None:
        self._database = database
        self._clock = clock
        self._peer = peer

    async def given_file(self, content: bytes = b"noi dung", *, claimed_size: int | None = None) -> str:
        """Add a file that lies at Telegram; return its reference."""
        reference = self._peer.platform.files.keep("to-khai.pdf", content, size=claimed_size).file_id
        file = IncomingFile("telegram", reference, "to-khai.pdf", "application/pdf", claimed_size)
        inquiries, _, _ = make_services(self._database, self._clock)

        async def work(uow: UnitOfWork) -> None:
            account = Accounts().open(uow, AccountKey("telegram", reference[-12:]), "Lan", self._clock.now())
            asker = Asker(account.contact_id, account.id, "telegram", "vi", "Lan")
            inquiry = await inquiries.receive(uow, asker, "Mã HS của mặt hàng này là gì?")
            inquiry = await inquiries.ask_officer(uow, inquiry, candidates=[], actor=BOT)
            await inquiries.add_message(uow, inquiry, asker, "", (file,))

        await self._database.write(work)
        return reference

    async def row(self, reference: str) -> RowMapping:
        async with self._database.read() as uow:
            [row] = await uow.rows(select(table_of(File)).where(File.reference == reference))
        return row


@pytest.fixture
def desk(database: Database, clock: ManualClock, peer: TelegramPeer) -> Desk:
    return Desk(database, clock, peer)


@pytest.fixture
def channel(make_channel: MakeChannel) -> TelegramChannel:
    return make_channel()


@pytest.fixture
async def fetcher(
    database: Database, files: FileStore, channel: TelegramChannel, clock: ManualClock
) -> AsyncIterator[FileFetcher]:
    made = FileFetcher(database, files, {"telegram": channel}, clock)
    yield made
    await made.stop()


async def test_a_file_is_brought_into_the_store_once(desk: Desk, fetcher: FileFetcher, files: FileStore) -> None:
    reference = await desk.given_file("nội dung".encode())
    assert await fetcher.run() == 1
    row = await desk.row(reference)
    assert files.path(row["sha256"]).read_bytes() == "nội dung".encode()
    assert (row["size"], row["fetch_at"], row["error"]) == (len("nội dung".encode()), None, None)
    assert await fetcher.run() == 0


async def test_many_files_are_brought_in_one_run(desk: Desk, fetcher: FileFetcher) -> None:
    for number in range(9):
        await desk.given_file(str(number).encode())
    assert await fetcher.run() == 9


async def test_a_file_over_the_limit_is_given_up_with_the_reason(desk: Desk, fetcher: FileFetcher, peer: TelegramPeer) -> None:
    stated = await desk.given_file(claimed_size=LARGEST + 1)
    unstated = await desk.given_file(b"x" * (LARGEST + 1), claimed_size=5)
    assert await fetcher.run() == 0
    first, second = await desk.row(stated), await desk.row(unstated)
    assert first["fetch_at"] is None
    assert "file is too big" in first["error"]
    assert second["fetch_at"] is None
    assert second["error"] == "larger than 20 MB"
    assert (first["sha256"], second["sha256"]) == (None, None)


async def test_a_platform_that_is_ill_is_asked_again_later(
    desk: Desk, fetcher: FileFetcher, peer: TelegramPeer, clock: ManualClock
) -> None:
    reference = await desk.given_file()
    peer.fails("getFile", status=500)
    peer.cuts("download", after_effect=False, times=2)  # the client itself asks once more
    assert await fetcher.run() == 0
    assert (await desk.row(reference))["fetch_at"] == clock.now() + timedelta(seconds=10)
    assert await fetcher.run() == 0, "it is not due yet"
    clock.advance(timedelta(seconds=10))
    assert await fetcher.run() == 0, "the download is cut"
    clock.advance(timedelta(seconds=20))
    assert await fetcher.run() == 1
    assert (await desk.row(reference))["attempts"] == 3


async def test_what_never_comes_is_given_up_and_the_reason_names_no_token(
    desk: Desk, fetcher: FileFetcher, peer: TelegramPeer, clock: ManualClock
) -> None:
    reference = await desk.given_file()
    peer.cuts("download", after_effect=False, times=None)
    for _ in range(ATTEMPTS_AT_MOST):
        await fetcher.run()
        clock.advance(timedelta(hours=1))
    row = await desk.row(reference)
    assert (row["attempts"], row["fetch_at"], row["sha256"]) == (ATTEMPTS_AT_MOST, None, None)
    assert "download broke off" in row["error"]
    assert peer.token not in row["error"]


async def test_a_file_whose_fetcher_died_falls_due_again(
    desk: Desk, fetcher: FileFetcher, database: Database, clock: ManualClock
) -> None:
    await desk.given_file()
    now = clock.now()
    await database.write(
        lambda uow: incoming_files.claim(uow, channels=["telegram"], now=now, again_at=now + timedelta(minutes=5), limit=10)
    )
    assert await fetcher.run() == 0
    clock.advance(timedelta(minutes=5))
    assert await fetcher.run() == 1


async def test_files_are_fetched_at_once_after_the_turn_that_brought_them(
    desk: Desk, fetcher: FileFetcher, files: FileStore, clock: ManualClock
) -> None:
    reference = ""

    async def take(incoming: Incoming) -> bool:
        nonlocal reference
        reference = await desk.given_file()
        return True

    file = IncomingFile("telegram", "r", "a.pdf", "application/pdf")
    await fetcher.after(take)(Incoming("telegram", "1", "5", clock.now(), files=(file,)))
    folder = files.path("0" * 64).parent.parent
    await eventually(lambda: any(path.is_file() for path in folder.glob("??/*")))
    await fetcher.run()  # waits for the one that runs
    assert (await desk.row(reference))["sha256"] is not None
