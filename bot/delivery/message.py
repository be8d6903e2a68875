"""What is said to a person, in a form that every channel can carry: plain text, buttons, files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

ACTION_BYTES = 64
"""the longest action that every platform carries (Telegram's callback_data, in UTF-8)"""


@dataclass(frozen=True)
class Button:
    """A choice. `action` is what comes back in `Incoming.action` when it is pressed; a `url` is opened instead."""

    label: str
    action: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if len(self.action.encode()) > ACTION_BYTES:
            raise ValueError(f"an action has at most {ACTION_BYTES} bytes: {self.action!r}")
        if bool(self.action) == bool(self.url):
            raise ValueError(f"a button has either an action or a url: {self.label!r}")


@dataclass(frozen=True)
class Attachment:
    """A file of ours to be sent: where its content lies in the file store, and how it is shown."""

    sha256: str
    name: str
    media_type: str


@dataclass(frozen=True)
class Message:
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    """rows of buttons"""
    files: tuple[Attachment, ...] = ()
    deadline: datetime | None = None
    """the moment that the text names; a channel that can shows the time that is left"""
    purpose: str = ""
    """what it is for, where a platform wants an approved template for that (`answered`, `alert`, `consultation`)"""
    facts: tuple[tuple[str, str], ...] = ()
    """what such a template may say: (name, value) such as ("number", "YC-2026-000123")"""
    asks: bool = False
    """whether it asks for an answer in the person's own words, which may be a bare number too"""
    beside: bool = False
    """whether its buttons stand beside such an answer (skip, back): where they are numbers in the text, a bare one is none"""

    def to_json(self) -> dict[str, Any]:
        content: dict[str, Any] = {"text": self.text}
        if self.buttons:
            content["buttons"] = [
                [{"label": b.label, "url": b.url} if b.url else {"label": b.label, "action": b.action} for b in row]
                for row in self.buttons
            ]
        if self.files:
            content["files"] = [{"sha256": f.sha256, "name": f.name, "media_type": f.media_type} for f in self.files]
        if self.deadline is not None:
            content["deadline"] = self.deadline.isoformat()
        if self.purpose:
            content["purpose"] = self.purpose
            content["facts"] = dict(self.facts)
        if self.asks:
            content["asks"] = True
        if self.beside:
            content["beside"] = True
        return content

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        return cls(
            text=content["text"],
            buttons=tuple(tuple(Button(**button) for button in row) for row in content.get("buttons", ())),
            files=tuple(Attachment(**file) for file in content.get("files", ())),
            deadline=datetime.fromisoformat(content["deadline"]) if "deadline" in content else None,
            purpose=content.get("purpose", ""),
            facts=tuple(content.get("facts", {}).items()),
            asks=content.get("asks", False),
            beside=content.get("beside", False),
        )
