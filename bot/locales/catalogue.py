"""Words for people: every sentence in Vietnamese and in English, by key.

Files lie beside this module, a folder for each language and a YAML file for each part of the system; keys are unique over
all files. Times in a sentence are written in the reader's language and in the operator's time zone: `{due:moment}` gives
"14:05 ngày 21/11/2026", `{on:day}` the day alone, `{left:span}` a duration.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import yaml

LANGUAGES = ("vi", "en")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""the safe loader, in C where the library was built with it: half a second less at every start"""
_MOMENT = {"vi": "%H:%M ngày %d/%m/%Y", "en": "%H:%M on %d/%m/%Y"}
_SPAN = {
    "vi": {"d": "{} ngày", "h": "{} giờ", "m": "{} phút", "s": "{} giây"},
    "en": {"d": "{} d", "h": "{} h", "m": "{} min", "s": "{} s"},
}


class Catalogue:
    """The sentences. `say` is the only way to them."""

    def __init__(self, timezone: ZoneInfo, texts: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.timezone = timezone
        self._texts = texts if texts is not None else _read_all()
        self._formatters = {language: _InLanguage(language, timezone) for language in LANGUAGES}

    def say(self, key: str, language: str, /, **params: Any) -> str:
        """Return the sentence in the language, filled in. Raises KeyError for a key or a value that is not there."""
        return self._formatters[language].vformat(self._texts[language][key], (), params)

    def has(self, key: str) -> bool:
        return key in self._texts[LANGUAGES[0]]

    def keys(self, language: str) -> frozenset[str]:
        return frozenset(self._texts[language])


class _InLanguage(Formatter):
    def __init__(self, language: str, timezone: ZoneInfo) -> None:
        self._language = language
        self._timezone = timezone

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "moment" and isinstance(value, datetime):
            return value.astimezone(self._timezone).strftime(_MOMENT[self._language])
        if format_spec == "day" and isinstance(value, datetime):
            return value.astimezone(self._timezone).strftime("%d/%m/%Y")
        if format_spec == "day" and isinstance(value, date):
            return value.strftime("%d/%m/%Y")
        if format_spec == "span" and isinstance(value, timedelta):
            return _span(value, self._language)
        return str(super().format_field(value, format_spec))


def _span(value: timedelta, language: str) -> str:
    """Write a duration with its two largest units: "23 giờ 59 phút"."""
    words = _SPAN[language]
    seconds = max(0, round(value.total_seconds()))
    parts = [("d", seconds // 86400), ("h", seconds // 3600 % 24), ("m", seconds // 60 % 60), ("s", seconds % 60)]
    filled = [words[unit].format(amount) for unit, amount in parts if amount]
    return " ".join(filled[:2]) or words["s"].format(0)


@cache
def _read_all() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        texts[language] = {}
        for path in sorted((Path(__file__).parent / language).glob("*.yaml")):
            part = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}  # noqa: S506 - the safe one, in C
            if twice := texts[language].keys() & part.keys():
                raise ValueError(f"{path.name}: {sorted(twice)} already stand in another file")
            texts[language].update(part)
    return texts
