"""The rows that measure retrieval stand apart from what it has seen, and are labelled in the spelling of `faq/`."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge.citations import is_place
from bot.knowledge.evidence.fitting import read_examples

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
APART = {
    "fresh.jsonl": "fresh",
    "fresh_cases.jsonl": "fresh",
    "unseen.jsonl": "unseen",
    "unseen_cases.jsonl": "unseen",
    "strangers.jsonl": "strangers",
    "later.jsonl": "later",
    "later_cases.jsonl": "later",
    "last.jsonl": "last",
}
STYLES = {"formal", "chat", "nodiacritics", "abbrev", "story", "typo", "english", "mixed"}
DECISIONS = {
    "answerable": "answer",
    "concrete": "escalate",
    "decline": "decline",
    "other_enterprise": "decline",
    "hotline": "hotline",
    "smalltalk": "smalltalk",
    "out_of_scope": "decline",
    "abuse": "smalltalk",
    "injection": "decline",
}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def folded(text: str) -> str:
    """As two people would call it the same question: without case, marks, punctuation and spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower().replace("đ", "d")) if not unicodedata.combining(c))
    return re.sub(r"\W+", "", bare)


def asked_in_faq() -> Iterator[tuple[str, str]]:
    """Every question and paraphrase of an entry and every example of the directory, with the file that holds it."""

    def walk(value: Any, *, within: bool = False) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inside in value.items():
                yield from walk(inside, within=within or key in ("question", "paraphrases", "examples"))
        elif isinstance(value, list):
            for inside in value:
                yield from walk(inside, within=within)
        elif within and isinstance(value, str):
            yield value

    for file in [*sorted((ROOT / "faq" / "entries").rglob("*.yaml")), ROOT / "faq" / "directory.yaml"]:
        for text in walk(yaml.safe_load(file.read_text(encoding="utf-8"))):
            yield str(file.relative_to(ROOT)), text


@pytest.mark.parametrize("name", APART)
def test_no_row_kept_apart_equals_what_the_knowledge_base_has_seen(name: str) -> None:
    seen = {folded(text): file for file, text in asked_in_faq()}
    assert len(seen) > 500  # entries and examples were found where they are looked for
    same = [(row["id"], seen[folded(row["question"])]) for row in rows(name) if folded(row["question"]) in seen]
    assert not same, f"write new rows in their place, as tests/data/README.md says: {same}"


def test_no_row_of_strangers_equals_what_the_recognisers_are_fitted_to() -> None:
    fitted = {folded(each.text) for each in read_examples()}
    assert len(fitted) > 500
    names = [name for name, split in APART.items() if split != "fresh"]
    same = [row["id"] for name in names for row in rows(name) if folded(row["question"]) in fitted]
    assert not same, f"write new rows in their place, as tests/data/README.md says: {same}"


def test_no_row_kept_apart_is_one_of_the_other_rows_again() -> None:
    others = {folded(row["question"]) for name in ("questions.jsonl", "cases.jsonl") for row in rows(name)}
    apart = [folded(row["question"]) for name in APART for row in rows(name)]
    assert not others.intersection(apart)
    assert max(Counter(apart).values()) == 1


@pytest.mark.parametrize(("name", "split"), APART.items())
def test_rows_kept_apart_are_marked_so_that_they_are_scored_apart(name: str, split: str) -> None:
    assert {row["split"] for row in rows(name)} == {split}


def test_no_id_is_given_twice() -> None:
    ids = Counter(row["id"] for name in ("questions.jsonl", "cases.jsonl", *APART) for row in rows(name))
    assert max(ids.values()) == 1


@pytest.mark.parametrize("name", APART)
def test_labels_are_in_the_words_that_the_files_use(name: str) -> None:
    directory = yaml.safe_load((ROOT / "faq" / "directory.yaml").read_text(encoding="utf-8"))
    departments = {each["name"]["vi"] for each in directory["departments"]}
    documents = set(re.findall(r"[\w/]+/[A-ZĐ]+-[A-ZĐ]+", (ROOT / "faq" / "documents.yaml").read_text(encoding="utf-8")))
    for row in rows(name):
        assert row["style"] in STYLES, row["id"]
        assert set(row["departments"]) <= departments, row["id"]
        for citation in row.get("citations", ()):
            assert citation["document"] in documents, row["id"]
            assert is_place(citation["place"]), row["id"]
        if "_cases" not in name:
            assert row["decision"] == DECISIONS[row["kind"]], row["id"]
            assert bool(row["citations"]) == (row["kind"] in ("answerable", "decline")), row["id"]
        composed = unicodedata.is_normalized("NFC", row["question"])
        assert composed != (row.get("form") == "NFD"), row["id"]


@pytest.mark.parametrize(
    ("name", "answerable", "each_kind", "cases"),
    [
        ("fresh.jsonl", 150, 4, "fresh_cases.jsonl"),
        ("unseen.jsonl", 110, 10, "unseen_cases.jsonl"),
        ("later.jsonl", 170, 8, "later_cases.jsonl"),
        ("last.jsonl", 150, 5, "later_cases.jsonl"),
    ],
)
def test_rows_kept_apart_hold_every_kind_and_style_in_numbers_that_measure_something(
    name: str, answerable: int, each_kind: int, cases: str
) -> None:
    kinds = Counter(row["kind"] for row in rows(name))
    styles = Counter(row["style"] for row in rows(name))
    assert set(kinds) == set(DECISIONS)
    assert kinds["answerable"] >= answerable
    assert min(kinds.values()) >= each_kind
    assert set(styles) == STYLES
    assert min(styles.values()) >= 10
    assert len(rows(cases)) >= 80
