"""Fits what imported law adds: how much surer an entry is beside it, and when a passage answers by itself.

The law is not shipped, so calibration is given its files. A phrasing asks the law too: its entry says which places are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.knowledge import confidence as trust
from bot.knowledge.entries import Entry
from bot.knowledge.fit.fitting import fit_logistic
from bot.knowledge.fit.left_out import Asked, Kind, answers, ranked
from bot.knowledge.language.normalise import Lexicon
from bot.knowledge.law.parsing import read_law
from bot.knowledge.search.passages import ENTRY_SIGNALS, PASSAGE_SIGNALS, Passages, beside_entry, by_itself
from bot.knowledge.weights import Law, Logistic, Model

# Of the passages that answer by themselves, at least so many have to be right, by what an entry cites; other places often say
# the same, so that more of them are.
RIGHT = 0.88
MOST_FOREIGN = 0.01  # of what no entry answers may be answered by a passage


@dataclass(frozen=True, slots=True)
class Text:
    """A passage as it is searched."""

    document: str
    place: str
    title: str
    text: str
    indexed: str


@dataclass(frozen=True, slots=True)
class Seen:
    """twins: whether another entry is too near for the first to answer."""

    kind: Kind
    signals: dict[str, float]
    right: bool
    twins: bool = False


def read_passages(files: Sequence[Path], lexicon: Lexicon) -> Passages:
    texts = []
    for path in files:
        document = read_law(path).document
        for each in document:
            if each.citable and document.number:
                texts.append(Text(document.number, each.place, each.title, each.text, each.indexed))
    return Passages(texts, lexicon)


def fit_law(
    asked: Sequence[Asked],
    model: Model,
    names: Sequence[str],
    entries: Sequence[Entry],
    *,
    counts: Mapping[Kind, float],
    most: Mapping[Kind, float],
) -> Law:
    """counts, most: by kind, what a question counts, and the share of them that may be answered wrong."""
    of_entry, of_passage = look(asked, model, names, entries)
    entry = _fit(of_entry, ENTRY_SIGNALS, counts)
    sure = _threshold(
        [each for each in of_entry if not each.twins],
        entry,
        most,
        Counter(each.kind for each in asked if each.language == "vi"),
    )
    # A passage is asked for what the entries do not answer, so it learns from that.
    unsure = [seen for seen, first in zip(of_passage, of_entry, strict=True) if trust.confidence(first.signals, entry) < sure]
    passage = _fit(unsure, PASSAGE_SIGNALS, counts)
    return Law(entry, passage, sure, _sure_of_passages(unsure, passage))


def look(asked: Sequence[Asked], model: Model, names: Sequence[str], entries: Sequence[Entry]) -> tuple[list[Seen], list[Seen]]:
    """Return what is known of the first entry beside the law, and of the first passage, for each question that has both."""
    of_entry, of_passage = [], []
    for each in asked:
        found = ranked(each, names, dict(model.ranking[each.language]), entries) if each.near else []
        if not found or each.question is None:
            continue
        signals = trust.signals_of(found, model.sharpness[each.language], case=each.case, asks=each.asks)
        sure = trust.confidence(signals, model.confidence)
        right = answers(found[0].citations, each.right_places(entries))
        of_entry.append(Seen(each.kind, beside_entry(each.near, found[0], sure), right, trust.are_twins(signals)))
        places = entries[each.hidden].citations if each.hidden >= 0 else each.right_places(entries)
        said = by_itself(each.near, each.question, sure)
        of_passage.append(Seen(each.kind, said, answers((each.near[0].citation,), places)))
    return of_entry, of_passage


def _fit(seen: Sequence[Seen], names: Sequence[str], counts: Mapping[Kind, float]) -> Logistic:
    features = np.array([[each.signals[name] for name in names] for each in seen])
    right = np.array([each.right for each in seen], dtype=np.float64)
    return fit_logistic(features, right, np.array([counts[each.kind] for each in seen]), names, penalty=3.0)


def _threshold(seen: Sequence[Seen], model: Logistic, most: Mapping[Kind, float], total: Mapping[Kind, int]) -> float:
    chances = np.array([trust.confidence(each.signals, model) for each in seen])
    least = 0.0
    for kind, share in most.items():
        mine = np.array([each.kind is kind for each in seen])
        wrong = np.sort(chances[mine & ~np.array([each.right for each in seen])])[::-1]
        allowed = int(share * total[kind])
        if len(wrong) > allowed:
            least = max(least, float(wrong[allowed]) + 1e-6)
    return least


def _sure_of_passages(seen: Sequence[Seen], model: Logistic) -> float:
    chances = np.array([trust.confidence(each.signals, model) for each in seen])
    order = np.argsort(-chances, kind="stable")
    own = np.array([seen[each].kind in (Kind.OWN, Kind.HIDDEN) for each in order])
    right = np.array([seen[each].right for each in order])
    foreign = np.array([seen[each].kind in (Kind.FOREIGN, Kind.ELSEWHERE) for each in order])
    share = np.cumsum(own & right) / np.maximum(np.cumsum(own), 1)
    let_through = np.cumsum(foreign) / max(int(foreign.sum()), 1)
    good = np.flatnonzero((share >= RIGHT) & (let_through <= MOST_FOREIGN) & (np.cumsum(own) >= 20))
    return float(chances[order][good[-1]]) if len(good) else 1.0
