"""Words for people: every key in both languages, with the same placeholders, and every key that the code uses is there."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

import bot
from bot.errors import HelpdeskError
from bot.escalation.states import Event, State
from bot.handlers.router import Router, all_conversations
from bot.knowledge.measure.ask import TEXT_KEYS
from bot.locales.catalogue import LANGUAGES, Catalogue

CATALOGUE = Catalogue(ZoneInfo("Asia/Ho_Chi_Minh"))
SOURCES = sorted(Path(bot.__path__[0]).rglob("*.py"))
KEPT_FOR_SOMEBODY = ("button", "notice", "officer", "command", "answer", "guest", "detail", "where", "lost")
"""families of keys that are all said somewhere in the code"""
SAYS = {"say", "words", "button", "tell_enterprise", "tell_officers", "tell_department"}
"""calls whose argument is a key of the catalogue"""


def placeholders(key: str, language: str) -> set[tuple[str, str]]:
    text = CATALOGUE._texts[language][key]
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    vietnamese, english = (CATALOGUE.keys(language) for language in LANGUAGES)
    assert vietnamese == english


def test_both_languages_have_the_same_placeholders() -> None:
    both = {key: (placeholders(key, "vi"), placeholders(key, "en")) for key in CATALOGUE.keys("vi") & CATALOGUE.keys("en")}
    assert {key: each for key, each in both.items() if each[0] != each[1]} == {}


def errors(kind: type[HelpdeskError] = HelpdeskError) -> Iterator[type[HelpdeskError]]:
    for each in kind.__subclasses__():
        yield each
        yield from errors(each)


def _import_everything() -> None:
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        # The Telegram client takes two seconds to import, and says nothing that is not said here.
        if not module.name.startswith("bot.channels.telegram") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_every_error_for_people_has_its_sentence() -> None:
    _import_everything()
    missing = {each.__name__ for each in errors() if hasattr(each, "code") and not CATALOGUE.has(f"error.{each.code}")}
    assert missing == set()


def test_every_state_has_a_name() -> None:
    assert [state for state in State if not CATALOGUE.has(f"state.{state}")] == []


def test_every_event_of_a_history_has_a_name() -> None:
    noted = {"add", "note", "rate", "claim", "helped", "not_helped", "suggest", "receive"}
    assert {each for each in {*map(str, Event), *noted} if not CATALOGUE.has(f"action.{each}")} == set()


def test_every_command_of_the_menu_has_a_name() -> None:
    assert [name for name in Router(all_conversations()).menu if not CATALOGUE.has(f"command.{name}")] == []


def test_everything_that_the_command_line_answers_is_there() -> None:
    for key, names in TEXT_KEYS.items():
        assert {name for name, _ in placeholders(key, "vi")} == set(names), key


def test_the_conversation_says_whatever_the_command_line_says_about_a_decision() -> None:
    kinds = {key.removeprefix("ask.") for key in TEXT_KEYS if key.startswith(("ask.decline.", "ask.smalltalk."))}
    assert {kind for kind in kinds if not CATALOGUE.has(kind)} == set()


@cache
def in_the_code() -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return what the code says, as `_said` has it, and every text in it that has the shape of a key."""
    said: set[tuple[str, str]] = set()
    literals: set[str] = set()
    for path in SOURCES:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        said.update((f"{path.name}:{line}", pattern) for line, pattern in _said(nodes))
        literals.update(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return frozenset(said), frozenset(text for text in literals if re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)+", text))


def _said(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield (line, key) for each key that the code says; a key with values in it as a pattern."""
    for node in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in SAYS:
            continue
        for argument in [*node.args[:3], *(word.value for word in node.keywords if word.arg in ("key", "text_key"))]:
            pieces = {id(piece) for part in ast.walk(argument) if isinstance(part, ast.JoinedStr) for piece in part.values}
            for part in ast.walk(argument):
                if id(part) in pieces:
                    continue
                if isinstance(part, ast.JoinedStr):
                    yield (
                        node.lineno,
                        "".join(re.escape(piece.value) if isinstance(piece, ast.Constant) else ".+" for piece in part.values),
                    )
                elif isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                    yield node.lineno, re.escape(part.value)


def test_every_key_that_the_code_says_is_there() -> None:
    known = CATALOGUE.keys("vi")
    keyed = {
        (where, pattern)
        for where, pattern in in_the_code()[0]
        if re.match(r"[a-z_]+\\\.", pattern) and not any(re.fullmatch(pattern, key) for key in known)
    }
    assert keyed == set()


def test_nothing_is_kept_that_nobody_says() -> None:
    keys_said, literals = in_the_code()
    # What says any key of any family proves nothing of one.
    patterns = {pattern for _, pattern in keys_said if not pattern.startswith(".+")} | set(map(re.escape, literals))
    said = re.compile("|".join(patterns))
    keys = {key for key in CATALOGUE.keys("vi") if key.split(".")[0] in KEPT_FOR_SOMEBODY}
    assert {key for key in keys if not said.fullmatch(key.removesuffix("_late"))} == set()  # the ladder adds it to what it says


def test_moments_days_and_spans_are_written_in_the_readers_language_and_local_time() -> None:
    moment = datetime(2026, 11, 16, 2, 5, tzinfo=UTC)
    texts = {language: {"x": "{due:moment} | {on:day} | {left:span}"} for language in LANGUAGES}
    catalogue = Catalogue(ZoneInfo("Asia/Ho_Chi_Minh"), texts)
    values = {"due": moment, "on": date(2026, 11, 17), "left": timedelta(hours=23, minutes=59, seconds=30)}
    assert catalogue.say("x", "vi", **values) == "09:05 ngày 16/11/2026 | 17/11/2026 | 23 giờ 59 phút"
    assert catalogue.say("x", "en", **values) == "09:05 on 16/11/2026 | 17/11/2026 | 23 h 59 min"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_holds_a_stray_blank(language: str) -> None:
    for key in CATALOGUE.keys(language):
        text = CATALOGUE._texts[language][key]
        assert text.strip(), key
        assert text == text.rstrip(), key


def test_labels_of_buttons_fit_on_a_phone() -> None:
    for language in LANGUAGES:
        for key in CATALOGUE.keys(language):
            if key.startswith("button."):
                assert len(CATALOGUE.say(key, language, number="YC-2026-000123")) <= 40, key
