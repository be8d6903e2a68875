"""What a refusal of Telegram means for a group of officers."""

from dataclasses import dataclass

from aiogram import exceptions as api
from pydantic import ValidationError

from bot.channels.telegram.session import NotConnected, in_short

_TOKEN_PAUSE_S = 60.0
_TEXTS = (
    ("message is not modified", "done", ""),
    ("topic_not_modified", "done", ""),
    ("message thread not found", "topic_gone", ""),
    ("topic_deleted", "topic_gone", ""),
    ("topic_id_invalid", "topic_gone", ""),
    ("topic not found", "topic_gone", ""),
    ("message to edit not found", "message_gone", ""),
    ("message to delete not found", "message_gone", ""),
    ("message to react not found", "message_gone", ""),
    ("message_id_invalid", "message_gone", ""),
    ("message can't be edited", "message_gone", ""),
    ("message can't be deleted", "message_gone", ""),
    ("not enough rights", "trouble", "no_rights"),
    ("chat_admin_required", "trouble", "no_rights"),
    ("have no rights", "trouble", "no_rights"),
    ("need administrator rights", "trouble", "no_rights"),
    ("the chat is not a forum", "trouble", "no_forum"),
    ("chat_not_forum", "trouble", "no_forum"),
    ("chat not found", "trouble", "gone"),
)
"""what the refusal says (in lower case), what it means"""


@dataclass(frozen=True)
class Outcome:
    """kind: done, wait, moved, trouble, topic_gone, message_gone, later, refused. asked: the request may have had its effect
    all the same."""

    kind: str
    detail: str = ""
    seconds: float = 0.0
    asked: bool = False


def what_it_means(error: BaseException) -> Outcome:
    match error:
        case api.TelegramRetryAfter():
            return Outcome("wait", seconds=float(error.retry_after))
        case api.TelegramMigrateToChat():
            return Outcome("moved", str(error.migrate_to_chat_id))
        case api.TelegramForbiddenError():
            return Outcome("trouble", "gone" if "was deleted" in error.message else "removed")
        case NotConnected():
            return Outcome("later", in_short(error))
        case api.TelegramEntityTooLarge():
            return Outcome("refused", "413: the file is larger than Telegram takes")
        case api.TelegramNetworkError() | api.ClientDecodeError() | api.TelegramServerError():
            return Outcome("later", in_short(error), asked=True)
        case api.TelegramUnauthorizedError() | api.TelegramNotFound():
            return Outcome("wait", seconds=_TOKEN_PAUSE_S)
        case api.TelegramAPIError():
            said = error.message.lower()
            for words, kind, detail in _TEXTS:
                if words in said:
                    return Outcome(kind, detail)
            return Outcome("refused", in_short(error))
        case ValidationError():
            return Outcome("refused", f"not a message for Telegram: {error.errors()[0]['msg']}")
        case OSError():
            return Outcome("refused", f"the file cannot be read: {error.strerror}")
        case _:
            return Outcome("refused", type(error).__name__)
