"""Many texts in the one spelling, as numbers: what entries and laws are indexed from.

Ten thousand entries are some two hundred thousand texts with four million words, of which twenty thousand are different. Each
different one is looked at once; everything else is done with arrays of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.entries import Language
from bot.knowledge.language.normalise import Normalised
from bot.knowledge.language.vietnamese import fold

MARKED_ENOUGH = 0.25  # a line with this share of marked words is spelt as its writer wanted it
Codes = NDArray[np.int32]
Places = NDArray[np.int64]


class Vocabulary:
    """Every different word, with its number. It grows while texts are read, and not afterwards."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = list(words)
        self._numbers = {word: number for number, word in enumerate(words)}

    def number(self, word: str) -> int:
        number = self._numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number

    @cached_property
    def folded(self) -> list[str]:
        """Every word without its marks."""
        return [fold(each) for each in self.words]

    def those(self, what: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Mark the words of which something holds."""
        return np.fromiter(map(what, self.words), bool, len(self.words))


@dataclass(frozen=True)
class Texts:
    """codes: the words of all texts, end to end, by number. starts: where each text begins, and where the last one ends."""

    language: Language
    vocabulary: Vocabulary
    codes: Codes
    starts: Places

    @classmethod
    def of(cls, language: Language, texts: Iterable[Sequence[str]]) -> Texts:
        """Return texts that are in the one spelling already."""
        vocabulary = Vocabulary()
        read = [[vocabulary.number(word) for word in each] for each in texts]
        starts = np.cumsum([0, *map(len, read)], dtype=np.int64)
        return cls(language, vocabulary, np.array(list(chain.from_iterable(read)), dtype=np.int32), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def words(self) -> Sequence[str]:
        """By number."""
        return self.vocabulary.words

    @property
    def folded(self) -> Sequence[str]:
        return self.vocabulary.folded

    @property
    def lengths(self) -> Places:
        return np.diff(self.starts)

    def normalised(self, number: int) -> Normalised:
        codes = self._of(number)
        tokens, folded = [self.words[each] for each in codes], [self.folded[each] for each in codes]
        return Normalised.folded_already(tuple(tokens), tuple(folded), self.language)

    def _of(self, number: int) -> list[int]:
        return self.codes[self.starts[number] : self.starts[number + 1]].tolist()  # type: ignore[no-any-return]

    def part(self, count: int) -> Texts:
        """Return the first texts."""
        return Texts(self.language, self.vocabulary, self.codes[: self.starts[count]], self.starts[: count + 1])

    def only(self, which: NDArray[np.bool_]) -> Texts:
        """Return some of the texts. which: a mark for each."""
        lengths = self.lengths
        starts = np.concatenate([[0], np.cumsum(lengths[which])])
        return Texts(self.language, self.vocabulary, self.codes[np.repeat(which, lengths)], starts)

    def only_words(self, which: NDArray[np.bool_]) -> Texts:
        """Return the texts with some of their words. which: a mark for each word of the vocabulary."""
        kept = which[self.codes]
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts]
        return Texts(self.language, self.vocabulary, self.codes[kept], starts)

    def counts(self, which: NDArray[np.bool_]) -> Places:
        """Return how many words of each text are among some. which: a mark for each word of the vocabulary."""
        before = np.concatenate([[0], np.cumsum(which[self.codes])])
        return np.diff(before[self.starts])

    @cached_property
    def marked(self) -> NDArray[np.bool_]:
        """Say which texts their writers typed with diacritics; the same as `spelling.is_marked`."""
        alphabetic = self.vocabulary.those(str.isalpha)
        bare = self.vocabulary.those(str.isascii)
        return self.counts(alphabetic & ~bare) > MARKED_ENOUGH * self.counts(alphabetic)


class Written:
    """Texts as they are written, end to end: read back faster than they are put together one by one.

    data: in UTF-8, a space after each word. starts: of each text, and where the last one ends.
    """

    def __init__(self, texts: Texts, words: Sequence[str]) -> None:
        """words: how each word of their vocabulary is written."""
        spaced = [f"{each} ".encode() for each in words]
        self.data = b"".join(map(spaced.__getitem__, texts.codes.tolist()))
        sizes = np.fromiter(map(len, spaced), np.int64, len(spaced))[texts.codes]
        self.starts = np.concatenate([[0], np.cumsum(sizes)])[texts.starts]

    def __getitem__(self, number: int) -> str:
        return self.data[self.starts[number] : self.starts[number + 1]].rstrip().decode()

    def __iter__(self) -> Iterator[str]:
        return (self.data[start:end].rstrip().decode() for start, end in pairwise(self.starts.tolist()))


def spread(codes: Codes, starts: Places, places: Places, instead: Sequence[Sequence[int]]) -> tuple[Codes, Places]:
    """Put other words, any number of them, in the place of some. Return the codes, and where each text begins."""
    sizes = np.ones(len(codes), dtype=np.int64)
    lengths = np.fromiter(map(len, instead), np.int64, len(instead))
    sizes[places] = lengths
    ends = np.cumsum(sizes)
    written = np.repeat(codes, sizes)
    inside = np.repeat(ends[places] - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
    written[inside] = np.fromiter((code for each in instead for code in each), np.int32, len(inside))
    return written, np.concatenate([[0], ends])[starts]


def cut(codes: Codes, starts: Places, most: int) -> tuple[Codes, Places]:
    """Keep of each text so many words."""
    lengths = np.diff(starts)
    if not (lengths > most).any():
        return codes, starts
    nth = np.arange(len(codes)) - np.repeat(starts[:-1], lengths)
    return codes[nth < most], np.concatenate([[0], np.cumsum(np.minimum(lengths, most))])
