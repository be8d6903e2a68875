"""What the sender asks of a channel, and how a channel says that something did not go out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.delivery.message import Message


@dataclass(frozen=True)
class Limits:
    """What a platform takes from one account of ours. Rates are messages a second; 0 is no limit."""

    per_second: float = 0
    per_chat: float = 0
    chat_burst: int = 20
    """how many messages a chat takes at once before `per_chat` counts"""
    in_flight: int = 40


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
    """Nothing can be sent to this account: it blocked us, or is gone."""
