"""Text and Markdown: bytes to lines, with the marks of Markdown taken for what they say.

Texts that were converted from scans carry Markdown in files named .txt too, so both are read alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.knowledge.law.source import LawFileError, Line, Source

_RUN_TOGETHER = re.compile(r"(?<=\S)\*{4}(?=\S)")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_RULE = re.compile(r"[\s=\-_*–—]{3,}")
_ROW_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]*[^\s*])\*(?![\w*])")
_ITALIC_OPEN = re.compile(r"^\*(?=[^\s*])|(?<=[^\s*(])\*$")
_ESCAPE = re.compile(r"\\([\\.\-()*+#_\[\]|!`~>])")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
_TAG = re.compile(r"</?(?:b|i|u|p|br|em|sup|sub|div|span|strong|center|font|a)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INVISIBLE = {ord(each): None for each in "\ufeff\u200b\u200c\u200d\u2060\u00ad"}
# Eth looks like the Vietnamese letter, and old keyboards typed it: "Ðiều".
_LOOKALIKE = str.maketrans({"Ð": "Đ", "ð": "đ", "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\t": " "})
_OLD_FONT = re.compile("§iÒu|§IÒU|Ñieàu|ÑIEÀU|Ðieàu")


def composed(text: str) -> str:
    """Return the text in the one form that everything compares: composed letters, no invisible ones, plain spaces."""
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE).translate(_LOOKALIKE)


def read_text(name: str, raw: bytes) -> Source:
    """Read a .txt or .md file. Raises LawFileError where it is not text that can be read."""
    text = _decoded(name, raw)
    if found := _OLD_FONT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        wrong = f"the letters are in an old encoding (`{found.group()}` stands for `Điều`)"
        raise LawFileError(
            name, wrong, "Unicode: convert it (UniKey has a tool for TCVN3 and VNI), then import again", line=line
        )
    return Source(name, tuple(lines_of(composed(text))))


def _decoded(name: str, raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise LawFileError(name, "this is not text in UTF-8", "a file saved as UTF-8", line=line) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise LawFileError(name, "this is not text but binary data", "a text, saved as .txt in UTF-8", line=line)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of composed text."""
    gap = 0
    for number, raw in enumerate(text.split("\n"), 1):
        gap += raw.count("\f")  # a new page
        for piece in _RUN_TOGETHER.split(raw.replace("\f", " ").replace("\v", " ")):
            line = _line(piece, number, gap)
            if line is None:
                gap += 1
            else:
                yield line
                gap = 0


def _line(piece: str, number: int, gap: int) -> Line | None:
    text = piece.strip()
    while text.startswith("> "):
        text = text[2:].lstrip()
    if not text or _RULE.fullmatch(text):
        return None
    if text.startswith("|") and text.count("|") > 1:
        if _ROW_RULE.fullmatch(text):
            return None
        cells = tuple(_plain(each) for each in text.strip("|").split("|"))
        return Line(" ".join(filter(None, cells)), number, gap, cells=cells)
    heading = _HEADING.fullmatch(text)
    if heading:
        text = heading.group(1)
    # Bold from end to end, or the first or last line of a heading that is bold over several.
    bold = "**" in (text[:2], text[-2:]) and "**" not in text.removeprefix("**").removesuffix("**")
    text = _plain(text)
    return Line(text, number, gap, heading=bool(heading) or bold) if text else None


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(r"\1", text)
    text = _TAG.sub(" ", text)
    text = text.replace("**", "").replace("__", "")
    text = _ITALIC.sub(r"\1", text.strip())
    text = _ITALIC_OPEN.sub("", text)
    return re.sub(r"\s+", " ", _ESCAPE.sub(r"\1", text)).strip()
