"""Personal telephone numbers stay out of what is stored: a text from years ago names people who have moved on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.knowledge.law.tree import Passage

MASK = "[số điện thoại]"
# Numbers of mobile phones, with eight or nine digits after 0 or +84; offices have prefixes 02.
_MOBILE = re.compile(r"(?<![\d/.])(?:\+?84[ .-]?|0)(?:1\d|[35789])(?:[ .-]?\d){7,8}(?![\d/])")


def without_mobile_numbers(passages: Sequence[Passage]) -> tuple[list[Passage], list[str]]:
    """Return the passages with a mark in place of each mobile number, and a note of where there were any."""
    found: list[Passage] = []
    notes: list[str] = []
    for each in passages:
        text, times = _MOBILE.subn(MASK, each.text)
        if times:
            notes.append(f"{each.place}: {times} personal telephone number(s) left out of the text")
            each = replace(each, text=text, title=_MOBILE.sub(MASK, each.title))
        found.append(each)
    return found, notes
