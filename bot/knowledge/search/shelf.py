"""The phrasings of all entries in one language, and how near a question comes to them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.knowledge.entries import Entry, Language
from bot.knowledge.language.normalise import Lexicon, Normalised, normalise
from bot.knowledge.language.references import References
from bot.knowledge.language.spelling import Speller
from bot.knowledge.language.texts import Written
from bot.knowledge.language.wordings import Wordings
from bot.knowledge.search.postings import Asked, Column, Index, LeftOut, Rows, Scores
from bot.knowledge.search.terms import Words, letters, letters_of, pairs, pairs_of, stem

CLOSER_LOOK = 12  # entries whose phrasings are compared one by one
# What is known of every entry. `mean` is over its phrasings: an entry that is near in all its ways of asking beats one that
# is very near in one (measured: 6 points of hit@1 with a phrasing left out). The words of the answers help to order what
# was found and to suggest; whether to answer is not read from them.
WIDE = ("mean_folded", "mean_pairs", "mean_accented", "mean_letters", "cover", "answer_folded", "answer_pairs", "named")
# What is known of the entries that were compared closely.
BEST = ("best_folded", "best_pairs", "best_accented")
SIGNALS = (*WIDE, *BEST, "fuzzy")
SAME = "same"
_TOLD = (*SIGNALS, SAME, "covered", "row_covered", "unknown", "length", "english")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that was compared closely: its number, the row of its nearest phrasing, and SIGNALS with some besides."""

    entry: int
    row: int
    signals: dict[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as one shelf reads it."""

    text: Normalised
    asked: Asked
    table: Scores  # WIDE × entries


class Shelf:
    """Built once; asked from any thread."""

    def __init__(
        self,
        language: Language,
        entries: Sequence[Entry],
        lexicon: Lexicon,
        speller: Speller,
        wordings: Wordings | None = None,
        *,
        calibrating: bool = False,
    ) -> None:
        """wordings: of the entries in that language, where they were read already.

        calibrating: index what is needed to leave phrasings out, at twice the memory."""
        self.language: Language = language
        self.lexicon = lexicon
        self._speller = speller
        wordings = Wordings.read(entries, language, lexicon) if wordings is None else wordings
        self.owners: Rows = wordings.owners
        self.phrasings = [text for each in entries for text in each.wording(language).phrasings]
        wordings = Wordings(speller.mend_all(wordings.texts), wordings.counts)
        rows = wordings.phrasings
        self._plain = Written(rows, rows.folded)
        answers = wordings.answers
        self._words = Words()
        folded = self._words.learn(rows, self._terms(rows.folded))
        marked = rows.only_words(np.array([word != plain for word, plain in zip(rows.words, rows.folded, strict=True)], bool))
        accented = self._words.learn(marked, marked.words)
        answered = self._words.learn(answers, self._terms(answers.folded))
        self._many = len(self._words)
        alone = np.arange(len(entries), dtype=np.int64)
        self.index = Index(
            (
                Column("mean_folded", folded, self.owners, close=True),
                Column("mean_pairs", pairs(folded, self._many), self.owners, close=True),
                Column("mean_accented", accented, self.owners, close=True),
                Column("mean_letters", letters(rows, self._plain), self.owners, close=calibrating),
                Column("cover", folded, self.owners, flat=True),
                Column("answer_folded", answered, alone),
                Column("answer_pairs", pairs(answered, self._many), alone),
            ),
            len(entries),
        )
        self._row_rarities = np.maximum(self.index.sums(folded, "mean_folded"), 1e-9)
        self.references = References([each.citations for each in entries])

    def read(self, text: str) -> Normalised:
        return self._speller.mend(normalise(text, self.language, self.lexicon))

    def _terms(self, folded: Sequence[str]) -> Sequence[str]:
        return folded if self.language == "vi" else list(map(stem, folded))

    def ask(self, text: str, left_out: LeftOut | None = None) -> Question | None:
        """Score every entry, or return None for a text without a word."""
        query = self.read(text)
        if not query.tokens or not self.index.groups:
            return None
        folded = self._words.of(self._terms(query.folded))
        two = pairs_of(folded, self._many)
        codes = {
            "mean_folded": folded,
            "mean_pairs": two,
            "mean_accented": self._words.of(_marked(query)),
            "mean_letters": letters_of(query.plain),
            "cover": folded,
            "answer_folded": folded,
            "answer_pairs": two,
        }
        asked = self.index.ask(codes, left_out)
        table = np.empty((len(WIDE), self.index.groups))
        table[:-1] = self.index.score(asked)
        table[-1] = self.references.agreement(query.plain)
        if left_out is not None:
            self._leave_out(table, asked, left_out)
        return Question(query, asked, table)

    def _leave_out(self, table: Scores, asked: Asked, left_out: LeftOut) -> None:
        group = left_out.group
        if (self.owners == group).sum() <= len(left_out.rows):
            table[:, group] = 0.0  # an entry of which nothing is left does not speak through its answer either
            return
        table[: len(self.index.close), group] = self.index.mean_without(asked, left_out)
        table[4, group] = self.index.cover_without(asked, left_out, column=4, like=0)

    def compare(self, question: Question, entries: Rows, left_out: LeftOut | None = None) -> list[Found]:
        """Look closely at some entries: each phrasing by its terms, the nearest one letter by letter."""
        asked = question.asked
        scores, rows, begins, shared_by_row = self.index.look_closely(asked, entries)
        if left_out is not None:
            scores[np.isin(rows, left_out.rows)] = 0.0
        best = np.maximum.reduceat(scores[:, : len(BEST)], begins, axis=0).tolist()
        # The nearest phrasing of each entry: in plain lists, since they are short.
        sums, starts = scores.sum(axis=1).tolist(), begins.tolist()
        each_sums = [sums[begin:end] for begin, end in zip(starts, [*starts[1:], len(sums)], strict=True)]
        nearest_rows = np.array(
            [begin + some.index(max(some)) for begin, some in zip(starts, each_sums, strict=True)], dtype=np.int64
        )
        shared = shared_by_row[nearest_rows]
        mine = rows[nearest_rows]
        covered, row_covered = shared / (asked.total[0] or 1.0), shared / self._row_rarities[mine]
        unknown, length, english = float(asked.unknown[0]), math.log1p(len(question.text.tokens)), float(self.language == "en")
        plain, found = question.text.plain, []
        told = zip(
            entries.tolist(), mine.tolist(), question.table[:, entries].T.tolist(), best, covered.tolist(),
            row_covered.tolist(), strict=True,
        )  # fmt: skip
        for entry, row, wide, close, share, row_share in told:
            other = self._plain[row]
            fuzzy = (0.6 * fuzz.token_set_ratio(plain, other) + 0.4 * fuzz.ratio(plain, other)) / 100
            values = (*wide, *close, fuzzy, float(plain == other), share, row_share, unknown, length, english)
            found.append(Found(entry, row, dict(zip(_TOLD, values, strict=True))))
        return found

    def wide(self, question: Question, weights: Mapping[str, float]) -> Scores:
        """Return the score of every entry by what is known of all of them."""
        return np.array([weights[each] for each in WIDE]) @ question.table


def nearest(scores: Scores, allowed: NDArray[np.bool_], count: int) -> Rows:
    """Return the places of the best of what is allowed, in no order; none that has nothing in common."""
    scores = np.where(allowed, scores, 0.0)
    top = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    return np.sort(top[scores[top] > 0])


def _marked(query: Normalised) -> list[str]:
    """Return the tokens that carry a mark: they tell thuê from thuế where the person typed marks."""
    return [token for token, folded in zip(query.tokens, query.folded, strict=True) if token != folded]
