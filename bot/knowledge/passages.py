"""Passages of imported law beside the entries: found by their words, cited by their place.

They have an index of their own. A law is written in other words than people ask in, and its terms are rare among entries
for no better reason than that nobody asks that way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bot.knowledge.citations import Citation
from bot.knowledge.confidence import same_place
from bot.knowledge.normalise import Lexicon, Normalised, normalise
from bot.knowledge.postings import Column, Index, Scores
from bot.knowledge.terms import Words, letters, letters_of, pairs, pairs_of
from bot.knowledge.verdict import Candidate

MOST = 3  # passages beside the entries
LEAST = 0.12  # the score below which a passage merely shares words with the question
# What a passage is worth beside an entry. An entry says the same in plain words, so a passage comes before it only where it
# is much nearer (measured: at 0.4 no entry that was right is pushed back, at 0.8 hit@1 loses 6 points).
WORTH = 0.4
# Folded syllables, pairs, letters. The longer run of words is what tells one article from the next (measured on articles).
_WEIGHTS = np.array([0.35, 0.5, 0.15])
LONGEST_TITLE = 160  # characters


class LawPassage(Protocol):
    """What is needed of a passage. indexed: its wording under the titles of what it stands under."""

    @property
    def document(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def indexed(self) -> str: ...


class Passages:
    """Built once; asked from any thread."""

    def __init__(self, passages: Sequence[LawPassage], lexicon: Lexicon) -> None:
        self.given = tuple(passages)
        # The lines of a list are cited by the place above them: what is cited alike is one text.
        together: dict[Citation, list[LawPassage]] = {}
        for each in passages:
            together.setdefault(Citation(each.document, each.place), []).append(each)
        self.citations = tuple(together)
        self._passages = [each[0] for each in together.values()]
        self._lexicon = lexicon
        texts = [
            normalise("\n".join((each[0].indexed, *(one.text for one in each[1:]))), "vi", lexicon)
            for each in together.values()
        ]
        self._words = Words()
        folded = self._words.learn([each.folded for each in texts])
        self._many = len(self._words)
        alone = np.arange(len(texts), dtype=np.int64)
        self._index = Index(
            (
                Column("folded", folded, alone),
                Column("pairs", pairs(folded, self._many), alone),
                Column("letters", letters([each.plain for each in texts]), alone),
            ),
            len(texts),
        )

    def __len__(self) -> int:
        return len(self.citations)

    def scores(self, question: Normalised) -> Scores:
        folded = self._words.of(question.folded)
        codes = {"folded": folded, "pairs": pairs_of(folded, self._many), "letters": letters_of(question.plain)}
        return _WEIGHTS @ self._index.score(self._index.ask(codes))

    def beside(self, question: Normalised, entries: Sequence[Candidate], *, limit: int) -> list[Candidate]:
        """Return the candidates with the passages among them that none of the entries cites, best first."""
        if not len(self) or not question.tokens:
            return list(entries)
        scores = self.scores(question)
        cited = [citation for each in entries for citation in each.citations]
        found: list[Candidate] = []
        for number in np.argsort(-scores, kind="stable")[: 4 * MOST].tolist():
            if scores[number] < LEAST or len(found) == MOST:
                break
            citation = self.citations[number]
            if not same_place((citation,), cited):
                found.append(self._candidate(number, min(float(scores[number]) * WORTH, 1.0)))
        return sorted([*entries, *found], key=lambda each: -each.score)[:limit]

    def _candidate(self, number: int, score: float) -> Candidate:
        citation, passage = self.citations[number], self._passages[number]
        title = f"{citation}: {passage.title or passage.text}"
        short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
        return Candidate(
            id=f"{citation.document} {citation.place}",
            title=short,
            title_en=short,
            citations=(citation,),
            score=round(score, 6),
            phrasing="",
            passage=passage.text,
        )
