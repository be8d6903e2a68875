"""Puts back what a person did not type, or typed wrong: diacritics of a whole line, and letters of single syllables.

Both ask for the likeliest spelling of the line, by syllable bigrams. The counts come from the entries, so the words of the
trade win. An embedding takes "thue xuat khau" for another language; with the marks restored it is as good as typed
(measured on a public set: 18 % of the right entries come first without marks, 82 % with restored ones).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain, pairwise

import numpy as np
from rapidfuzz.distance import OSA

from bot.knowledge.entries import Entry
from bot.knowledge.language.normalise import Lexicon, Normalised
from bot.knowledge.language.texts import MARKED_ENOUGH, Texts, Vocabulary
from bot.knowledge.language.vietnamese import SYLLABLES, fold
from bot.knowledge.language.wordings import Wordings

MOST_FORMS = 5  # spellings that are tried for one syllable
MOST_MENDED = 8  # syllables that a slip may have come from
MOST_ENTRIES = 2000  # that teach; more of them change no spelling
# What is no syllable and still is right: "container", "online". A slip that somebody wrote down as a way of asking is not
# there so often.
OFTEN = 4
_BIGRAM = 0.85  # how much the neighbour counts against the syllable alone
_SLIP = (3, 8)  # letters of a token that is mended; shorter ones could be anything
_LOATH = 5.0
_START = ""


class Speller:
    """Counts once, then spells. Pure and thread-safe."""

    def __init__(self, lines: Texts) -> None:
        """lines: of Vietnamese; only those that carry marks teach anything."""
        lines = lines.only(lines.marked)
        words = [*lines.words, _START]
        # Every line begins with a word of its own.
        codes = np.insert(lines.codes, lines.starts[:-1], len(words) - 1)
        different, firsts, counts = np.unique(codes, return_index=True, return_counts=True)
        # The commonest first; of equally common ones what was written first.
        order = np.lexsort((firsts, -counts))
        single = dict(zip([words[each] for each in different[order].tolist()], counts[order].tolist(), strict=True))
        total = sum(single.values()) or 1
        forms: defaultdict[str, list[str]] = defaultdict(list)
        slips: defaultdict[str, list[str]] = defaultdict(list)
        for token, count in single.items():
            folded = fold(token)
            if folded not in forms and folded in SYLLABLES and count > 1:
                for each in _with_one_less(folded):
                    slips[each].append(folded)
            if len(forms[folded]) < MOST_FORMS:
                forms[folded].append(token)
        self._forms = {key: tuple(each) for key, each in forms.items()}
        self._slips = dict(slips)
        self._foreign = frozenset(token for token, count in single.items() if count >= OFTEN and fold(token) not in SYLLABLES)
        # Probabilities, ready to be added: of the syllable alone, and of the pair given its first.
        self._least = (1 - _BIGRAM) * 0.2 / total
        self._alone = {token: (1 - _BIGRAM) * count / total for token, count in single.items()}
        self._numbers = {token: number for number, token in enumerate(single)}
        self._unknown = len(single)  # the number of all other words
        numbers = np.zeros(len(words), dtype=np.int64)
        numbers[different[order]] = np.arange(len(order))
        follows = codes[1:] != len(words) - 1
        pairs = (numbers[codes[:-1]] * (self._unknown + 1) + numbers[codes[1:]])[follows]
        self._pairs, together = np.unique(pairs, return_counts=True)
        self._after = _BIGRAM * together / counts[order][self._pairs // (self._unknown + 1)]

    @classmethod
    def taught_by(cls, entries: Sequence[Entry], lexicon: Lexicon) -> Speller:
        return cls.taught(Wordings.read(entries[:MOST_ENTRIES], "vi", lexicon))

    @classmethod
    def taught(cls, wordings: Wordings) -> Speller:
        """wordings: of the entries in Vietnamese."""
        return cls(wordings.first(MOST_ENTRIES))

    def restore(self, query: Normalised) -> tuple[str, ...]:
        """Return the tokens with their marks. Tokens that carry some keep them.

        In a line whose writer typed marks, a bare syllable is most often meant bare.
        """
        if query.language != "vi":
            return query.tokens
        loath = _LOATH if is_marked(query.tokens) else 0.0
        return self._likeliest([self._readings(token) for token in query.tokens], query.tokens, loath)

    def mend(self, query: Normalised) -> Normalised:
        """Return the line with slips of one letter mended.

        Only what is no syllable of the language is taken for a slip: to judge by what the entries happen to use would drag
        every other word towards them.
        """
        if query.language != "vi" or SYLLABLES.issuperset(query.folded):
            return query
        wrong = {
            place: meant
            for place, token in enumerate(query.folded)
            if token not in SYLLABLES and (meant := self._slip(query.tokens[place], token))
        }
        if not wrong:
            return query
        marked = is_marked(query.tokens)
        readings: list[Collection[str]] = [(token,) if marked else self._readings(token) for token in query.tokens]
        for place, meant in wrong.items():
            forms = list(chain.from_iterable(self._forms[each] for each in meant))
            # The marks that were typed are most often right: tưởg is tưởng before it is từng.
            readings[place] = [each for each in forms if OSA.distance(query.tokens[place], each) <= 1] or forms
        spelt = self._likeliest(readings, query.tokens, 0.0)
        tokens = [
            (spelt[place] if marked else fold(spelt[place])) if place in wrong else token
            for place, token in enumerate(query.tokens)
        ]
        return Normalised(tuple(tokens), "vi")

    def mend_all(self, texts: Texts) -> Texts:
        """Mend each of many texts."""
        if texts.language != "vi":
            return texts
        wrong = [
            folded not in SYLLABLES and bool(self._slip(token, folded))
            for token, folded in zip(texts.words, texts.folded, strict=True)
        ]
        some = np.flatnonzero(texts.counts(np.array(wrong, dtype=bool)))
        codes, vocabulary = texts.codes.copy(), Vocabulary(texts.words)
        for number in some.tolist():
            mended = self.mend(texts.normalised(number))
            codes[texts.starts[number] : texts.starts[number + 1]] = [vocabulary.number(each) for each in mended.tokens]
        return Texts(texts.language, vocabulary, codes, texts.starts)

    def _slip(self, token: str, folded: str) -> list[str]:
        """Return the syllables that a token may have been meant for that is none; nothing where it is no slip."""
        if not _SLIP[0] <= len(folded) <= _SLIP[1] or not folded.isalpha() or token in self._foreign:
            return []
        return self._meant(folded)

    def _readings(self, token: str) -> Collection[str]:
        known = self._forms.get(token) if token.isascii() and token.isalpha() else None
        return (token,) if not known else known if token in known else (*known, token)

    def _meant(self, token: str) -> list[str]:
        near = dict.fromkeys(
            meant
            for each in _with_one_less(token)
            for meant in self._slips.get(each, ())
            if OSA.distance(token, meant, score_cutoff=1) <= 1
        )
        return list(near)[:MOST_MENDED]

    def _likeliest(self, readings: Sequence[Collection[str]], typed: Sequence[str], loath: float) -> tuple[str, ...]:
        """Choose a reading for every place so that the line is the likeliest (Viterbi).

        loath: how much likelier, as a logarithm, another reading has to be than what was typed.
        """
        together = iter(self._together([(_START,), *readings]))
        best: dict[str, float] = {_START: 0.0}
        came_from: list[dict[str, str]] = []
        for token, forms in zip(typed, readings, strict=True):
            step: dict[str, float] = {}
            back: dict[str, str] = {}
            for form in forms:
                likely, back[form] = max([(score + next(together), last) for last, score in best.items()])
                step[form] = likely if form == token else likely - loath
            best = step
            came_from.append(back)
        last = max(best, key=lambda form: (best[form], form))
        chosen = []
        for back in reversed(came_from):
            chosen.append(last)
            last = back[last]
        return tuple(reversed(chosen))

    def _together(self, readings: Sequence[Collection[str]]) -> list[float]:
        """Return the logarithm of how likely each reading of a place is after each of the place before, place after place."""
        numbers = [[self._numbers.get(form, self._unknown) for form in forms] for forms in readings]
        size = self._unknown + 1
        pairs = np.array(
            [before * size + form for last, forms in pairwise(numbers) for form in forms for before in last], np.int64
        )
        alone = [self._alone.get(form, self._least) for last, forms in pairwise(readings) for form in forms for _ in last]
        places = np.minimum(np.searchsorted(self._pairs, pairs), max(len(self._pairs) - 1, 0))
        after = np.where(self._pairs[places] == pairs, self._after[places], 0.0) if len(self._pairs) else 0.0
        return np.log(after + np.array(alone)).tolist()  # type: ignore[no-any-return]


def is_marked(tokens: Sequence[str]) -> bool:
    """Say whether the writer of a line typed diacritics."""
    words = [each for each in tokens if each.isalpha()]
    return sum([not each.isascii() for each in words]) > MARKED_ENOUGH * len(words)


def _with_one_less(token: str) -> tuple[str, ...]:
    """Return the token and everything that is left of it without one letter: slips of one letter meet there."""
    return (token, *(token[:place] + token[place + 1 :] for place in range(len(token))))
