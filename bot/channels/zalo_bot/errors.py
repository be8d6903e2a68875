"""What a refusal of the Bot Platform means. Its codes are not documented: they are read as HTTP's, with its words."""

from datetime import timedelta

from bot.channels.zalo_bot.api import BotError
from bot.delivery.transport import NotSent, Refused, TryLater, Unreachable

_PAUSE = timedelta(minutes=1)
_GONE = ("blocked", "not found", "not exist", "not a member", "deactivated", "cannot initiate", "can't initiate")


def not_sent(error: BotError) -> NotSent:
    said = str(error)
    words = error.words.lower()
    if error.code == 429:
        return TryLater(said, after=_PAUSE, whole_account=True)
    if error.code == 401 or (error.code in (403, 404) and "token" in words):
        # The token, or the address of the interface: no message is at fault, and none would get through.
        return TryLater(said, after=_PAUSE, whole_account=True)
    if error.code == 403 or any(gone in words for gone in _GONE):
        return Unreachable(said)
    if error.code == 404:
        return TryLater(said, after=_PAUSE, whole_account=True)
    if error.code >= 500 or error.code == 408:
        return TryLater(said)
    return Refused(said)


def is_token(error: BotError) -> bool:
    return error.code == 401 or (error.code in (403, 404) and "token" in error.words.lower())
