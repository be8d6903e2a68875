"""Vectors that were computed before, by the hash of their text, so that a start takes seconds.

Those of the shipped entries lie beside them in `faq/vectors.npz`; those of an operator's own entries and of the imported
law are computed once and kept in DATA_DIR. A vector is kept in a byte a number, with its scale: that changes no rank that
was measured and makes the file a quarter of the size.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.knowledge.meaning.embedder import LONGEST, Embedder, EmbedderFailed, Kind, Vectors

log = structlog.get_logger()

Key = int
FILE = "vectors.npz"


def key_of(name: str, kind: Kind, text: str) -> Key:
    digest = blake2b(f"{name}\0{kind}\0{text[:LONGEST]}".encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


class Store:
    """Vectors in one file. A file that cannot be read counts as empty: everything in it can be computed again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[Key, int] = {}
        self._bytes: NDArray[np.int8] = np.zeros((0, 0), np.int8)
        self._scales: NDArray[np.float32] = np.zeros(0, np.float32)
        try:
            with np.load(path, allow_pickle=False) as data:
                self._bytes, self._scales = data["vectors"], data["scales"]
                keys: list[int] = data["keys"].tolist()
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return
        if self._bytes.ndim == 2 and len(keys) == len(self._bytes) == len(self._scales):
            self._places = {key: place for place, key in enumerate(keys)}

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def get(self, keys: Sequence[Key]) -> Vectors:
        """Return the vectors of keys that are all there."""
        places = np.array([self._places[each] for each in keys], dtype=np.int64)
        return self._bytes[places] * self._scales[places, None]

    def save(self, vectors: Mapping[Key, Vectors]) -> None:
        """Write these vectors, and only these, in one step: a reader sees the old file or the new one."""
        keys = sorted(vectors)
        rows = np.array([vectors[each] for each in keys], dtype=np.float32)
        scales = np.abs(rows).max(axis=1) / 127 if len(rows) else np.zeros(0, np.float32)
        small = np.rint(rows / np.maximum(scales, 1e-12)[:, None]).astype(np.int8) if len(rows) else np.zeros((0, 0), np.int8)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".vectors-", suffix=".npz")
        try:
            with os.fdopen(descriptor, "wb") as out:
                np.savez(out, keys=np.array(keys, np.uint64), vectors=small, scales=scales.astype(np.float32))
            Path(name).chmod(0o644)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


class TooMany(EmbedderFailed):
    """More texts lack a vector than were to be computed at once. texts: how many."""

    def __init__(self, texts: int) -> None:
        super().__init__(f"{texts} texts have no vector yet")
        self.texts = texts


class Cache:
    """Vectors from what is shipped, from what was kept, and for the rest from the embedder."""

    def __init__(self, embedder: Embedder, shipped: Path, kept: Path | None, *, at_once: int | None = None) -> None:
        """kept: the file for what has to be computed; None to compute it at every start.

        at_once: how many texts may be computed for one call of `vectors`; None for any number.
        """
        self._at_once = at_once
        self.embedder = embedder
        self._shipped = Store(shipped)
        self._kept = Store(kept) if kept is not None else None
        self._fresh: dict[Key, Vectors] = {}
        self._used: set[Key] = set()

    def vectors(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return a row for each text. Raises EmbedderFailed, and TooMany where more would have to be computed at once."""
        keys = [key_of(self.embedder.name, kind, each) for each in texts]
        self._used.update(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if not self._has(key)}
        if self._at_once is not None and len(missing) > self._at_once:
            raise TooMany(len(missing))
        if missing:
            computed = self.embedder.embed(list(missing.values()), kind)
            self._fresh.update(zip(missing, computed, strict=True))
        if not keys:
            return np.zeros((0, 1), np.float32)
        return self._gather(keys)

    @property
    def computed(self) -> int:
        """How many had to be computed."""
        return len(self._fresh)

    def keep(self) -> None:
        """Write down what was computed, and drop what nothing asked for. An unwritable folder only costs time next time."""
        if self._kept is None or not self._fresh:
            return
        try:
            self._kept.save(self._named([each for each in self._used if each not in self._shipped]))
        except OSError as error:
            log.warning("knowledge.vectors_not_kept", reason=error.strerror or str(error))

    def all_used(self) -> dict[Key, Vectors]:
        """Return everything that was asked for: what `donghanh faq vectors` ships."""
        return self._named(sorted(self._used))

    def _has(self, key: Key) -> bool:
        return key in self._fresh or key in self._shipped or (self._kept is not None and key in self._kept)

    def _named(self, keys: list[Key]) -> dict[Key, Vectors]:
        return dict(zip(keys, self._gather(keys), strict=True)) if keys else {}

    def _gather(self, keys: Sequence[Key]) -> Vectors:
        found: Vectors | None = None
        fresh = [place for place, key in enumerate(keys) if key in self._fresh]
        shipped = [place for place, key in enumerate(keys) if key not in self._fresh and key in self._shipped]
        kept = [place for place, key in enumerate(keys) if key not in self._fresh and key not in self._shipped]
        parts = [(fresh, np.array([self._fresh[keys[place]] for place in fresh], np.float32))]
        for places, store in ((shipped, self._shipped), (kept, self._kept)):
            if places and store is not None:
                parts.append((places, store.get([keys[place] for place in places])))
        for places, rows in parts:
            if not places:
                continue
            if found is None:
                found = np.empty((len(keys), rows.shape[1]), np.float32)
            found[places] = rows
        assert found is not None
        return found


def missing(store: Store, name: str, texts: Iterable[str], kind: Kind) -> list[str]:
    """Return the texts whose vectors a file does not have."""
    return [each for each in texts if key_of(name, kind, each) not in store]
