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
LOWEST_LEVEL = "sub"
ON_SITE = 3.5  # what it adds, on the scale of log odds, to be the office where the goods are
EXPLAINED = 3  # guesses that carry a reason


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
        # By their first syllable, so that a question is read once and not once per keyword.
        self._keywords: dict[str, list[tuple[tuple[str, ...], int]]] = {}
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
                for keyword in competence.keywords:
                    folded = self._read(keyword).folded
                    if folded:
                        self._keywords.setdefault(folded[0], []).append((folded, number))
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
    ) -> tuple[Scores, Scores]:
        """Return a row of SIGNALS for every department, and how near each example came."""
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
        for place, token in enumerate(query.folded):
            for keyword, number in self._keywords.get(token, ()):
                if query.folded[place : place + len(keyword)] == keyword:
                    table[number, 7] += 1.0
        table[:, 7] /= table[:, 7] + 1.0
        padded = f" {query.plain} "
        for number, names in enumerate(self._names):
            table[number, 8] = float(any(f" {name} " in padded for name in names))
        votes = [(self._number.get(each.entry.department), each.score) for each in candidates[:5] if each.entry]
        total = sum(score for _, score in votes)
        for owner, score in votes:
            if owner is not None and total:
                table[owner, 9] += score / total
        return table, nearest

    def nearness(self, table: Scores, among: NDArray[np.bool_]) -> float:
        """Say how near the question is to the nearest example of those departments; 0 to 1.

        A question that is nearer to what is asked of a department than to any entry belongs to that department.
        """
        near = 0.5 * table[among, 3] + 0.5 * table[among, 5]
        return float(near.max()) if len(near) else 0.0

    def seldom_answered(self, owners: Iterable[str]) -> NDArray[np.bool_]:
        """Mark the departments that hardly any entry belongs to: what is asked of them, no entry answers.

        owners: the department of each entry.
        """
        counts = Counter(owners)
        few = FEW_ENTRIES * sum(counts.values())
        return np.array([counts[each.id] < few for each in self.departments], dtype=bool)

    def guess(self, text: str, candidates: Sequence[Candidate] = (), *, on_site: bool = False) -> list[DepartmentGuess]:
        """Return every department, most probable first.

        candidates: entries near the question; the departments that they belong to count a little.
        on_site: the message is about goods or papers that wait somewhere now.
        """
        table, nearest = self.signals(text, candidates)
        return self.rank(table, nearest, on_site=on_site)

    def rank(self, table: Scores, nearest: Scores, *, on_site: bool = False) -> list[DepartmentGuess]:
        """Turn the signals into probabilities."""
        if not self.departments:
            return []
        scores = table @ self._weights * self._sharpness
        if on_site:
            # What is stuck is settled where it is stuck (1399/QĐ-TCHQ, Điều 7 khoản 2 điểm c.4), whatever it is about.
            scores = scores + ON_SITE * np.array([each.level == LOWEST_LEVEL for each in self.departments])
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        order = sorted(range(len(chances)), key=lambda number: (-chances[number], number))
        return [
            DepartmentGuess(
                self.departments[number],
                round(float(chances[number]), 4),
                self._reason(number, nearest) if place < EXPLAINED else "",
            )
            for place, number in enumerate(order)
        ]

    def _reason(self, number: int, nearest: Scores) -> str:
        mine = np.flatnonzero(self.owners == number)
        if not len(mine):
            return ""
        row = int(mine[nearest[mine].argmax()])
        return f"{self._topics[row]}: “{self.examples[row]}”"


def _terms(query: Normalised) -> tuple[str, ...]:
    return query.folded if query.language == "vi" else tuple(stem(each) for each in query.folded)
