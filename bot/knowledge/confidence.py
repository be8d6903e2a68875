"""How likely it is that the first candidate answers the question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bot.knowledge.citations import Citation, cites
from bot.knowledge.meaning.meanings import SIGNALS as MEANING
from bot.knowledge.verdict import Candidate
from bot.knowledge.weights import Logistic

MOST = 10  # candidates that are looked at
# Nearer than this share of its score to an entry that leans on another place, the first is asked about, however sure it seems:
# of strangers' questions that left two so close, it answered 19 of 34; further apart 557 of 580.
TWINS = 0.04
_OF_THE_FIRST = (
    "covered", "row_covered", "cover", "unknown", "fuzzy", "best_folded", "best_pairs", "mean_folded", "mean_letters",
    "length", "english", "named",
)  # fmt: skip
WORDS = (
    "probability", "place_probability", "score", "margin_to_second", "margin_to_fifth", "margin_to_other_place",
    *_OF_THE_FIRST, "case",
)  # fmt: skip
WORDS_AND_MEANING = (*WORDS, *MEANING, *(f"{each}_margin" for each in MEANING), "meaning_top", "asks")


def signals_of(candidates: Sequence[Candidate], sharpness: float, *, case: float, asks: float = 0.0) -> dict[str, float]:
    """Return what speaks for the first candidate, by the names of WORDS_AND_MEANING.

    Several entries tell the same point from several sides, so what counts against the first is a candidate that leans on
    another place.
    case: how near the question is to what the directory gives to departments that hardly any entry belongs to.
    asks: about 1 if it reads like a question for entries.
    """
    candidates = candidates[:MOST]
    first = candidates[0]
    scores = [each.score for each in candidates]
    top = scores[0]
    chances = [math.exp(sharpness * (score - top)) for score in scores]
    total = sum(chances)
    elsewhere = [place for place, each in enumerate(candidates) if place and not same_place(first.citations, each.citations)]
    found = {name: first.signals.get(name, 0.0) for name in _OF_THE_FIRST}
    found |= {
        "probability": chances[0] / total,
        "place_probability": 1.0 - sum([chances[place] for place in elsewhere]) / total,
        "score": top,
        "margin_to_second": top - (scores[1] if len(scores) > 1 else 0.0),
        "margin_to_fifth": top - (scores[4] if len(scores) > 4 else 0.0),
        "margin_to_other_place": top - (scores[elsewhere[0]] if elsewhere else 0.0),
        "case": case,
        "asks": asks,
    }
    if MEANING[0] in first.signals:
        for name in MEANING:
            found[name] = first.signals.get(name, 0.0)
            others = [candidates[place].signals.get(name, 0.0) for place in elsewhere]
            found[f"{name}_margin"] = found[name] - max(others, default=0.0)
        found["meaning_top"] = max([each.signals.get(MEANING[0], 0.0) for each in candidates])
    return found


def are_twins(signals: Mapping[str, float]) -> bool:
    """Say whether the first candidate and one that leans on another place are too near each other to choose between them."""
    return signals["margin_to_other_place"] < TWINS * signals["score"]


def same_place(some: Sequence[Citation], others: Sequence[Citation]) -> bool:
    """Say whether two entries lean on a place that is the same, or lies inside the other's."""
    return any(cites(one, two.document, two.place) or cites(two, one.document, one.place) for one in some for two in others)


def confidence(signals: Mapping[str, float], model: Logistic) -> float:
    total = model.bias + sum([weight * signals.get(name, 0.0) for name, weight in model.weights.items()])
    return 1.0 / (1.0 + math.exp(-max(min(total, 30.0), -30.0)))
