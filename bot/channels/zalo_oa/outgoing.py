"""What one message of ours becomes on Zalo: texts of at most 2,000 characters, images and files, each a call of its own."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

from bot.channels.numbered import choices, links, written_out
from bot.channels.splitting import split
from bot.channels.zalo_oa.events import ACTION_MARK
from bot.delivery.message import Attachment, Button, Message
from bot.locales.catalogue import Catalogue

TEXT_AT_MOST = 2000
BUTTONS_AT_MOST = 5
IMAGE_BYTES = 1024 * 1024
FILE_BYTES = 5 * 1024 * 1024
_IMAGES = {"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)}
_FILES = (".pdf", ".doc", ".docx")


@dataclass(frozen=True)
class Piece:
    """A text, with real buttons or none; or a file that was uploaded as `kind` (image, file)."""

    text: str = ""
    file: Attachment | None = None
    kind: str = ""
    buttons: tuple[Button, ...] = ()
    asks: bool = False
    beside: bool = False
    """as in `Message`, where there are buttons"""


def kind_of(file: Attachment, size: int) -> str:
    """Return how Zalo takes a file (image, file); empty where it takes none such."""
    suffix = PurePath(file.name).suffix.lower()
    if suffix in _IMAGES.get(file.media_type, ()) and size <= IMAGE_BYTES:
        return "image"
    return "file" if suffix in _FILES and size <= FILE_BYTES else ""


def plan(
    message: Message,
    *,
    language: str,
    catalogue: Catalogue,
    kinds: Callable[[Attachment], str],
    link: Callable[[Attachment, str], str],
    real_buttons: bool,
) -> list[Piece]:
    """Lay out a message; the last text is the one with the choices.

    kinds: how Zalo takes a file. link: where the others can be downloaded. real_buttons: whether Zalo shows buttons; where it
    does not, or there are more than it shows, the choices are numbers.
    """
    offered = choices(replace(message, asks=False) if real_buttons else message)
    buttons = (*offered, *links(message))
    real = real_buttons and 0 < len(buttons) <= BUTTONS_AT_MOST
    text = message.text.strip() if real else written_out(message, catalogue, language)
    sent = [(file, kinds(file)) for file in message.files]
    linked = [
        catalogue.say("zalo.file", language, name=file.name, link=link(file, language)) for file, kind in sent if not kind
    ]
    text = unicodedata.normalize("NFC", "\n\n".join(part for part in (text, *linked) if part))
    texts = split(text, TEXT_AT_MOST)
    pieces = [Piece(each) for each in texts]
    if real and pieces:
        pieces[-1] = Piece(pieces[-1].text, buttons=buttons, asks=message.asks, beside=message.beside)
    return pieces + [Piece(file=file, kind=kind) for file, kind in sent if kind]


def as_zalo(buttons: tuple[Button, ...]) -> list[dict[str, object]]:
    """Return buttons in Zalo's form. A press comes back as a text, which is marked so that we know it."""
    return [
        {"title": button.label[:100], "type": "oa.open.url", "payload": {"url": button.url}}
        if button.url
        else {"title": button.label[:100], "type": "oa.query.hide", "payload": f"{ACTION_MARK}{button.action}"}
        for button in buttons
    ]
