"""Short names of what has none but the first words of its wording."""

from __future__ import annotations

import re

from bot.knowledge.law.nodes import Node
from bot.knowledge.law.tree import Kind

_LONGEST_TITLE = 25  # words, of a heading that ends with a full stop
_LONGEST_LEAD = 10  # words before a colon
LONGEST_NAME = 200  # characters
_CUT = re.compile(r"\s(?:trong|của|theo|đối với|để|nhằm|cho)\s", re.IGNORECASE)
_HEADINGS = frozenset({Kind.PART, Kind.CHAPTER, Kind.SECTION, Kind.APPENDIX})
_END = " .:;/"


def title_of(node: Node) -> str:
    """Return the heading of a unit, or the words before the colon that it begins with; empty where there is neither."""
    if node.kind in _HEADINGS:
        return node.head.rstrip(_END)
    head = node.head
    words = len(head.split())
    goes_on = bool(node.paragraphs or node.children or node.rows)
    lead, colon, after = head.partition(":")
    is_lead = colon and 0 < len(lead.split()) <= _LONGEST_LEAD and "://" not in head[len(lead) : len(lead) + 3]
    if is_lead and (after.strip() or goes_on):
        return lead.strip()
    if head.endswith((";", ",", "./.", "/.")):
        return ""
    if goes_on and not head.endswith(":") and (not head.endswith(".") or words <= _LONGEST_TITLE):
        return head.rstrip(_END) if words <= _LONGEST_TITLE or node.kind is Kind.ARTICLE else ""
    return ""


def name_above(node: Node) -> str:
    """Return what a unit is called above the units under it: its title, else the words that announce them."""
    name = title_of(node) or (node.wording if node.children and node.wording.endswith(":") else "")
    name = " ".join(name.split()).rstrip(_END)
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME].rsplit(' ', 1)[0]} …"


def short_title(title: str) -> str:
    """Return a heading in small letters, cut before the words that only say where it applies.

    `NHIỆM VỤ VÀ GIẢI PHÁP TRONG TỔ CHỨC …` is told apart from another part III by `Nhiệm vụ và giải pháp`.
    """
    words = " ".join(title.split()).rstrip(_END)
    cut = _CUT.search(words)
    if cut and len(words[: cut.start()].split()) > 2:
        words = words[: cut.start()]
    words = words.replace("(", "").replace(")", "")
    return words[:1].upper() + words[1:].lower()
