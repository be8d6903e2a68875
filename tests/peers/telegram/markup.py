"""Formatted text as the platform reads it: HTML and MarkdownV2 into text and entities, or a refusal.

Offsets and lengths are UTF-16 code units, as everywhere in the Bot API; byte offsets in the
error texts are counted in UTF-8, as the official server does.
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, bad

Wire = dict[str, Any]
HTML_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>")
ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
RESERVED = set("_*[]()~`>#+-=|{}.!")


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def cannot_parse(why: str) -> ApiError:
    return bad(f"can't parse entities: {why}")


@dataclass
class Open:
    mark: str
    entity: Wire
    at: int


class Output:
    """The plain text so far, and the entities that are open or done."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.open: list[Open] = []
        self.done: list[Wire] = []

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += utf16(text)

    def start(self, mark: str, entity: Wire, at: int) -> None:
        self.open.append(Open(mark, {**entity, "offset": self.length}, at))

    def end(self, **more: str) -> None:
        entity = {**self.open.pop().entity, **more}
        entity["length"] = self.length - entity["offset"]
        if entity["length"]:
            self.done.append(entity)

    def finished(self) -> tuple[str, list[Wire]]:
        return "".join(self.parts), sorted(self.done, key=lambda entity: (entity["offset"], -entity["length"]))


def byte_offset(source: str, index: int) -> int:
    return len(source[:index].encode())


def parse_html(source: str) -> tuple[str, list[Wire]]:
    out = Output()
    index = 0
    while index < len(source):
        if source[index] == "&" and (character := CHARACTER.match(source, index)):
            out.add(html.unescape(character[0]))
            index = character.end()
        elif source[index] == "<":
            index = _read_tag(source, index, out)
        else:
            out.add(source[index])
            index += 1
    if out.open:
        raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{out.open[-1].mark}"')
    return out.finished()


def _read_tag(source: str, index: int, out: Output) -> int:
    tag = TAG.match(source, index)
    at = byte_offset(source, index)
    if tag is None:
        name = re.match(r"</?([^\s>]*)", source[index:])
        raise cannot_parse(f'Unsupported start tag "{name[1] if name else ""}" at byte offset {at}')
    closing, name_, attributes = tag[1], tag[2].lower(), tag[3]
    if closing:
        if not out.open:
            raise cannot_parse(f"Unexpected end tag at byte offset {at}")
        if out.open[-1].mark != name_:
            raise cannot_parse(f'Unmatched end tag at byte offset {at}, expected "</{out.open[-1].mark}>", found "</{name_}>"')
        out.end()
        return tag.end()
    if name_ not in HTML_TAGS:
        raise cannot_parse(f'Unsupported start tag "{name_}" at byte offset {at}')
    given = {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in ATTRIBUTE.finditer(attributes)}
    entity: Wire = {"type": HTML_TAGS[name_]}
    if name_ == "span" and given.get("class") != "tg-spoiler":
        raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    if name_ == "a" and given.get("href"):
        entity["url"] = given["href"]
    if name_ == "tg-emoji":
        entity["custom_emoji_id"] = given.get("emoji-id", "")
    if name_ == "blockquote" and "expandable" in given:
        entity["type"] = "expandable_blockquote"
    out.start(name_, entity, at)
    return tag.end()


def parse_markdown_v2(source: str) -> tuple[str, list[Wire]]:
    out = Output()
    index = 0
    while index < len(source):
        index = _read_mark(source, index, out)
    if out.open:
        kind = out.open[-1].entity["type"].replace("_", " ").title().replace(" ", "")
        raise cannot_parse(f"Can't find end of {kind} entity at byte offset {out.open[-1].at}")
    return out.finished()


def _read_mark(source: str, index: int, out: Output) -> int:
    sign, at = source[index], byte_offset(source, index)
    inside = out.open[-1].mark if out.open else ""
    if sign == "\\" and index + 1 < len(source) and ord(source[index + 1]) < 127:
        out.add(source[index + 1])
        return index + 2
    if inside in ("`", "```"):
        if source.startswith(inside, index):
            out.end()
            return index + len(inside)
        out.add(sign)
        return index + 1
    if sign == "]" and inside == "[":
        return _read_link_target(source, index, out)
    for mark in ("```", "`", "||", "__", "_", "*", "~", "["):
        if not source.startswith(mark, index):
            continue
        if inside == mark and mark != "[":
            out.end()
        else:
            kinds = {"```": "pre", "`": "code", "[": "text_link"}
            out.start(mark, {"type": kinds.get(mark) or MARKS[mark]}, at)
        return index + len(mark)
    if sign == ">" and (index == 0 or source[index - 1] == "\n"):
        line_end = source.find("\n", index)
        text, entities = parse_markdown_v2(source[index + 1 : line_end if line_end >= 0 else len(source)])
        out.start(">", {"type": "blockquote"}, at)
        out.done += [{**entity, "offset": entity["offset"] + out.length} for entity in entities]
        out.add(text)
        out.end()
        return line_end if line_end >= 0 else len(source)
    if sign in RESERVED:
        raise cannot_parse(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")
    out.add(sign)
    return index + 1


def _read_link_target(source: str, index: int, out: Output) -> int:
    target = re.match(r"\]\(((?:\\.|[^)\\])*)\)", source[index:])
    if target is None:
        out.end()
        return index + 1
    out.end(url=re.sub(r"\\(.)", r"\1", target[1]))
    return index + target.end()


def read_text(source: str, parse_mode: str | None, entities: list[Wire] | None) -> tuple[str, list[Wire]]:
    """Return the text people see and its entities. Raises 400 for markup the platform would not accept."""
    mode = (parse_mode or "").lower()
    if mode == "html":
        text, found = parse_html(source)
    elif mode == "markdownv2":
        text, found = parse_markdown_v2(source)
    elif mode in ("", "none", "markdown"):
        text, found = source, list(entities or [])
    else:
        raise bad("unsupported parse_mode")
    stripped = text.strip()
    cut = utf16(text[: len(text) - len(text.lstrip())])
    total = utf16(stripped)
    shifted = []
    for entity in found:
        start = max(0, entity["offset"] - cut)
        length = min(entity["offset"] - cut + entity["length"], total) - start
        if length > 0:
            shifted.append({**entity, "offset": start, "length": length})
    return stripped, shifted
