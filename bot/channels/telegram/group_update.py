"""From Telegram's Update to what happened in a group of officers."""

from datetime import datetime

from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import CallbackQuery, Chat, ChatMemberAdministrator, ChatMemberUpdated, Message, Update

from bot.channels.telegram.update import CHANNEL, files_of
from bot.handlers.group_desk.events import (
    GroupEvent,
    GroupMessage,
    GroupMoved,
    GroupPress,
    GroupStanding,
    Place,
    TopicOpened,
    TopicShut,
)
from storage.unit_of_work import EventKey

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


def read_group(update: Update, now: datetime, bot_id: int) -> GroupEvent | None:
    """Return what the update is to the officers' desk; nothing where it is none of its business."""
    event = EventKey(CHANNEL, str(update.update_id))
    message = update.message or update.edited_message
    if message is not None and message.chat.type in _GROUPS:
        return _message(event, message, now, bot_id, edited=update.message is None)
    press = update.callback_query
    if press is not None and press.message is not None and press.message.chat.type in _GROUPS:
        return _press(event, press, now)
    change = update.my_chat_member
    if change is not None and change.chat.type in _GROUPS:
        return GroupStanding(event, _place(change.chat, None), now, _problem(change))
    return None


def _message(event: EventKey, message: Message, now: datetime, bot_id: int, *, edited: bool) -> GroupEvent | None:
    place = _place(message.chat, message.message_thread_id if message.is_topic_message else None)
    if message.migrate_to_chat_id is not None:
        return GroupMoved(event, place, now, str(message.migrate_to_chat_id))
    by_us = message.from_user is not None and message.from_user.id == bot_id
    if message.forum_topic_created is not None:
        return TopicOpened(event, place, now, message.forum_topic_created.name) if by_us and place.thread else None
    if message.forum_topic_closed is not None or message.forum_topic_reopened is not None:
        return None if by_us else TopicShut(event, place, now, closed=message.forum_topic_closed is not None)
    hidden = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    person = message.from_user
    if person is None or (person.is_bot and not hidden):
        return None
    text = message.text or message.caption or ""
    files = () if edited else tuple(files_of(message))
    if not (text or files) and (edited or _is_note_of_the_platform(message)):
        return None
    return GroupMessage(
        event=event,
        place=place,
        received_at=now,
        message_id=message.message_id,
        person=None if hidden else str(person.id),
        name=message.chat.title or "" if hidden else person.full_name,
        text=text,
        files=files,
        edited=edited,
        forwarded=message.forward_origin is not None,
        usable=bool(text or files),
        opened=_opened_by_us(message, bot_id),
    )


def _opened_by_us(message: Message, bot_id: int) -> str | None:
    """What is written in a topic comes as an answer to the note of its opening, unless it answers another message."""
    note = message.reply_to_message
    if note is None or note.forum_topic_created is None or note.from_user is None or note.from_user.id != bot_id:
        return None
    return note.forum_topic_created.name


def _is_note_of_the_platform(message: Message) -> bool:
    """Somebody came, left, pinned something: nobody's words."""
    named = (message.sticker, message.contact, message.location, message.venue, message.poll, message.dice, message.game)
    return not any(each is not None for each in named)


def _press(event: EventKey, press: CallbackQuery, now: datetime) -> GroupPress | None:
    assert press.message is not None
    thread = press.message.message_thread_id if isinstance(press.message, Message) else None
    if not press.data:
        return None
    return GroupPress(
        event=event,
        place=_place(press.message.chat, thread),
        received_at=now,
        message_id=press.message.message_id,
        person=str(press.from_user.id),
        name=press.from_user.full_name,
        action=press.data,
    )


def _place(chat: Chat, thread: int | None) -> Place:
    return Place(CHANNEL, str(chat.id), chat.title or "", bool(chat.is_forum), thread)


def _problem(change: ChatMemberUpdated) -> str | None:
    member = change.new_chat_member
    if member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED):
        return "removed"
    if isinstance(member, ChatMemberAdministrator) and member.can_manage_topics:
        return None
    return "no_rights"
