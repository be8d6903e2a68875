"""What entries and messages mean, where an embedder is at hand; without one, nothing depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import structlog

from bot.knowledge.entries import Language
from bot.knowledge.language.normalise import Lexicon, Normalised
from bot.knowledge.language.wordings import Wordings
from bot.knowledge.meaning.embedder import Embedder, EmbedderFailed, Vectors, open_embedder
from bot.knowledge.meaning.meanings import Meanings, Reader
from bot.knowledge.meaning.vectors import FILE, Cache, TooMany
from bot.knowledge.search.ranking import Retriever

log = structlog.get_logger()

AT_ONCE = 60  # texts whose vectors a start or a reload computes itself: about a second


@dataclass(frozen=True, slots=True)
class Meaning:
    """How meaning is found.

    embedder: None to go by words alone. kept: the file for the vectors of entries that are not shipped; None to compute
    those at every start. waits: whether loading waits for vectors that many texts lack; if not, questions are answered by
    words alone until they are there.
    """

    embedder: Embedder | None = None
    kept: Path | None = None
    waits: bool = True

    @classmethod
    def chosen(
        cls, setting: str, *, model: str = "", key: str = "", data_dir: Path | None = None, waits: bool = True
    ) -> Meaning:
        """Return what the settings name. Where that does not run here, by words alone, and the log says why.

        data_dir: where the vectors of what is not shipped are kept; None for a command that only reads.
        """
        try:
            embedder = open_embedder(setting, model=model, key=key)
        except EmbedderFailed as error:
            log.warning("knowledge.meaning_unavailable", reason=str(error))
            return cls()
        return cls(embedder, data_dir / FILE if data_dir else None, waits)


@dataclass(frozen=True, slots=True)
class Understood:
    meanings: Meanings
    reader: Reader


class AskedMeaning:
    """The meaning of one message, computed when something first needs it."""

    def __init__(self, meaning: Understood | None, whole: Normalised | None) -> None:
        self._meaning, self._whole = meaning, whole

    @property
    def embedder(self) -> str | None:
        return self._meaning.reader.embedder if self._meaning is not None else None

    @cached_property
    def vector(self) -> Vectors | None:
        """None without an embedder, for a message without a word, and where the embedder fails."""
        if self._meaning is None or self._whole is None:
            return None
        try:
            return self._meaning.reader.vector(self._whole)
        except EmbedderFailed as error:
            log.warning("knowledge.meaning_failed", reason=str(error))
            return None


def understand(
    meaning: Meaning,
    faq_dir: Path,
    retriever: Retriever,
    lexicon: Lexicon,
    wordings: Mapping[Language, Wordings] | None = None,
) -> tuple[Understood | None, bool]:
    """Load or compute the vectors; say whether they are put off. Where that fails, words alone answer, and the log says why."""
    if meaning.embedder is None or not retriever.entries:
        return None, False
    vectors = Cache(meaning.embedder, faq_dir / FILE, meaning.kept, at_once=None if meaning.waits else AT_ONCE)
    try:
        meanings = Meanings(retriever.entries, lexicon, vectors, wordings)
    except TooMany as error:
        log.info("knowledge.vectors_put_off", texts=error.texts)
        return None, True
    except EmbedderFailed as error:
        log.warning("knowledge.meaning_unavailable", reason=str(error))
        return None, False
    if vectors.computed:
        log.info("knowledge.vectors_computed", texts=vectors.computed)
    vectors.keep()
    return Understood(meanings, Reader(meaning.embedder, retriever.speller)), False
