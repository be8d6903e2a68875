"""Blocked, back again, moved: what Telegram says of a person beside their messages is written down."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.channels.standing import StandingChanged, Standings
from bot.channels.telegram.channel import TelegramChannel
from bot.clock import SystemClock
from bot.delivery.message import Message
from bot.membership.accounts import Accounts
from storage.database import Database
from storage.models import ChannelAccount, Delivery
from storage.unit_of_work import AccountKey, EventKey, UnitOfWork, table_of
from tests.peers.telegram import TelegramPeer

NOW = datetime(2026, 11, 16, tzinfo=UTC)


async def given_account(database: Database, external_id: int) -> int:
    async def work(uow: UnitOfWork) -> int:
        return Accounts().open(uow, AccountKey("telegram", str(external_id)), "Lan", NOW).id

    return await database.write(work)


async def given_waiting_row(database: Database, account_id: int, recipient: int) -> None:
    async def work(uow: UnitOfWork) -> None:
        uow.insert(
            Delivery, id=1, account_id=account_id, channel="telegram", recipient=str(recipient), kind="notice", priority=0,
            content=Message("x").to_json(), state="queued", attempts=0, next_attempt_at=NOW, created_at=NOW,
        )  # fmt: skip

    await database.write(work)


async def unreachable(database: Database, account_id: int) -> str | None:
    async with database.read() as uow:
        found: str | None = await uow.scalar(select(ChannelAccount.unreachable).where(ChannelAccount.id == account_id))
        return found


async def test_who_blocks_us_is_unreachable_and_what_waited_for_them_is_ended(
    peer: TelegramPeer, polling: TelegramChannel, database: Database
) -> None:
    lan = peer.user("Lan", started=True)
    account = await given_account(database, lan.id)
    await given_waiting_row(database, account, lan.id)
    await lan.blocks_bot()
    await peer.taken()
    assert await unreachable(database, account) == "blocked"
    async with database.read() as uow:
        [row] = await uow.rows(select(table_of(Delivery)))
    assert (row["state"], row["next_attempt_at"]) == ("unreachable", None)


async def test_who_lets_us_in_again_can_be_written_to(peer: TelegramPeer, polling: TelegramChannel, database: Database) -> None:
    lan = peer.user("Lan", started=True)
    account = await given_account(database, lan.id)
    await lan.blocks_bot()
    await lan.unblocks_bot()
    await peer.taken()
    assert await unreachable(database, account) is None


async def test_a_block_that_is_reported_again_after_the_return_changes_nothing(database: Database) -> None:
    account = await given_account(database, 5)
    standings = Standings(database, SystemClock())

    def change(number: int, *, blocked: bool) -> StandingChanged:
        return StandingChanged(EventKey("telegram", str(number)), AccountKey("telegram", "5"), NOW, blocked)

    await standings.take(change(1, blocked=True))
    await standings.take(change(2, blocked=False))
    await standings.take(change(1, blocked=True))
    assert await unreachable(database, account) is None


async def test_a_stranger_who_blocks_us_leaves_no_trace(
    peer: TelegramPeer, polling: TelegramChannel, database: Database
) -> None:
    await peer.user("Lan", started=True).blocks_bot()
    await peer.taken()
    async with database.read() as uow:
        assert await uow.rows(select(table_of(ChannelAccount))) == []
