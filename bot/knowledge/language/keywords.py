"""A word or two that ask nothing: people type into a chat as into a search box.

"khen thưởng" is no question that an entry could be sure to answer, and nothing for which an officer should be called: what
there is about it is offered.
"""

from __future__ import annotations

import re

MOST = 4  # syllables
# Whoever writes one of these asks, wishes or tells something. Without their marks, those that could be part of a name
# ("thu hoi", "bien ban", "may soi") say nothing.
_VIETNAMESE = (
    "ai|gì|nào|sao|đâu|không|ko|chưa|cho|xin|muốn|cần|giúp|tôi|tui|tớ|được|phải|mấy|bao|bị|có|hỏi|bạn|anh|chị|em|mình|ad|là"
)
_ENGLISH = "what|who|how|when|where|which|why|can|is|are|do|does|i|we|my|you|please|help|need|want"
_WITHOUT_MARKS = "ai|gi|nao|sao|khong|ko|chua|xin|muon|giup|toi|tui|duoc|bao nhieu|bao gio|o dau|ad"
_MARKED = re.compile(rf"\b(?:{_VIETNAMESE}|{_ENGLISH})\b")
_PLAIN = re.compile(rf"\b(?:{_WITHOUT_MARKS}|{_ENGLISH})\b")
_ASKS_OR_COUNTS = re.compile(r"[?\d]")


def is_keyword(text: str) -> bool:
    """Say whether a text in lower case only names a thing."""
    if not 0 < len(text.split()) <= MOST or _ASKS_OR_COUNTS.search(text):
        return False
    return (_PLAIN if text.isascii() else _MARKED).search(text) is None
