"""The fitted part of the recognisers: for each kind of message, how probable it is. The weights are in `model.json`.

`python -m bot.knowledge.evidence.fitting faq --write` fits them anew to the examples and to the entries; one line of the
file is one feature, with what it speaks for (above 0) and against.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.evidence.features import Features

DEFAULT = Path(__file__).with_name("model.json")
TELLING = 3  # features that a reason names


class Model:
    """A multinomial logistic model. Pure and thread-safe."""

    def __init__(self, kinds: tuple[str, ...], bias: NDArray[np.float32], weights: dict[str, list[float]]) -> None:
        self.kinds = kinds
        self._bias = bias
        self._rows = {name: row for row, name in enumerate(weights)}
        self._weights = np.array(list(weights.values()), dtype=np.float32).reshape(len(weights), len(kinds))

    @classmethod
    def read(cls, path: Path = DEFAULT) -> Model:
        data = json.loads(path.read_text(encoding="utf-8"))
        kinds = tuple(data["kinds"])
        place = {kind: number for number, kind in enumerate(kinds)}
        weights = {}
        for name, said in data["features"].items():
            row = [0.0] * len(kinds)
            for kind, weight in said.items():
                row[place[kind]] = weight
            weights[name] = row
        return cls(kinds, np.array([data["bias"][kind] for kind in kinds], dtype=np.float32), weights)

    def chances(self, features: Features) -> dict[str, float]:
        """Return the probability of each kind; they sum to 1."""
        rows = np.fromiter(map(self._rows.get, features.names, repeat(-1)), dtype=np.int64, count=len(features.names))
        known = rows >= 0
        scores = (self._bias + features.values[known] @ self._weights[rows[known]]).astype(np.float64)
        scores = np.exp(scores - scores.max())
        return dict(zip(self.kinds, (scores / scores.sum()).tolist(), strict=True))

    def telling(self, features: Features, kind: str) -> list[str]:
        """Return the words and meanings that speak most for the kind, best first."""
        number = self.kinds.index(kind)
        said = [
            (float(self._weights[row, number]) * float(value), name)
            for name, value in zip(features.names, features.values, strict=True)
            if name[0] not in "~=" and (row := self._rows.get(name)) is not None
        ]
        return [name.lstrip("@") for weight, name in sorted(said, reverse=True)[:TELLING] if weight > 0]


@lru_cache(maxsize=1)
def shipped() -> Model:
    """Return the model that comes with the program."""
    return Model.read()
