"""Fits the weights to the entries: `python -m bot.knowledge.calibrate faq [--write]`.

Without labelled questions the entries are their own examples. Each phrasing is asked while it is left out of the index:
what is then found first is right or wrong. Then it is asked while its whole entry is hidden: whatever is found is wrong.
Questions that the directory gives to departments stand for what no entry answers. What comes out promises about half
to a third of the wrong answers that real questions will show, so the thresholds are set low.

Figures are printed for entries that the fit did not see (two halves, each judged by the other's fit).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge import departments as department_signals
from bot.knowledge.citations import Citation
from bot.knowledge.confidence import SIGNALS as CONFIDENCE_SIGNALS
from bot.knowledge.confidence import confidence, signals_of
from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.directory import Directory
from bot.knowledge.entries import Language
from bot.knowledge.loading import load_files
from bot.knowledge.normalise import Lexicon, detect_language
from bot.knowledge.ranking import CLOSER_LOOK, FUZZY, LexicalRetriever, Shelf
from bot.knowledge.ranking import SIGNALS as RANKING_SIGNALS
from bot.knowledge.verdict import Candidate
from bot.knowledge.weights import DEFAULT, Logistic, Weights

Floats = NDArray[np.float64]
COLUMNS = (*RANKING_SIGNALS, FUZZY)
# The shares that choose the thresholds. A hidden entry leaves its neighbours behind, which often answer half of the
# question: that is harder than what nobody has written about, hence two rates.
FALSE_FOREIGN = 0.05  # answered, of the questions about matters that no entry holds; some of them an entry does touch
FALSE_HIDDEN = 0.12  # answered, of the questions whose entry is hidden
WRONG = 0.03  # answered by another entry, of all questions that an entry answers
SUGGESTED_FOREIGN = 0.25
# What a question of each kind counts in the fit of the confidence.
HIDDEN_COUNTS, FOREIGN_COUNTS = 0.1, 2.0


@dataclass(frozen=True)
class Asked:
    """One question with what was found for it: a table of signals, and which of the rows is right, if any."""

    language: Language
    owner: int  # the entry that it belongs to, -1 for none
    foreign: bool  # a matter that the knowledge base does not hold at all
    entries: list[int]
    table: Floats  # found entries × COLUMNS
    closer: list[dict[str, float]]
    case: float = 0.0  # how near it is to what only a department can settle

    @property
    def right(self) -> int:
        return self.entries.index(self.owner) if self.owner in self.entries else -1


def ask_all(shelf: Shelf, start: Mapping[str, float], cases: Sequence[float], *, hide_entry: bool) -> list[Asked]:
    """Ask every phrasing while it, or its entry, is left out."""
    asked = []
    for row, text in enumerate(shelf.phrasings):
        owner = int(shelf.owners[row])
        hidden = shelf.owners == owner if hide_entry else np.arange(len(shelf.owners)) == row
        if not hide_entry and int((shelf.owners == owner).sum()) < 2:
            continue
        asked.append(_ask(shelf, text, start, hidden, -1 if hide_entry else owner, cases[row]))
    return asked


def _ask(
    shelf: Shelf, text: str, start: Mapping[str, float], hidden: NDArray[np.bool_] | None, owner: int, case: float
) -> Asked:
    query = shelf.read(text)
    table, nearness = shelf.signals(query, hidden)
    scores = table @ np.array([start[each] for each in RANKING_SIGNALS])
    top = [each for each in np.argsort(-scores, kind="stable")[:CLOSER_LOOK].tolist() if scores[each] > 0]
    if owner >= 0 and owner not in top:
        top.append(owner)
    weighed = shelf.weigh(query, hidden)
    closer = [shelf.closer(query, shelf.nearest(each, nearness), weighed) for each in top]
    fuzzy = np.array([[each[FUZZY]] for each in closer]).reshape(len(top), 1)
    return Asked(shelf.language, owner, owner < 0 and hidden is None, top, np.hstack([table[top], fuzzy]), closer, case)


def fit_ranking(asked: Sequence[Asked], columns: int, *, rounds: int = 600, decay: float = 2e-4) -> Floats:
    """Fit non-negative weights so that the right row of each table scores above the others (softmax over rows)."""
    asked = [each for each in asked if each.right >= 0]
    width = max(len(each.entries) for each in asked)
    tables = np.zeros((len(asked), width, columns))
    there = np.zeros((len(asked), width), dtype=bool)
    right = np.array([each.right for each in asked])
    for number, each in enumerate(asked):
        tables[number, : len(each.entries)] = each.table
        there[number, : len(each.entries)] = True
    weights = np.full(columns, 3.0)
    mean, square = np.zeros(columns), np.zeros(columns)
    for step in range(1, rounds + 1):
        scores = np.where(there, tables @ weights, -1e9)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        expected = np.einsum("nw,nwc->c", chances, tables)
        observed = tables[np.arange(len(asked)), right].sum(axis=0)
        slope = (expected - observed) / len(asked) + decay * weights
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


def ranked(asked: Asked, weights: Mapping[str, float]) -> list[Candidate]:
    """Return the candidates as the retriever would have given them with these weights."""
    scores = asked.table @ np.array([weights[each] for each in COLUMNS])
    order = sorted(range(len(scores)), key=lambda each: (-scores[each], asked.entries[each]))[:10]
    return [
        Candidate(
            id=str(asked.entries[each]),
            title="",
            title_en="",
            citations=(),
            score=float(scores[each]),
            phrasing="",
            signals={
                **dict(zip(COLUMNS, asked.table[each].tolist(), strict=True)),
                **asked.closer[each],
                "english": float(asked.language == "en"),
            },
        )
        for each in order
    ]


@dataclass(frozen=True)
class Judged:
    """The signals of one question's first candidate, and whether it was right."""

    signals: dict[str, float]
    answerable: bool
    right: bool
    right_in_three: bool
    foreign: bool
    language: Language


