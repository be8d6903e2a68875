"""What a person did, in a form that no channel marks: the only thing that a conversation sees of a platform."""

from dataclasses import dataclass
from datetime import datetime

from bot.escalation.keeping import IncomingFile
from storage.unit_of_work import AccountKey, EventKey


@dataclass(frozen=True)
class Incoming:
    """A message, a pressed button or files of one person. event_id: the platform's own, the same when it repeats itself."""

    channel: str
    event_id: str
    external_id: str
    received_at: datetime
    text: str = ""
    action: str = ""
    """of the button that was pressed, as `bot.delivery.message.Button` had it"""
    files: tuple[IncomingFile, ...] = ()
    name: str = ""
    language: str | None = None
    """what the person's app is set to, if the platform tells"""
    message_id: str | None = None
    """the platform's own id of the message, where it has one that a later correction names too"""
    replies_to: str | None = None
    """the platform's own id of the message in the chat, ours or theirs, to which this is a reply"""
    edited: bool = False
    """it is a correction of the message with that id"""
    keep_copy: bool = False
    """the channel has no memory of its own (the web chat): what the person wrote is kept for showing it again"""

    @property
    def event(self) -> EventKey:
        return EventKey(self.channel, self.event_id)

    @property
    def account(self) -> AccountKey:
        return AccountKey(self.channel, self.external_id)
