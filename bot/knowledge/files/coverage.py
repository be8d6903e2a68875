"""Which places of the law no entry answers from, and which entries are asked for in too few ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.citations import above, is_inside
from bot.knowledge.documents import Documents
from bot.knowledge.entries import Entry

ENOUGH_PARAPHRASES = 6
_LETTERS = "abcdđeghiklmnopqrstuvxy"
"""points are lettered by the Vietnamese alphabet"""
_COUNTED = re.compile(r"^(.*?)(\d{1,3}|[a-zđ])$")


@dataclass(frozen=True, slots=True)
class DocumentCoverage:
    """How a document is covered. missing: places that no entry cites, neither them nor one inside them nor one around them.

    only_around: places that are answered only by an entry that cites what they lie in. imported: whether the places are
    those of the imported wording; else they were concluded from what is cited.
    """

    document: str
    imported: bool
    places: int
    cited: int
    missing: tuple[str, ...]
    only_around: tuple[str, ...]


def coverage(
    entries: Iterable[Entry], documents: Documents, law: Mapping[str, Sequence[str]], *, on: date
) -> list[DocumentCoverage]:
    """Return the coverage of each document that is listed, by the entries that hold on that day.

    law: the places of each imported document, in its own order.
    """
    entries = tuple(entries)
    found = []
    for document in documents:
        cited = _cited(entries, document.number, documents, on)
        known = law.get(document.number)
        places = list(known) if known else _concluded(_mentioned(entries, document.number))
        found.append(_of(document.number, known is not None and bool(known), places, cited))
    return found


def few_paraphrases(entries: Iterable[Entry], *, enough: int = ENOUGH_PARAPHRASES) -> list[tuple[Entry, int]]:
    """Return the entries with fewer ways of asking in Vietnamese, with how many there are, the poorest first."""
    counted = [(each, len(each.vi.paraphrases)) for each in entries if each.status != "retired"]
    return sorted([each for each in counted if each[1] < enough], key=lambda each: (each[1], each[0].id))


def topmost(places: Sequence[str]) -> list[tuple[str, int]]:
    """Return those places that lie in none of the others, each with how many of the others lie in it."""
    among = frozenset(places)
    outer = [each for each in places if not among.intersection(_around(each))]
    return [(each, sum(1 for other in places if other != each and is_inside(other, each))) for each in outer]


def _cited(entries: Iterable[Entry], document: str, documents: Documents, on: date) -> frozenset[str]:
    return frozenset(
        cited.place
        for entry in entries
        if entry.holds(on, documents)
        for cited in entry.citations
        if cited.document == document
    )


def _mentioned(entries: Iterable[Entry], document: str) -> frozenset[str]:
    return frozenset(cited.place for entry in entries for cited in entry.citations if cited.document == document)


def _of(document: str, imported: bool, places: Sequence[str], cited: frozenset[str]) -> DocumentCoverage:
    # A place is covered by what is cited inside it too: whoever explains every point has explained the clause.
    covered = cited | {around for each in cited for around in _around(each)}
    missing: list[str] = []
    only_around: list[str] = []
    for place in places:
        if place in covered:
            continue
        (only_around if cited.intersection(_around(place)) else missing).append(place)
    return DocumentCoverage(
        document, imported, len(places), len(places) - len(missing) - len(only_around), tuple(missing), tuple(only_around)
    )


def _around(place: str) -> list[str]:
    """Return the places that this one lies in, the nearest first."""
    found = []
    while (outer := above(place)) is not None:
        found.append(outer)
        place = outer
    return found


def _concluded(mentioned: frozenset[str]) -> list[str]:
    """Return the places that must be there: what is mentioned, what that lies in, and what is counted before it.

    Whoever cites `Điều 9` knows that there are eight before it, and `điểm d` that there are a, b and c.
    """
    known = set(mentioned)
    for place in mentioned:
        known.update(_around(place))
    for place in tuple(known):
        found = _COUNTED.match(place)
        if found is None or place.endswith(")") or not found.group(1):
            continue
        begin, last = found.groups()
        if last.isdigit() and begin[-1] in " .":
            known.update(f"{begin}{number}" for number in range(1, int(last)))
        elif begin.endswith("điểm ") and last in _LETTERS:
            # Some texts count a, b, c, d, e: that there is a đ is not concluded.
            known.update(f"{begin}{letter}" for letter in _LETTERS[: _LETTERS.index(last)] if letter != "đ")
    return sorted(known, key=_natural)


def _natural(place: str) -> list[tuple[int, int, str]]:
    """Sort numbers as numbers, and letters by the Vietnamese alphabet."""
    key: list[tuple[int, int, str]] = []
    for word in re.split(r"(\d+)", place):
        if word.isdigit():
            key.append((0, int(word), ""))
        elif len(word) > 1 and word[-2] == " " and word[-1] in _LETTERS:
            key += [(1, 0, word[:-1]), (0, _LETTERS.index(word[-1]), "")]
        else:
            key.append((1, 0, word))
    return key
