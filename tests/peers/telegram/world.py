"""What exists on the platform: people, chats, topics, messages, and who may reach whom."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from .clock import Bell, Clock
from .errors import ApiError, bad, forbidden
from .updates import CALLBACK_LIFE, Updates

Wire = dict[str, Any]
Status = Literal["administrator", "member", "left", "kicked"]
GENERAL_TOPIC = 1


@dataclass
class Account:
    """A person's account."""

    id: int
    name: str
    username: str | None = None
    language: str | None = "vi"
    started: bool = False
    blocked_bot: bool = False
    deactivated: bool = False

    def wire(self) -> Wire:
        wire: Wire = {"id": self.id, "is_bot": False, "first_name": self.name}
        if self.username:
            wire["username"] = self.username
        if self.language:
            wire["language_code"] = self.language
        return wire


@dataclass
class Topic:
    id: int
    name: str
    icon_color: int = 0x6FB9F0
    icon_emoji: str | None = None
    closed: bool = False
    deleted: bool = False


@dataclass
class Message:
    """body: the Message object as the API shows it. revision: when it last changed, counted over the whole peer."""

    id: int
    chat: "Chat"
    body: Wire
    by_bot: bool
    revision: int = 0
    deleted: bool = False
    reactions: dict[int, list[Wire]] = field(default_factory=dict)
    keyboard: Wire | None = None
    """A reply keyboard that came with the message: shown to people, absent from the Message object."""

    @property
    def topic_id(self) -> int | None:
        return self.body.get("message_thread_id")


@dataclass
class Chat:
    id: int
    kind: Literal["private", "group", "supergroup"]
    title: str = ""
    username: str | None = None
    person: Account | None = None
    forum: bool = False
    bot: Status = "member"
    can_manage_topics: bool = True
    upgraded_to: int | None = None
    deleted: bool = False
    members: dict[int, Account] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    last_id: int = 0

    @property
    def is_group(self) -> bool:
        return self.kind != "private"

    def wire(self) -> Wire:
        if self.person:
            wire = {"id": self.id, "type": "private", "first_name": self.person.name}
            return wire | ({"username": self.person.username} if self.person.username else {})
        wire = {"id": self.id, "type": self.kind, "title": self.title}
        if self.username:
            wire["username"] = self.username
        if self.forum:
            wire["is_forum"] = True
        return wire

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id


@dataclass
class Query:
    """One press of a button. answer: the parameters of answerCallbackQuery, once it came."""

    id: str
    body: Wire
    expires_at: float
    answer: Wire | None = None


