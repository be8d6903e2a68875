"""Markup and statements where a question belongs, and curses. Orders put in words, and insults, the fitted model tells."""

from __future__ import annotations

import re

from bot.knowledge.evidence.message import Evidence, Message

_MARKUP = re.compile(
    r"<\s*/?\s*(?:script|img|iframe|svg|system|\|)|\{\{.*\}\}|\$\{|<\|im_|\[/?INST\]|###\s*(?:system|instruction)|';\s*--"
    r"|\b(?:select|delete|insert|update)\b[^.?]{1,60}\b(?:from|into|set|where)\b[^.?]{0,60}[;=*]|\bunion\s+select\b"
    r"|\bdrop\s+table\b|\brm\s+-rf\b|\bos\.system\b|\bignore (?:all |the )?previous instructions\b",
    re.IGNORECASE,
)
# With the marks that were typed: without them "cac" is "các" far more often than anything else.
_CURSES = re.compile(
    r"(?<!\w)(?:đm|đmm|đcm|dcm|dkm|clgt|vkl|vcl|đéo|địt|đụ má|lồn|cặc|chúng mày|bọn mày|tụi mày|mẹ mày|đồ chó|thằng chó|"
    r"chó đẻ|khốn nạn|câm mồm|fuck\w*|assholes?|bastards?|bitch\w*|piece of crap|go to hell|bullshit)(?!\w)"
)


def curses(message: Message) -> Evidence | None:
    if found := _CURSES.search(message.cleaned):
        return Evidence("abuse", 0.85, f"curses: {found.group()}", decides=True)
    return None


def look(message: Message) -> Evidence | None:
    if orders := _MARKUP.search(message.raw[:4000]):
        return Evidence("injection", 0.9, f"reads like orders to a machine: {orders.group()[:60]}", decides=True)
    return None
