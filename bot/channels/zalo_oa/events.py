"""From an event of Zalo to what a person did. Everything that is particular to Zalo's shapes ends here."""

import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.standing import StandingChanged
from bot.channels.zalo_oa.account import CHANNEL
from bot.delivery.message import ACTION_BYTES
from bot.escalation.keeping import IncomingFile
from bot.handlers.incoming import Incoming
from bot.handlers.pipeline import readable
from storage.unit_of_work import AccountKey, EventKey

ACTION_MARK = "#dh:"
"""begins the text that a button of ours sends back"""
_FILES = {
    "image": "image/jpeg",
    "gif": "image/gif",
    "audio": "audio/aac",
    "video": "video/mp4",
    "file": "application/octet-stream",
}
_UNUSABLE = ("user_send_sticker", "user_send_location", "user_send_business_card")
"""what a person sends and we cannot use: they are told so"""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class _Person(_Model):
    id: str = ""
    admin_id: str = ""


class _Payload(_Model):
    url: str = ""
    name: str = ""
    title: str = ""
    description: str = ""
    size: str = ""
    type: str = ""


class _Attachment(_Model):
    type: str = ""
    payload: _Payload = Field(default_factory=_Payload)


class _Message(_Model):
    msg_id: str = ""
    msg_ids: list[str] = Field(default_factory=list)
    quote_msg_id: str = ""
    text: str = ""
    attachments: list[_Attachment] = Field(default_factory=list)


class _Info(_Model):
    name: str = ""
    phone: str = ""


class ZaloEvent(_Model):
    """https://docs.zaloplatforms.com/docs/OA/webhook/tong-quan"""

    event_name: str = Field(min_length=1, max_length=100)
    timestamp: str = Field(min_length=1, max_length=20, pattern=r"^\d+$")
    app_id: str = ""
    oa_id: str = ""
    sender: _Person = Field(default_factory=_Person)
    recipient: _Person = Field(default_factory=_Person)
    follower: _Person = Field(default_factory=_Person)
    user_id: str = ""
    message: _Message = Field(default_factory=_Message)
    info: _Info = Field(default_factory=_Info)

    @property
    def happened_at(self) -> datetime:
        return datetime.fromtimestamp(
            int(self.timestamp[:13].ljust(13, "0") if len(self.timestamp) > 10 else self.timestamp + "000") / 1000, UTC
        )

    @property
    def event_id(self) -> str:
        """The same when the event comes again. Receipts and echoes name the message that they are about, so the kind of event
        belongs to it; people are named too, where there is no message."""
        what = self.message.msg_id or ",".join(self.message.msg_ids) or f"{self.timestamp}:{self.sender.id or self.follower.id}"
        return f"{self.event_name}:{what}"[:128]


@dataclass(frozen=True)
class Receipt:
    """A message of ours reached the person's phone, or was opened."""

    message_ids: tuple[str, ...]
    at: datetime
    kind: Literal["received", "seen"]


@dataclass(frozen=True)
class TypedInConsole:
    """What an officer wrote to a person in Zalo's own console."""

    event: EventKey
    account: AccountKey
    text: str
    officer: str
    received_at: datetime


@dataclass(frozen=True)
class GaveContact:
    """The person answered our request for their contact data."""

    event: EventKey
    account: AccountKey
    name: str
    phone: str
    at: datetime


@dataclass(frozen=True)
class Touched:
    """The person did something that is no message and yet lets us write to them."""

    account: AccountKey
    at: datetime


class Ours:
    """An echo of what this program sent: known already."""


Read = Incoming | StandingChanged | Receipt | TypedInConsole | GaveContact | Touched | Ours | None


def read(event: ZaloEvent, now: datetime) -> Read:
    """Return what the event is to us; nothing when we do not know it."""
    name = event.event_name
    person = AccountKey(CHANNEL, event.sender.id)
    key = EventKey(CHANNEL, event.event_id)
    if name == "follow" and event.follower.id:
        # Following is what pressing "start" is elsewhere: they are greeted.
        return Incoming(CHANNEL, event.event_id, event.follower.id, now, text="/start")
    if name == "unfollow" and event.follower.id:
        return StandingChanged(key, AccountKey(CHANNEL, event.follower.id), now, blocked=True)
    if name.startswith("user_send_group_") or not (event.sender.id or event.user_id):
        return None
    if name.startswith("user_send_"):
        return _said(event, now)
    if name == "user_submit_info":
        return GaveContact(key, person, readable(event.info.name).strip(), phone(event.info.phone), now)
    if name == "user_received_message" and event.message.msg_id:
        return Receipt((event.message.msg_id,), event.happened_at, "received")
    if name == "user_seen_message":
        ids = event.message.msg_ids or [event.message.msg_id]
        return Receipt(tuple(each for each in ids if each), event.happened_at, "seen")
    if name == "user_click_chatnow":
        return Touched(AccountKey(CHANNEL, event.user_id or event.sender.id), now)
    if name == "user_reacted_message":
        return Touched(person, now)
    if name.startswith("oa_send_") and not name.startswith("oa_send_group_"):
        if not event.sender.admin_id:
            return Ours()
        account = AccountKey(CHANNEL, event.recipient.id)
        return TypedInConsole(key, account, _typed(event.message), event.sender.admin_id, now)
    return None


def _said(event: ZaloEvent, now: datetime) -> Incoming | None:
    text, action, files = event.message.text, "", tuple(_files(event.message))
    if text.startswith(ACTION_MARK) and len(text.encode()) <= ACTION_BYTES + len(ACTION_MARK):
        text, action = "", text.removeprefix(ACTION_MARK).strip()
    if event.event_name == "user_send_link":
        text = "\n".join(filter(None, [text, *(_link(each) for each in event.message.attachments)]))
    if not (text or action or files) and event.event_name not in _UNUSABLE:
        return None
    quoted = event.message.quote_msg_id or None
    return Incoming(CHANNEL, event.event_id, event.sender.id, now, text=text, action=action, files=files, replies_to=quoted)


def _files(message: _Message) -> list[IncomingFile]:
    found = []
    for place, attachment in enumerate(message.attachments):
        if attachment.type not in _FILES or not attachment.payload.url:
            continue
        named = attachment.payload.name or f"{attachment.type}-{message.msg_id or place}"
        guessed = mimetypes.guess_type(named)[0] or mimetypes.guess_type(_path(attachment.payload.url))[0]
        media_type = guessed or _FILES[attachment.type]
        if "." not in named:
            named += mimetypes.guess_extension(media_type) or ""
        size = int(attachment.payload.size) if attachment.payload.size.isdigit() else None
        found.append(
            IncomingFile(CHANNEL, attachment.payload.url, readable(named).replace("\n", " ") or "file", media_type, size)
        )
    return found


def _path(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).name
    except ValueError:
        return ""


def _link(attachment: _Attachment) -> str:
    about = attachment.payload.title or attachment.payload.description
    return " ".join(filter(None, [about, attachment.payload.url]))


def _typed(message: _Message) -> str:
    parts = [message.text, *(each.payload.name or each.payload.url for each in message.attachments)]
    return readable("\n".join(filter(None, parts)))


def phone(given: str) -> str:
    """Return a number of Viet Nam as Zalo wants it (84…); empty where it is none."""
    digits = "".join(each for each in given if each.isdigit())
    digits = "84" + digits[1:] if digits.startswith("0") else digits
    return digits if digits.startswith("84") and 10 <= len(digits) <= 12 else ""


def unread(body: dict[str, Any]) -> str:
    """Return the name of an event whose body fits no shape, for the log."""
    return str(body.get("event_name", "?"))[:64]
