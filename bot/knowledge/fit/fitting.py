"""Fits the two kinds of models that `weights.toml` holds: a ranking, and a probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.weights import Logistic

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]


def fit_ranking(tables: Sequence[Floats], right: Sequence[Marks], *, rounds: int = 400, decay: float = 2e-4) -> Floats:
    """Fit non-negative weights so that the right rows of each table score above its others (softmax over the rows).

    tables: one a question, candidates × signals. right: which of the candidates answer it; questions without any say
    nothing.
    """
    kept = [(table, marks) for table, marks in zip(tables, right, strict=True) if marks.any()]
    width, columns = max(len(table) for table, _ in kept), kept[0][0].shape[1]
    rows = np.zeros((len(kept), width, columns))
    there, rightly = np.zeros((len(kept), width), dtype=bool), np.zeros((len(kept), width), dtype=bool)
    for number, (table, marks) in enumerate(kept):
        rows[number, : len(table)] = table
        there[number, : len(table)] = True
        rightly[number, : len(table)] = marks
    weights = np.full(columns, 3.0)
    mean, square = np.zeros(columns), np.zeros(columns)
    for step in range(1, rounds + 1):
        scores = np.where(there, rows @ weights, -1e9)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        wanted = np.where(rightly, chances, 0.0)
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
        slope = np.einsum("nw,nwc->c", chances - wanted, rows) / len(kept) + decay * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= 0.15 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-9)
        weights = np.maximum(weights, 0.0)
    return weights


def fit_logistic(features: Floats, labels: Floats, counts: Floats, names: Sequence[str], *, penalty: float = 1.0) -> Logistic:
    """Fit a logistic model by Newton's method, on signals brought to one scale and back."""
    centre, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale < 1e-9] = 1.0
    scaled = np.hstack([np.ones((len(features), 1)), (features - centre) / scale])
    keep = penalty * np.eye(scaled.shape[1])
    keep[0, 0] = 0.0
    beta = np.zeros(scaled.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ beta, -30, 30)))
        curvature = scaled.T @ (scaled * (counts * chance * (1 - chance))[:, None]) + keep + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(curvature, scaled.T @ (counts * (labels - chance)) - keep @ beta)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    weights = beta[1:] / scale
    bias = float(beta[0] - (weights * centre).sum())
    return Logistic(bias, {name: float(weight) for name, weight in zip(names, weights, strict=True)})
