"""Finds the entries nearest to a question: by their words, and where that leaves doubt by their meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.documents import Documents
from bot.knowledge.entries import Audience, Entry, EntryStatus, Language
from bot.knowledge.language.normalise import Lexicon, Normalised, detect_language
from bot.knowledge.language.questions import asking_part
from bot.knowledge.language.spelling import Speller
from bot.knowledge.language.wordings import Wordings
from bot.knowledge.meaning.embedder import Vectors
from bot.knowledge.meaning.meanings import LANGUAGES, NEAREST, Meanings
from bot.knowledge.meaning.meanings import SIGNALS as MEANING
from bot.knowledge.search.shelf import CLOSER_LOOK, SAME, SIGNALS, Found, Question, Shelf, nearest
from bot.knowledge.verdict import Candidate
from bot.knowledge.weights import Weights

UNSURE_LANGUAGE = 0.93  # what the other language's entries are worth when the language is only guessed
ALL_SIGNALS = (*SIGNALS, *MEANING)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading a message: the whole or the part that asks, against one language.

    worth: what is found this way counts, as a share.
    """

    shelf: Shelf
    question: Question
    worth: float
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for a message. asks: about 1 if it reads like a question for entries; 0 while nobody has asked."""

    candidates: list[Candidate]
    readings: tuple[Reading, ...]
    allowed: NDArray[np.bool_]
    asks: float = 0.0

    @property
    def whole(self) -> Normalised | None:
        """The message as a whole, whose meaning counts: a story says what the sentences that ask are about."""
        return max(self.readings, key=lambda each: len(each.question.text.tokens)).question.text if self.readings else None


def published(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(each for each in entries if each.status is EntryStatus.PUBLISHED)


class Retriever:
    """Built once. The same question gives the same answer, from any thread."""

    def __init__(
        self,
        entries: Iterable[Entry],
        documents: Documents,
        weights: Weights,
        lexicon: Lexicon | None = None,
        wordings: Mapping[Language, Wordings] | None = None,
        *,
        calibrating: bool = False,
    ) -> None:
        """wordings: of the published entries, where they were read already."""
        self._weights = weights
        self.entries = published(entries)
        self._documents = documents
        lexicon = lexicon or Lexicon()
        read = wordings or {each: Wordings.read(self.entries, each, lexicon) for each in LANGUAGES}
        self.speller = Speller.taught(read["vi"])
        self.shelves: dict[Language, Shelf] = {
            each: Shelf(each, self.entries, lexicon, self.speller, read[each], calibrating=calibrating) for each in LANGUAGES
        }
        self._allowed = lru_cache(maxsize=64)(self._compute_allowed)

    def of(self, documents: Documents) -> Retriever:
        """Return the same for these documents: what is searched stays, what holds on a day is judged by them."""
        found = copy(self)
        found._documents = documents
        found._allowed = lru_cache(maxsize=64)(found._compute_allowed)
        return found

    def _compute_allowed(self, audience: Audience, on: date) -> NDArray[np.bool_]:
        return np.array([each.readable_by(audience) and each.holds(on, self._documents) for each in self.entries], bool)

    def search(self, text: str, *, language: Language | None, audience: Audience, on: date, limit: int) -> Search:
        """Return what may answer the question on that day, best first, none of it beyond the audience."""
        if not self.entries:
            return Search([], (), np.zeros(0, bool))
        allowed = self._allowed(audience, on)
        guessed, sure = detect_language(text)
        # What the text itself says of its language counts for more than what the conversation was set to.
        order: list[tuple[Language, float]] = [(guessed, 1.0)]
        if not sure or (language is not None and language != guessed):
            order.append(("en" if guessed == "vi" else "vi", UNSURE_LANGUAGE))
        asking = asking_part(text)
        readings = []
        for part in (text, asking) if asking else (text,):
            for each, worth in order:
                shelf = self.shelves[each]
                question = shelf.ask(part)
                if question is None:
                    continue
                scores = shelf.wide(question, self._weights.words.ranking[each])
                top = nearest(scores, allowed, max(CLOSER_LOOK, limit))
                found = shelf.compare(question, top) if len(top) else []
                readings.append(Reading(shelf, question, worth, tuple(found)))
        return Search(self._merge(readings, self._weights.words.ranking, limit), tuple(readings), allowed)

    def deepen(self, search: Search, vector: Vectors, meanings: Meanings, *, limit: int) -> Search:
        """Order what was found by words again, with the meaning, and add what is near in meaning only."""
        readings = []
        languages = dict.fromkeys(each.shelf.language for each in search.readings)
        nearness = {language: meanings.near(vector, language) for language in languages}
        for each in search.readings:
            near = nearness[each.shelf.language]
            by_meaning = nearest(near.max(axis=0), search.allowed, NEAREST)
            there = {found.entry for found in each.found}
            more = np.array([entry for entry in by_meaning.tolist() if entry not in there], dtype=np.int64)
            found = [*each.found, *(each.shelf.compare(each.question, more) if len(more) else ())]
            for one in found:
                one.signals.update(zip(MEANING, near[:, one.entry].tolist(), strict=True))
            readings.append(Reading(each.shelf, each.question, each.worth, tuple(found)))
        candidates = self._merge(readings, self._weights.meaning.ranking, limit)
        return Search(candidates, tuple(readings), search.allowed, meanings.asks(vector))

    def _merge(self, readings: Iterable[Reading], ranking: Mapping[str, Mapping[str, float]], limit: int) -> list[Candidate]:
        best: dict[int, tuple[float, Found, Shelf]] = {}
        for reading in readings:
            weights = [(name, weight) for name, weight in ranking[reading.shelf.language].items() if weight]
            for found in reading.found:
                signals = found.signals
                score = reading.worth * sum([weight * signals[name] for name, weight in weights])
                if signals[SAME]:  # word for word what an editor wrote down as a way of asking this
                    score = max(score, reading.worth)
                if found.entry not in best or score > best[found.entry][0]:
                    best[found.entry] = (score, found, reading.shelf)
        # By score, then by position, so that equal entries always come in the same order.
        ranked = sorted(best.items(), key=lambda each: (-each[1][0], each[0]))
        return [self._candidate(score, found, shelf) for _, (score, found, shelf) in ranked[:limit]]

    def _candidate(self, score: float, found: Found, shelf: Shelf) -> Candidate:
        entry = self.entries[found.entry]
        return Candidate(
            id=entry.id,
            title=entry.vi.question,
            title_en=entry.en.question,
            citations=entry.citations,
            score=round(min(max(score, 0.0), 1.0), 6),
            phrasing=shelf.phrasings[found.row],
            entry=entry,
            signals=found.signals,
        )
