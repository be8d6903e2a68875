"""What the documentation says about the code is what the code does."""

import re
from pathlib import Path

import pytest

from bot.escalation.states import MOVES
from bot.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent


def test_the_drawn_state_machine_is_the_one_that_runs() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = {tuple(match) for match in re.findall(r"^  (\w+) --> (\w+): (\w+)$", text, re.MULTILINE)}
    assert drawn == {(str(state), str(after), str(event)) for (state, event), after in MOVES.items()}


def test_every_setting_is_explained_to_the_operator_and_nothing_else() -> None:
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    explained = set(re.findall(r"^# ([A-Z_]+)=", text, re.MULTILINE))
    assert explained == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_that_the_documentation_names_exists(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:bot|storage|tests|faq|docs|bench)/[\w./-]*\w)/?`", text)
    assert named
    assert [path for path in named if not (PROJECT / path).exists()] == []
