"""Finds the entries nearest to a question.

`Retriever` is the seam: meaning by embeddings, or passages of law, come beside the lexical retriever here and give
the same candidates.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.knowledge.documents import Documents
from bot.knowledge.entries import Audience, Entry, EntryStatus, Language
from bot.knowledge.index import Field, Rows, Scores, letter_groups, pairs
from bot.knowledge.normalise import Lexicon, Normalised, detect_language, normalise
from bot.knowledge.questions import asking_part
from bot.knowledge.references import Reference, named_in
from bot.knowledge.verdict import Candidate
from bot.knowledge.weights import Weights

CLOSER_LOOK = 12  # entries that rapidfuzz compares letter by letter
UNSURE_LANGUAGE = 0.93  # what the other language's entries are worth when the language is only guessed
# The signals of every entry, in the order of the columns. `mean` is over its phrasings: an entry that is near in all its
# ways of asking beats one that is very near in one (measured: 6 points of hit@1 with a phrasing left out).
SIGNALS = (
    "mean_folded", "mean_pairs", "mean_accented", "mean_letters",
    "best_folded", "best_pairs", "best_accented", "best_letters",
    "cover", "answer_folded", "answer_pairs", "answer_letters", "named",
)  # fmt: skip
FUZZY = "fuzzy"
SAME = "same"


class Retriever(Protocol):
    """Whatever finds candidates. Pure: the same question gives the same answer, from any thread."""

    def search(self, query: str, *, language: Language | None, audience: Audience, on: date, limit: int) -> list[Candidate]:
        """Return what may answer the question on that day, best first, none of it beyond the audience."""
        ...


@dataclass(frozen=True, slots=True)
class _Hit:
    entry: int
    row: int
    score: float
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The terms of a question with how rare each is."""

    rarities: Mapping[str, float]
    total: float
    unknown: float
    length: float


def stem(token: str) -> str:
    """Cut the commonest English endings, so that "documents" finds "document"."""
    for ending, least in (("ations", 4), ("ation", 4), ("ing", 4), ("ies", 3), ("es", 4), ("ed", 4), ("s", 3)):
        if token.endswith(ending) and len(token) - len(ending) >= least and not token.endswith("ss"):
            return token[: -len(ending)] + ("y" if ending == "ies" else "")
    return token


