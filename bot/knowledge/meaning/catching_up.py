"""Computes vectors that are lacking while questions are answered already, in a thread that its owner can stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import structlog

from bot.knowledge.meaning.embedder import Embedder, EmbedderFailed, Kind, Vectors

log = structlog.get_logger()

_AT_A_TIME = 8  # texts: a question that comes meanwhile waits for a quarter of a second at most


class CatchingUp:
    """One run of `work`, which is given an embedder that stops when it is told to."""

    def __init__(self, embedder: Embedder, work: Callable[[Embedder], None]) -> None:
        self._embedder = _Stoppable(embedder)
        self._work = work
        # A daemon: whoever stops the program does not wait for vectors that can be computed again.
        self._thread = threading.Thread(target=self._run, name="vectors", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Have it end after what it is at; what it would have done is left undone."""
        self._embedder.stopped.set()

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work(self._embedder)
        except Exception:
            log.exception("knowledge.vectors_failed")


class _Stoppable:
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.stopped = threading.Event()

    @property
    def name(self) -> str:
        return self._embedder.name

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        parts = []
        for start in range(0, len(texts), _AT_A_TIME):
            if self.stopped.is_set():
                raise EmbedderFailed("stopped before all vectors were computed")
            parts.append(self._embedder.embed(texts[start : start + _AT_A_TIME], kind))
        return np.concatenate(parts) if parts else self._embedder.embed(texts, kind)
