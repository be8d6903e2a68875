"""The part of a long message that asks. People tell the story first and put the question somewhere in it."""

from __future__ import annotations

import re

from bot.knowledge.language.vietnamese import fold

_LONG = 22  # words; below that a message is one thought
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]*")
_ASKS = re.compile(
    r"\?|\b(bao (?:lau|gio|nhieu|xa)|khi nao|luc nao|the nao|ra sao|lam sao|tai sao|vi sao|co duoc|co phai|duoc khong|"
    r"phai khong|hay khong|khong a|khong ad|ko|khong vay|la gi|gi vay|nhung gi|cai gi|dieu gi|ai la|la ai|ai se|hoi ai|"
    r"o dau|dau a|"
    r"cho hoi|xin hoi|muon hoi|muon biet|cho biet|ntn|may ngay|don vi nao|co quan nao|cap nao|nao a|"
    r"how|what|when|where|which|who|whom|why|can (?:we|i|they|you)|do (?:we|i|they|you)|does|is it|are we|should)\b"
)


def asks(sentence: str) -> bool:
    """Say whether a sentence has the form of a question."""
    return _ASKS.search(fold(sentence.lower())) is not None


def asking_part(text: str) -> str | None:
    """Return the sentences that ask, or None when the message is short or asks as a whole."""
    if len(text.split()) <= _LONG:
        return None
    sentences = [each.strip() for each in _SENTENCE.findall(text) if each.strip()]
    asking = [each for each in sentences if asks(each)]
    if not asking or len(asking) == len(sentences):
        return None
    return " ".join(asking[-3:])
