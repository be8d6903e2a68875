"""Groups and forums: what is in them, and what happens to them as a whole."""

from typing import TYPE_CHECKING, Any

from . import view
from .platform import Platform
from .screen import PATIENCE, Screen, find_topic, seen
from .world import GENERAL_TOPIC, Chat

if TYPE_CHECKING:
    from .people import User


class Group:
    """A group, perhaps a forum, in which people and the bot are."""

    def __init__(self, platform: Platform, chat: Chat) -> None:
        self._platform = platform
        self._chat = chat

    @property
    def id(self) -> int:
        return self._chat.id

    @property
    def title(self) -> str:
        return self._chat.title

    @property
    def messages(self) -> list[view.Message]:
        """What the bot wrote, in all topics."""
        return [seen(m) for m in Screen(self._platform, self._chat).by_bot()]

    @property
    def conversation(self) -> list[view.Message]:
        return [seen(m) for m in Screen(self._platform, self._chat).all()]

    @property
    def topics(self) -> list[view.Topic]:
        return [
            view.Topic(topic.id, topic.name, topic.closed)
            for topic in self._chat.topics.values()
            if not topic.deleted and topic.id != GENERAL_TOPIC
        ]

    @property
    def pinned(self) -> list[int]:
        return list(self._chat.pinned)

    def messages_in(self, topic: int | str) -> list[view.Message]:
        return [seen(m) for m in Screen(self._platform, self._chat, find_topic(self._chat, topic).id).by_bot()]

    async def has_topic(self, name: str, timeout: float = PATIENCE) -> view.Topic:  # noqa: ASYNC109
        """Wait for a topic whose name contains this, and return it."""
        try:
            return await self._platform.bell.until(
                lambda: next((topic for topic in self.topics if name in topic.name), None), timeout
            )
        except TimeoutError:
            raise AssertionError(f"no topic {name!r} in {timeout} s; there are {self.topics}") from None

    def adds(self, *people: "User") -> None:
        for person in people:
            self._chat.members[person.id] = person.account

    async def adds_bot(self, by: "User", administrator: bool = True) -> None:
        await self._bot_becomes("administrator" if administrator else "member", by)

    async def removes_bot(self, by: "User") -> None:
        await self._bot_becomes("kicked", by)

    async def changes_rights(self, by: "User", *, can_manage_topics: bool) -> None:
        """An administrator ticks or unticks the right to manage topics; the bot stays an administrator."""
        world, before = self._platform.world, self._platform.world.bot_member(self._chat.bot)
        before |= {"can_manage_topics": self._chat.can_manage_topics}
        self._chat.can_manage_topics = can_manage_topics
        after = world.bot_member(self._chat.bot) | {"can_manage_topics": can_manage_topics}
        world.bot_status_changed(self._chat, by.account, before, after)

    async def loses_topic(self, topic: int | str) -> None:
        """Somebody deletes a topic with everything in it. The platform tells no bot of it."""
        found = find_topic(self._chat, topic)
        found.deleted = True
        for message in self._chat.messages.values():
            if message.topic_id == found.id:
                message.deleted = True
        self._platform.bell.ring()

    async def topic_is_shut(self, topic: int | str, by: "User", *, closed: bool = True) -> None:
        """Somebody closes a topic, or opens it again: a service message, of which the bot is told."""
        found = find_topic(self._chat, topic)
        found.closed = closed
        kind = "forum_topic_closed" if closed else "forum_topic_reopened"
        self._platform.world.service(self._chat, by.account.wire(), {kind: {}}, found.id)

    async def switches_topics(self, on: bool) -> None:
        """An owner switches topics off or on; the bot is not told."""
        self._chat.forum = on

    async def _bot_becomes(self, status: Any, by: "User") -> None:
        world, before = self._platform.world, self._chat.bot
        self._chat.bot = status
        world.bot_status_changed(self._chat, by.account, world.bot_member(before), world.bot_member(status))

    async def is_deleted(self) -> None:
        self._chat.deleted = True

    async def becomes_supergroup(self, by: "User", forum: bool = False) -> "Group":
        """Upgrade: the chat gets a new id, the old one answers with it, both say so by service messages."""
        world, old = self._platform.world, self._chat
        new = world.add_group(old.title, supergroup=True, forum=forum, bot=old.bot)
        new.members = dict(old.members)
        world.service(old, by.account.wire(), {"migrate_to_chat_id": new.id})
        world.service(new, by.account.wire(), {"migrate_from_chat_id": old.id})
        old.upgraded_to = new.id
        return Group(self._platform, new)
