"""Cuts a text to a platform's measure in UTF-16 code units, which Telegram counts and Zalo at most: an emoji is two."""

import re

_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?;:…])\s+"), re.compile(r"\s+"))
"""where a text may be cut, the best first: between paragraphs, lines, sentences, words"""


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, most: int) -> list[str]:
    """Return the text in pieces of at most `most` units, cut where a reader pauses; none of them is blank."""
    pieces = []
    rest = text.strip()
    while units(rest) > most:
        head = _head(rest, most)
        cut = _best_cut(head)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _head(text: str, most: int) -> str:
    """Return the longest beginning that has at most `most` units."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > most:
            return text[:place]
    return text


def _best_cut(head: str) -> int:
    for pattern in _BREAKS:
        # Not in the first half: a short piece and a long one read worse than a sentence that is torn.
        found = [match.start() for match in pattern.finditer(head, len(head) // 2)]
        if found:
            return found[-1]
    return len(head)
