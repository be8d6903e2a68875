"""The same as `normalise` for many texts at once: what entries and laws are read with.

Ten thousand entries are some two hundred thousand texts. Read one by one they take most of the time of a start; read end to
end, each different token is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.knowledge.entries import Language
from bot.knowledge.normalise import (
    LONGEST_TOKEN,
    MOST_CHARACTERS,
    MOST_TOKENS,
    WORD,
    Lexicon,
    Normalised,
    clean_once,
    english_token,
    may_be_short,
    normalise,
    syllable,
    with_numbers_apart,
    written_out,
)
from bot.knowledge.vietnamese import fold

_AT_ONCE = 4000  # texts
_BETWEEN = "\u00b6"  # a sign that cleaning keeps, that is part of no token, and that joins with nothing
_TOKENS = re.compile(f"{_BETWEEN}|{WORD}")


class _Folded(dict[str, str]):
    def __missing__(self, token: str) -> str:
        meant = self[token] = fold(token)
        return meant


class _Spelt(dict[str, str]):
    """What each token becomes by itself, found out when it first comes. short: those that may be written out."""

    def __init__(self, language: Language, lexicon: Lexicon | None) -> None:
        super().__init__()
        self._vietnamese, self._lexicon = language == "vi", lexicon
        self.short: set[str] = set()
        self.folded = _Folded()

    def __missing__(self, token: str) -> str:
        meant = syllable(token[:LONGEST_TOKEN]) if self._vietnamese else english_token(token)
        self[token] = meant
        if self._vietnamese and may_be_short(meant, self._lexicon):
            self.short.add(meant)
        return meant


def normalise_all(texts: Sequence[str], language: Language, lexicon: Lexicon | None = None) -> list[Normalised]:
    """Return what `normalise` gives for each text."""
    spelt = _Spelt(language, lexicon)
    found: list[Normalised] = []
    for start in range(0, len(texts), _AT_ONCE):
        found.extend(_read(texts[start : start + _AT_ONCE], language, lexicon, spelt))
    return found


def _read(texts: Sequence[str], language: Language, lexicon: Lexicon | None, spelt: _Spelt) -> Iterator[Normalised]:
    if any(_BETWEEN in each or len(each) > MOST_CHARACTERS for each in texts):
        yield from (normalise(each, language, lexicon) for each in texts)
        return
    cleaned = clean_once(f" {_BETWEEN} ".join(texts))
    cleaned = with_numbers_apart(cleaned) if language == "vi" else cleaned.replace("'", "")
    run: list[str] = []
    for token in _TOKENS.findall(cleaned):
        if token == _BETWEEN:
            yield _text_of(run, language, lexicon, spelt)
            run = []
        else:
            run.append(token)
    yield _text_of(run, language, lexicon, spelt)


def _text_of(run: list[str], language: Language, lexicon: Lexicon | None, spelt: _Spelt) -> Normalised:
    raw = [spelt[each] for each in run[:MOST_TOKENS]]
    if not spelt.short.isdisjoint(raw):
        raw = written_out(raw, lexicon)[:MOST_TOKENS]
    return Normalised.folded_already(tuple(raw), tuple([spelt.folded[each] for each in raw]), language)
