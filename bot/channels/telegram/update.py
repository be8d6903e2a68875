"""From Telegram's Update to what a person did. Everything that is particular to Telegram's shapes ends here."""

import mimetypes
from collections.abc import Iterator
from datetime import datetime

from aiogram.enums import ChatMemberStatus, ChatType, ContentType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update, User

from bot.channels.standing import StandingChanged
from bot.escalation.keeping import IncomingFile
from bot.handlers.incoming import Incoming
from bot.handlers.pipeline import readable
from storage.unit_of_work import AccountKey, EventKey

CHANNEL = "telegram"
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
"""the kinds of update that we ask for"""

_ANSWERED = frozenset(
    {
        ContentType.STICKER,
        ContentType.CONTACT,
        ContentType.LOCATION,
        ContentType.VENUE,
        ContentType.POLL,
        ContentType.DICE,
        ContentType.GAME,
        ContentType.STORY,
        ContentType.CHECKLIST,
        ContentType.PAID_MEDIA,
        ContentType.UNKNOWN,
    }
)
"""what a person sends and we cannot use: they are told so. Telegram's notes about the chat (a pinned message, a changed
timer, …) are nobody's words and get no answer."""


def read(update: Update, now: datetime) -> Incoming | StandingChanged | None:
    """Return what the update is to us; nothing when it is none of our business (groups, notes of the platform)."""
    if update.message is not None:
        return _message(update.update_id, update.message, now)
    if update.edited_message is not None:
        return _edited(update.update_id, update.edited_message, now)
    if update.callback_query is not None:
        return _press(update.update_id, update.callback_query, now)
    if update.my_chat_member is not None:
        return _standing(update.update_id, update.my_chat_member, now)
    return None


def _message(update_id: int, message: Message, now: datetime) -> Incoming | None:
    text = message.text or message.caption or ""
    files = tuple(files_of(message))
    if not (text or files or message.content_type in _ANSWERED):
        return None
    return _incoming(update_id, message, now, text, files)


def _edited(update_id: int, message: Message, now: datetime) -> Incoming | None:
    """A corrected text belongs to what it corrects; where that is nothing that waits for people it is taken as if it were
    said anew. Telegram also calls it an edit when a shared position moves, and the files of a message have been taken when it
    came: neither is."""
    text = message.text or message.caption or ""
    return _incoming(update_id, message, now, text, (), edited=True) if text else None


def _incoming(
    update_id: int,
    message: Message,
    now: datetime,
    text: str,
    files: tuple[IncomingFile, ...],
    *,
    edited: bool = False,
) -> Incoming | None:
    person = message.from_user
    if person is None or person.is_bot or message.chat.type != ChatType.PRIVATE:
        return None
    return Incoming(
        channel=CHANNEL,
        event_id=str(update_id),
        external_id=str(message.chat.id),
        received_at=now,
        text=text,
        files=files,
        name=person.full_name,
        language=_language(person),
        message_id=str(message.message_id),
        replies_to=str(message.reply_to_message.message_id) if message.reply_to_message is not None else None,
        edited=edited,
    )


def _press(update_id: int, press: CallbackQuery, now: datetime) -> Incoming | None:
    in_private = press.message is None or press.message.chat.type == ChatType.PRIVATE
    if not press.data or not in_private:
        return None
    return Incoming(
        channel=CHANNEL,
        event_id=str(update_id),
        external_id=str(press.from_user.id),  # also the id of their private chat
        received_at=now,
        action=press.data,
        name=press.from_user.full_name,
        language=_language(press.from_user),
    )


def _standing(update_id: int, change: ChatMemberUpdated, now: datetime) -> StandingChanged | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    return StandingChanged(
        event=EventKey(CHANNEL, str(update_id)),
        account=AccountKey(CHANNEL, str(change.chat.id)),
        received_at=now,
        blocked=change.new_chat_member.status in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT),
    )


def _language(person: User) -> str | None:
    """Return the language of their app without its region: `en-GB` is `en`."""
    return person.language_code.split("-")[0].lower() if person.language_code else None


def files_of(message: Message) -> Iterator[IncomingFile]:
    """Yield what can be fetched of a message: one file at most, for an album is a message for each."""
    number = message.message_id
    for kind, named in (("video", message.video), ("audio", message.audio), ("file", message.document)):
        if named is not None:  # a moving picture comes as a document too
            media_type = named.mime_type or "application/octet-stream"
            name = named.file_name or f"{kind}-{number}{mimetypes.guess_extension(media_type) or ''}"
            yield _file(named.file_id, name, media_type, named.file_size)
            return
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        yield _file(largest.file_id, f"photo-{number}.jpg", "image/jpeg", largest.file_size)
    elif message.voice is not None:
        yield _file(
            message.voice.file_id, f"voice-{number}.ogg", message.voice.mime_type or "audio/ogg", message.voice.file_size
        )
    elif message.video_note is not None:
        yield _file(message.video_note.file_id, f"video-{number}.mp4", "video/mp4", message.video_note.file_size)


def _file(reference: str, name: str, media_type: str, size: int | None) -> IncomingFile:
    # A name is data like any other text of people: what no database can store is taken out.
    return IncomingFile(CHANNEL, reference, readable(name).replace("\n", " ") or "file", readable(media_type), size)
