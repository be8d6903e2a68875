"""Computes the vectors that lie beside the entries, so that no start has to: `donghanh faq vectors`."""

from __future__ import annotations

from pathlib import Path

from bot.knowledge.entries import Entry, EntryStatus
from bot.knowledge.files.loading import KnowledgeFiles
from bot.knowledge.meaning.embedder import Embedder
from bot.knowledge.meaning.meanings import LANGUAGES, Meanings, answer_text, elsewhere, wordings, written
from bot.knowledge.meaning.vectors import FILE, Cache, Store, missing


def ship_vectors(faq_dir: Path, files: KnowledgeFiles, embedder: Embedder) -> tuple[int, int]:
    """Write the vectors of all published entries; return how many there are, and how many had to be computed."""
    vectors = Cache(embedder, faq_dir / FILE, None)
    Meanings(_published(files), files.directory.lexicon(), vectors)
    keys, all_of_them = vectors.all_used()
    Store(faq_dir / FILE).save(keys, all_of_them)
    return len(keys), vectors.computed


def not_shipped(faq_dir: Path, files: KnowledgeFiles, name: str) -> list[str]:
    """Return the texts of published entries whose vectors, of the embedder of this name, do not lie beside them."""
    store, lexicon = Store(faq_dir / FILE), files.directory.lexicon()
    entries = _published(files)
    asked = [text for each in entries for language in LANGUAGES for text in wordings(each, language, lexicon)]
    asked += [written(each, lexicon) for each in elsewhere()]
    answers = [answer_text(each, language) for each in entries for language in LANGUAGES]
    return missing(store, name, asked, "query") + missing(store, name, answers, "passage")


def _published(files: KnowledgeFiles) -> tuple[Entry, ...]:
    return tuple(each for each in files.entries if each.status is EntryStatus.PUBLISHED)
