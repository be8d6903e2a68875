"""What a conversation is: one file in this folder that says which commands, buttons, words and steps lead to it.

A file that has a `CONVERSATION` is found by itself (`bot.handlers.router`): a new conversation needs one new file.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.handlers.turn import Turn

Handle = Callable[[Turn], Awaitable[None]]


@dataclass(frozen=True)
class Conversation:
    """commands: without the slash, as on Telegram. phrases: free text that means the same, folded (no marks, lower case).
    actions: the first part of a button's action. steps: where a person stands when their next text belongs here.
    question: what takes text that nothing else claims; files: what takes files without a step. One conversation each."""

    commands: Mapping[str, Handle] = field(default_factory=dict)
    phrases: Mapping[str, Handle] = field(default_factory=dict)
    actions: Mapping[str, Handle] = field(default_factory=dict)
    steps: Mapping[str, Handle] = field(default_factory=dict)
    question: Handle | None = None
    files: Handle | None = None
    menu: tuple[str, ...] = ()
    """commands that a channel shows in its menu; each has a text `command.<name>` in the catalogue"""