def judge(
    asked: Sequence[Asked],
    weights: Mapping[str, Mapping[str, float]],
    sharpness: Mapping[str, float],
    places: Sequence[Citation],
) -> list[Judged]:
    """Rank and compare. Right is what leans on the same place as the entry that was asked for.

    places: the first citation of each entry. Several entries tell the same point from several sides, and any of them
    answers a question that is put widely.
    """
    judged = []
    for each in asked:
        found = ranked(each, weights[each.language])
        if not found:
            continue
        ids = [int(candidate.id) for candidate in found]
        judged.append(
            Judged(
                signals_of(found, sharpness[each.language], each.case),
                each.owner >= 0,
                each.owner >= 0 and places[ids[0]] == places[each.owner],
                each.owner >= 0 and any(places[number] == places[each.owner] for number in ids[:3]),
                each.foreign,
                each.language,
            )
        )
    return judged


def fit_confidence(judged: Sequence[Judged], right: Sequence[bool]) -> Logistic:
    features = np.array([[each.signals[name] for name in CONFIDENCE_SIGNALS] for each in judged])
    labels = np.array(right, dtype=np.float64)
    counts = np.array([1.0 if each.answerable else FOREIGN_COUNTS if each.foreign else HIDDEN_COUNTS for each in judged])
    return fit_logistic(features, labels, counts, CONFIDENCE_SIGNALS, penalty=3.0)


def threshold(judged: Sequence[Judged], chances: Floats, *, foreign: float, hidden: float, wrong: float) -> float:
    """Return the lowest confidence from which no more than these shares are false and wrong."""
    limits = {
        "foreign": foreign * (sum(each.foreign for each in judged) or 1),
        "hidden": hidden * (sum(not each.answerable and not each.foreign for each in judged) or 1),
        "wrong": wrong * (sum(each.answerable for each in judged) or 1),
    }
    counts = dict.fromkeys(limits, 0)
    last = 1.0
    for place in np.argsort(-chances).tolist():
        each = judged[place]
        if not each.right:
            counts["wrong" if each.answerable else "foreign" if each.foreign else "hidden"] += 1
        if any(counts[kind] > limits[kind] for kind in limits):
            return last
        last = float(chances[place])
    return last


