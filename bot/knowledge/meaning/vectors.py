"""Vectors that were computed before, by the hash of their text, so that a start takes seconds.

Those of the shipped entries lie beside them in `faq/vectors.npz`; those of an operator's own entries and of the imported
law are computed once and kept in DATA_DIR. A vector is kept in a byte a number, with its scale: that changes no rank that
was measured and makes the file a quarter of the size.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import repeat
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.knowledge.meaning.compact import Compact
from bot.knowledge.meaning.embedder import LONGEST, Embedder, EmbedderFailed, Kind, Vectors

log = structlog.get_logger()

Key = int
FILE = "vectors.npz"


def key_of(name: str, kind: Kind, text: str) -> Key:
    digest = blake2b(f"{name}\0{kind}\0{text[:LONGEST]}".encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


class _Held:
    """Vectors by key."""

    def __init__(self) -> None:
        self._places: dict[Key, int] = {}
        self._vectors = Compact(np.zeros((0, 0), np.int8), np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def add(self, keys: Iterable[Key], vectors: Compact) -> None:
        """keys: as many, all different and none of them there."""
        self._places.update((key, len(self._vectors) + place) for place, key in enumerate(keys))
        self._vectors = Compact.joined((self._vectors, vectors)) if len(self._vectors) else vectors

    def places(self, keys: Sequence[Key]) -> NDArray[np.int64]:
        """Return where each key is, -1 for those that are not there."""
        return np.fromiter(map(self._places.get, keys, repeat(-1)), np.int64, len(keys))

    def at(self, places: NDArray[np.int64]) -> Compact:
        return Compact(self._vectors.numbers[places], self._vectors.scales[places])


class Store(_Held):
    """Vectors in one file. A file that cannot be read counts as empty: everything in it can be computed again."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        try:
            with np.load(path, allow_pickle=False) as data:
                found = Compact(data["vectors"], data["scales"])
                keys: list[int] = data["keys"].tolist()
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return
        if found.numbers.ndim == 2 and len(keys) == len(found.numbers) == len(found.scales):
            self.add(keys, found)

    def save(self, keys: Sequence[Key], vectors: Compact) -> None:
        """Write these vectors, and only these, in one step: a reader sees the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".vectors-", suffix=".npz")
        try:
            with os.fdopen(descriptor, "wb") as out:
                np.savez(out, keys=np.array(keys, np.uint64), vectors=vectors.numbers, scales=vectors.scales)
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
        self._fresh = _Held()
        self._used: set[Key] = set()

    def vectors(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return a row for each text. Raises EmbedderFailed, and TooMany where more would have to be computed at once."""
        return self.compact(texts, kind)[:] if texts else np.zeros((0, 1), np.float32)

    def compact(self, texts: Sequence[str], kind: Kind) -> Compact:
        """The same in a byte a number."""
        keys = [key_of(self.embedder.name, kind, each) for each in texts]
        self._used.update(keys)
        there = np.logical_or.reduce([places >= 0 for _, places in self._places(keys)])
        missing = {keys[place]: texts[place] for place in np.flatnonzero(~there).tolist()}
        if self._at_once is not None and len(missing) > self._at_once:
            raise TooMany(len(missing))
        if missing:
            self._fresh.add(missing, Compact.of(self.embedder.embed(list(missing.values()), kind)))
        return self._gather(keys)

    @property
    def computed(self) -> int:
        """How many had to be computed."""
        return len(self._fresh)

    def keep(self) -> None:
        """Write down what was computed, and drop what nothing asked for. An unwritable folder only costs time next time."""
        if self._kept is None or not len(self._fresh):
            return
        try:
            own = sorted(each for each in self._used if each not in self._shipped)
            self._kept.save(own, self._gather(own))
        except OSError as error:
            log.warning("knowledge.vectors_not_kept", reason=error.strerror or str(error))

    def all_used(self) -> tuple[list[Key], Compact]:
        """Return everything that was asked for: what `donghanh faq vectors` ships."""
        keys = sorted(self._used)
        return keys, self._gather(keys)

    def _places(self, keys: Sequence[Key]) -> list[tuple[_Held, NDArray[np.int64]]]:
        return [(held, held.places(keys)) for held in (self._kept, self._shipped, self._fresh) if held is not None]

    def _gather(self, keys: Sequence[Key]) -> Compact:
        """Return the vectors of keys that are all somewhere."""
        found = Compact(np.zeros((0, 1), np.int8), np.zeros(0, np.float32))
        for held, places in self._places(keys):
            there = np.flatnonzero(places >= 0)
            if not len(there):
                continue
            part = held.at(places[there])
            if not len(found):
                found = Compact(np.empty((len(keys), part.numbers.shape[1]), np.int8), np.empty(len(keys), np.float32))
            found.numbers[there], found.scales[there] = part.numbers, part.scales
        return found


def missing(store: Store, name: str, texts: Iterable[str], kind: Kind) -> list[str]:
    """Return the texts whose vectors a file does not have."""
    return [each for each in texts if key_of(name, kind, each) not in store]
