"""Asks the entries their own phrasings while these are left out: what calibration learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.citations import Citation, cites
from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.entries import Entry, Language
from bot.knowledge.evidence.by_meaning import Known, evidence_with_meaning
from bot.knowledge.evidence.message import Message
from bot.knowledge.language.normalise import Normalised, detect_language, normalise
from bot.knowledge.meaning.meanings import (
    LANGUAGES,
    NEAREST,
    Embedded,
    Meanings,
    Side,
    direction,
    elsewhere,
    others,
    text_of,
    told_apart,
    wordings,
)  # fmt: skip
from bot.knowledge.meaning.meanings import SIGNALS as MEANING
from bot.knowledge.meaning.vectors import Cache
from bot.knowledge.measure.evaluation import ANSWERABLE, Labelled
from bot.knowledge.search.passages import Near, Passages
from bot.knowledge.search.postings import LeftOut
from bot.knowledge.search.ranking import ALL_SIGNALS, Retriever
from bot.knowledge.search.shelf import CLOSER_LOOK, SAME, SIGNALS, Shelf, nearest
from bot.knowledge.verdict import Candidate
from bot.knowledge.weights import Weights

FOLDS = 5  # of entries: what is learnt about meaning is learnt from entries of other folds


class Kind(StrEnum):
    """OWN: the phrasing alone is left out. HIDDEN: its whole entry is. FOREIGN: asked of departments that hardly any entry
    belongs to. ELSEWHERE: no question for this place at all. STRANGER: asked by somebody who did not know the entries, and
    labelled with the places that answer it. BESIDE: likewise, labelled as what no entry answers."""

    OWN = "own"
    HIDDEN = "hidden"
    FOREIGN = "foreign"
    ELSEWHERE = "elsewhere"
    STRANGER = "stranger"
    BESIDE = "beside"


@dataclass(frozen=True)
class Asked:
    """One question with what was found for it. owner: its entry, -1 for none. by_words: which were found by words."""

    kind: Kind
    language: Language
    owner: int
    entries: list[int]
    by_words: NDArray[np.bool_]
    signals: list[dict[str, float]]
    case: float
    asks: float
    near: tuple[Near, ...] = ()  # of the law, where some was given
    question: Normalised | None = None
    hidden: int = -1  # the entry that was hidden
    labelled: tuple[Citation, ...] = ()  # the places that answer a stranger's question

    def right_places(self, entries: Sequence[Entry]) -> Sequence[Citation]:
        return entries[self.owner].citations if self.owner >= 0 else self.labelled

    def table(self, names: Sequence[str]) -> NDArray[np.float64]:
        return np.array([[each.get(name, 0.0) for name in names] for each in self.signals]).reshape(
            len(self.entries), len(names)
        )


class Examiner:
    """Asks. Without vectors the meaning stays 0, and only the model of words can be fitted."""

    def __init__(
        self,
        retriever: Retriever,
        guesser: DepartmentGuesser,
        outside: NDArray[np.bool_],
        weights: Weights,
        vectors: Cache | None,
        passages: Passages | None = None,
    ) -> None:
        self._passages = passages
        self._retriever, self._guesser, self._outside, self._weights = retriever, guesser, outside, weights
        self._entries = retriever.entries
        self._speller, self._vectors = retriever.speller, vectors
        self._lexicon = retriever.shelves["vi"].lexicon
        if vectors is not None:
            self._meanings = Meanings(self._entries, self._lexicon, vectors)
            self._texts = self._row_texts()
            given = {each: Embedded.of(self._entries, each, self._lexicon, vectors) for each in LANGUAGES}
            other = others(self._lexicon, vectors)
            self._directions = [_direction(given, other, fold) for fold in range(FOLDS)]
            teachers = [np.arange(len(self._entries)) % FOLDS != fold for fold in range(FOLDS)]
            self._sides = {language: [Side(each, teachers=some) for some in teachers] for language, each in given.items()}

    def _row_texts(self) -> dict[Language, list[str]]:
        return {
            language: [text for each in self._entries for text in wordings(each, language, self._lexicon)]
            for language in LANGUAGES
        }

    def own(self) -> Iterator[Asked]:
        """Ask every phrasing twice: itself left out, and its entry left out."""
        for shelf in self._retriever.shelves.values():
            vectors = self._read_all(shelf, shelf.phrasings)
            for row, text in enumerate(shelf.phrasings):
                owner = int(shelf.owners[row])
                rows = np.flatnonzero(shelf.owners == owner)
                case = self._case(text)
                vector = None if vectors is None else vectors[row]
                if len(rows) > 1:
                    yield self._ask(Kind.OWN, shelf, text, owner, LeftOut(owner, np.array([row])), case, vector, owner)
                yield self._ask(Kind.HIDDEN, shelf, text, -1, LeftOut(owner, rows), case, vector, owner)

    def others(self) -> Iterator[Asked]:
        """Ask what no entry answers."""
        examples = [row for row in range(len(self._guesser.examples)) if self._outside[self._guesser.owners[row]]]
        for kind, texts in (
            (Kind.FOREIGN, [(self._guesser.examples[row], row) for row in examples]),
            (Kind.ELSEWHERE, [(text, None) for text in elsewhere()]),
        ):
            for number, (text, row) in enumerate(texts):
                shelf = self._retriever.shelves[detect_language(text)[0]]
                vectors = self._read_all(shelf, [text])
                vector = None if vectors is None else vectors[0]
                yield self._ask(kind, shelf, text, -1, None, self._case(text, row), vector, number)

    def strangers(self, rows: Sequence[Labelled], *, on: date) -> Iterator[Asked]:
        """Ask what strangers asked, as a message is looked up; for what the message itself decides, nothing is found."""
        for row in rows:
            message = Message(row.question, self._lexicon)
            kind = Kind.STRANGER if row.kind == ANSWERABLE else Kind.BESIDE
            search = self._retriever.search(row.question, language=None, audience="member", on=on, limit=CLOSER_LOOK)
            whole = search.whole
            if whole is None:
                yield Asked(kind, message.detected[0], -1, [], np.zeros(0, bool), [], 0.0, 0.0)
                continue
            by_words, asks, meant = [len(each.found) for each in search.readings], 0.0, Known()
            if self._vectors is not None:
                vector = self._vectors.vectors([text_of(self._speller.restore(whole))], "query")[0]
                search = self._retriever.deepen(search, vector, self._meanings, limit=CLOSER_LOOK)
                asks = search.asks
                meant = Known(self._vectors.embedder.name, vector)
            if any(each.decides for each in evidence_with_meaning(message, meant)):
                yield Asked(kind, message.detected[0], -1, [], np.zeros(0, bool), [], 0.0, 0.0)
                continue
            # Of two languages that are possible, the likelier one.
            read = [
                (each.found, some) for each, some in zip(search.readings, by_words, strict=True)
                if each.shelf is search.readings[0].shelf
            ]  # fmt: skip
            found = [each for some, _ in read for each in some]
            yield Asked(
                kind,
                search.readings[0].shelf.language,
                -1,
                [each.entry for each in found],
                np.array([place < some for each, some in read for place in range(len(each))], dtype=bool),
                [each.signals for each in found],
                self._case(row.question),
                asks,
                near=self._passages.near(whole) if self._passages is not None and whole.language == "vi" else (),
                question=whole,
                labelled=row.citations if row.kind == ANSWERABLE else (),
            )

    def _case(self, text: str, left_out: int | None = None) -> float:
        hidden = None if left_out is None else np.arange(len(self._guesser.examples)) == left_out
        table, _ = self._guesser.signals(text, (), hidden)
        return self._guesser.nearness(table, self._outside)

    def _read_all(self, shelf: Shelf, texts: Sequence[str]) -> NDArray[np.float32] | None:
        if self._vectors is None:
            return None
        return self._vectors.vectors([text_of(self._speller.restore(shelf.read(each))) for each in texts], "query")

    def _ask(
        self,
        kind: Kind,
        shelf: Shelf,
        text: str,
        owner: int,
        left_out: LeftOut | None,
        case: float,
        vector: NDArray[np.float32] | None,
        fold: int,
    ) -> Asked:
        question = shelf.ask(text, left_out)
        if question is None:
            return Asked(kind, shelf.language, owner, [], np.zeros(0, bool), [], case, 0.0)
        allowed = np.ones(len(self._entries), dtype=bool)
        if kind is Kind.HIDDEN and left_out is not None:
            allowed[left_out.group] = False
        scores = shelf.wide(question, self._weights.words.ranking[shelf.language])
        by_words = nearest(scores, allowed, CLOSER_LOOK)
        entries, table, asks = by_words, None, 0.0
        if vector is not None:
            as_kept = text_of(normalise(text, shelf.language, self._lexicon).tokens)
            table = self._near(vector, as_kept, shelf.language, left_out, fold)
            entries = np.union1d(entries, nearest(table.max(axis=0), allowed, NEAREST))
            towards, middle = self._directions[fold % FOLDS]
            asks = float((vector - middle) @ towards)
        if owner >= 0:
            entries = np.union1d(entries, [owner])
        found = shelf.compare(question, entries, left_out) if len(entries) else []
        for each in found:
            each.signals[SAME] = 0.0
            if table is not None:
                each.signals.update(zip(MEANING, table[:, each.entry].tolist(), strict=True))
        words = np.isin(entries, by_words) | (entries == owner)
        near: tuple[Near, ...] = ()
        if self._passages is not None and shelf.language == "vi":
            near = self._passages.near(question.text)
        return Asked(
            kind,
            shelf.language,
            owner,
            entries.tolist(),
            words,
            [each.signals for each in found],
            case,
            asks,
            near=near,
            question=question.text,
            hidden=left_out.group if kind is Kind.HIDDEN and left_out is not None else -1,
        )

    def _near(
        self, vector: NDArray[np.float32], text: str, language: Language, left_out: LeftOut | None, fold: int
    ) -> NDArray[np.float64]:
        """Return what `Meanings.near` gives when the phrasing, or the entry, is not there and has taught nothing."""
        side = self._sides[language][fold % FOLDS]
        read = side.read(vector)
        cosines = side.rows @ read
        there = np.ones(len(cosines), dtype=bool)
        if left_out is not None:
            mine = np.flatnonzero(side.owners == left_out.group)
            there[[row for row in mine if self._texts[language][row] == text]] = False
        counts = np.add.reduceat(there.astype(np.float32), side.starts)
        best = np.maximum.reduceat(np.where(there, cosines, -1.0), side.starts)
        means = np.add.reduceat(np.where(there, cosines, 0.0), side.starts) / np.maximum(counts, 1.0)
        return told_apart(best.astype(np.float32), means.astype(np.float32), side.answers @ read)


def _direction(
    given: Mapping[Language, Embedded], other: NDArray[np.float32], fold: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    own = [each.rows[each.owners % FOLDS != fold] for each in given.values()]
    return direction(np.concatenate(own), other[np.arange(len(other)) % FOLDS != fold])


def ranked(asked: Asked, names: Sequence[str], weights: dict[str, float], entries: Sequence[Entry]) -> list[Candidate]:
    """Return the candidates as the retriever would have given them with these weights."""
    scores = asked.table(names) @ np.array([weights[each] for each in names])
    if names == SIGNALS:
        scores = np.where(asked.by_words, scores, -1.0)
    order = sorted(np.flatnonzero(scores > 0).tolist(), key=lambda each: (-scores[each], asked.entries[each]))
    # The same entry may be found by the whole and by the part that asks.
    first: dict[int, int] = {}
    for each in order:
        first.setdefault(asked.entries[each], each)
    order = list(first.values())[:10]
    kept = SIGNALS if names == SIGNALS else ALL_SIGNALS
    drop = set(ALL_SIGNALS) - set(kept)
    return [
        Candidate(
            id=str(asked.entries[each]),
            title="",
            title_en="",
            citations=entries[asked.entries[each]].citations,
            score=min(max(float(scores[each]), 0.0), 1.0),
            phrasing="",
            signals={name: value for name, value in asked.signals[each].items() if name not in drop},
        )
        for each in order
    ]


def answers(given: Sequence[Citation], right: Sequence[Citation]) -> bool:
    """Say whether a citation given is one of the right places, or lies inside one."""
    return any(cites(one, two.document, two.place) for one in given for two in right)
