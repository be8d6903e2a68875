"""The delivery ledger: what is said becomes a row in the transaction that decided it, and nothing is sent before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Protocol

from bot.clock import Clock
from bot.delivery.message import Message
from storage import deliveries, waves
from storage.deliveries import Claimed
from storage.ids import new_id
from storage.models import Delivery
from storage.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=60)
"""how long a row stays with a sender that says nothing; it extends its leases well before"""


class DeliveryState(StrEnum):
    HELD = "held"
    """written, and waits until its wave lets it go"""
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    """perhaps sent: no answer came, or the process died in between; a person looks at it"""
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"
    WAITING = "waiting"
    """the platform takes nothing for the person until they write again; then it goes out"""
    BY_HAND = "by_hand"
    """an officer passes it on by telephone, e-mail or letter"""


FAILED = (DeliveryState.REFUSED, DeliveryState.BLOCKED, DeliveryState.UNREACHABLE, DeliveryState.GIVEN_UP)
"""where a row ended without having been sent"""
BLOCKED = "blocked"
"""the reason of an account that blocked us, as every channel names it"""


def failed_state(reason: str) -> DeliveryState:
    """Return the state of a row whose account takes nothing, by why that is."""
    return DeliveryState.BLOCKED if BLOCKED in reason else DeliveryState.UNREACHABLE


BY_HAND = ("phone", "email", "letter")
"""what stands in the place of a channel for people who are reached by an officer, not by us"""


class Priority(IntEnum):
    """Replies before alerts before bulk."""

    REPLY = 0
    ALERT = 1
    BULK = 2


@dataclass(frozen=True)
class WaveRecipient:
    """A person to whom a wave goes. reason: why nothing can be sent to them; then the row ends where it begins.

    replaces: the platform's id of an earlier message to them that this one takes the place of, where the platform still lets
    us. not_before: when the hours begin in which they want to be written to, where that is later.
    """

    contact_id: int
    enterprise_id: int | None
    language: str
    to: "Recipient"
    reason: str | None = None
    replaces: str | None = None
    not_before: datetime | None = None


def wave_key(wave_id: int, contact_id: int) -> str:
    """Return the key that makes a second row of a wave for the same contact impossible."""
    return f"w{wave_id}:{contact_id}"


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
        replaces: str | None = None,
    ) -> int:
        """Add a row and return its id. kind: reply, notice, …; key: where given, the database refuses a second row. replaces:
        the platform's id of a message in whose place this one is put, where the platform lets us; else it is sent as it is.
        """
        now = self._clock.now()
        claimed = Claimed(
            id=new_id(),
            account_id=to.account_id,
            channel=to.channel,
            recipient=to.external_id,
            kind=kind,
            priority=int(priority),
            content=message.to_json() | ({"replaces": replaces} if replaces is not None else {}),
            attempts=0,
            created_at=now,
            wave_id=None,
        )
        by_hand = to.channel in BY_HAND
        at_once = not by_hand and priority is Priority.REPLY and self._outbox.takes(to.channel, to.external_id)
        waiting = DeliveryState.BY_HAND if by_hand else DeliveryState.QUEUED
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
            state=DeliveryState.SENDING if at_once else waiting,
            attempts=0,
            next_attempt_at=None if at_once or by_hand else now,
            lease_until=now + LEASE if at_once else None,
            lease_owner=self._owner if at_once else None,
            created_at=now,
        )
        if not by_hand:
            uow.after_commit(lambda: self._outbox.hand_over([claimed] if at_once else []))
        return claimed.id

    async def told_by_hand(self, uow: UnitOfWork, delivery_id: int, *, inquiry_id: int) -> bool:
        """Record that an officer has passed on a message of this inquiry; False where it did not wait for that."""
        seen = {"state": str(DeliveryState.BY_HAND), "inquiry_id": inquiry_id}
        return await uow.change(
            Delivery, delivery_id, seen=seen, state=str(DeliveryState.SENT), attempts=1, sent_at=self._clock.now()
        )

    async def add_wave_rows(
        self, uow: UnitOfWork, wave_id: int, people: Sequence[WaveRecipient], *, kind: str, priority: Priority
    ) -> int:
        """Write a row for each of these people, held until the wave lets it go; return how many are new.

        Somebody who has a row of this wave keeps that one. The rows name the wave's message instead of repeating it.
        """
        now = self._clock.now()
        return await waves.write_rows(uow, [_wave_row(wave_id, each, kind, priority, now) for each in people])


def _wave_row(wave_id: int, person: WaveRecipient, kind: str, priority: Priority, now: datetime) -> dict[str, Any]:
    content: dict[str, Any] = {"wave": wave_id, "language": person.language}
    if person.replaces is not None:
        content["replaces"] = person.replaces
    state, later = DeliveryState.HELD, person.not_before
    if person.reason is not None:
        state, later = failed_state(person.reason), None
    elif later is not None:
        state = DeliveryState.QUEUED
    return {
        "id": new_id(),
        "account_id": person.to.account_id,
        "channel": person.to.channel,
        "recipient": person.to.external_id,
        "kind": kind,
        "priority": int(priority),
        "key": wave_key(wave_id, person.contact_id),
        "content": content,
        "state": state,
        "next_attempt_at": later,
        "error": person.reason,
        "attempts": 0,
        # A row is given up a day after this: the day of one that waits begins with its hours.
        "created_at": later or now,
        "wave_id": wave_id,
        "contact_id": person.contact_id,
        "enterprise_id": person.enterprise_id,
    }


async def release_waiting(uow: UnitOfWork, account_id: int, now: datetime) -> None:
    """Let go what waited for the person to write: they have."""
    await deliveries.release_waiting(uow, account_id, now)
