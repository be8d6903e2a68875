"""Commands in groups: the same as the buttons, for those who type."""

from dataclasses import dataclass

from bot.handlers.group_desk.events import GroupMessage

NAMES = {
    "take": "take",
    "release": "release",
    "answer": "answer",
    "ask": "ask_back",
    "route": "route",
    "transfer": "transfer",
    "defer": "defer",
    "escalate": "escalate",
    "close": "close",
    "note": "note",
    "history": "history",
    "similar": "similar",
    "entries": "entries",
    "link": "link",
    "unlink": "unlink",
    "help": "help",
}
"""as typed: what it does"""
MENU = tuple(NAMES)


@dataclass(frozen=True)
class Command:
    """name: as in NAMES; empty for one that we do not know. argument: what follows it."""

    name: str
    argument: str


def command_of(message: GroupMessage, bot_name: str | None) -> Command | None:
    """Return the command that a message is; none for a text, a note (`//`), or what another bot is told."""
    text = message.text.strip()
    if not text.startswith("/") or text.startswith("//"):
        return None
    first, _, rest = text[1:].partition(" ")
    first, line, more = first.partition("\n")
    name, at, addressee = first.partition("@")
    if at and bot_name is not None and addressee.lower() != bot_name.lower():
        return None
    return Command(NAMES.get(name.lower(), ""), (more + " " + rest if line else rest).strip())