class Shelf:
    """The phrasings of all entries in one language, in every reading."""

    def __init__(self, language: Language, entries: Sequence[Entry], lexicon: Lexicon) -> None:
        self.language: Language = language
        self.lexicon = lexicon
        self.phrasings: list[str] = []
        owners: list[int] = []
        for number, entry in enumerate(entries):
            phrasings = entry.wording(language).phrasings
            self.phrasings.extend(phrasings)
            owners.extend([number] * len(phrasings))
        self.owners: Rows = np.array(owners, dtype=np.int64)
        rows = [self.read(each) for each in self.phrasings]
        self.plain = [each.plain for each in rows]
        terms = [self.terms(each) for each in rows]
        self.row_terms = [frozenset(each) for each in terms]
        self.counts = np.bincount(self.owners, minlength=len(entries)).astype(np.float64)
        self._starts = np.searchsorted(self.owners, np.arange(len(entries)))
        self._spans = list(pairwise([*self._starts.tolist(), len(owners)]))
        self.folded = Field(terms, self.owners)
        self.row_weights = [sum(self.folded.rarity(term) for term in each) or 1.0 for each in self.row_terms]
        self.pairs = Field([pairs(each) for each in terms], self.owners)
        self.accented = Field([marked(each) for each in rows], self.owners)
        self.letters = Field([letter_groups(each) for each in self.plain], self.owners)
        # The answers' words help to order what was found and to suggest; whether to answer is not read from them.
        answers = [self.read(each.wording(language).answer) for each in entries]
        answer_terms = [self.terms(each) for each in answers]
        each_alone = np.arange(len(entries), dtype=np.int64)
        self.answer_folded = Field(answer_terms, each_alone)
        self.answer_pairs = Field([pairs(each) for each in answer_terms], each_alone)
        self.answer_letters = Field([letter_groups(each.plain) for each in answers], each_alone)
        self.references = [Reference.of(each.citations) for each in entries]
        self.known = frozenset(number for each in self.references for number in each.documents)

    def read(self, text: str) -> Normalised:
        return normalise(text, self.language, self.lexicon)

    def terms(self, query: Normalised) -> tuple[str, ...]:
        return query.folded if self.language == "vi" else tuple(stem(each) for each in query.folded)

    def signals(self, query: Normalised, hidden: NDArray[np.bool_] | None = None) -> tuple[Scores, Scores]:
        """Return a row of SIGNALS for every entry, and how near each phrasing came.

        hidden: phrasings that are taken for not being there.
        """
        terms = self.terms(query)
        two = pairs(terms)
        letters = letter_groups(query.plain)
        table = np.zeros((len(self.references), len(SIGNALS)))
        counts = self.counts
        if hidden is not None:
            counts = np.bincount(self.owners[~hidden], minlength=len(counts)).astype(np.float64)
        nearest = np.zeros(self.folded.rows)
        readings = ((self.folded, terms), (self.pairs, two), (self.accented, marked(query)), (self.letters, letters))
        for column, (field, asked) in enumerate(readings):
            scores = field.score(asked, hidden)
            if hidden is not None:
                scores = np.where(hidden, 0.0, scores)
            nearest += scores
            total = np.bincount(self.owners, scores, minlength=len(counts))
            table[:, column] = total / np.maximum(counts, 1.0)
            table[:, column + 4] = np.maximum.reduceat(scores, self._starts)
        table[:, 8] = self.folded.cover(terms, hidden)
        table[:, 9] = self.answer_folded.score(terms)
        table[:, 10] = self.answer_pairs.score(two)
        table[:, 11] = self.answer_letters.score(letters)
        named = named_in(query.plain)
        if named.anything:
            table[:, 12] = [each.agreement(named, self.known) for each in self.references]
        if hidden is not None:  # an entry of which nothing is left does not speak through its answer either
            table[counts == 0] = 0.0
        return table, nearest

    def nearest(self, entry: int, nearness: Scores) -> int:
        start, end = self._spans[entry]
        return int(start + nearness[start:end].argmax())

    def rank(self, text: str, allowed: NDArray[np.bool_], limit: int, weights: Mapping[str, float]) -> list[_Hit]:
        """Return the best of the allowed entries, best first."""
        query = self.read(text)
        if not query.tokens or not self.references:
            return []
        table, nearness = self.signals(query)
        scores = table @ np.array([weights[each] for each in SIGNALS])
        scores = np.where(allowed, scores, -1.0)
        count = min(max(CLOSER_LOOK, limit), len(scores))
        top = np.argpartition(-scores, count - 1)[:count].tolist()
        weighed = self.weigh(query)
        hits = []
        for entry in top:
            if scores[entry] <= 0:
                continue
            signals = dict(zip(SIGNALS, table[entry].tolist(), strict=True))
            row = self.nearest(entry, nearness)
            signals |= self.closer(query, row, weighed)
            score = float(scores[entry]) + weights[FUZZY] * signals[FUZZY]
            if signals[SAME]:  # word for word what an editor wrote down as a way of asking this
                score = max(score, 1.0)
            hits.append(_Hit(entry, row, score, signals))
        # By score, then by position, so that equal entries always come in the same order.
        hits.sort(key=lambda hit: (-hit.score, hit.entry))
        return hits[:limit]

    def weigh(self, query: Normalised, hidden: NDArray[np.bool_] | None = None) -> _Weighed:
        """Say how rare each term of the question is, and what share of them nobody has used yet."""
        rarities = {term: self.folded.rarity(term) for term in self.terms(query)}
        unknown = sum(not self.folded.knows(term, hidden) for term in rarities) / max(len(rarities), 1)
        return _Weighed(rarities, sum(rarities.values()) or 1.0, unknown, math.log1p(len(query.tokens)))

    def closer(self, query: Normalised, row: int, weighed: _Weighed) -> dict[str, float]:
        """Compare the question with one phrasing: rapidfuzz, and how much of each the other covers."""
        plain = self.plain[row]
        fuzzy = 0.6 * fuzz.token_set_ratio(query.plain, plain) + 0.4 * fuzz.ratio(query.plain, plain)
        there = self.row_terms[row]
        shared = sum(rarity for term, rarity in weighed.rarities.items() if term in there)
        return {
            FUZZY: fuzzy / 100,
            SAME: float(query.plain == plain),
            "covered": shared / weighed.total,
            "row_covered": shared / self.row_weights[row],
            "unknown": weighed.unknown,
            "length": weighed.length,
        }


