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
    """calls at once"""
    per_group: float = 0
    """messages a second in one group, where the platform has groups: their ids begin with `group_prefix`"""
    group_burst: int = 20
    group_prefix: str = ""
    window: "Window | None" = None
    """for how long after a person wrote they can be written to; none where that has no end"""
    templates: frozenset[str] = frozenset()
    """the purposes of messages (`Message.purpose`) that have an approved template for people outside the window"""

    def of_chat(self, chat: str) -> tuple[float, float]:
        """Return how many messages a second a chat takes, and how many at once."""
        if self.group_prefix and chat.startswith(self.group_prefix):
            return self.per_group, self.group_burst
        return self.per_chat, self.chat_burst


@dataclass(frozen=True)
class Terms:
    """What a message to many costs on a platform. left: how many it still takes of us, where it counts; none: it does not.

    until: when that count begins anew. cost: of one message, in đồng. Where the platform has a window, both are about
    people in the part of it that costs something.
    asked: False where the platform could not be asked now. own_count: it tells nobody, and `left` is what we count ourselves.
    wrote_first: it takes messages only to people who have written to us there.
    """

    left: int | None = None
    until: datetime | None = None
    cost: int = 0
    asked: bool = True
    own_count: bool = False
    wrote_first: bool = False


@runtime_checkable
class Metered(Protocol):
    """A channel whose platform counts or charges messages."""

    async def terms(self) -> Terms:
        """Return the terms as they are now. Raises as `send` where the platform cannot be asked."""
        ...


@runtime_checkable
class Edits(Protocol):
    """A channel whose platform lets us change what we sent."""

    async def edit(self, recipient: str, platform_message_id: str, message: Message) -> None:
        """Put this message in the place of an earlier one. Raises Refused where the platform does not let us (any more),
        and otherwise as `send`."""
        ...


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


class QuotaUsedUp(TryLater):
    """The platform takes no more of what it counts until `after`; what it does not count it still takes, from the same
    chat too. A campaign's row goes to the person's next channel, where there is one."""

    def __init__(self, reason: str, *, after: timedelta) -> None:
        super().__init__(reason, after=after)


class NoAnswer(NotSent):
    """The connection ended before the answer: it may have gone out, or not."""


class Refused(NotSent):
    """The platform will never take this message; another one it might."""


class Unreachable(NotSent):
    """Nothing can be sent to this account: it blocked us ("blocked" stands in the reason), or is gone.

    lasting: until they write to us again; otherwise only this message cannot go there (their time to be written to has run
    out, our quota is used up), and a campaign's goes to their next channel.
    """

    def __init__(self, reason: str, *, lasting: bool = True) -> None:
        super().__init__(reason)
        self.lasting = lasting


class WindowClosed(Unreachable):
    """The platform takes nothing more for this person until they write again. The platform may have an approved template
    that tells them that something waits (`Knocks`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, lasting=False)
