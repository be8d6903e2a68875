"""How like questions are to each other, and groups of those that are.

Three readings, put together: the words and letters that they share, each by how rare it is; what the knowledge base makes
of them; and what they mean, where there is an embedder. Questions that say the same in other words are met by the same entries,
also where none of these answers them. (Measured on 320 paraphrases of 80 entries that were taken out of the knowledge base, as
average precision over all pairs: words and letters 0.27, what they are met by 0.30, their meaning 0.35; the first two 0.38, all
0.40. From the bounds below on, 55 and 66 of 100 pairs in a group are of one entry.)
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.entries import Language
from bot.knowledge.language.normalise import Lexicon, normalise
from bot.knowledge.language.questions import asking_part
from bot.knowledge.verdict import Verdict

Table = NDArray[np.float32]

ALIKE = 0.26
"""likeness from which two questions are shown together; rather two groups of the same than one of two things"""
ALIKE_IN_MEANING = 0.3
"""the same, where their meaning is read too"""
_MET_BY = 0.5
"""what the second reading counts against each half of the first"""
_MEANING = 1.0
"""what the third counts"""
_BUCKETS = 8192
_MOST_PHRASINGS = 3000
"""read to learn how rare words are; more do not change it"""
_LETTERS = 4


class Likeness:
    def __init__(self, phrasings: Sequence[str], lexicon: Lexicon | None = None) -> None:
        """phrasings: as many ways of asking as there are at hand, in Vietnamese: they say which words are rare."""
        self._lexicon = lexicon or Lexicon()
        step = max(1, len(phrasings) // _MOST_PHRASINGS)
        self._known = [self._features(each, "vi") for each in phrasings[::step]]

    def between(self, texts: Sequence[str], verdicts: Sequence[Verdict], meanings: Table | None = None) -> Table:
        """Return how like each text is to each other, 0 to 1.

        verdicts: what the knowledge base makes of each. meanings: a vector of length 1 for each; None where there are none.
        """
        read = [self._features(text, verdict.language) for text, verdict in zip(texts, verdicts, strict=True)]
        words = _cosines([each[0] for each in read], [each[0] for each in self._known])
        letters = _cosines([each[1] for each in read], [each[1] for each in self._known])
        table = words + letters + _MET_BY * _met_by(verdicts)
        if meanings is None:
            return (table / (2 + _MET_BY)).astype(np.float32)
        alike = np.clip(meanings @ meanings.T, 0, 1)
        found: Table = ((table + _MEANING * alike) / (2 + _MET_BY + _MEANING)).astype(np.float32)
        return found

    def _features(self, text: str, language: Language) -> tuple[list[int], list[int]]:
        words = list(normalise(asking_part(text) or text, language, self._lexicon).folded)
        plain = f" {' '.join(words)} "
        two = [f"{first}_{second}" for first, second in pairwise(words)]
        letters = [plain[start : start + _LETTERS] for start in range(len(plain) - _LETTERS + 1)]
        return [_bucket(each) for each in (*words, *two)], [_bucket(each) for each in letters]


def _cosines(read: Sequence[Sequence[int]], known: Iterable[Sequence[int]]) -> Table:
    seen = np.zeros(_BUCKETS, dtype=np.float32)
    many = 0
    for features in (*known, *read):
        seen[list(set(features))] += 1
        many += 1
    rarity = np.log(many / (1 + seen)).clip(min=0.05) ** 1.5
    table = np.zeros((len(read), _BUCKETS), dtype=np.float32)
    for row, features in enumerate(read):
        for feature, times in Counter(features).items():
            table[row, feature] = (1 + np.log(times)) * rarity[feature]
    return _products(table)


def _met_by(verdicts: Sequence[Verdict]) -> Table:
    """Return how much the candidates of each agree; the better ones count for more."""
    places: dict[str, int] = {}
    for verdict in verdicts:
        for candidate in verdict.candidates:
            places.setdefault(candidate.id, len(places))
    table = np.zeros((len(verdicts), max(1, len(places))), dtype=np.float32)
    for row, verdict in enumerate(verdicts):
        for candidate in verdict.candidates:
            table[row, places[candidate.id]] = candidate.score**2
    return _products(table)


def _products(table: Table) -> Table:
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
    products: Table = table @ table.T
    return products


def _bucket(part: str) -> int:
    # Not hash(): that differs from one process to the next, and with it the groups.
    value = 0
    for letter in part:
        value = (value * 31 + ord(letter)) & 0x7FFFFFFF
    return value % _BUCKETS


def groups(near: Table, *, alike: float = ALIKE) -> list[list[int]]:
    """Return the numbers of the rows in groups, the largest first, the most typical of each in front.

    The row that is like most of those that are left gathers them around it; then the next. Whoever is in a group is like the
    one in front, so that a chain of small likenesses does not make one group of everything.
    """
    neighbours = near >= alike
    np.fill_diagonal(neighbours, True)
    left = np.ones(len(near), dtype=bool)
    found: list[list[int]] = []
    while left.any():
        counts = (neighbours & left).sum(axis=1)
        counts[~left] = -1
        centre = int(counts.argmax())
        members = np.flatnonzero(neighbours[centre] & left)
        order = members[np.argsort(-near[centre][members], kind="stable")].tolist()
        found.append([centre, *(each for each in order if each != centre)])
        left[members] = False
    return sorted(found, key=lambda each: (-len(each), each[0]))
