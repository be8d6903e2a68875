"""Whether a person can be written to, as their platform tells it beside the messages: they blocked us, came back, moved."""

from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from storage import channel_accounts, deliveries
from storage.database import Database, Turning
from storage.models import ChannelAccount
from storage.unit_of_work import AccountKey, EventKey, UnitOfWork


@dataclass(frozen=True)
class StandingChanged:
    """A person blocked us, or lets us write again. event: as with a message, its second arrival changes nothing."""

    event: EventKey
    account: AccountKey
    received_at: datetime
    blocked: bool


class Standings:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(self, change: StandingChanged) -> None:
        """Record it; returns once that is committed. Whoever never wrote to us has no account, and nothing is recorded."""

        async def work(uow: UnitOfWork) -> None:
            account = uow.account(change.account)
            if not uow.is_new(change.event) or account is None:
                return
            if change.blocked:
                now = self._clock.now()
                await deliveries.mark_unreachable(uow, account_id=account["id"], reason="blocked", now=now)
            else:
                uow.update(ChannelAccount, account["id"], unreachable=None)

        await self._database.write(work, turning=Turning(change.event, change.account, change.received_at))

    async def moved(self, channel: str, old: str, new: str) -> None:
        """Record the account's new id on its platform."""
        await self._database.write(lambda uow: channel_accounts.move(uow, channel=channel, old=old, new=new))
