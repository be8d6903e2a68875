"""What one message of ours becomes on Telegram: texts and documents, each a call of its own, with the buttons on one."""

from dataclasses import dataclass
from functools import lru_cache

from bot.channels.splitting import split, units
from bot.delivery.message import Attachment, Button, Message

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
_NAME_AT_MOST = 200


@dataclass(frozen=True)
class Piece:
    """A text, or a file with the text as its caption."""

    text: str = ""
    file: Attachment | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True)
class Plan:
    """pieces: in the order in which they are sent. main: the one that has the buttons, which an edit would change."""

    pieces: tuple[Piece, ...]
    main: int


@lru_cache(maxsize=64)
def plan(message: Message) -> Plan:
    """Lay out a message. Text is plain, without markup: what people wrote in it cannot become anything else."""
    if len(message.files) == 1 and units(message.text.strip()) <= CAPTION_UNITS:
        return Plan((Piece(message.text.strip(), message.files[0], message.buttons),), main=0)
    pieces = [Piece(text) for text in split(message.text, TEXT_UNITS)] or ([] if message.files else [Piece(message.text)])
    main = len(pieces) - 1 if pieces else len(message.files) - 1
    pieces += [Piece(file=file) for file in message.files]
    pieces[main] = Piece(pieces[main].text, pieces[main].file, message.buttons)
    return Plan(tuple(pieces), main)


def safe_name(name: str) -> str:
    """Return a file name that has nothing in it with which a path, or the header that carries it, could be forged."""
    kept = "".join(c for c in name if c.isprintable() and c not in '/\\"').strip(" .")
    return kept[-_NAME_AT_MOST:] or "file"
