"""Numbers that only somebody's own case has: this container, that declaration. An entry cannot settle it; a person can."""

from __future__ import annotations

import re

from bot.knowledge.evidence.message import Evidence, Message, matcher

_DIGITS = re.compile(r"\d{5}")
_CONTAINER = re.compile(r"\b[A-Za-z]{3}[UJZujz]\s?-?\d{6}\s?-?\d\b")
_DECLARATION = re.compile(r"(?<!\d)[1-5]0\d{9,10}(?!\d)")
_NUMBERED = matcher(
    r"(?:to khai|van don|bill|b l|seal|booking|bien lai|quyet dinh an dinh|declaration|awb|hoa don|c o|"
    r"so tiep nhan|ma ho so)(?: \w+){0,3}? (?:so |no |number )?[a-z]*\d{5,}[a-z0-9]*",
)


def names_container(raw: str) -> bool:
    return _CONTAINER.search(raw[:4000]) is not None


def look(message: Message) -> Evidence | None:
    raw = message.raw[:4000]
    if not _DIGITS.search(raw):
        return None
    if match := _CONTAINER.search(raw):
        return Evidence("concrete", 1.0, f"names a container: {match.group()}", decides=True)
    if match := _DECLARATION.search(raw):
        return Evidence("concrete", 1.0, f"names a declaration: {match.group()}", decides=True)
    if match := _NUMBERED.search(message.plain):
        return Evidence("concrete", 0.9, f"names a paper by its number: {match.group()}", decides=True)
    return None
