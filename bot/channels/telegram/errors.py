"""What a refusal of Telegram means for the message that it refused."""

from datetime import timedelta

from aiogram import exceptions as api
from pydantic import ValidationError

from bot.channels.telegram.session import NotConnected
from bot.delivery.transport import NoAnswer, NotSent, Refused, TryLater, Unreachable

_LARGE = timedelta(seconds=30)
"""a pause this long is never about one private chat"""
_CHATS = 3
_WITHIN = 5.0
"""refusals in so many chats within so many seconds are about all of them"""
_ACCOUNT_PAUSE = timedelta(seconds=60)

_GONE = {
    "bot was blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "bot can't initiate conversation": "never started",
    "chat not found": "chat not found",
    "kicked": "removed from the chat",
    "is not a member": "removed from the chat",
    "was deleted": "deleted",
}


class Flood:
    """Tells a pause for one chat from one for all: Telegram names only the seconds."""

    def __init__(self) -> None:
        self._refused: dict[str, float] = {}

    def is_for_all(self, chat: str, pause: timedelta, now: float) -> bool:
        """Say whether a refusal that just came means every chat. now: seconds of a monotonic clock."""
        self._refused = {other: at for other, at in self._refused.items() if now - at < _WITHIN}
        self._refused[chat] = now
        return pause >= _LARGE or len(self._refused) >= _CHATS


def not_sent(error: Exception, chat: str, flood: Flood, now: float) -> NotSent:
    """Return what the sender should make of an error that a call about this chat raised."""
    match error:
        case api.TelegramRetryAfter():
            pause = timedelta(seconds=error.retry_after)
            everywhere = flood.is_for_all(chat, pause, now)
            return TryLater(f"429, retry after {error.retry_after} s", after=pause, whole_account=everywhere)
        case NotConnected():
            return TryLater(f"not connected: {error.message}")
        case api.TelegramEntityTooLarge():
            return Refused("413: the file is larger than Telegram takes")
        case api.TelegramNetworkError():
            return NoAnswer(error.message)
        case api.ClientDecodeError():
            return NoAnswer("the answer could not be read")
        case api.TelegramServerError():
            return TryLater(error.message)
        case api.TelegramForbiddenError():
            return Unreachable(_gone(error.message) or error.message)
        case api.TelegramUnauthorizedError() | api.TelegramNotFound():
            # The token, or the address of the Bot API: no message is at fault, and none would get through.
            return TryLater(error.message, after=_ACCOUNT_PAUSE, whole_account=True)
        case api.TelegramBadRequest() if gone := _gone(error.message):
            return Unreachable(gone)
        case api.TelegramAPIError():
            return Refused(error.message)
        case ValidationError():
            return Refused(f"not a message for Telegram: {error.errors()[0]['msg']}")
        case ValueError():
            return Refused("not the id of a chat")
        case OSError():
            return Refused(f"the file cannot be read: {error.strerror}")
    raise error


def _gone(message: str) -> str | None:
    return next((short for words, short in _GONE.items() if words in message), None)
