"""What the entries say in one language, read once for everything that is built from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.entries import Entry, Language
from bot.knowledge.language.normalise import Lexicon
from bot.knowledge.language.normalise_many import read_many
from bot.knowledge.language.texts import Texts


@dataclass(frozen=True)
class Wordings:
    """texts: of each entry all ways of asking and then the answer. counts: how many ways of asking each entry has."""

    texts: Texts
    counts: NDArray[np.int64]

    @classmethod
    def read(cls, entries: Sequence[Entry], language: Language, lexicon: Lexicon) -> Wordings:
        said = [each.wording(language) for each in entries]
        texts = read_many(list(chain.from_iterable((*each.phrasings, each.answer) for each in said)), language, lexicon)
        return cls(texts, np.array([1 + len(each.paraphrases) for each in said], dtype=np.int64))

    @cached_property
    def _asks(self) -> NDArray[np.bool_]:
        """Mark the texts that are ways of asking."""
        asks = np.ones(len(self.texts), dtype=bool)
        asks[np.cumsum(self.counts + 1) - 1] = False
        return asks

    @property
    def owners(self) -> NDArray[np.int64]:
        """The entry of each way of asking."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def phrasings(self) -> Texts:
        return self.texts.only(self._asks)

    @property
    def answers(self) -> Texts:
        return self.texts.only(~self._asks)

    def first(self, entries: int) -> Texts:
        """Return what the first entries ask and answer."""
        return self.texts.part(int((self.counts[:entries] + 1).sum()))
