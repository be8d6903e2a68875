"""Adds an entry to a file of the knowledge base, in the form in which editors write them.

The whole folder is checked with the changed file before anything is replaced: what the loader would refuse is never written.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bot.knowledge.entries import Entry, Wording
from bot.knowledge.files.loading import load_files

WIDTH = 118


class FileChangedMeanwhile(Exception):
    """Somebody changed the file by hand between the check and the writing; nothing was written."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A file as it will be, checked together with all others. before: None where there is no such file yet."""

    path: Path
    before: bytes | None
    after: bytes


def stage(root: Path, topic: str, entry: Entry, *, today: date) -> Staged:
    """Check what the folder would be with the entry at the end of `entries/<topic>.yaml`.

    topic: lower case, digits, hyphens. Raises KnowledgeFilesError with everything that is wrong.
    """
    path = root / "entries" / f"{topic}.yaml"
    before = path.read_bytes() if path.is_file() else None
    after = (before.rstrip() + b"\n\n" if before and before.strip() else b"") + written(entry).encode()
    with tempfile.TemporaryDirectory(prefix="donghanh-faq-") as folder:
        copy = Path(folder) / root.name
        shutil.copytree(root, copy, ignore=lambda _, names: [each for each in names if each.startswith(".")])
        target = copy / "entries" / f"{topic}.yaml"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(after)
        load_files(copy, today=today)
    return Staged(path, before, after)


def add(root: Path, topic: str, entry: Entry, *, today: date) -> None:
    """Check and write. Raises KnowledgeFilesError, FileChangedMeanwhile or OSError; then nothing was written."""
    replace(stage(root, topic, entry, today=today))


def ids_in(root: Path, *, today: date) -> list[str]:
    """Return the ids of the entries that the files hold now, whether or not they have been read. Raises KnowledgeFilesError."""
    return [each.id for each in load_files(root, today=today).entries]


def replace(staged: Staged) -> None:
    """Put the checked file in its place, whole or not at all. Raises FileChangedMeanwhile or OSError."""
    path = staged.path
    if (path.read_bytes() if path.is_file() else None) != staged.before:
        raise FileChangedMeanwhile(path.name)
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(staged.after)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if staged.before is not None else 0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def written(entry: Entry) -> str:
    """Write the entry as faq/README.md shows it."""
    lines = [
        f"- id: {entry.id}",
        f"  status: {entry.status}",
        f"  audience: {entry.audience}",
        f"  department: {entry.department}",
        f"  tags: [{', '.join(entry.tags)}]",
    ]
    lines += [f"  {name}: {day}" for name in ("valid_from", "valid_until") if (day := getattr(entry, name)) is not None]
    lines.append("  citations:")
    for each in entry.citations:
        lines.append(f"    - {{document: {_scalar(each.document, flow=True)}, place: {_scalar(each.place, flow=True)}}}")
    for language in ("vi", "en"):
        lines += _wording(language, entry.wording(language))
    return "\n".join(lines) + "\n"


def _wording(language: str, wording: Wording) -> list[str]:
    lines = [f"  {language}:", f"    question: {_scalar(wording.question)}", "    paraphrases:"]
    lines += [f"      - {_scalar(each)}" for each in wording.paraphrases]
    return [*lines, f"    answer: {_folded(wording.answer)}"]


def _scalar(text: str, *, flow: bool = False) -> str:
    """Return the text as it is where YAML reads it back as such, else in quotes."""
    try:
        plain = yaml.safe_load(f"{{a: {text}}}" if flow else f"a: {text}") == {"a": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # what is quoted in JSON is quoted in YAML


def _folded(text: str) -> str:
    """Return a folded block, a paragraph for each line of the text; in quotes where folding would not give it back."""
    paragraphs = [textwrap.wrap(each, WIDTH - 6, break_long_words=False, break_on_hyphens=False) for each in text.split("\n")]
    block = "\n\n".join("\n".join(f"      {line}" for line in each) for each in paragraphs)
    try:
        same = yaml.safe_load(f"    answer: >-\n{block}") == {"answer": text}
    except yaml.YAMLError:
        same = False
    return f">-\n{block}" if same else _quoted(text)