def report(name: str, judged: Sequence[Judged], chances: Floats, of_three: Floats, weights: Weights) -> None:
    def share(of: Sequence[int], hits: Sequence[bool]) -> str:
        return f"{sum(hits[number] for number in of) / max(len(of), 1):.3f}"

    can = [number for number, each in enumerate(judged) if each.answerable]
    foreign = [number for number, each in enumerate(judged) if each.foreign]
    hidden = [number for number, each in enumerate(judged) if not each.answerable and not each.foreign]
    right, in_three = [each.right for each in judged], [each.right_in_three for each in judged]
    answered = (chances >= weights.sure).tolist()
    suggested = ((chances < weights.sure) & (of_three >= weights.perhaps)).tolist()
    answered_right = [a and b for a, b in zip(answered, right, strict=True)]
    answered_wrong = [a and not b for a, b in zip(answered, right, strict=True)]
    suggested_right = [a and b for a, b in zip(suggested, in_three, strict=True)]
    print(
        f"{name}: {len(can)} answerable: hit@1 {share(can, right)}, hit@3 {share(can, in_three)};"
        f" answered right {share(can, answered_right)}, wrong {share(can, answered_wrong)};"
        f" suggested {share(can, suggested)}, with the right one {share(can, suggested_right)}\n"
        f"  {len(hidden)} hidden: answered {share(hidden, answered)}, suggested {share(hidden, suggested)};"
        f" {len(foreign)} foreign: answered {share(foreign, answered)}, suggested {share(foreign, suggested)}"
    )


def fit_departments(directory: Directory, lexicon: Lexicon) -> tuple[dict[str, float], float, float]:
    """Fit the department's weights on the directory's examples, each left out in turn; return hit@1 and hit@3 too."""
    guesser = DepartmentGuesser(directory.accepting(), {}, lexicon)
    asked = []
    for row, text in enumerate(guesser.examples):
        hidden = np.arange(len(guesser.examples)) == row
        table, _ = guesser.signals(text, (), hidden)
        everyone = list(range(len(guesser.departments)))
        asked.append(Asked("vi", int(guesser.owners[row]), False, everyone, table, []))
    weights = fit_ranking(asked, len(department_signals.SIGNALS), decay=1e-3)
    scores = np.array([each.table @ weights for each in asked])
    order = np.argsort(-scores, axis=1, kind="stable")
    right = np.array([each.owner for each in asked])
    first = float((order[:, 0] == right).mean())
    three = float((order[:, :3] == right[:, None]).any(axis=1).mean())
    total = float(weights.sum()) or 1.0
    fitted = {name: float(weight / total) for name, weight in zip(department_signals.SIGNALS, weights, strict=True)}
    fitted["entries"] = 0.03  # not to be seen among the examples; a light word for where near entries belong
    return {**fitted, "sharpness": total}, first, three


def as_toml(weights: Weights, figures: str) -> str:
    def table(name: str, values: Mapping[str, float]) -> str:
        return f"[{name}]\n" + "".join(f"{key} = {value:.4f}\n" for key, value in values.items())

    parts = [
        "# Fitted by `python -m bot.knowledge.calibrate`; what each number means is in weights.py.\n" + figures,
        *(table(f"ranking.{language}", values) for language, values in weights.ranking.items()),
        table("sharpness", weights.sharpness),
        table("confidence", {"bias": weights.confidence.bias}),
        table("confidence.weights", weights.confidence.weights),
        table("suggesting", {"bias": weights.suggesting.bias}),
        table("suggesting.weights", weights.suggesting.weights),
        table(
            "thresholds",
            {
                "sure": weights.sure,
                "perhaps": weights.perhaps,
                "least_to_answer": weights.least_to_answer,
                "least_to_suggest": weights.least_to_suggest,
            },
        ),
        table("departments", weights.departments),
    ]
    return "\n".join(parts)


