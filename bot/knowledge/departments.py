"""Guesses which department is competent, from what the directory says each answers for, and from what was re-routed.

A least-squares classifier over the same features that the recognisers read. It is solved when the files are loaded, since
every operator has a directory of their own; solving it also says what it would have made of each example without that
example, so it is calibrated on the live directory (`python -m bot.knowledge.fit.calibrate`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.directory import Department
from bot.knowledge.evidence.concrete import names_container
from bot.knowledge.evidence.features import Features, features_of
from bot.knowledge.language.normalise import Lexicon, Normalised, detect_language, normalise
from bot.knowledge.verdict import Candidate, DepartmentGuess

Scores = NDArray[np.float64]

SIGNALS = (
    "classifier",  # what the department's examples have in common
    "nearest",  # the one example that comes nearest
    "keywords",
    "named",  # the message names the department
    "on_site",  # goods wait somewhere now, and this is a department of the lowest level
    "entries",  # where the entries near the question belong
)
FEW_ENTRIES = 0.05  # of all entries
LOWEST_LEVEL = "sub"
EXPLAINED = 3  # guesses that carry a reason
RIDGE = 0.15
# A message is as familiar as its features are known from examples. What is strange counts by this share of the rarest
# feature; so far as a message is strange, nothing is known but that the coordinating unit takes what nobody else does.
STRANGE = 0.8
COORDINATES = 0.06
SELDOM = 0.04  # of all examples: what more of them have is no sign of nearness
MOST_HISTORY = 2000  # of the latest re-routed questions; solving takes the cube of it
# A topic lies in its words; which meaning comes before which tells a report from a question, and nothing here.
_BLOCKS = {"@": 0.5, "!": 0.0, "=": 0.0, "~": 1.0}
_WORDS = 1.2
_CHUNK = 512  # features at a time, so that a table of all of them is never held
_FEW = 32  # texts with a feature, for which going through their pairs is less work than a table of all texts


class DepartmentGuesser:
    """Ranks departments. Pure, thread-safe, deterministic."""

    def __init__(
        self,
        departments: Iterable[Department],
        weights: Mapping[str, float] | None = None,
        lexicon: Lexicon | None = None,
        history: Iterable[tuple[str, str]] = (),
    ) -> None:
        """history: questions with the id of the department that an officer gave them to, oldest first."""
        weights = weights or {}
        self._weights = np.array([weights.get(each, 0.0) for each in SIGNALS])
        self._sharpness = weights.get("sharpness", 20.0)
        self._lexicon = lexicon or Lexicon()
        self.departments = tuple(departments)
        self._number = {each.id: number for number, each in enumerate(self.departments)}
        self._lowest = np.array([each.level == LOWEST_LEVEL for each in self.departments], dtype=np.float64)
        self._prior = COORDINATES * np.array([each.coordinating for each in self.departments], dtype=np.float64)
        learnt: list[tuple[int, str, str]] = []  # department, example, its competence, to say why
        # By their first syllable, so that a question is read once and not once per keyword.
        self._keywords: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for number, department in enumerate(self.departments):
            for competence in department.competences:
                for text in filter(None, dict.fromkeys((competence.name, competence.name_en, *competence.examples))):
                    learnt.append((number, text, competence.name))
                for keyword in competence.keywords:
                    folded = self._read(keyword).folded
                    if folded:
                        self._keywords.setdefault(folded[0], []).append((folded, number))
        for text, department_id in list(history)[-MOST_HISTORY:]:
            if (owner := self._number.get(department_id)) is not None:
                learnt.append((owner, text, ""))
        learnt.sort(key=lambda each: each[0])  # so that what belongs to one department stands together
        self.examples = [text for _, text, _ in learnt]
        self._topics = [topic for _, _, topic in learnt]
        self.owners = np.array([number for number, _, _ in learnt], dtype=np.int64)
        self._taught, self._firsts = np.unique(self.owners, return_index=True)
        self._spans = {int(each): slice(*np.searchsorted(self.owners, (each, each + 1))) for each in self._taught}
        self._names = [
            (f" {self._read(each).plain} ", number)
            for number, department in enumerate(self.departments)
            for each in (department.name, department.name_en, *department.short_names)
        ]
        self._solve([features_of(each, self._lexicon) for each in self.examples])

    def of(self, departments: Iterable[Department]) -> DepartmentGuesser:
        """Return what was learnt, for the same departments with another lead, target or whatever else is not learnt."""
        again = copy(self)
        again.departments = tuple(departments)
        return again

    def _read(self, text: str) -> Normalised:
        return normalise(text, detect_language(text)[0], self._lexicon)

    def _solve(self, rows: Sequence[Features]) -> None:
        count, departments = len(rows), len(self.departments)
        seen = Counter(name for each in rows for name in each.names)
        self._rows = {name: number for number, name in enumerate(seen)}
        # A rare word says more.
        self._rarity = np.log((count + 1) / (np.array(list(seen.values()), dtype=np.float64) + 0.5))
        self._rarity *= np.array([_block(each) for each in seen])
        self._strange = STRANGE * float(np.log((count + 1) / 0.5))  # rarity of what no example has
        wanted = np.eye(departments)[self.owners] if count else np.zeros((0, departments))
        self._share = wanted.mean(axis=0) if count else np.zeros(departments)
        weighed = [self._weigh(each) for each in rows]
        lengths = [len(columns) for columns, _ in weighed]
        texts = np.repeat(np.arange(count), lengths)
        columns = np.concatenate([each for each, _ in weighed]) if count else np.zeros(0, dtype=np.int64)
        values = np.concatenate([each for _, each in weighed]) if count else np.zeros(0)
        order = np.argsort(columns, kind="stable")
        texts, columns, values = texts[order], columns[order], values[order]
        inverse = np.linalg.inv(_likeness(texts, columns, values, count) + RIDGE * np.eye(count))
        pull = inverse @ (wanted - self._share)
        # What the classifier would say about an example that it had not seen: in closed form, for all of them at once.
        self._without = wanted - pull / np.maximum(np.diag(inverse), 1e-9)[:, None]
        self._classifier = np.zeros((len(seen), departments), dtype=np.float32)
        np.add.at(self._classifier, columns, (values[:, None] * pull[texts]).astype(np.float32))
        # The texts that have a feature, feature after feature, to find the nearest example. What many texts have makes
        # none of them near, and would take most of the time.
        seldom = np.array(list(seen.values()))[columns] <= max(SELDOM * count, 3) if count else np.zeros(0, dtype=bool)
        self._starts = np.searchsorted(columns[seldom], np.arange(len(seen) + 1))
        self._texts, self._values = texts[seldom], values[seldom]

    def _weigh(self, features: Features) -> tuple[NDArray[np.int64], Scores]:
        """Return the known features and their weights; the length of all weights together is 1."""
        rows = np.fromiter(map(self._rows.get, features.names, repeat(-1)), dtype=np.int64, count=len(features.names))
        known = rows >= 0
        values = features.values * np.where(known, self._rarity[rows], self._strange) if len(self._rarity) else features.values
        length = float(np.sqrt((values**2).sum())) or 1.0
        kept: Scores = values[known].astype(np.float64) / length
        return rows[known], kept

    def signals(
        self, text: str, candidates: Sequence[Candidate] = (), hidden: NDArray[np.bool_] | None = None
    ) -> tuple[Scores, Scores]:
        """Return a row of SIGNALS for every department, and how near each example came, 0 to 1.

        hidden: marks examples that are left out; of a single one the classifier too forgets what it learnt from it.
        """
        features = features_of(text, self._lexicon)
        table = np.zeros((len(self.departments), len(SIGNALS)))
        nearest: Scores = np.zeros(len(self.examples))
        if not len(self.departments):
            return table, nearest
        rows, values = self._weigh(features)
        left_out = [] if hidden is None else np.flatnonzero(hidden).tolist()
        if len(left_out) == 1 and self.examples[left_out[0]] == text:
            table[:, 0] = self._without[left_out[0]]
        else:
            familiar = float((values**2).sum())
            table[:, 0] = familiar * self._share + (1 - familiar) * self._prior + values @ self._classifier[rows]
        if len(rows):
            starts, ends = self._starts[rows], self._starts[rows + 1]
            sizes = ends - starts
            places = np.repeat(ends - sizes.cumsum(), sizes) + np.arange(sizes.sum())
            near = self._values[places] * np.repeat(values, sizes)
            nearest = np.bincount(self._texts[places], near, len(nearest)).astype(np.float64)
        if hidden is not None:
            nearest[hidden] = 0.0
        if len(nearest):
            table[self._taught, 1] = np.maximum.reduceat(nearest, self._firsts)
        query = self._read(text)
        for place, token in enumerate(query.folded):
            for keyword, number in self._keywords.get(token, ()):
                if query.folded[place : place + len(keyword)] == keyword:
                    table[number, 2] += len(keyword) ** 0.5
        table[:, 2] /= table[:, 2] + 1.0
        padded = f" {query.plain} "
        table[[number for name, number in self._names if name in padded], 3] = 1.0
        waits = {"goods", "place"} <= features.concepts and not features.concepts.isdisjoint(("stuck", "urgent"))
        if waits or names_container(text):
            # What is stuck is settled where it is stuck (1399/QĐ-TCHQ, Điều 7 khoản 2 điểm c.4), whatever it is about.
            table[:, 4] = self._lowest
        votes = [(self._number.get(each.entry.department), each.score) for each in candidates[:5] if each.entry]
        total = sum(score for _, score in votes)
        for owner, score in votes:
            if owner is not None and total:
                table[owner, 5] += score / total
        return table, nearest

    def nearness(self, table: Scores, among: NDArray[np.bool_]) -> float:
        """Say how near the question is to the nearest example of those departments; 0 to 1.

        A question that is nearer to what is asked of a department than to any entry belongs to that department.
        """
        return float(table[among, 1].max()) if among.any() else 0.0

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
        return self.rank(*self.signals(text, candidates))

    def rank(self, table: Scores, nearest: Scores) -> list[DepartmentGuess]:
        """Turn the signals into probabilities."""
        if not self.departments:
            return []
        scores = table @ self._weights * self._sharpness
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
        """Name the competence that the question seems to be about, with the example that it resembles."""
        mine = self._spans.get(number)
        if mine is None:
            return ""
        row = mine.start + int(nearest[mine].argmax())
        return f"{self._topics[row]}: “{self.examples[row]}”" if self._topics[row] else f"“{self.examples[row]}”"


def _likeness(texts: NDArray[np.int64], columns: NDArray[np.int64], values: Scores, count: int) -> Scores:
    """Return how alike any two texts are. What they have is given feature after feature: text, feature, weight.

    Hardly any text has a given feature. So the features that few have are gone through by pairs of texts, and only the others
    are multiplied as tables, which is the most work of reading a directory.
    """
    told = values != 0
    texts, columns, values = texts[told], columns[told], values[told]
    starts, sizes, feature = _runs(columns)
    few = (sizes <= _FEW)[feature]
    often = sizes[feature][few]  # each of these meets as many
    left = np.repeat(np.flatnonzero(few), often)
    nth = np.arange(len(left)) - np.repeat(np.cumsum(often) - often, often)
    right = starts[feature[left]] + nth
    pairs = np.bincount(texts[left] * count + texts[right], weights=values[left] * values[right], minlength=count * count)
    likeness: Scores = pairs.reshape(count, count).astype(np.float64)
    _, many, feature = _runs(columns[~few])
    texts, values = texts[~few], values[~few]
    for start in range(0, len(many), _CHUNK):
        span = slice(*np.searchsorted(feature, (start, start + _CHUNK)))
        part = np.zeros((count, min(_CHUNK, len(many) - start)))
        part[texts[span], feature[span] - start] = values[span]
        likeness += part @ part.T
    return likeness


def _runs(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return where each run of a number starts in a sorted row, how long it is, and for each place which run it belongs to."""
    _, starts, which, sizes = np.unique(numbers, return_index=True, return_inverse=True, return_counts=True)
    return starts, sizes, which


def _block(name: str) -> float:
    if name[0] == "@" and ">" in name:
        return 0.0
    return _BLOCKS.get(name[0], 1.0 if " " in name else _WORDS)
