"""Guesses which department is competent, from what the directory says each answers for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.directory import Department
from bot.knowledge.index import Field, Scores, letter_groups, pairs
from bot.knowledge.normalise import Lexicon, Normalised, detect_language, normalise
from bot.knowledge.ranking import stem
from bot.knowledge.verdict import Candidate, DepartmentGuess

SIGNALS = (
    "mean_folded", "mean_pairs", "mean_letters",
    "best_folded", "best_pairs", "best_letters",
    "cover", "keywords", "named", "entries",
)  # fmt: skip
FEW_ENTRIES = 0.05  # of all entries


class DepartmentGuesser:
    """Ranks departments. Pure, thread-safe, deterministic."""

    def __init__(self, departments: Iterable[Department], weights: Mapping[str, float], lexicon: Lexicon | None = None) -> None:
        self._weights = np.array([weights.get(each, 0.0) for each in SIGNALS])
        self._sharpness = weights.get("sharpness", 20.0)
        self._lexicon = lexicon or Lexicon()
        self.departments = tuple(departments)
        self._number = {each.id: number for number, each in enumerate(self.departments)}
        self.examples: list[str] = []
        topics: list[str] = []  # a row's competence, to say why
        owners: list[int] = []
        competence_of: list[int] = []
        self._keywords: list[list[tuple[str, str]]] = [[] for _ in self.departments]
        self._owner_of_competence: list[int] = []
        for number, department in enumerate(self.departments):
            for competence in department.competences:
                for text in dict.fromkeys((competence.name, competence.name_en, *competence.examples)):
                    if text:
                        self.examples.append(text)
                        owners.append(number)
                        competence_of.append(len(self._owner_of_competence))
                        topics.append(competence.name)
                self._owner_of_competence.append(number)
                self._keywords[number].extend((self._read(each).plain, competence.name) for each in competence.keywords)
        self._names = [
            [self._read(each).plain for each in (department.name, department.name_en, *department.short_names)]
            for department in self.departments
        ]
        self.owners = np.array(owners, dtype=np.int64)
        self._competences = np.array(competence_of, dtype=np.int64)
        self._competence_owners = np.array(self._owner_of_competence, dtype=np.int64)
        self._topics = topics
        rows = [self._read(each) for each in self.examples]
        terms = [_terms(each) for each in rows]
        self._folded = Field(terms, self._competences)
        self._pairs = Field([pairs(each) for each in terms], self._competences)
        self._letters = Field([letter_groups(each.plain) for each in rows], self._competences)

    def _read(self, text: str) -> Normalised:
        return normalise(text, detect_language(text)[0], self._lexicon)

    def signals(
        self, text: str, candidates: Sequence[Candidate] = (), hidden: NDArray[np.bool_] | None = None
    ) -> tuple[Scores, NDArray[np.int64]]:
        """Return a row of SIGNALS for every department, and its nearest example."""
        query = self._read(text)
        terms = _terms(query)
        count = len(self.departments)
        table = np.zeros((count, len(SIGNALS)))
        nearest = np.zeros(len(self.examples))
        if len(self.examples):
            shown = np.ones(len(self.examples)) if hidden is None else (~hidden).astype(np.float64)
            sizes = np.maximum(np.bincount(self._competences, shown), 1.0)
            readings = (
                (self._folded, terms), (self._pairs, pairs(terms)), (self._letters, letter_groups(query.plain))
            )  # fmt: skip
            for column, (field, asked) in enumerate(readings):
                scores = field.score(asked, hidden) * shown
                nearest += scores
                means = np.bincount(self._competences, scores) / sizes
                np.maximum.at(table[:, column], self._competence_owners, means)
                np.maximum.at(table[:, column + 3], self.owners, scores)
            np.maximum.at(table[:, 6], self._competence_owners, self._folded.cover(terms, hidden))
        padded = f" {query.plain} "
        for number in range(count):
            hits = sum(f" {keyword} " in padded for keyword, _ in self._keywords[number])
            table[number, 7] = hits / (hits + 1.0)
            table[number, 8] = float(any(f" {name} " in padded for name in self._names[number]))
        votes = [(self._number.get(each.entry.department), each.score) for each in candidates[:5] if each.entry]
        total = sum(score for _, score in votes)
        for place, score in votes:
            if place is not None and total:
                table[place, 9] += score / total
        best = np.zeros(count, dtype=np.int64)
        for number in range(count):
            mine = np.flatnonzero(self.owners == number)
            best[number] = mine[nearest[mine].argmax()] if len(mine) else -1
        return table, best

    def nearness(self, text: str, among: NDArray[np.bool_], hidden: NDArray[np.bool_] | None = None) -> float:
        """Say how near the question is to the nearest example of those departments; 0 to 1.

        A question that is nearer to what is asked of a department than to any entry belongs to that department.
        """
        table, _ = self.signals(text, (), hidden)
        near = 0.5 * table[among, 3] + 0.5 * table[among, 5]
        return float(near.max()) if len(near) else 0.0

    def seldom_answered(self, owners: Iterable[str]) -> NDArray[np.bool_]:
        """Mark the departments that hardly any entry belongs to: what is asked of them, no entry answers.

        owners: the department of each entry.
        """
        counts = Counter(owners)
        few = FEW_ENTRIES * sum(counts.values())
        return np.array([counts[each.id] < few for each in self.departments], dtype=bool)

    def guess(self, text: str, candidates: Sequence[Candidate] = ()) -> list[DepartmentGuess]:
        """Return every department, most probable first.

        candidates: entries near the question; the departments that they belong to count a little.
        """
        if not self.departments:
            return []
        table, best = self.signals(text, candidates)
        scores = table @ self._weights * self._sharpness
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        order = sorted(range(len(chances)), key=lambda number: (-chances[number], number))
        return [
            DepartmentGuess(self.departments[number], round(float(chances[number]), 4), self._reason(best[number]))
            for number in order
        ]

    def _reason(self, row: int) -> str:
        return f"{self._topics[row]}: “{self.examples[row]}”" if row >= 0 else ""


def _terms(query: Normalised) -> tuple[str, ...]:
    return query.folded if query.language == "vi" else tuple(stem(each) for each in query.folded)
