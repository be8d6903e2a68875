"""What people decided about earlier cases shifts what is guessed about the next: nearest neighbours, with a cap.

One decision moves at most a part of the weight, so that a slip of one person cannot turn the whole; several that agree can.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.knowledge.directory import Directory
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.verdict import DepartmentGuess

ONE_MOVES = 0.3
"""the share of the weight that one earlier case moves, if it says the very same"""
ALL_MOVE = 0.7
"""the share that any number of them moves at most"""
NEAR, SAME = 0.3, 0.75
"""likeness (a cosine) from which an earlier case counts, and from which it counts whole"""
NEIGHBOURS = 5
_TOLD = 3
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Routed:
    """An earlier case: its number, what was asked, and the id of the department to which people routed it."""

    number: str
    text: str
    department_id: str


class LearnedRouting:
    """Pure and thread-safe. background: texts that show which words are common, such as the directory's examples."""

    def __init__(self, routed: Sequence[Routed] = (), background: Iterable[str] = ()) -> None:
        self._routed = tuple(routed)
        read = [_features(each.text) for each in self._routed]
        texts = [*read, *map(_features, background)]
        seen = Counter(feature for features in texts for feature in features)
        self._idf = {feature: math.log(1 + len(texts) / times) for feature, times in seen.items()}
        self._unseen = math.log(1 + len(texts))
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, features in enumerate(read):
            weights = self._weights(features)
            for feature, weight in weights.items():
                postings[feature].append((place, weight))
        self._postings = {
            feature: (np.array([place for place, _ in rows]), np.array([weight for _, weight in rows]))
            for feature, rows in postings.items()
        }

    def __len__(self) -> int:
        return len(self._routed)

    def _weights(self, features: Counter[str]) -> dict[str, float]:
        weights = {each: self._idf.get(each, self._unseen) * (1 + math.log(times)) for each, times in features.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {each: weight / length for each, weight in weights.items()}

    def like(self, text: str) -> list[tuple[Routed, float]]:
        """Return the earlier cases most like this text, with how much each counts (above 0, at most 1)."""
        if not self._routed:
            return []
        scores = np.zeros(len(self._routed))
        for feature, weight in self._weights(_features(text)).items():
            if (found := self._postings.get(feature)) is not None:
                scores[found[0]] += weight * found[1]
        # Of cases that are equally like it, those that were decided last, which come first, count.
        nearest = np.argsort(-scores, kind="stable")[:NEIGHBOURS]
        counted = [(self._routed[place], min(1.0, (scores[place] - NEAR) / (SAME - NEAR))) for place in nearest]
        return [(each, float(counts)) for each, counts in counted if counts > 0]

    def shift(self, text: str, guesses: Sequence[DepartmentGuess], directory: Directory) -> list[DepartmentGuess]:
        """Return the guesses, best first, as they are once what was decided before counts too.

        A department that no longer takes inquiries teaches nothing.
        """
        counted = [(each, counts) for each, counts in self.like(text) if _accepts(directory, each.department_id)]
        if not counted:
            return list(guesses)
        total = sum(counts for _, counts in counted)
        moved = min(ALL_MOVE, ONE_MOVES * total)
        votes: dict[str, float] = defaultdict(float)
        numbers: dict[str, list[str]] = defaultdict(list)
        for each, counts in counted:
            votes[each.department_id] += moved * counts / total
            numbers[each.department_id].append(each.number)
        known = {guess.department.id: guess for guess in guesses}
        for department_id in votes:
            known.setdefault(department_id, DepartmentGuess(directory[department_id], 0.0, ""))
        shifted = [
            replace(
                guess,
                probability=round((1 - moved) * guess.probability + votes.get(department_id, 0.0), 4),
                like=tuple(numbers[department_id][:_TOLD]),
            )
            for department_id, guess in known.items()
        ]
        return sorted(shifted, key=lambda guess: -guess.probability)


def _accepts(directory: Directory, department_id: str) -> bool:
    department = directory.get(department_id)
    return department is not None and department.accepts_inquiries


def _features(text: str) -> Counter[str]:
    """Words and pairs of neighbours, without diacritics: the same words typed in either way are the same."""
    words = _WORD.findall(fold(text.lower()))
    return Counter([*words, *(f"{first} {second}" for first, second in itertools.pairwise(words))])
