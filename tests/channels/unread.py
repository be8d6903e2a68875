"""What a channel keeps of events that it cannot read."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from bot.channels.alarms import Alarms
from bot.channels.doorstep import MayKeep
from bot.channels.unread import Unread
from bot.clock import Clock
from bot.metrics import UNREAD
from bot.signals import Signals
from storage.database import Database
from storage.models import WaitingEvent
from storage.unit_of_work import table_of


def unread(database: Database, clock: Clock, may_keep: MayKeep, channel: str = "telegram") -> Unread:
    return Unread(database, clock, channel, Alarms(database, clock, Signals()), may_keep)


async def unread_rows(database: Database) -> Sequence[RowMapping]:
    async with database.read() as uow:
        return await uow.rows(select(table_of(WaitingEvent)).order_by(table_of(WaitingEvent).c.id))


def unread_so_far(channel: str = "telegram") -> float:
    """What /metrics counts since this process began."""
    return float(UNREAD.labels(channel)._value.get())
