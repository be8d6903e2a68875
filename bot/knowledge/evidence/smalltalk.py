"""Greetings, thanks, goodbyes and questions about the bot itself: which of them; and messages without a word in them."""

from __future__ import annotations

import re

from bot.knowledge.evidence.features import Features
from bot.knowledge.evidence.message import Evidence, Message

# What somebody says last is what they want heard: "chào ad, cảm ơn nhé" thanks, "cảm ơn, tạm biệt" leaves.
_KINDS = (("about_bot", "who"), ("farewell", "bye"), ("thank", "thanks"))
_LETTER = re.compile(r"[^\W\d_]")


def wordless(message: Message) -> Evidence | None:
    if _LETTER.search(message.cleaned):
        return None
    return Evidence("unclear", 0.95, "there is no word in the message", decides=True)


def kind_of(features: Features) -> str:
    """Return which kind of small talk it is, given that it is some."""
    return next((kind for concept, kind in _KINDS if concept in features.concepts), "greeting")
