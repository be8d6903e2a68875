"""The numbers that Word counts by itself: "Điều 5." that is nowhere in the text but in the style of its list."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_PLACEHOLDER = re.compile(r"%([1-9])")
_DEEPEST = 9


@dataclass(frozen=True)
class _Level:
    """restarts_below: counts anew after a level above this one of the first so many; 0 where it counts through all of them."""

    format: str
    text: str
    start: int
    restarts_below: int


@dataclass
class _List:
    levels: dict[int, _Level]
    counts: list[int | None] = field(default_factory=lambda: [None] * _DEEPEST)


class Numbering:
    """Counts while the paragraphs are read in order."""

    def __init__(self, lists: dict[str, _List], styles: dict[str, tuple[str, int]]) -> None:
        self._lists = lists
        self._styles = styles

    @classmethod
    def of(cls, document: Any) -> Numbering:
        """Read the lists that the document defines; a list that says nothing sensible numbers nothing."""
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return cls({}, {})
        kinds = {each.get(f"{W}abstractNumId"): _levels(each) for each in root.iter(f"{W}abstractNum")}
        shared: dict[str | None, _List] = {}
        lists: dict[str, _List] = {}
        for number in root.iter(f"{W}num"):
            kind = _value(number, "abstractNumId")
            overrides = {
                int(each.get(f"{W}ilvl", "0")): _integer(_value(each, "startOverride"), 1)
                for each in number.iter(f"{W}lvlOverride")
                if each.find(f"{W}startOverride") is not None
            }
            levels = kinds.get(kind, {})
            if overrides:  # begins anew
                lists[number.get(f"{W}numId")] = _List(
                    {at: replace(one, start=overrides.get(at, one.start)) for at, one in levels.items()}
                )
            else:  # goes on where another list of the same kind stopped
                lists[number.get(f"{W}numId")] = shared.setdefault(kind, _List(levels))
        styles: dict[str, tuple[str, int]] = {}
        for style in document.styles.element.iter(f"{W}style"):
            properties = style.find(f"{W}pPr/{W}numPr")
            if properties is not None and (list_id := _value(properties, "numId")):
                styles[style.get(f"{W}styleId")] = (list_id, _integer(_value(properties, "ilvl"), 0))
        return cls(lists, styles)

    def mark(self, paragraph: Any) -> str:
        """Return what Word shows before this paragraph, a bullet as `-`; empty where it shows nothing."""
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        list_id, depth = self._styles.get(style.get(f"{W}val"), ("", 0)) if style is not None else ("", 0)
        if properties is not None:
            list_id = _value(properties, "numId") or list_id
            depth = _integer(_value(properties, "ilvl"), depth)
        counted = self._lists.get(list_id)
        if counted is None or depth not in counted.levels or not 0 <= depth < _DEEPEST:
            return ""
        level = counted.levels[depth]
        if level.format == "bullet":
            return "+" if level.text.strip() == "+" else "-"
        if level.format == "none":
            return level.text.strip()
        current = counted.counts[depth]
        counted.counts[depth] = level.start if current is None else current + 1
        for below in range(depth + 1, _DEEPEST):
            if below not in counted.levels or depth < counted.levels[below].restarts_below:
                counted.counts[below] = None

        def number(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            one = counted.levels.get(at)
            value = counted.counts[at]
            return "" if one is None else _written(value if value is not None else one.start, one.format)

        return _PLACEHOLDER.sub(number, level.text).strip()


def _levels(kind: Any) -> dict[int, _Level]:
    return {
        _integer(each.get(f"{W}ilvl"), 0): _Level(
            _value(each, "numFmt") or "decimal",
            _value(each, "lvlText") or "",
            _integer(_value(each, "start"), 1),
            _integer(_value(each, "lvlRestart"), _DEEPEST),
        )
        for each in kind.iter(f"{W}lvl")
    }


def _written(value: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter"):
        letter = _LETTERS[(value - 1) % 26] * ((value - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        return roman(value).upper() if form == "upperRoman" else roman(value)
    return f"{value:02d}" if form == "decimalZero" else str(value)


def roman(value: int) -> str:
    """Write a number from 1 to 399 in small Roman letters; any other number is written as it is."""
    if not 1 <= value < 400:
        return str(value)
    found = ""
    for worth, letters in _ROMAN:
        times, value = divmod(value, worth)
        found += letters * times
    return found


def _value(element: Any, name: str) -> str | None:
    found = element.find(f"{W}{name}")
    return found.get(f"{W}val") if found is not None else None


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.lstrip("-").isdigit() else otherwise
