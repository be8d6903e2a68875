"""The numbers that the ranking and the decision were fitted to, from `weights.toml`, where they can be read.

`python -m bot.knowledge.fit.calibrate faq` fits them anew; a threshold does not carry over from one set of entries to
another, so it is run again whenever the entries change much.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).with_name("weights.toml")


@dataclass(frozen=True, slots=True)
class Logistic:
    """1 / (1 + exp(-(bias + the weighted signals))). A signal that is missing counts as 0."""

    bias: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Model:
    """How candidates are ranked and trusted.

    ranking: by language, what each signal of an entry counts; the weights of a language sum to 1.
    sharpness: by language, how much a difference in score says about which entry is meant.
    sure, perhaps: from which confidence the bot answers, and from which it suggests.
    least_to_answer, least_to_suggest: scores below which nothing is near, however far behind the rest is.
    """

    ranking: Mapping[str, Mapping[str, float]]
    sharpness: Mapping[str, float]
    confidence: Logistic  # that the first candidate answers
    suggesting: Logistic  # that one of the first three does
    sure: float
    perhaps: float
    least_to_answer: float
    least_to_suggest: float

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Model:
        return cls(
            ranking=data["ranking"],
            sharpness=data["sharpness"],
            confidence=_logistic(data["confidence"]),
            suggesting=_logistic(data["suggesting"]),
            sure=data["thresholds"]["sure"],
            perhaps=data["thresholds"]["perhaps"],
            least_to_answer=data["thresholds"]["least_to_answer"],
            least_to_suggest=data["thresholds"]["least_to_suggest"],
        )


@dataclass(frozen=True, slots=True)
class Law:
    """What imported law adds. entry: that the first entry answers, with what the law says of it. passage: that the first
    passage does. sure, passage_sure: from which of them on that is the answer."""

    entry: Logistic
    passage: Logistic
    sure: float
    passage_sure: float


@dataclass(frozen=True, slots=True)
class Weights:
    """words: by words alone. meaning: by words and meaning. law: where law is imported, on top of either.

    consult_from, consult_to: the meaning is asked where the confidence by words lies between. Below nothing is near, above
    it changes nothing, and it costs ten times all the rest.
    """

    words: Model
    meaning: Model
    law: Law
    consult_from: float
    consult_to: float
    departments: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = DEFAULT) -> Weights:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            words=Model.of(data["words"]),
            meaning=Model.of(data["meaning"]),
            law=Law(
                entry=_logistic(data["law"]["entry"]),
                passage=_logistic(data["law"]["passage"]),
                sure=data["law"]["thresholds"]["sure"],
                passage_sure=data["law"]["thresholds"]["passage_sure"],
            ),
            consult_from=data["consult"]["from"],
            consult_to=data["consult"]["to"],
            departments=data["departments"],
        )


def _logistic(data: Mapping[str, Any]) -> Logistic:
    return Logistic(data["bias"], data["weights"])
