"""What the sender asks of a channel, and how a channel says that something did not go out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from bot.delivery.message import Message


@dataclass(frozen=True)
class Limits:
    """What a platform takes from one account of ours. Rates are messages a second; 0 is no limit."""

    per_second: float = 0
    per_chat: float = 0
    chat_burst: int = 20
    """how many messages a chat takes at once before `per_chat` counts"""
    in_flight: int = 40
    window: "Window | None" = None
    """for how long after a person wrote they can be written to; none where that has no end"""


@dataclass(frozen=True)
class Window:
    """How long after a person's last act a platform lets us write. Until `free` it costs nothing; until `paid` it costs
    `price` VND a message beyond what a quota covers; then nothing is taken."""

    free: timedelta
    paid: timedelta
    price: int

    def at(self, active_at: datetime | None, now: datetime) -> "Opening":
        """Return how the window stands; somebody who never did anything there is outside it."""
        since = now - active_at if active_at is not None else None
        if active_at is None or since is None or since >= self.paid:
            return Opening("closed", None, 0)
        if since < self.free:
            return Opening("free", active_at + self.free, 0)
        return Opening("paid", active_at + self.paid, self.price)


@dataclass(frozen=True)
class Opening:
    """How a platform's window stands for a person. until: when that changes; price: VND a message."""

    kind: Literal["free", "paid", "closed"]
    until: datetime | None
    price: int


class Transport(Protocol):
    name: str
    limits: Limits

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        """Hand the message to the platform and return the platform's id of it.

        delivery_id: the same on every attempt, for channels that can tell a repetition by it.
        Raises TryLater, Refused, Unreachable or NoAnswer.
        """
        ...

    def fetch(self, reference: str) -> AsyncIterator[bytes]:
        """Bring the content of a file that somebody sent. Raises as `send`."""
        ...


@runtime_checkable
class Knocks(Protocol):
    """A transport that can tell a person outside its window, by an approved template, that something waits for them."""

    async def knock(self, recipient: str, message: Message) -> str | None:
        """Return the platform's id of what was sent; nothing where there is no template for this message.

        Raises as `Transport.send`.
        """
        ...


class NotSent(Exception):
    """The message did not go out, as far as we know."""


class TryLater(NotSent):
    """The platform wants us to wait, or is ill. `whole_account` when the pause is for all chats."""

    def __init__(self, reason: str, *, after: timedelta | None = None, whole_account: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.whole_account = whole_account


class NoAnswer(NotSent):
    """The connection ended before the answer: it may have gone out, or not."""


class Refused(NotSent):
    """The platform will never take this message; another one it might."""


class WindowClosed(NotSent):
    """The platform takes nothing more for this person until they write again. Another of their channels may; the platform
    may also have an approved template that tells them that something waits (`Knocks`)."""


class Unreachable(NotSent):
    """Nothing can be sent to this account: it blocked us, or is gone."""
