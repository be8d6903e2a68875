"""What the sender asks of a channel, and how a channel says that something did not go out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

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

    def of_chat(self, chat: str) -> tuple[float, float]:
        """Return how many messages a second a chat takes, and how many at once."""
        if self.group_prefix and chat.startswith(self.group_prefix):
            return self.per_group, self.group_burst
        return self.per_chat, self.chat_burst


@dataclass(frozen=True)
class Terms:
    """What a message to many costs on a platform. left: how many it still takes of us, where it counts; none: it does not.

    until: when that count begins anew. cost: of one message, in đồng.
    """

    left: int | None = None
    until: datetime | None = None
    cost: int = 0


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


class Unreachable(NotSent):
    """Nothing can be sent to this account: it blocked us ("blocked" stands in the reason), or is gone.

    lasting: until they write to us again; otherwise only this message cannot go there (their time to be written to has run
    out, our quota is used up), and a campaign's goes to their next channel.
    """

    def __init__(self, reason: str, *, lasting: bool = True) -> None:
        super().__init__(reason)
        self.lasting = lasting