def calibrate(faq_dir: Path, today: date) -> str:
    files = load_files(faq_dir, today=today)
    lexicon = Lexicon({short: each.name for each in files.directory for short in each.short_names})
    start = Weights.read()
    retriever = LexicalRetriever(files.entries, files.documents, start, lexicon)
    places = [each.citations[0] for each in retriever.entries]
    guesser = DepartmentGuesser(files.directory.accepting(), start.departments, lexicon)
    outside = guesser.seldom_answered(each.department for each in files.entries)
    left_out: list[Asked] = []
    hidden: list[Asked] = []
    for language, shelf in retriever.shelves.items():
        cases = [guesser.nearness(guesser.signals(each)[0], outside) for each in shelf.phrasings]
        left_out += ask_all(shelf, start.ranking[language], cases, hide_entry=False)
        hidden += ask_all(shelf, start.ranking[language], cases, hide_entry=True)
    foreign = _foreign(guesser, outside, retriever, start)

    def fit(left: Sequence[Asked], gone: Sequence[Asked], other: Sequence[Asked]) -> Weights:
        ranking: dict[str, dict[str, float]] = {}
        sharpness: dict[str, float] = {}
        for language in retriever.shelves:
            weights = fit_ranking([each for each in left if each.language == language], len(COLUMNS))
            total = float(weights.sum()) or 1.0
            ranking[language] = {name: float(weight / total) for name, weight in zip(COLUMNS, weights, strict=True)}
            sharpness[language] = total
        judged = judge([*left, *gone, *other], ranking, sharpness, places)
        model = fit_confidence(judged, [each.right for each in judged])
        three = fit_confidence(judged, [each.right_in_three for each in judged])
        chances = np.array([confidence(each.signals, model) for each in judged])
        of_three = np.array([confidence(each.signals, three) for each in judged])
        sure = threshold(judged, chances, foreign=FALSE_FOREIGN, hidden=FALSE_HIDDEN, wrong=WRONG)
        perhaps = threshold(judged, of_three, foreign=SUGGESTED_FOREIGN, hidden=1.0, wrong=1.0)
        right = np.array([each.right for each in judged])
        scores = np.array([each.signals["score"] for each in judged])
        least_to_answer = float(np.percentile(scores[right & (chances >= sure)], 1.0))
        least_to_suggest = float(np.percentile(scores[right], 1.0))
        return Weights(ranking, sharpness, model, three, sure, perhaps, least_to_answer, least_to_suggest, {})

    halves = [
        [[each for number, each in enumerate(part) if _half(each, number) == half] for part in (left_out, hidden, foreign)]
        for half in (0, 1)
    ]
    for half in (0, 1):
        fitted = fit(*halves[half])
        for name, parts in (("vi", "vi"), ("en", "en")):
            judged = [
                each
                for each in judge([one for part in halves[1 - half] for one in part], fitted.ranking, fitted.sharpness, places)
                if each.language == parts
            ]
            chances = np.array([confidence(each.signals, fitted.confidence) for each in judged])
            of_three = np.array([confidence(each.signals, fitted.suggesting) for each in judged])
            report(f"half {half + 1} on the other, {name}", judged, chances, of_three, fitted)
    final = fit(left_out, hidden, foreign)
    by_department, first, three = fit_departments(files.directory, lexicon)
    print(f"departments, an example left out: first {first:.3f}, among three {three:.3f}")
    figures = f"# {len(files.entries)} entries, {len(left_out)} phrasings.\n"
    return as_toml(replace(final, departments=by_department), figures)


def _half(asked: Asked, number: int) -> int:
    return (asked.owner if asked.owner >= 0 else number // 7) % 2


def _foreign(
    guesser: DepartmentGuesser, outside: NDArray[np.bool_], retriever: LexicalRetriever, start: Weights
) -> list[Asked]:
    """Ask what the directory gives to departments that hardly any entry belongs to, each example left out in turn."""
    asked = []
    for row, text in enumerate(guesser.examples):
        if not outside[guesser.owners[row]]:
            continue
        language = detect_language(text)[0]
        table, _ = guesser.signals(text, (), np.arange(len(guesser.examples)) == row)
        case = guesser.nearness(table, outside)
        asked.append(_ask(retriever.shelves[language], text, start.ranking[language], None, -1, case))
    return asked


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("faq", type=Path, help="the folder of the knowledge base")
    parser.add_argument("--write", action="store_true", help=f"write {DEFAULT.name} instead of printing it")
    parser.add_argument("--today", type=date.fromisoformat, default=None, help="the day for which validity is judged")
    options = parser.parse_args(arguments)
    text = calibrate(options.faq, options.today or date.today())  # noqa: DTZ011 (the day of whoever calibrates)
    if options.write:
        DEFAULT.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
