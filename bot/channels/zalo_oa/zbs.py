"""ZBS templates: texts that Zalo approved, with our values in them, for people outside the window of consultation messages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

PURPOSES = ("answered", "alert", "consultation")
FACTS = frozenset({"number", "department", "name", "title", "day", "link"})
"""what a parameter of a template may be filled with"""
_SETTING = re.compile(r"(\d{1,20})\s*(?::\s*(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Template:
    """id: as Zalo gave it. params: by the template's own names, a text with {facts} in it."""

    id: str
    params: Mapping[str, str]

    def data(self, facts: Mapping[str, str], longest: Mapping[str, int]) -> dict[str, str]:
        """Fill in the parameters; a fact that is not known is a dash, and none is longer than its template takes."""
        known = {name: facts.get(name) or "-" for name in FACTS}
        filled = {name: " ".join(text.format_map(known).split()) for name, text in self.params.items()}
        return {name: text[: longest.get(name, len(text))].rstrip() or "-" for name, text in filled.items()}


def parse(text: str) -> Template:
    """Read a setting such as `283746: ma_yeu_cau={number}; don_vi={department}`. Raises ValueError that says what is wrong."""
    found = _SETTING.fullmatch(text.strip())
    if found is None:
        raise ValueError("expected the template's id, then its parameters: 283746: ma_yeu_cau={number}; don_vi={department}")
    params = {}
    for part in filter(None, (each.strip() for each in (found[2] or "").split(";"))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"{part!r}: expected NAME=TEXT")
        params[name.strip()] = value.strip()
        try:
            used = {field for _, field, _, _ in Formatter().parse(value) if field is not None}
        except ValueError as error:
            raise ValueError(f"{part!r}: {error}") from None
        if unknown := used - FACTS:
            raise ValueError(f"{part!r}: {sorted(unknown)} is not known; there are {sorted(FACTS)}")
    return Template(found[1], params)


@dataclass(frozen=True)
class Wanted:
    """A parameter as Zalo lists it (`listParams`)."""

    name: str
    required: bool
    longest: int


def misfits(template: Template, wanted: list[Wanted]) -> list[str]:
    """Return what does not fit between our setting and Zalo's template, a sentence for each."""
    names = {each.name for each in wanted}
    found = [f"it has no parameter {name!r}" for name in template.params if name not in names]
    missing = [each.name for each in wanted if each.required and each.name not in template.params]
    return found + [f"its parameter {name!r} is required and not in the setting" for name in missing]
