"""Statements about accounts on platforms that no turn is about."""

from sqlalchemy import select, update

from storage.models import ChannelAccount, Delivery
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(ChannelAccount)


async def move(uow: UnitOfWork, *, channel: str, old: str, new: str) -> None:
    """Record that the platform gave the account another id, also for what still waits to be sent there."""
    taken = await uow.scalar(select(_T.c.id).where(_T.c.channel == channel, _T.c.external_id == new))
    if taken is None:
        await uow.execute(update(_T).where(_T.c.channel == channel, _T.c.external_id == old).values(external_id=new))
    waiting = table_of(Delivery)
    await uow.execute(
        update(waiting)
        .where(waiting.c.channel == channel, waiting.c.recipient == old, waiting.c.next_attempt_at.is_not(None))
        .values(recipient=new)
    )
