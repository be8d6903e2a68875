"""People, with the acts that a person can do in the app."""

import re

from . import view
from .groups import Group
from .markup import utf16
from .platform import Platform, Wire
from .screen import PATIENCE, Press, Screen, find_topic, seen, shown_text
from .sending import file_content
from .world import Account, Chat, Message, Topic


def command_entities(text: str) -> Wire:
    """Return the entities that the platform finds by itself in what people type: the commands."""
    found = [
        {"type": "bot_command", "offset": utf16(text[: m.start()]), "length": utf16(m[0])}
        for m in re.finditer(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?", text)
    ]
    return {"entities": found} if found else {}


class User:
    """A person with the app in hand. Without `chat` an act happens in the private chat with the bot."""

    def __init__(self, platform: Platform, account: Account) -> None:
        self.account = account
        self._platform = platform
        self._world = platform.world
        self._private = self._world.chats[account.id]
        self._screens: dict[tuple[int, int | None], Screen] = {}

    @property
    def id(self) -> int:
        return self.account.id

    @property
    def name(self) -> str:
        return self.account.name

    # -- looking

    @property
    def messages(self) -> list[view.Message]:
        """What the bot wrote to this person, edits applied, deleted ones gone."""
        return [seen(m) for m in self._screen().by_bot()]

    @property
    def conversation(self) -> list[view.Message]:
        """Both sides of the private chat."""
        return [seen(m) for m in self._screen().all()]

    @property
    def sees_typing(self) -> list[str]:
        """The chat actions so far ("typing", "upload_document", ...)."""
        return list(self._private.actions)

    async def sees(
        self,
        fragment: str,
        *,
        chat: Group | int | None = None,
        topic: int | str | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109
    ) -> view.Message:
        """Wait until the bot has written (or edited) something containing the fragment, and return it."""
        return seen(await self._screen(chat, topic).sees(fragment, timeout))

    # -- acting

    async def says(
        self,
        text: str,
        *,
        chat: Group | int | None = None,
        topic: int | str | None = None,
        reply_to: int | None = None,
    ) -> view.Message:
        return await self.sends({"text": text, **command_entities(text)}, chat=chat, topic=topic, reply_to=reply_to)

    async def starts(self, payload: str = "") -> view.Message:
        """Open the bot, perhaps by a deep link."""
        return await self.says(f"/start {payload}".strip())

    async def sends(
        self,
        content: Wire,
        *,
        chat: Group | int | None = None,
        topic: int | str | None = None,
        reply_to: int | None = None,
    ) -> view.Message:
        """Send a message with any content, in the Bot API's own fields."""
        screen = self._screen(chat, topic)
        self._may_write(screen.chat)
        screen.acted()
        if not screen.chat.is_group:
            self.account.started = True
        content = dict(content)
        if reply_to is not None:
            content["reply_to_message"] = screen.chat.messages[reply_to].body
        elif screen.topic_id in screen.chat.messages:
            # Everything in a topic looks like a reply to the message that opened it; bots stumble over this.
            content["reply_to_message"] = screen.chat.messages[screen.topic_id].body
        message = self._world.write(screen.chat, self.account.wire(), content, screen.topic_id)
        if self._bot_hears(message):
            self._world.tell_bot(message)
        return seen(message)

    async def sends_file(
        self,
        name: str,
        data: bytes,
        *,
        kind: str = "document",
        caption: str = "",
        size: int | None = None,
        chat: Group | int | None = None,
        topic: int | str | None = None,
    ) -> view.Message:
        """kind: document, photo, voice, video, audio, ... size: what the platform claims, if not the length."""
        folder = {"photo": "photos", "document": "documents"}.get(kind, kind)
        file = self._platform.files.keep(name, data, folder, size)
        content = file_content(kind, file) | ({"caption": caption} if caption else {})
        return await self.sends(content, chat=chat, topic=topic)

    async def shares_contact(self, phone: str, *, of: int | None = None, name: str | None = None) -> view.Message:
        """of: the user id in the contact; their own unless said otherwise, 0 for somebody without an account."""
        contact: Wire = {"phone_number": phone, "first_name": name or self.name}
        if of != 0:
            contact["user_id"] = of or self.id
        return await self.sends({"contact": contact})

    async def presses(
        self,
        label: str,
        *,
        on: int | None = None,
        chat: Group | int | None = None,
        topic: int | str | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109
    ) -> Press:
        """Press the newest button with this text or data, waiting until it is there. on: a message id."""
        screen = self._screen(chat, topic)
        message, button = await screen.finds_button(label, on, timeout)
        if not button.inline:
            raise AssertionError(f"{label!r} belongs to a reply keyboard: use `taps`")
        if button.data is None:
            raise AssertionError(f"{label!r} is a link to {button.url}")
        screen.acted()
        return Press(self._platform, self._world.press(self.account, message, button.data))

    async def taps(self, label: str, *, phone: str = "+84900000001") -> view.Message:
        """Tap a key of the reply keyboard: it says its own text, or shares the contact."""
        _, button = await self._screen().finds_button(label, None, PATIENCE)
        return await (self.shares_contact(phone) if button.asks_contact else self.says(button.text))

    async def presses_data(self, data: str, *, on: int, chat: Group | int | None = None) -> Press:
        """Send a press that no button shows: a stale client, or somebody who forges it."""
        screen = self._screen(chat)
        screen.acted()
        return Press(self._platform, self._world.press(self.account, screen.chat.messages[on], data))

    async def edits(self, number: int, text: str, *, chat: Group | int | None = None) -> view.Message:
        message = self._screen(chat).chat.messages[number]
        message.body = {**message.body, "text": text, "edit_date": int(self._platform.clock.now())}
        self._world.touch(message)
        if self._bot_hears(message):
            self._world.tell_bot(message, "edited_message")
        return seen(message)

    async def reacts(self, number: int, emoji: str, *, chat: Group | int | None = None) -> None:
        """An empty emoji takes the reaction back."""
        message = self._screen(chat).chat.messages[number]
        before = message.reactions.get(self.id, [])
        message.reactions[self.id] = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self._world.touch(message)
        if message.chat.is_group and message.chat.bot != "administrator":
            return
        body = {
            "chat": message.chat.wire(),
            "message_id": number,
            "user": self.account.wire(),
            "date": int(self._platform.clock.now()),
            "old_reaction": before,
            "new_reaction": message.reactions[self.id],
        }
        self._world.updates.put("message_reaction", body, f"chat {message.chat.id}")

    async def opens_topic(self, name: str, *, chat: Group) -> view.Topic:
        forum = self._world.chats[chat.id]
        topic = Topic(forum.last_id + 1, name)
        forum.topics[topic.id] = topic
        made = {"name": name, "icon_color": topic.icon_color}
        self._world.service(forum, self.account.wire(), {"forum_topic_created": made}, topic.id)
        return view.Topic(topic.id, name, False)

    # -- coming and going

    async def blocks_bot(self) -> None:
        self._bot_standing(blocked=True)

    async def unblocks_bot(self) -> None:
        self._bot_standing(blocked=False)

    async def deactivates(self) -> None:
        self.account.deactivated = True

    def _bot_standing(self, *, blocked: bool) -> None:
        self.account.blocked_bot, self.account.started = blocked, True
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        member = self._world.bot_member
        self._world.bot_status_changed(self._private, self.account, member(before), member(after))  # type: ignore[arg-type]

    # -- how it is done

    def _screen(self, chat: Group | int | None = None, topic: int | str | None = None) -> Screen:
        number = self.id if chat is None else chat if isinstance(chat, int) else chat.id
        place = self._world.chats[number]
        topic_id = None if topic is None else find_topic(place, topic).id
        return self._screens.setdefault((number, topic_id), Screen(self._platform, place, topic_id))

    def _may_write(self, chat: Chat) -> None:
        if self.account.deactivated:
            raise AssertionError(f"{self.name}'s account is deactivated")
        if chat.is_group and self.id not in chat.members:
            raise AssertionError(f"{self.name} is not in {chat.title!r}")
        if not chat.is_group and self.account.blocked_bot:
            raise AssertionError(f"{self.name} blocked the bot and has to unblock it before writing")

    def _bot_hears(self, message: Message) -> bool:
        """In groups a bot in privacy mode hears commands, replies to it and mentions; an administrator hears all."""
        chat = message.chat
        if not chat.is_group or chat.bot == "administrator":
            return True
        if chat.bot != "member":
            return False
        text = shown_text(message)
        original = message.body.get("reply_to_message", {})
        by_bot = original.get("from", {}).get("id") == self._platform.bot["id"]
        replied = by_bot and "forum_topic_created" not in original
        to_bot = text.startswith("/") or f"@{self._platform.bot['username']}" in text
        return not self._platform.privacy_mode or to_bot or replied
