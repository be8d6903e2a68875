"""How likely it is that the first candidate answers the question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bot.knowledge.verdict import Candidate
from bot.knowledge.weights import Logistic

SIGNALS = (
    "probability", "score", "margin_to_second", "margin_to_fifth", "covered", "row_covered", "cover", "unknown",
    "fuzzy", "best_folded", "best_pairs", "best_letters", "mean_folded", "mean_letters", "length", "english", "named",
    "case", "case_over_best",
)  # fmt: skip


def signals_of(candidates: Sequence[Candidate], sharpness: float, case: float) -> dict[str, float]:
    """Return what speaks for the first candidate, by the names of SIGNALS.

    case: how near the question is to what the directory gives to departments that hardly any entry belongs to.
    """
    scores = [each.score for each in candidates[:10]]
    top = scores[0]
    chances = [math.exp(sharpness * (score - top)) for score in scores]
    second = scores[1] if len(scores) > 1 else 0.0
    fifth = scores[4] if len(scores) > 4 else 0.0
    found = {
        **candidates[0].signals,
        "probability": chances[0] / sum(chances),
        "score": top,
        "margin_to_second": top - second,
        "margin_to_fifth": top - fifth,
        "case": case,
    }
    found["case_over_best"] = case - 0.5 * (found.get("best_folded", 0.0) + found.get("best_letters", 0.0))
    return {name: found.get(name, 0.0) for name in SIGNALS}


def confidence(signals: Mapping[str, float], model: Logistic) -> float:
    total = model.bias + sum(weight * signals.get(name, 0.0) for name, weight in model.weights.items())
    return 1.0 / (1.0 + math.exp(-max(min(total, 30.0), -30.0)))
