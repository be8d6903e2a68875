"""YAML with line numbers: files are read into nodes, and every complaint about a node knows its line.

The C loader of PyYAML reads all entries in a fraction of a second; a pure Python one takes some seconds, which a
command on the terminal cannot wait for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.files.problems import Problem

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_DURATION = re.compile(r"P(?:(\d{1,3})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # Unicode's category Cc, but for the end of a line
_LARGEST = 4_000_000  # bytes; a topic of a hundred entries has a twentieth of that


class Reader:
    """One file, and what is wrong in it."""

    def __init__(self, root: Path, path: Path, problems: list[Problem]) -> None:
        self.name = path.relative_to(root).as_posix()
        self._path = path
        self._problems = problems

    def report(self, line: int, field: str, wrong: str, expected: str, *, warning: bool = False) -> None:
        self._problems.append(Problem(self.name, line, field, wrong, expected, warning))

    def read(self) -> Node | None:
        """Return the root of the file, or None when it cannot be read as YAML at all."""
        text = self._text()
        if text is None:
            return None
        tabbed = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
        for number in tabbed[:20]:
            self.report(number, "", "there is a tab in the line", "spaces, since YAML does not take tabs for indentation")
        try:
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            if not tabbed:  # the tabs are the reason then, and have been named
                mark = error.problem_mark or error.context_mark
                self.report(mark.line + 1 if mark else 0, "", f"this is not YAML: {error.problem}", "well-formed YAML")
            return None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            self.report(0, "", f"this is not YAML: {error}", "well-formed YAML")
            return None
        if root is None:
            self.report(0, "", "the file is empty", "content, or no file")
            return None
        return Node(self, root, "")

    def _text(self) -> str | None:
        try:
            if self._path.stat().st_size > _LARGEST:
                self.report(0, "", "the file is too large", f"at most {_LARGEST:,} bytes; split it by topic")
                return None
            raw = self._path.read_bytes()
        except OSError as error:
            self.report(0, "", f"the file cannot be read ({error.strerror})", "a readable file")
            return None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.report(line, "", f"byte 0x{raw[error.start]:02x} is not UTF-8", "a file saved as UTF-8")
            return None
        # Files saved on a Mac come decomposed; composed is the one form that everything here compares.
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


class Node:
    """A value in a file. Reading it as something that it is not reports that and returns None."""

    def __init__(self, reader: Reader, node: yaml.Node, field: str) -> None:
        self._reader = reader
        self._node = node
        self.field = field

    @property
    def line(self) -> int:
        return int(self._node.start_mark.line) + 1

    @property
    def file(self) -> str:
        return self._reader.name

    def report(self, wrong: str, expected: str, *, warning: bool = False) -> None:
        self._reader.report(self.line, self.field, wrong, expected, warning=warning)

    def _below(self, node: yaml.Node, step: str) -> Node:
        return Node(self._reader, node, f"{self.field}.{step}" if self.field else step)

    def named(self, field: str) -> Node:
        """Return the same node, called otherwise in complaints: an entry by its id instead of its position."""
        return Node(self._reader, self._node, field)

    def called_by(self, key: str) -> Node:
        """Return the same node, called in complaints by what stands in that field, where something does."""
        if isinstance(self._node, yaml.MappingNode):
            for name, value in self._node.value:
                if isinstance(name, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode) and name.value == key:
                    return self.named(str(value.value)[:80] or self.field)
        return self

    @property
    def is_null(self) -> bool:
        return isinstance(self._node, yaml.ScalarNode) and self._node.tag == _TAG + "null"

    def mapping(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Node] | None:
        """Return the fields, having reported unknown, repeated and missing ones."""
        required = tuple(required)
        allowed = (*required, *optional)
        if not isinstance(self._node, yaml.MappingNode):
            self.report(f"this is {self._kind()}", f"fields: {', '.join(allowed)}")
            return None
        found: dict[str, Node] = {}
        for key_node, value_node in self._node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            child = self._below(value_node, key)
            if key not in allowed:
                line = int(key_node.start_mark.line) + 1
                self._reader.report(line, child.field, "this field is not known", f"one of: {', '.join(allowed)}")
            elif key in found:
                line = int(key_node.start_mark.line) + 1
                self._reader.report(line, child.field, "this field is there twice", "it once")
            else:
                found[key] = child
        for key in required:
            if key not in found:
                field = f"{self.field}.{key}" if self.field else key
                self._reader.report(self.line, field, "this field is missing", f"the field `{key}`")
        return found

    def items(self) -> Iterator[Node]:
        if not isinstance(self._node, yaml.SequenceNode):
            self.report(f"this is {self._kind()}", "a list")
            return
        for place, each in enumerate(self._node.value, 1):
            yield self._below(each, str(place))

    def text(self, *, longest: int = 2000) -> str | None:
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag != _TAG + "str":
            quoted = isinstance(self._node, yaml.ScalarNode) and not self.is_null
            self.report(f"this is {self._kind()}", 'text; put it in "quotes"' if quoted else "text")
            return None
        text = str(self._node.value).strip()
        if not text:
            self.report("this is empty", "text")
            return None
        if _CONTROL.search(text):
            self.report("there are control characters in the text", "text without them")
            return None
        if len(text) > longest:
            self.report(f"this has {len(text)} characters", f"at most {longest}")
            return None
        return text

    def optional_text(self) -> str | None:
        return None if self.is_null else self.text()

    def texts(self) -> tuple[str, ...]:
        return tuple(text for each in self.items() if (text := each.text()) is not None)

    def choice(self, allowed: Iterable[str]) -> str | None:
        allowed = tuple(allowed)
        if isinstance(self._node, yaml.ScalarNode) and self._node.value in allowed and not self.is_null:
            return str(self._node.value)
        value = f"`{self._node.value}`" if isinstance(self._node, yaml.ScalarNode) else self._kind()
        self.report(f"this is {value}", f"one of: {', '.join(allowed)}")
        return None

    def boolean(self) -> bool | None:
        if isinstance(self._node, yaml.ScalarNode) and self._node.tag == _TAG + "bool":
            return str(self._node.value).lower() in ("true", "yes", "on")
        self.report(f"this is {self._kind()}", "true or false")
        return None

    def day(self) -> date | None:
        """Read a date that may be absent (null)."""
        if self.is_null:
            return None
        try:
            if isinstance(self._node, yaml.ScalarNode):
                return date.fromisoformat(str(self._node.value))
        except ValueError:
            pass
        value = f"`{self._node.value}`" if isinstance(self._node, yaml.ScalarNode) else self._kind()
        self.report(f"this is {value}", "a date such as 2022-07-15")
        return None

    def duration(self) -> timedelta | None:
        value = str(self._node.value) if isinstance(self._node, yaml.ScalarNode) else ""
        match = _DURATION.fullmatch(value)
        if match and any(match.groups()):
            days, hours, minutes, seconds = (int(each or 0) for each in match.groups())
            length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            if length > timedelta():
                return length
        self.report(f"this is `{value}`" if value else f"this is {self._kind()}", "a length of time such as PT16H")
        return None

    def _kind(self) -> str:
        if isinstance(self._node, yaml.MappingNode):
            return "a group of fields"
        if isinstance(self._node, yaml.SequenceNode):
            return "a list"
        kinds = {
            "null": "empty",
            "int": "a number",
            "float": "a number",
            "bool": "true or false",
            "timestamp": "a date",
        }
        return kinds.get(self._node.tag.removeprefix(_TAG), "text")