def marked(query: Normalised) -> list[str]:
    """Return the tokens that carry a mark: they tell thuê from thuế where the person typed marks."""
    return [token for token, folded in zip(query.tokens, query.folded, strict=True) if token != folded]


class LexicalRetriever:
    """Syllables, pairs of syllables, accented syllables and letters, summed; rapidfuzz looks closer at the best."""

    def __init__(
        self, entries: Iterable[Entry], documents: Documents, weights: Weights, lexicon: Lexicon | None = None
    ) -> None:
        self._weights = weights
        self.entries = tuple(each for each in entries if each.status is EntryStatus.PUBLISHED)
        self._documents = documents
        lexicon = lexicon or Lexicon()
        self.shelves: dict[Language, Shelf] = {
            "vi": Shelf("vi", self.entries, lexicon),
            "en": Shelf("en", self.entries, lexicon),
        }
        self._allowed = lru_cache(maxsize=64)(self._compute_allowed)

    def _compute_allowed(self, audience: Audience, on: date) -> NDArray[np.bool_]:
        return np.array([each.readable_by(audience) and each.holds(on, self._documents) for each in self.entries], bool)

    def search(self, query: str, *, language: Language | None, audience: Audience, on: date, limit: int) -> list[Candidate]:
        guessed, sure = detect_language(query)
        if not self.entries:
            return []
        allowed = self._allowed(audience, on)
        # What the text itself says of its language counts for more than what the conversation was set to.
        order: list[tuple[Language, float]] = [(guessed, 1.0)]
        if not sure or (language is not None and language != guessed):
            order.append(("en" if guessed == "vi" else "vi", UNSURE_LANGUAGE))
        found: dict[int, tuple[_Hit, Shelf]] = {}
        asking = asking_part(query)
        for text in (query, asking) if asking else (query,):
            for shelf_language, worth in order:
                shelf = self.shelves[shelf_language]
                for hit in shelf.rank(text, allowed, max(limit, 10), self._weights.ranking[shelf_language]):
                    weighed = _Hit(hit.entry, hit.row, hit.score * worth, hit.signals)
                    if hit.entry not in found or weighed.score > found[hit.entry][0].score:
                        found[hit.entry] = (weighed, shelf)
        ranked = sorted(found.values(), key=lambda pair: (-pair[0].score, pair[0].entry))
        return [self._candidate(hit, shelf) for hit, shelf in ranked[:limit]]

    def _candidate(self, hit: _Hit, shelf: Shelf) -> Candidate:
        entry = self.entries[hit.entry]
        return Candidate(
            id=entry.id,
            title=entry.vi.question,
            title_en=entry.en.question,
            citations=entry.citations,
            score=round(min(max(hit.score, 0.0), 1.0), 6),
            phrasing=shelf.phrasings[hit.row],
            entry=entry,
            signals={**hit.signals, "english": float(shelf.language == "en")},
        )
