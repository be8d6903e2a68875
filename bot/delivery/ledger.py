"""The delivery ledger: what is said becomes a row in the transaction that decided it, and nothing is sent before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import Protocol

from bot.clock import Clock
from bot.delivery.message import Message
from storage.deliveries import Claimed
from storage.ids import new_id
from storage.models import Delivery
from storage.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=60)
"""how long a row stays with a sender that says nothing; it extends its leases well before"""


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    GIVEN_UP = "given_up"


class Priority(IntEnum):
    """Replies before alerts before bulk."""

    REPLY = 0
    ALERT = 1
    BULK = 2


@dataclass(frozen=True)
class Recipient:
    """Where a message goes: an account of a contact on a channel."""

    account_id: int
    channel: str
    external_id: str


class Taker(Protocol):
    def takes(self, channel: str, recipient: str) -> bool: ...
    def accept(self, rows: Sequence[Claimed]) -> None: ...


class Outbox:
    """Between the ledger and this process's sender, where it has one: a command line writes rows for others to send."""

    def __init__(self) -> None:
        self._sender: Taker | None = None

    def connect(self, sender: Taker | None) -> None:
        self._sender = sender

    def takes(self, channel: str, recipient: str) -> bool:
        return self._sender is not None and self._sender.takes(channel, recipient)

    def hand_over(self, rows: Sequence[Claimed]) -> None:
        """Pass on rows that were claimed when they were written; none is a hint that there is something to claim."""
        if self._sender is not None:
            self._sender.accept(rows)


class Ledger:
    """Writes rows. A reply is born in the hands of this process's sender, which saves a claim; if the process dies, the
    lease ends and the row comes back like any other."""

    def __init__(self, clock: Clock, owner: str, outbox: Outbox) -> None:
        self._clock = clock
        self._owner = owner
        self._outbox = outbox

    def add(
        self,
        uow: UnitOfWork,
        to: Recipient,
        message: Message,
        *,
        kind: str,
        priority: Priority = Priority.REPLY,
        inquiry_id: int | None = None,
        key: str | None = None,
    ) -> int:
        """Add a row and return its id. kind: reply, notice, …; key: where given, the database refuses a second row."""
        now = self._clock.now()
        claimed = Claimed(
            id=new_id(),
            account_id=to.account_id,
            channel=to.channel,
            recipient=to.external_id,
            kind=kind,
            priority=int(priority),
            content=message.to_json(),
            attempts=0,
            created_at=now,
        )
        at_once = priority is Priority.REPLY and self._outbox.takes(to.channel, to.external_id)
        uow.insert(
            Delivery,
            id=claimed.id,
            account_id=claimed.account_id,
            channel=claimed.channel,
            recipient=claimed.recipient,
            inquiry_id=inquiry_id,
            kind=kind,
            priority=claimed.priority,
            key=key,
            content=claimed.content,
            state=DeliveryState.SENDING if at_once else DeliveryState.QUEUED,
            attempts=0,
            next_attempt_at=None if at_once else now,
            lease_until=now + LEASE if at_once else None,
            lease_owner=self._owner if at_once else None,
            created_at=now,
        )
        uow.after_commit(lambda: self._outbox.hand_over([claimed] if at_once else []))
        return claimed.id
