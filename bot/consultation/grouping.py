"""Groups of opinions that say the same: a first proposal by their words, which officers then correct."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from bot.knowledge.language.vietnamese import fold
from bot.learning.likeness import groups as gather
from storage.positions import Voiced

ALIKE = 0.72
"""share of words from which two comments are shown together; rather two groups of the same than one of two things"""
_TITLE_AT_MOST = 120
_COMPARED_AT_MOST = 2000
"""comments on one unit that are compared with each other; what is beyond stays by itself, for people to move"""


@dataclass(frozen=True)
class Proposed:
    """unit: on which all of them are. opinions: by id, the most typical first."""

    unit: int | None
    title: str
    opinions: tuple[int, ...]


def propose(voiced: Sequence[Voiced]) -> list[Proposed]:
    """Return groups of the opinions, each within one unit, in the order of the draft; the same ones each time."""
    by_unit: dict[int | None, list[Voiced]] = {}
    for each in voiced:
        by_unit.setdefault(each.opinion.unit, []).append(each)
    found: list[Proposed] = []
    for unit, there in by_unit.items():
        compared, rest = there[:_COMPARED_AT_MOST], there[_COMPARED_AT_MOST:]
        for rows in gather(_nearness([each.opinion.text for each in compared]), alike=ALIKE):
            members = [compared[row].opinion for row in rows]
            found.append(Proposed(unit, title_of(members[0].text), tuple(each.id for each in members)))
        found += [Proposed(unit, title_of(each.opinion.text), (each.opinion.id,)) for each in rest]
    return found


def _nearness(texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return how alike each text is to each other, 0 to 1: in its words, whatever their order, marks and case."""
    plain = [" ".join(fold(text).lower().split()) for text in texts]
    # A short comment that a long one holds is no reason to put them together: the long one says more. token_sort_ratio
    # counts what is missing; token_set_ratio, which does not, is let in for a quarter, for those who only add a courtesy.
    whole = process.cdist(plain, plain, scorer=fuzz.token_sort_ratio, dtype=np.float32)
    shared = process.cdist(plain, plain, scorer=fuzz.token_set_ratio, dtype=np.float32)
    near = (0.75 * whole + 0.25 * shared) / 100
    return np.asarray(near, dtype=np.float32)


def title_of(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _TITLE_AT_MOST:
        return line
    return line[: _TITLE_AT_MOST - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
