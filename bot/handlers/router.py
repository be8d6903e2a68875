"""Finds the conversation that a turn belongs to. Commands, buttons and free text lead to the same place."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import bot.handlers
from bot.escalation.keeping import TEXT_AT_MOST
from bot.handlers.conversation import Conversation, Handle, NotForThisStep
from bot.handlers.turn import Turn
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.verdict import Decision

CATCHES = ("question", "files", "hotline", "too_long", "unknown_command", "unknown_button", "unknown_content", "step_ended")
"""what must be taken by some conversation, so that nothing that a person does is a dead end"""
_PHRASE_AT_MOST = 60
_NOT_WORDS = re.compile(r"[^\w@]+")
K = TypeVar("K")
V = TypeVar("V")


def phrase(text: str) -> str:
    """Return the text as phrases are written: words only, without marks, in lower case. Empty when it is too long for one."""
    if len(text) > _PHRASE_AT_MOST:
        return ""
    return _NOT_WORDS.sub(" ", fold(text).lower()).strip()


def all_conversations() -> list[Conversation]:
    """Return the conversation of every file in this folder that has one."""
    found = []
    for module in pkgutil.iter_modules(bot.handlers.__path__):
        conversation = getattr(importlib.import_module(f"bot.handlers.{module.name}"), "CONVERSATION", None)
        if isinstance(conversation, Conversation):
            found.append(conversation)
    return found


class Router:
    def __init__(self, conversations: Iterable[Conversation]) -> None:
        self._commands: dict[str, Handle] = {}
        self._phrases: dict[str, Handle] = {}
        self._actions: dict[str, Handle] = {}
        self._steps: dict[str, Handle] = {}
        self._whole: dict[re.Pattern[str], Handle] = {}
        self._mentions: dict[re.Pattern[str], Handle] = {}
        self._takes: dict[str, Handle] = {}
        asides: set[Handle] = set()
        lasting: set[str] = set()
        unkept: set[Handle] = set()
        places: dict[str, int] = {}
        for conversation in conversations:
            _add(self._commands, conversation.commands)
            _add(self._phrases, conversation.phrases)
            _add(self._actions, conversation.actions)
            _add(self._steps, conversation.steps)
            _add(self._whole, conversation.whole)
            _add(self._mentions, conversation.mentions)
            _add(self._takes, conversation.takes)
            here = {**conversation.actions, **conversation.commands}
            asides.update(here[name] for name in conversation.asides)
            lasting |= conversation.lasting
            unkept.update(conversation.steps[step] for step in conversation.unkept)
            _add(places, conversation.menu)
        if set(self._takes) != set(CATCHES):
            raise ValueError(f"expected conversations that take {CATCHES}; found {tuple(self._takes)}")
        self.menu = sorted(places, key=places.__getitem__)
        self._asides = frozenset(asides)
        self._lasting = frozenset(lasting)
        self._unkept = frozenset(unkept)

    def keeps_nothing(self, turn: Turn) -> bool:
        """Say whether what the person wrote was promised to be kept by nobody but the step that it belongs to."""
        return self.find(turn)[0] in self._unkept

    def free_text(self, text: str) -> str:
        """Return the part of what was written that may be a question, or anything else that needs to be understood before
        it is kept: what follows a command, or the whole text. Empty where that is nothing."""
        text = text.strip()
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            return rest.strip() if _command(name) in self._commands else text
        return "" if phrase(text) in self._phrases or any(p.fullmatch(text) for p in self._whole) else text

    async def take(self, turn: Turn) -> None:
        """Let the right conversation take the turn."""
        step = turn.account.step
        handle, ends_step = self.find(turn)
        try:
            await handle(turn)
        except NotForThisStep:
            turn.forget()
            handle, ends_step = self.find(turn)
            await handle(turn)
        if ends_step and turn.account.step == step is not None and not turn.stands and step not in self._lasting:
            turn.forget()
        if step is not None and turn.account.step is None:
            await self._takes["step_ended"](turn)

    def find(self, turn: Turn) -> tuple[Handle, bool]:
        """Return what takes this turn, and whether that ends the step in which the person stands. There always is one."""
        incoming, takes = turn.incoming, self._takes
        if incoming.action:
            handle = self._actions.get(incoming.action.split(":")[0])
            return (handle, handle not in self._asides) if handle else (takes["unknown_button"], False)
        if len(turn.asked) > TEXT_AT_MOST:
            return takes["too_long"], False
        if turn.verdict is not None and turn.verdict.decision is Decision.HOTLINE:
            # Before everything that might keep it: whatever the person was asked for, this belongs to the special team.
            return takes["hotline"], False
        text = incoming.text.strip()
        if text.startswith("/"):
            handle = self._commands.get(_command(text))
            return (handle, handle not in self._asides) if handle else (takes["unknown_command"], False)
        if text and (by_phrase := self._phrases.get(phrase(text))):
            return by_phrase, by_phrase not in self._asides
        if text and (by_whole := next((h for p, h in self._whole.items() if p.fullmatch(text)), None)):
            return by_whole, True
        if not text and not incoming.files:
            return takes["unknown_content"], False
        if turn.account.step is not None and (by_step := self._steps.get(turn.account.step)):
            return by_step, False
        if incoming.files:
            return takes["files"], False
        by_mention = next((h for p, h in self._mentions.items() if p.search(text)), None)
        return by_mention or takes["question"], False


def _command(text: str) -> str:
    first = text[1:].split(maxsplit=1)
    return first[0].split("@")[0].lower() if first and text[1:2].strip() else ""


def _add(known: dict[K, V], new: Mapping[K, V]) -> None:
    for name, value in new.items():
        if name in known:
            raise ValueError(f"two conversations claim {name!r}")
        known[name] = value
