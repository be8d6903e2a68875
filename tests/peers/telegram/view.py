"""What a person sees on the screen: plain frozen values, the same in process and from afar."""

from dataclasses import dataclass
from typing import Any

Wire = dict[str, Any]


@dataclass(frozen=True)
class Button:
    text: str
    data: str | None = None
    url: str | None = None
    asks_contact: bool = False
    inline: bool = True


@dataclass(frozen=True)
class Message:
    """A message as shown now. text: the text or the caption. raw: the Message object of the Bot API."""

    id: int
    chat_id: int
    sender: str
    by_bot: bool
    text: str
    rows: tuple[tuple[Button, ...], ...]
    file_name: str | None
    file_id: str | None
    topic_id: int | None
    reply_to: int | None
    edited: bool
    reactions: tuple[str, ...]
    revision: int
    raw: Wire

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.buttons]

    def button(self, label: str) -> Button | None:
        """Return the button with this text or data, else one whose text contains it."""
        exact = (button for button in self.buttons if label in (button.text, button.data))
        part = (button for button in self.buttons if label in button.text)
        return next(exact, None) or next(part, None)


FILE_KINDS = ("document", "video", "audio", "voice", "animation", "sticker", "video_note")


def message_from(seen: Wire) -> Message:
    """Build a message from what `show` made of it."""
    raw = seen["raw"]
    file = next((raw[kind] for kind in FILE_KINDS if kind in raw), None) or (raw["photo"][-1] if "photo" in raw else {})
    rows = [
        tuple(Button(b["text"], b.get("callback_data"), b.get("url")) for b in row)
        for row in raw.get("reply_markup", {}).get("inline_keyboard", [])
    ] or [
        tuple(Button(b["text"], asks_contact=bool(b.get("request_contact")), inline=False) for b in row)
        for row in (seen.get("keyboard") or {}).get("keyboard", [])
    ]
    return Message(
        id=raw["message_id"],
        chat_id=raw["chat"]["id"],
        sender=raw["from"]["first_name"],
        by_bot=raw["from"]["is_bot"],
        text=raw.get("text", raw.get("caption", "")),
        rows=tuple(rows),
        file_name=file.get("file_name"),
        file_id=file.get("file_id"),
        topic_id=raw.get("message_thread_id"),
        reply_to=raw.get("reply_to_message", {}).get("message_id"),
        edited="edit_date" in raw,
        reactions=tuple(seen["reactions"]),
        revision=seen["revision"],
        raw=raw,
    )


@dataclass(frozen=True)
class Topic:
    id: int
    name: str
    closed: bool


@dataclass(frozen=True)
class Answer:
    """What the client showed after a press: a note at the top, or an alert to be tapped away."""

    text: str
    alert: bool
    url: str | None = None


@dataclass(frozen=True)
class Call:
    """A call that the bot made. error: the platform's words, None when it succeeded."""

    method: str
    params: Wire
    at: float
    error: str | None
    status: int
