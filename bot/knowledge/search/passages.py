"""Passages of imported law beside the entries: found by their words, cited by their place.

An entry that leans on the place that the law itself points to is the surer for it, and where no entry says it, a passage that
is plainly meant answers by itself, in its own words.

They have an index of their own. A law is written in other words than people ask in, and its terms are rare among entries
for no better reason than that nobody asks that way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np

from bot.knowledge.citations import Citation, cites
from bot.knowledge.confidence import same_place
from bot.knowledge.language.normalise import Lexicon, Normalised
from bot.knowledge.language.normalise_many import read_many
from bot.knowledge.language.references import names_place
from bot.knowledge.search.postings import Column, Index, Rows, Scores
from bot.knowledge.search.terms import Words, letters, letters_of, pairs, pairs_of
from bot.knowledge.verdict import Candidate

MOST = 3  # passages beside the entries
LOOKED_AT = 12  # passages that an entry is held against
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


@dataclass(frozen=True, slots=True)
class Near:
    """A passage near a question. score: 0 to about 1. covered: the share of the question that it has, weighed by rarity."""

    number: int
    citation: Citation
    score: float
    covered: float


# What is asked of an entry beside the law, and of a passage, when its probability is told (`weights.toml`, law).
ENTRY_SIGNALS = ("sure", "agrees", "elsewhere", "agrees_first")
PASSAGE_SIGNALS = ("score", "margin", "covered", "length", "sure", "named")


def beside_entry(near: Sequence[Near], first: Candidate, sure: float) -> dict[str, float]:
    """Return what the law says about the first entry, by the names of ENTRY_SIGNALS. sure: its confidence so far."""
    agree = [each.score for each in near if same_place((each.citation,), first.citations)]
    other = [each.score for each in near if not same_place((each.citation,), first.citations)]
    agrees, elsewhere = max(agree, default=0.0), max(other, default=0.0)
    return {
        "sure": _log_odds(sure),
        "agrees": agrees,
        "elsewhere": elsewhere,
        "agrees_first": float(agrees > 0 and agrees >= elsewhere),
    }


def by_itself(near: Sequence[Near], question: Normalised, sure: float) -> dict[str, float]:
    """Return what speaks for the first passage, by the names of PASSAGE_SIGNALS. sure: the confidence in the first entry."""
    first = near[0]
    others = [each.score for each in near[1:] if not same_place((each.citation,), (first.citation,))]
    return {
        "score": first.score,
        "margin": first.score - max(others, default=0.0),
        "covered": first.covered,
        "length": math.log1p(len(question.tokens)),
        "sure": _log_odds(sure),
        "named": float(names_place(question.plain, first.citation)),
    }


def _log_odds(sure: float) -> float:
    sure = min(max(sure, 0.001), 0.999)
    return math.log(sure / (1 - sure))


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
        self._wordings = ["\n".join(one.text for one in each) for each in together.values()]
        texts = read_many(
            ["\n".join((each[0].indexed, *(one.text for one in each[1:]))) for each in together.values()], "vi", lexicon
        )
        self._words = Words()
        folded = self._words.learn(texts, texts.folded)
        self._many = len(self._words)
        alone = np.arange(len(texts), dtype=np.int64)
        self._index = Index(
            (
                Column("folded", folded, alone, close=True),
                Column("pairs", pairs(folded, self._many), alone),
                Column("letters", letters(texts), alone),
            ),
            len(texts),
        )

    def __len__(self) -> int:
        return len(self.citations)

    def near(self, question: Normalised) -> tuple[Near, ...]:
        """Return what comes near the question, best first."""
        if not len(self) or not question.tokens:
            return ()
        folded = self._words.of(question.folded)
        codes = {"folded": folded, "pairs": pairs_of(folded, self._many), "letters": letters_of(question.plain)}
        asked = self._index.ask(codes)
        scores = _WEIGHTS @ self._index.score(asked)
        best = nearest(scores, LOOKED_AT)
        covered = self._index.shared(asked, best) / (asked.total[0] or 1.0)
        return tuple(
            Near(number, self.citations[number], float(scores[number]), share)
            for number, share in zip(best.tolist(), covered.tolist(), strict=True)
            if scores[number] >= LEAST
        )

    def beside(self, near: Sequence[Near], entries: Sequence[Candidate], *, limit: int) -> list[Candidate]:
        """Return the candidates with the passages among them that none of the entries cites, best first."""
        cited = [citation for each in entries for citation in each.citations]
        new = (each for each in near if not same_place((each.citation,), cited))
        found = [self.candidate(each, min(each.score * WORTH, 1.0)) for each in islice(new, MOST)]
        return sorted([*entries, *found], key=lambda each: -each.score)[:limit] if found else list(entries)

    def whole(self, citation: Citation) -> str:
        """Return the wording of a place with all that lies in it, in the order of the document."""
        inside = (cites(each, citation.document, citation.place) for each in self.citations)
        return "\n".join(wording for wording, belongs in zip(self._wordings, inside, strict=True) if belongs)

    def candidate(self, near: Near, score: float) -> Candidate:
        citation, passage = near.citation, self._passages[near.number]
        title = f"{citation}: {passage.title or passage.text}"
        short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
        return Candidate(
            id=f"{citation.document} {citation.place}",
            title=short,
            title_en=short,
            citations=(citation,),
            score=round(score, 6),
            phrasing="",
            passage=self._wordings[near.number],
        )


def nearest(scores: Scores, count: int) -> Rows:
    """Return the places of the best scores, best first; among equal ones the first."""
    some = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    return np.sort(some)[np.argsort(-scores[np.sort(some)], kind="stable")]
