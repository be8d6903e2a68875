"""Puts back what a person did not type, or typed wrong: diacritics of a whole line, and letters of single syllables.

Both ask for the likeliest spelling of the line, by syllable bigrams. The counts come from the entries, so the words of the
trade win. An embedding takes "thue xuat khau" for another language; with the marks restored it is as good as typed
(measured on a public set: 18 % of the right entries come first without marks, 82 % with restored ones).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice, pairwise

from rapidfuzz.distance import OSA

from bot.knowledge.entries import Entry
from bot.knowledge.normalise import Lexicon, Normalised
from bot.knowledge.normalise_many import normalise_all
from bot.knowledge.vietnamese import SYLLABLES, fold

MOST_FORMS = 5  # spellings that are tried for one syllable
MOST_MENDED = 8  # syllables that a slip may have come from
MARKED_ENOUGH = 0.25  # a line with this share of marked syllables is spelt as its writer wanted it
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

    def __init__(self, lines: Iterable[Sequence[str]]) -> None:
        """lines: tokens in the one spelling; only lines that carry marks teach anything."""
        single: Counter[str] = Counter()
        double: Counter[tuple[str, str]] = Counter()
        for tokens in lines:
            if not is_marked(tokens):
                continue
            single.update((_START, *tokens))
            double.update(pairwise((_START, *tokens)))
        total = sum(single.values()) or 1
        forms: defaultdict[str, list[str]] = defaultdict(list)
        slips: defaultdict[str, list[str]] = defaultdict(list)
        for token, count in single.most_common():
            folded = fold(token)
            if folded not in forms and folded in SYLLABLES and count > 1:
                for each in _with_one_less(folded):
                    slips[each].append(folded)
            if len(forms[folded]) < MOST_FORMS:
                forms[folded].append(token)
        self._forms = {key: tuple(each) for key, each in forms.items()}
        self._slips = dict(slips)
        self._foreign = frozenset(token for token, count in single.items() if count >= OFTEN and fold(token) not in SYLLABLES)
        # Probabilities, ready to be added: of the pair given its first, and of the syllable alone.
        self._alone = {token: (1 - _BIGRAM) * count / total for token, count in single.items()}
        self._after = {pair: _BIGRAM * count / single[pair[0]] for pair, count in double.items()}
        self._least = (1 - _BIGRAM) * 0.2 / total

    @classmethod
    def taught_by(cls, entries: Iterable[Entry], lexicon: Lexicon) -> Speller:
        own = [text for each in islice(entries, MOST_ENTRIES) for text in (*each.vi.phrasings, each.vi.answer)]
        return cls(each.tokens for each in normalise_all(own, "vi", lexicon))

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
            if token not in SYLLABLES
            and _SLIP[0] <= len(token) <= _SLIP[1]
            and token.isalpha()
            and query.tokens[place] not in self._foreign
            and (meant := self._meant(token))
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
        best: dict[str, float] = {_START: 0.0}
        came_from: list[dict[str, str]] = []
        for token, forms in zip(typed, readings, strict=True):
            step: dict[str, float] = {}
            back: dict[str, str] = {}
            for form in forms:
                alone = self._alone.get(form, self._least)
                likely, back[form] = max(
                    [(score + math.log(self._after.get((last, form), 0.0) + alone), last) for last, score in best.items()]
                )
                step[form] = likely if form == token else likely - loath
            best = step
            came_from.append(back)
        last = max(best, key=lambda form: (best[form], form))
        chosen = []
        for back in reversed(came_from):
            chosen.append(last)
            last = back[last]
        return tuple(reversed(chosen))


def is_marked(tokens: Sequence[str]) -> bool:
    """Say whether the writer of a line typed diacritics."""
    words = [each for each in tokens if each.isalpha()]
    return sum([not each.isascii() for each in words]) > MARKED_ENOUGH * len(words)


def _with_one_less(token: str) -> tuple[str, ...]:
    """Return the token and everything that is left of it without one letter: slips of one letter meet there."""
    return (token, *(token[:place] + token[place + 1 :] for place in range(len(token))))
