"""Finds the conversation that a turn belongs to. Commands, buttons and free text lead to the same place."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

import bot.handlers
from bot.handlers.conversation import Conversation, Handle
from bot.handlers.turn import Turn
from bot.knowledge.vietnamese import fold


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
        self.menu: list[str] = []
        question: list[Handle] = []
        files: list[Handle] = []
        for conversation in conversations:
            _add(self._commands, conversation.commands)
            _add(self._phrases, conversation.phrases)
            _add(self._actions, conversation.actions)
            _add(self._steps, conversation.steps)
            self.menu.extend(conversation.menu)
            question += [conversation.question] if conversation.question else []
            files += [conversation.files] if conversation.files else []
        if len(question) != 1 or len(files) != 1:
            raise ValueError("exactly one conversation takes questions, and one takes files")
        self._question, self._files = question[0], files[0]

    def is_free_text(self, text: str) -> bool:
        """Say whether the text may be a question: then it is worth looking up before the turn begins."""
        return bool(text.strip()) and not text.lstrip().startswith("/") and fold(text) not in self._phrases

    def find(self, turn: Turn) -> Handle:
        """Return what takes this turn. There always is something: nothing that a person does is a dead end."""
        incoming = turn.incoming
        if incoming.action:
            return self._actions.get(incoming.action.split(":")[0], self._commands["unknown_button"])
        text = incoming.text.strip()
        if text.startswith("/"):
            name = text[1:].split(maxsplit=1)[0].split("@")[0].lower() if len(text) > 1 else ""
            return self._commands.get(name, self._commands["unknown_command"])
        if text and (by_phrase := self._phrases.get(fold(text))):
            return by_phrase
        if turn.account.step is not None and (by_step := self._steps.get(turn.account.step)):
            return by_step
        if incoming.files:
            return self._files
        if not text:
            return self._commands["unknown_content"]
        return self._question


def _add(known: dict[str, Handle], new: Mapping[str, Handle]) -> None:
    for name, handle in new.items():
        if name in known:
            raise ValueError(f"two conversations claim {name!r}")
        known[name] = handle
