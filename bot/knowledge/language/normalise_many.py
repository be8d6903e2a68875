"""The same as `normalise` for many texts at once: what entries and laws are read with.

Ten thousand entries are some two hundred thousand texts. Read one by one they take most of the time of a start; here, each
different run of signs between two spaces is looked at once, and so is each abbreviation with what stands beside it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.entries import Language
from bot.knowledge.language.normalise import (
    BY_NEIGHBOURS,
    LONGEST_TOKEN,
    MOST_CHARACTERS,
    MOST_TOKENS,
    SHORT,
    Lexicon,
    Normalised,
    clean_once,
    english_token,
    raw_tokens,
    syllable,
    write_out,
)
from bot.knowledge.language.texts import Codes, Places, Texts, Vocabulary, cut, spread
from bot.knowledge.language.vietnamese import fold

_SPANS = "/"  # a text without it has nothing that reaches over a space: numbers of documents, "c / o"


class _Read(dict[str, int]):
    """What each run of signs is read as: the number of its row among `tokens`. It is found out when a run first comes."""

    def __init__(self, language: Language, vocabulary: Vocabulary, tokens: list[list[int]]) -> None:
        super().__init__()
        self._vietnamese, self._vocabulary = language == "vi", vocabulary
        self.rows = tokens

    def _tokens(self, run: str) -> list[str]:
        cleaned = clean_once(run)
        return raw_tokens(cleaned, "vi" if self._vietnamese else "en")

    def __missing__(self, run: str) -> int:
        spell = syllable if self._vietnamese else english_token
        cut_to = LONGEST_TOKEN if self._vietnamese else None
        number = self[run] = len(self.rows)
        self.rows.append([self._vocabulary.number(spell(each[:cut_to])) for each in self._tokens(run)])
        return number


class _Token(_Read):
    """The same for what is a token already."""

    def _tokens(self, run: str) -> list[str]:
        return [run]


def read_many(texts: Sequence[str], language: Language, lexicon: Lexicon | None = None) -> Texts:
    """Return what `normalise` gives for each text, as numbers."""
    vocabulary, rows = Vocabulary(), list[list[int]]()
    run_of, token_of = _Read(language, vocabulary, rows).__getitem__, _Token(language, vocabulary, rows).__getitem__
    found, ends = array("i"), array("q", (0,))
    for text in texts:
        if _SPANS in text:
            found.extend(map(token_of, raw_tokens(clean_once(text[:MOST_CHARACTERS]), language)))
        else:
            found.extend(map(run_of, text[:MOST_CHARACTERS].split()))
        ends.append(len(found))
    read, starts = np.array(found, dtype=np.int32), np.array(ends, dtype=np.int64)
    codes, starts = cut(*_in_place(read, starts, rows), MOST_TOKENS)
    if language == "vi":
        codes, starts = _with_names(codes, starts, vocabulary, lexicon)
        codes, starts = cut(*_written_out(codes, starts, vocabulary), MOST_TOKENS)
    return Texts(language, vocabulary, codes, starts)


def normalise_all(texts: Sequence[str], language: Language, lexicon: Lexicon | None = None) -> list[Normalised]:
    """Return what `normalise` gives for each text."""
    read = read_many(texts, language, lexicon)
    return [read.normalised(number) for number in range(len(texts))]


def _in_place(read: Codes, starts: Places, rows: Sequence[Sequence[int]]) -> tuple[Codes, Places]:
    """Put the words in the place of the runs that they were read from: mostly one."""
    sizes = np.fromiter(map(len, rows), np.int64, len(rows))
    words = np.fromiter(chain.from_iterable(rows), np.int32, int(sizes.sum()))
    begins = np.cumsum(sizes) - sizes
    many = sizes[read]
    ends = np.concatenate([[0], np.cumsum(many)])
    places = np.arange(ends[-1])
    places += np.repeat(begins[read] - ends[:-1], many)
    return words[places], ends[starts]


def _with_names(codes: Codes, starts: Places, vocabulary: Vocabulary, lexicon: Lexicon | None) -> tuple[Codes, Places]:
    """Write out the short names of departments."""
    if lexicon is None or not len(codes):
        return codes, starts
    bare = [fold(each) for each in vocabulary.words]
    number = {word: place for place, word in enumerate(dict.fromkeys(bare))}
    folded = np.array([number[each] for each in bare], dtype=np.int64)[codes]
    candidates = _candidates(folded, starts, number, lexicon)
    if not len(candidates):
        return codes, starts
    after = starts[np.searchsorted(starts, candidates, "right")].tolist()
    words = list(number)
    places, instead, past = list[int](), list[list[int]](), 0
    for place, end in zip(candidates.tolist(), after, strict=True):
        if place < past:
            continue
        length, full = lexicon.at([words[each] for each in folded[place : min(end, place + lexicon.longest)].tolist()], 0)
        if full is not None:
            places.extend(range(place, place + length))
            instead.append([vocabulary.number(each) for each in full])
            instead.extend([] for _ in range(length - 1))
            past = place + length
    return spread(codes, starts, np.array(places, dtype=np.int64), instead)


def _candidates(folded: Places, starts: Places, number: dict[str, int], lexicon: Lexicon) -> Places:
    """Return where a short name may begin, by its first two words."""
    alone, first = np.zeros(len(number), bool), np.zeros(len(number), bool)
    pairs = []
    for name in lexicon.names:
        if name[0] in number:
            (alone if len(name) == 1 else first)[number[name[0]]] = True
            if len(name) > 1 and name[1] in number:
                pairs.append(number[name[0]] * len(number) + number[name[1]])
    single = np.flatnonzero(alone[folded])
    twos = np.flatnonzero(first[folded[:-1]])
    twos = twos[np.isin(folded[twos] * len(number) + folded[twos + 1], pairs)]
    return np.union1d(single, twos)


def _written_out(codes: Codes, starts: Places, vocabulary: Vocabulary) -> tuple[Codes, Places]:
    """Write out abbreviations."""
    words = vocabulary.words
    places = np.flatnonzero(vocabulary.those(SHORT.__contains__)[codes])
    if not len(places):
        return codes, starts
    nothing = len(words)
    before, after = _neighbours(codes, starts, nothing)
    depends = vocabulary.those(BY_NEIGHBOURS.__contains__)[codes[places]]
    # What stands beside an abbreviation matters for a few of them; the others are each the same everywhere.
    asked = np.stack([codes[places], np.where(depends, before[places], nothing), np.where(depends, after[places], nothing)])
    different, which = np.unique(asked, axis=1, return_inverse=True)
    named = [*words, ""]
    meant = [[vocabulary.number(each) for each in write_out(*(named[code] for code in one))] for one in different.T.tolist()]
    return spread(codes, starts, places, [meant[each] for each in which.ravel().tolist()])


def _neighbours(codes: Codes, starts: Places, nothing: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the word before and after each, within its text."""
    before, after = np.full(len(codes), nothing, np.int32), np.full(len(codes), nothing, np.int32)
    before[1:], after[:-1] = codes[:-1], codes[1:]
    some = starts[:-1][np.diff(starts) > 0]
    before[some] = nothing
    after[starts[1:][np.diff(starts) > 0] - 1] = nothing
    return before, after
