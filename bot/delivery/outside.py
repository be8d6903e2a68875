"""What becomes of a message for somebody to whom its platform takes nothing until they write again.

In this order: another channel of theirs; an approved template of the platform that tells them that something waits; and where
there is neither, it waits for them. What belongs to a campaign does not wait: its report must have an end.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot.clock import Clock
from bot.delivery.ledger import DeliveryState
from bot.delivery.recording import Recorder
from bot.delivery.transport import NotSent, WindowClosed
from storage import channel_accounts, deliveries
from storage.database import Database
from storage.deliveries import Claimed
from storage.models import Delivery
from storage.unit_of_work import UnitOfWork

Knock = Callable[[], Awaitable[str | None]]
"""Sends the template, where there is one for the message, and returns the platform's id of it."""


class OutsideWindow:
    """channels: those that this process sends on."""

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, channels: Sequence[str]) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._channels = channels

    async def settle(self, row: Claimed, failure: WindowClosed, knock: Knock | None) -> timedelta | None:
        """Record where the row goes; return how long its chat must wait, or nothing."""
        if await self._database.write(lambda uow: self._on_another(uow, row, failure)):
            # A wave's rows are moved by the rules of waves, within their limits.
            return await self._recorder.failed(row, failure) if row.wave_id is not None else None
        told: str | None = None
        if knock is not None:
            try:
                told = await knock()
            except WindowClosed as second:
                failure = second
            except NotSent as trouble:
                return await self._recorder.failed(row, trouble)
        if row.wave_id is None:
            await self._database.write(lambda uow: self._wait(uow, row, failure, told))
        elif told is None:
            await self._recorder.failed(row, failure)
        else:
            await self._recorder.sent(row, told)
        return None

    async def _on_another(self, uow: UnitOfWork, row: Claimed, failure: WindowClosed) -> bool:
        """Say whether there is another account of the same person for the row, and move it there unless it is a wave's."""
        await channel_accounts.close_window(uow, row.account_id)
        account = await deliveries.next_account(uow, row, self._channels)
        if account is None or row.wave_id is not None:
            return account is not None
        now = self._clock.now()
        deliveries.add_attempt(uow, row, at=now, outcome="window", reason=str(failure))
        where = {"account_id": account["id"], "channel": account["channel"], "recipient": account["external_id"]}
        error = f"{row.channel}: {failure}"[:500]
        self._put(uow, row, DeliveryState.QUEUED, error=error, next_attempt_at=now, **where)
        return True

    async def _wait(self, uow: UnitOfWork, row: Claimed, failure: WindowClosed, told: str | None) -> None:
        """Let the row wait for the person (`ledger.release`)."""
        now = self._clock.now()
        outcome, reason = ("template", f"template {told}; {failure}") if told else ("window", str(failure))
        deliveries.add_attempt(uow, row, at=now, outcome=outcome, reason=reason)
        self._put(uow, row, DeliveryState.WAITING, error=f"{outcome}: {reason}"[:500], next_attempt_at=None)

    @staticmethod
    def _put(uow: UnitOfWork, row: Claimed, state: DeliveryState, **values: object) -> None:
        free = {"lease_until": None, "lease_owner": None}
        uow.update(Delivery, row.id, state=str(state), attempts=row.attempts + 1, **free, **values)
