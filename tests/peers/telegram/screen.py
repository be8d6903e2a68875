"""What stands on somebody's screen, and waiting for what the bot will do there."""

from . import view
from .platform import Platform, Wire
from .world import GENERAL_TOPIC, Chat, Message, Query, Topic

PATIENCE = 5.0
"""Seconds to wait for the bot before a test fails."""


def show(message: Message) -> Wire:
    """Return a message as JSON for the screen of a person."""
    reactions = [str(r.get("emoji", r["type"])) for given in message.reactions.values() for r in given]
    return {
        "raw": message.body,
        "keyboard": message.keyboard,
        "reactions": reactions,
        "revision": message.revision,
    }


def shown_text(message: Message) -> str:
    return str(message.body.get("text", message.body.get("caption", "")))


def seen(message: Message) -> view.Message:
    return view.message_from(show(message))


def find_topic(chat: Chat, topic: int | str) -> Topic:
    """Return the topic by id, by its name, or by a part of its name."""
    live = [found for found in chat.topics.values() if not found.deleted]
    for found in live:
        if topic in (found.id, found.name):
            return found
    for found in live:
        if isinstance(topic, str) and topic in found.name:
            return found
    raise AssertionError(f"no topic {topic!r} in {chat.title!r}: {[found.name for found in live]}")


class Press:
    """One press of an inline button, and the bot's answer to it."""

    def __init__(self, platform: Platform, query: Query) -> None:
        self._platform = platform
        self._query = query
        self.id = query.id
        self.data: str = query.body["data"]

    @property
    def answer(self) -> view.Answer | None:
        given = self._query.answer
        if given is None:
            return None
        return view.Answer(given.get("text", ""), bool(given.get("show_alert")), given.get("url"))

    async def answered(self, timeout: float = PATIENCE) -> view.Answer:  # noqa: ASYNC109
        """Return the answer; the spinner on the button turns until then."""
        try:
            return await self._platform.bell.until(lambda: self.answer, timeout)
        except TimeoutError:
            raise AssertionError(f"the press of {self.data!r} was not answered in {timeout} s") from None


class Screen:
    """A chat, or one topic of it, as somebody looks at it.

    `sees` and `presses` wait for what the bot will do, and remember what was already noticed: whatever
    was seen before somebody's last act counts as read, so that the same words are waited for anew.
    """

    def __init__(self, platform: Platform, chat: Chat, topic_id: int | None = None) -> None:
        self.platform = platform
        self.chat = chat
        self.topic_id = topic_id
        self._noticed = 0
        self._read = 0

    def acted(self) -> None:
        self._read = self._noticed

    def all(self) -> list[Message]:
        wanted = self.topic_id
        return [
            message
            for message in self.platform.world.live_messages(self.chat)
            if wanted is None or (message.topic_id or GENERAL_TOPIC) == wanted
        ]

    def by_bot(self) -> list[Message]:
        return [m for m in self.all() if m.by_bot and not any(key.startswith("forum_topic") for key in m.body)]

    async def sees(self, fragment: str, timeout: float) -> Message:  # noqa: ASYNC109
        def look() -> Message | None:
            fresh = [m for m in self.by_bot() if m.revision > self._read]
            fresh.sort(key=lambda message: message.revision)
            return next((m for m in fresh if fragment in shown_text(m)), None)

        try:
            found = await self.platform.bell.until(look, timeout)
        except TimeoutError:
            shown = "\n".join(f"  {m.id}: {seen(m).text!r} {seen(m).labels}" for m in self.by_bot()[-8:])
            raise AssertionError(f"{fragment!r} did not appear in {timeout} s; shown last:\n{shown}") from None
        self._noticed = max(self._noticed, found.revision)
        return found

    async def finds_button(self, label: str, on: int | None, timeout: float) -> tuple[Message, view.Button]:  # noqa: ASYNC109
        def look() -> tuple[Message, view.Button] | None:
            for message in reversed(self.by_bot()):
                if on in (None, message.id) and (button := seen(message).button(label)):
                    return message, button
            return None

        try:
            return await self.platform.bell.until(look, timeout)
        except TimeoutError:
            shown = [seen(m).labels for m in self.by_bot()[-8:] if seen(m).labels]
            raise AssertionError(f"no button {label!r} in {timeout} s; shown last: {shown}") from None