class World:
    def __init__(self, bot: Wire, clock: Clock, bell: Bell, updates: Updates) -> None:
        self.bot = bot
        self.clock = clock
        self.bell = bell
        self.updates = updates
        self.people: dict[int, Account] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.revision = 0
        self.tells_bot_of_own_acts = True
        # Above 32 bits, so that a column that is too narrow is found here and not in production.
        self._person_ids = itertools.count(7_000_000_001)
        self._group_ids = itertools.count(4_000_001)
        self._supergroup_ids = itertools.count(1_002_000_000_001)
        self._query_ids = itertools.count(1)

    # -- people and chats

    def add_person(self, name: str, username: str | None = None, language: str | None = "vi") -> Account:
        person = Account(next(self._person_ids), name, username, language)
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id, "private", person=person)
        return person

    def add_group(self, title: str, *, supergroup: bool, forum: bool, bot: Status, username: str | None = None) -> Chat:
        number = -next(self._supergroup_ids if supergroup else self._group_ids)
        chat = Chat(number, "supergroup" if supergroup else "group", title, username, forum=forum, bot=bot)
        self.chats[number] = chat
        chat.last_id = 1  # the first message tells of the group's creation; the general topic is named after it
        if forum:
            chat.topics[GENERAL_TOPIC] = Topic(GENERAL_TOPIC, "General")
        return chat

    def find(self, chat_id: int | str) -> Chat:
        """Return the chat with this id or @username. Raises 400 as for a chat the bot never met."""
        if isinstance(chat_id, str) and chat_id.lstrip("-").isdigit():
            chat_id = int(chat_id)
        if isinstance(chat_id, str):
            named = (c for c in self.chats.values() if c.username and f"@{c.username}".lower() == chat_id.lower())
            found = next(named, None)
        else:
            found = self.chats.get(chat_id)
        if found is None:
            raise bad("chat not found")
        return found

    def reachable(self, chat_id: int | str) -> Chat:
        """Return the chat if the bot may write there, else raise what the platform would say."""
        chat = self.find(chat_id)
        if (refusal := self._refusal(chat)) is not None:
            raise refusal
        return chat

    def _refusal(self, chat: Chat) -> ApiError | None:
        if chat.person:
            if chat.person.deactivated:
                return forbidden("user is deactivated")
            if chat.person.blocked_bot:
                return forbidden("bot was blocked by the user")
            if not chat.person.started:
                return forbidden("bot can't initiate conversation with a user")
            return None
        if chat.upgraded_to is not None:
            return bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.upgraded_to)
        if chat.deleted:
            return forbidden("the group chat was deleted")
        if chat.bot == "kicked":
            return forbidden(f"bot was kicked from the {chat.kind} chat")
        if chat.bot == "left":
            return forbidden(f"bot is not a member of the {chat.kind} chat")
        return None

    # -- messages

    def write(self, chat: Chat, sender: Wire, content: Wire, topic_id: int | None = None) -> Message:
        """Store a message and return it; tells nobody."""
        number = chat.next_id()
        body: Wire = {"message_id": number, "from": sender, "chat": chat.wire(), "date": int(self.clock.now())}
        if topic_id not in (None, GENERAL_TOPIC):
            body |= {"message_thread_id": topic_id, "is_topic_message": True}
        message = Message(number, chat, body | content, by_bot=sender["id"] == self.bot["id"])
        chat.messages[number] = message
        self.touch(message)
        return message

    def touch(self, message: Message) -> None:
        """Mark a message as changed and wake whoever watches."""
        self.revision += 1
        message.revision = self.revision
        self.bell.ring()

    def message(self, chat: Chat, number: int | None) -> Message | None:
        found = chat.messages.get(number) if number is not None else None
        return None if found is None or found.deleted else found

    def tell_bot(self, message: Message, kind: str = "message") -> None:
        self.updates.put(kind, dict(message.body), f"chat {message.chat.id}")

    def service(self, chat: Chat, sender: Wire, content: Wire, topic_id: int | None = None) -> Message:
        """Write a service message. The bot is told of these even when it caused them itself, unlike of its other messages: so
        the official server does (tdlib/telegram-bot-api, Client.cpp, need_skip_update_message), though no page says it."""
        message = self.write(chat, sender, content, topic_id)
        if self.tells_bot_of_own_acts or not message.by_bot:
            self.tell_bot(message)
        return message

    def live_messages(self, chat: Chat) -> Iterator[Message]:
        return (message for message in chat.messages.values() if not message.deleted)

    # -- what the bot is told beside messages

    def bot_status_changed(self, chat: Chat, by: Account, before: Wire, after: Wire) -> None:
        self.updates.put(
            "my_chat_member",
            {
                "chat": chat.wire(),
                "from": by.wire(),
                "date": int(self.clock.now()),
                "old_chat_member": before,
                "new_chat_member": after,
            },
            f"chat {chat.id}",
        )

    def press(self, person: Account, message: Message, data: str) -> Query:
        number = f"{person.id}{next(self._query_ids):06d}"
        body: Wire = {
            "id": number,
            "from": person.wire(),
            "message": dict(message.body),
            "chat_instance": str(abs(message.chat.id) * 7919),
            "data": data,
        }
        query = Query(number, body, self.clock.now() + CALLBACK_LIFE)
        self.queries[number] = query
        self.updates.put("callback_query", body, f"presses of {person.id}", CALLBACK_LIFE)
        return query

    def bot_member(self, status: Status) -> Wire:
        return {"user": self.bot, "status": status} | MEMBER_FIELDS[status]


RIGHTS = dict.fromkeys(
    (
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
        "can_send_welcome_messages",
        "can_pin_messages",
        "can_manage_topics",
    ),
    True,
)
MEMBER_FIELDS: dict[str, Wire] = {
    "administrator": {"can_be_edited": False, "is_anonymous": False, "can_promote_members": False, **RIGHTS},
    "member": {},
    "left": {},
    "kicked": {"until_date": 0},
}
