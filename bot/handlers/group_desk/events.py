"""What happens in a group of officers, in a form that no messenger marks."""

from dataclasses import dataclass
from datetime import datetime

from bot.escalation.keeping import IncomingFile
from storage.unit_of_work import EventKey


@dataclass(frozen=True)
class Place:
    """Where in a group. thread: of the topic; none in the general one. forum: whether the group has topics at all."""

    channel: str
    chat: str
    title: str
    forum: bool
    thread: int | None


@dataclass(frozen=True)
class GroupMessage:
    """Somebody wrote, or corrected what they had written. person: none for somebody who hides behind the group's name."""

    event: EventKey
    place: Place
    received_at: datetime
    message_id: int
    person: str | None
    name: str
    text: str = ""
    files: tuple[IncomingFile, ...] = ()
    edited: bool = False
    forwarded: bool = False
    usable: bool = True
    """it holds a text or a file; a sticker does not"""
    addressee: str | None = None
    """the bot that a command is addressed to, where it says so"""
    opened: str | None = None
    """the name under which we opened the topic that it is in, where the platform says it with the message"""


@dataclass(frozen=True)
class GroupPress:
    """Somebody pressed a button under a message of ours."""

    event: EventKey
    place: Place
    received_at: datetime
    message_id: int
    person: str
    name: str
    action: str


@dataclass(frozen=True)
class GroupStanding:
    """What we may do in the group changed. problem: why we can do nothing there; none when all is well."""

    event: EventKey
    place: Place
    received_at: datetime
    problem: str | None


@dataclass(frozen=True)
class GroupMoved:
    """The group has another id from now on."""

    event: EventKey
    place: Place
    received_at: datetime
    new: str


@dataclass(frozen=True)
class TopicOpened:
    """We opened a topic: the platform says so, whether or not its answer to us arrived."""

    event: EventKey
    place: Place
    received_at: datetime
    name: str


@dataclass(frozen=True)
class TopicShut:
    """Somebody closed a topic, or opened it again."""

    event: EventKey
    place: Place
    received_at: datetime
    closed: bool


GroupEvent = GroupMessage | GroupPress | GroupStanding | GroupMoved | TopicOpened | TopicShut


@dataclass(frozen=True)
class Answer:
    """What whoever pressed a button reads at once, and nobody else. alert: it has to be read and closed."""

    text: str
    alert: bool = False
