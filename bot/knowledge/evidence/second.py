"""A second opinion on what kind a message is: what its words say, and what it means as a whole.

Strangers report, greet, insult and ask for the weather in words that no example has. Where the words leave doubt, the vector of
the message says on which side of the examples it lies; both are weighed by what each was worth on examples that neither had
seen. The weights are in `second.json` (reports) and `second_*.json`, written by `python -m bot.knowledge.evidence.fitting faq
--write`; they belong to one embedder.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.knowledge.meaning.embedder import Vectors

DEFAULT = Path(__file__).with_name("second.json")
OF_SMALL_TALK = Path(__file__).with_name("second_smalltalk.json")
# Of what is no question for the knowledge base; a matter under investigation is told by its words.
OF_OTHERS = {
    kind: Path(__file__).with_name(f"second_{kind}.json") for kind in ("out_of_scope", "other_enterprise", "injection", "abuse")
}
# Between these chances by words alone it is asked for; outside them the words are plain enough.
ASKED_FROM, ASKED_TO = 0.03, 0.8
# From this chance it is asked whether so short a message is small talk; a longer one carries something besides.
POLITE_ASKED_FROM, MOST_WORDS = 0.1, 25
# Of fewer than these chances by words, who asks about their own firm would be taken for asking about another.
OTHERS_ASKED_FROM = {"out_of_scope": 0.05, "other_enterprise": 0.1, "injection": 0.05, "abuse": 0.03}
_MOST_ODDS = 6.0  # natural logarithm


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """embedder: whose vectors it reads. words: what the log odds by words count. direction: towards what it is about."""

    embedder: str
    words: float
    bias: float
    direction: Vectors

    @classmethod
    def read(cls, path: Path = DEFAULT) -> SecondOpinion:
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(data["embedder"], data["words"], data["bias"], np.array(data["direction"], dtype=np.float32))

    def as_json(self) -> str:
        said = {"embedder": self.embedder, "words": round(self.words, 4), "bias": round(self.bias, 4)}
        return json.dumps({**said, "direction": [round(float(each), 4) for each in self.direction]}, indent=1) + "\n"

    def chance(self, by_words: float, vector: Vectors) -> float:
        """Return how probable it is that the message is one. by_words: the same by its words alone."""
        odds = self.words * log_odds(by_words) + float(vector @ self.direction) + self.bias
        return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


def log_odds(chance: float) -> float:
    chance = min(max(chance, 1e-9), 1 - 1e-9)
    return max(min(math.log(chance / (1 - chance)), _MOST_ODDS), -_MOST_ODDS)


@lru_cache(maxsize=8)
def shipped(path: Path = DEFAULT) -> SecondOpinion:
    """Return the weights that come with the program: on reports, or on what the file is about."""
    return SecondOpinion.read(path)
