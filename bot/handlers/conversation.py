"""What a conversation is: one file in this folder that says which commands, buttons, words and steps lead to it.

A file that has a `CONVERSATION` is found by itself (`bot.handlers.router`): a new conversation needs one new file.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.handlers.turn import Turn

Handle = Callable[[Turn], Awaitable[None]]


class NotForThisStep(Exception):
    """Raised by the handler of a step before it has done anything: what came is not meant for the step. The person leaves
    the step, and the turn is taken as if they had stood nowhere."""


@dataclass(frozen=True)
class Conversation:
    """What leads to a conversation. No two may claim the same.

    commands: without the slash, as on Telegram. phrases: free text that means the same, as `router.phrase` writes it (no
    marks, lower case). actions: the first part of a button's action. steps: where a person stands when their next text or
    files belong here.
    """

    commands: Mapping[str, Handle] = field(default_factory=dict)
    phrases: Mapping[str, Handle] = field(default_factory=dict)
    actions: Mapping[str, Handle] = field(default_factory=dict)
    steps: Mapping[str, Handle] = field(default_factory=dict)
    whole: Mapping[re.Pattern[str], Handle] = field(default_factory=dict)
    """patterns of a text that says nothing else (a code, a number), wherever the person stands"""
    mentions: Mapping[re.Pattern[str], Handle] = field(default_factory=dict)
    """patterns that a longer text holds, when the person stands in no step"""
    takes: Mapping[str, Handle] = field(default_factory=dict)
    """what nothing else claims, by `router.CATCHES`; each exactly once over all conversations"""
    asides: frozenset[str] = frozenset()
    """commands and actions after which the person still stands where they stood; all others end the step"""
    lasting: frozenset[str] = frozenset()
    """steps that a command or a button in between does not end: they hold what must not be lost, or somebody waits for them"""
    unkept: frozenset[str] = frozenset()
    """steps whose texts were promised to stay apart from their writer: where one of these breaks, nothing of it is kept"""
    menu: Mapping[str, int] = field(default_factory=dict)
    """commands that a channel shows in its menu, with their place in it; each has a text `command.<name>`"""
