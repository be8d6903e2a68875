"""From an event of the Bot Platform to what a person did. Everything that is particular to its shapes ends here."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.escalation.keeping import IncomingFile
from bot.handlers.incoming import Incoming

CHANNEL = "zalo_bot"
_UNUSABLE = ("message.sticker.received", "message.unsupported.received")
"""what we cannot use, the second because Zalo withholds it on purpose: the person is told so"""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class _From(_Model):
    id: str = ""
    display_name: str = ""
    is_bot: bool = False


class _Chat(_Model):
    id: str = Field(min_length=1, max_length=128)
    chat_type: str = "PRIVATE"


class _Message(_Model):
    message_id: str = Field(min_length=1, max_length=100)
    chat: _Chat
    sender: _From = Field(default_factory=_From, alias="from")
    text: str = ""
    caption: str = ""
    photo: str = ""
    photo_url: str = ""
    url: str = ""
    voice_url: str = ""


class Update(_Model):
    event_name: str = Field(min_length=1, max_length=64)
    message: _Message

    @property
    def is_private(self) -> bool:
        return self.message.chat.chat_type == "PRIVATE" and not self.message.sender.is_bot


def parse(body: dict[str, Any]) -> Update:
    """Return the event, from the envelope that the webhook has or bare. Raises pydantic's ValidationError."""
    return Update.model_validate(body.get("result", body))


def read(update: Update, now: datetime) -> Incoming | None:
    """Return what a person did; nothing when it is of a kind that we do not know, or none of our business."""
    message = update.message
    files = tuple(_files(update))
    text = message.text or message.caption
    if not update.is_private or not (text or files or update.event_name in _UNUSABLE):
        return None
    return Incoming(
        channel=CHANNEL,
        event_id=message.message_id,
        external_id=message.chat.id,
        received_at=now,
        text=text,
        files=files,
        name=message.sender.display_name,
    )


def _files(update: Update) -> list[IncomingFile]:
    message, number = update.message, update.message.message_id
    if update.event_name == "message.image.received" and (address := message.photo or message.photo_url or message.url):
        return [IncomingFile(CHANNEL, address, f"photo-{number}.jpg", "image/jpeg")]
    if update.event_name == "message.voice.received" and (address := message.voice_url or message.url):
        return [IncomingFile(CHANNEL, address, f"voice-{number}.aac", "audio/aac")]
    return []
