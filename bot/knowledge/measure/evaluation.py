"""Scores the knowledge base on labelled questions: what it finds, what it decides, and how far its confidence can be trusted.

The fields of a labelled line are explained in `tests/data/README.md`.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.knowledge.citations import Citation, cites
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision, Verdict

ANSWERABLE = "answerable"
DEPTH = 3


class LabelWrong(ValueError):
    """A line that cannot be used; says which, and what was expected."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One question with what is right for it. Either part may be missing: a case has departments only."""

    id: str
    question: str
    kind: str
    style: str
    citations: tuple[Citation, ...]
    departments: tuple[str, ...]
    decisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """What the knowledge base made of a question. rank: of the first candidate that is right, from 1; 0 for none."""

    label: Labelled
    verdict: Verdict
    rank: int
    milliseconds: float

    @property
    def answered(self) -> bool:
        return self.verdict.decision is Decision.ANSWER

    @property
    def answered_right(self) -> bool:
        return self.answered and any(_covers(self.label.citations, each) for each in self.verdict.citations)

    @property
    def suggested_right(self) -> bool:
        return self.verdict.decision is Decision.SUGGEST and any(
            _covers(self.label.citations, each) for entry in self.verdict.suggestions for each in entry.citations
        )


@dataclass
class Report:
    """Shares are of the group that is named; a group without questions has none."""

    questions: int
    figures: dict[str, float] = field(default_factory=dict)
    by_kind: dict[str, dict[str, float]] = field(default_factory=dict)
    by_style: dict[str, dict[str, float]] = field(default_factory=dict)
    reliability: list[tuple[float, float, int]] = field(default_factory=list)
    """(mean confidence, share that was right, how many) for each tenth of confidence, of what was or could be answered"""


def read(lines: Iterable[str], *, split: str | None = None) -> list[Labelled]:
    """Read labelled lines, all or those of one split. Raises LabelWrong with the number of the line."""
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row: Mapping[str, Any] = json.loads(line)
            if split is not None and row.get("split") != split:
                continue
            decision = row.get("decision", "escalate")
            found.append(
                Labelled(
                    id=str(row["id"]),
                    question=row["question"],
                    kind=row.get("kind", "case"),
                    style=row.get("style", ""),
                    citations=tuple(Citation(c["document"], c["place"]) for c in row.get("citations", ())),
                    departments=tuple(row.get("departments", ())),
                    decisions=tuple(row.get("decisions_accepted", (decision,))),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LabelWrong(f"line {number}: {error!r}; expected an object with id, question, …") from error
    return found


def score(labels: Sequence[Labelled], knowledge: Knowledge, *, on: date) -> list[Scored]:
    """Ask every question as a member may, one after the other; times are CPU time of this thread."""
    scored = []
    for label in labels:
        started = time.thread_time()
        verdict = knowledge.look_up(label.question, audience="member", on=on)
        took = (time.thread_time() - started) * 1000
        ranks = (
            place
            for place, candidate in enumerate(verdict.candidates, start=1)
            if any(_covers(label.citations, each) for each in candidate.citations)
        )
        scored.append(Scored(label, verdict, next(ranks, 0), took))
    return scored


def report(scored: Sequence[Scored]) -> Report:
    """Sum up. hit@k: a right place among the first k candidates; MRR: the mean of one over its rank."""
    made = Report(len(scored))
    answerable = [each for each in scored if each.label.kind == ANSWERABLE]
    others = [each for each in scored if each.label.kind not in (ANSWERABLE, "case")]
    with_department = [each for each in scored if each.label.departments and each.label.kind in ("case", "concrete")]
    if answerable:
        made.figures |= _found(answerable) | _decided(answerable)
        styles = defaultdict(list)
        for each in answerable:
            styles[each.label.style].append(each)
        made.by_style = {style: _found(group) | _decided(group) for style, group in sorted(styles.items())}
        made.reliability = _reliability(answerable + others)
    if others:
        made.figures["false answers of what has no entry"] = _share(others, lambda each: each.answered)
        kinds = defaultdict(list)
        for each in others:
            kinds[each.label.kind].append(each)
        made.by_kind = {
            kind: {
                "decided right": _share(group, lambda each: str(each.verdict.decision) in each.label.decisions),
                "false answers": _share(group, lambda each: each.answered),
                "suggested": _share(group, lambda each: each.verdict.decision is Decision.SUGGEST),
            }
            for kind, group in sorted(kinds.items())
        }
        not_hotline = [each for each in [*answerable, *others] if each.label.kind != "hotline"]
        made.figures["falsely led to the hotline"] = _share(not_hotline, lambda each: each.verdict.decision is Decision.HOTLINE)
    if with_department:
        made.figures["department first"] = _share(with_department, lambda each: _department_rank(each) == 1)
        made.figures["department among three"] = _share(with_department, lambda each: 1 <= _department_rank(each) <= DEPTH)
    times = sorted(each.milliseconds for each in scored)
    if times:
        made.figures["CPU ms p50"] = times[len(times) // 2]
        made.figures["CPU ms p99"] = times[min(len(times) - 1, int(len(times) * 0.99))]
    return made


def _found(group: Sequence[Scored]) -> dict[str, float]:
    return {
        "hit@1": _share(group, lambda each: each.rank == 1),
        "hit@3": _share(group, lambda each: 1 <= each.rank <= DEPTH),
        "MRR": sum(1 / each.rank for each in group if each.rank) / len(group),
    }


def _decided(group: Sequence[Scored]) -> dict[str, float]:
    return {
        "answered right": _share(group, lambda each: each.answered_right),
        "answered wrong": _share(group, lambda each: each.answered and not each.answered_right),
        "suggested right": _share(group, lambda each: each.suggested_right),
        "suggested": _share(group, lambda each: each.verdict.decision is Decision.SUGGEST),
        "escalated": _share(group, lambda each: each.verdict.decision is Decision.ESCALATE),
    }


def _reliability(group: Sequence[Scored]) -> list[tuple[float, float, int]]:
    tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for each in group:
        if each.verdict.decision in (Decision.ANSWER, Decision.SUGGEST):
            confidence = each.verdict.confidence
            right = each.rank == 1 and each.label.kind == ANSWERABLE
            tenths[min(9, int(confidence * 10))].append((confidence, right))
    return [
        (sum(c for c, _ in rows) / len(rows), sum(right for _, right in rows) / len(rows), len(rows))
        for _, rows in sorted(tenths.items())
    ]


def _department_rank(each: Scored) -> int:
    names = [guess.department.name for guess in each.verdict.departments]
    return next((place for place, name in enumerate(names, start=1) if name in each.label.departments), 0)


def _covers(right: Sequence[Citation], given: Citation) -> bool:
    """Say whether the citation is one of the right places, or lies inside one."""
    return any(cites(given, each.document, each.place) for each in right)


def _share(group: Sequence[Scored], holds: Any) -> float:
    return sum(1 for each in group if holds(each)) / len(group)
