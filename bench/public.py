"""How the search does on a published Vietnamese set, which it was not made for, beside plain BM25 and the embedding alone.

Twice: the texts as passages of law, found by their own words; and as entries, each with some of its questions as ways of
asking, found by another of its questions. Nothing is tuned on any of it.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bench.figures import percentile, table
from bench.peers import EmbeddingAlone, PlainBm25, accented, embedder, folded
from bench.processes import PROJECT
from bench.published import Asked, PublishedSet
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.meaning.embedder import Embedder
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.lawbooks.lawbooks import LawPassage

DEPTH = 3
FEWEST_QUESTIONS = 5
"""of a text that becomes an entry: four ways of asking, and one that is asked"""
_DOCUMENT = "1399/QĐ-TCHQ"
"""under which the passages and entries go: one that the shipped files have"""
_TODAY = date(2026, 11, 16)
Nearest = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Scored:
    """Shares of the questions whose right text came first, and among the first three; CPU milliseconds a question."""

    title: str
    first: float
    three: float
    first_bare: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Measured:
    heading: str
    baseline: str
    scored: tuple[Scored, ...]


def run(given: PublishedSet, most_questions: int, *, with_embedding: bool = True) -> list[Measured]:
    """Measure. most_questions: so many of each kind, drawn always the same."""
    model = embedder() if with_embedding else None
    measured = [_as_passages(given, most_questions, model)]
    if any(len(questions) >= FEWEST_QUESTIONS for questions in given.by_text().values()):
        measured.append(_as_entries(given, most_questions, model))
    return measured


def _as_passages(given: PublishedSet, most: int, model: Embedder | None) -> Measured:
    asked = _some(given.asked, most)
    passages = [
        LawPassage(_DOCUMENT, f"Điều {place}", "article", title, (title,) if title else (), text)
        for place, (title, text) in enumerate(zip(given.titles, given.texts, strict=True))
    ]
    whole = [each.indexed for each in passages]
    scored = _peers(whole, asked, model, kind_is_passage=True)
    knowledge = Knowledge.load(PROJECT / "faq", today=_TODAY, meaning=Meaning(), passages=passages)

    def ours(question: str) -> list[int]:
        found = knowledge.look_up(question, audience="member", on=_TODAY).candidates
        return [int(each.citations[0].place.removeprefix("Điều ")) for each in found if each.entry is None]

    scored.append(_score("ours", ours, asked))
    knowledge.close()
    heading = f"As passages of law: {len(passages)} texts beside the shipped entries, {len(asked)} questions"
    return Measured(heading, scored[0].title, tuple(scored))


def _as_entries(given: PublishedSet, most: int, model: Embedder | None) -> Measured:
    chosen = [(place, asked) for place, asked in given.by_text().items() if len(asked) >= FEWEST_QUESTIONS]
    ways = [(number, way) for number, (place, asked) in enumerate(chosen) for way in (given.titles[place], *asked[1:])]
    asked = _some([Asked(questions[0], frozenset([number])) for number, (_, questions) in enumerate(chosen)], most)
    owner = [number for number, _ in ways]

    def of_entries(nearest: Callable[[str, int], list[int]]) -> Nearest:
        # A text that is found by several of its ways of asking is found once.
        return lambda question: list(dict.fromkeys(owner[place] for place in nearest(question, 20)))

    scored = [
        _score(title, of_entries(peer), asked) for title, peer in _made([way for _, way in ways], model, kind_is_passage=False)
    ]
    with tempfile.TemporaryDirectory(prefix="donghanh-bench-") as folder:
        _write_entries(Path(folder), given, chosen)
        for title, meaning in (("ours, words only", Meaning()), ("ours", Meaning(model))):
            if meaning.embedder is None and title == "ours":
                continue
            knowledge = Knowledge.load(Path(folder), today=_TODAY, meaning=meaning)

            def ours(question: str, knowledge: Knowledge = knowledge) -> list[int]:
                found = knowledge.look_up(question, audience="member", on=_TODAY).candidates
                return [int(each.id.removeprefix("text-")) for each in found if each.entry is not None]

            scored.append(_score(title, ours, asked))
            knowledge.close()
    others = len(ways) - len(chosen)
    heading = f"As entries: {len(chosen)} texts, {others} of their questions as ways of asking, {len(asked)} others asked"
    return Measured(heading, scored[0].title, tuple(scored))


def _made(
    texts: Sequence[str], model: Embedder | None, *, kind_is_passage: bool
) -> list[tuple[str, Callable[[str, int], list[int]]]]:
    made: list[tuple[str, Callable[[str, int], list[int]]]] = [
        ("BM25", PlainBm25(texts, accented).nearest),
        ("BM25, marks folded", PlainBm25(texts, folded).nearest),
    ]
    if model is not None:
        made.append(("embedding alone", EmbeddingAlone(model, texts, "passage" if kind_is_passage else "query").nearest))
    return made


def _peers(texts: Sequence[str], asked: Sequence[Asked], model: Embedder | None, *, kind_is_passage: bool) -> list[Scored]:
    return [
        _score(title, lambda question, peer=peer: peer(question, DEPTH), asked)  # type: ignore[misc]
        for title, peer in _made(texts, model, kind_is_passage=kind_is_passage)
    ]


def _score(title: str, nearest: Nearest, asked: Sequence[Asked]) -> Scored:
    first = three = bare = 0
    times = []
    for each in asked:
        begun = time.thread_time()
        found = list(nearest(each.question))[:DEPTH]
        times.append((time.thread_time() - begun) * 1000)
        first += bool(found) and found[0] in each.right
        three += any(place in each.right for place in found)
        found = list(nearest(fold(each.question)))[:1]
        bare += bool(found) and found[0] in each.right
    many = len(asked)
    return Scored(title, first / many, three / many, bare / many, percentile(times, 0.5), percentile(times, 0.99))


def _some(asked: Sequence[Asked], most: int) -> list[Asked]:
    return list(asked) if len(asked) <= most else random.Random(11).sample(list(asked), most)


def _write_entries(folder: Path, given: PublishedSet, chosen: Sequence[tuple[int, list[str]]]) -> None:
    for name in ("documents.yaml", "directory.yaml"):
        shutil.copyfile(PROJECT / "faq" / name, folder / name)
    (folder / "entries").mkdir()
    made = []
    for number, (place, questions) in enumerate(chosen):
        title = given.titles[place] or f"text {number}"
        english = {"question": f"Text {number}", "paraphrases": [f"text no. {number}", f"the text {number}"], "answer": "-"}
        made.append(
            {
                "id": f"text-{number}",
                "status": "published",
                "audience": "public",
                "department": "cuc-qlrr",
                "tags": [],
                "citations": [{"document": _DOCUMENT, "place": "Điều 1"}],
                "vi": {
                    "question": f"{title}"[:500],
                    "paraphrases": [each[:500] for each in dict.fromkeys(questions[1:])],
                    "answer": f"({number})",  # not the text: the others are not given that either
                },
                "en": english,
            }
        )
    (folder / "entries" / "published.yaml").write_text(yaml.safe_dump(made, allow_unicode=True), encoding="utf-8")


def told(measured: Sequence[Measured]) -> str:
    head = ["", "hit@1", "hit@3", "without marks @1", "hit@1 by BM25's", "CPU ms p50", "p99"]
    parts = []
    for each in measured:
        base = each.scored[0].first
        rows = [
            [
                one.title,
                f"{one.first:.3f}",
                f"{one.three:.3f}",
                f"{one.first_bare:.3f}",
                f"{one.first / base:.2f}" if base else "-",
                f"{one.p50_ms:.2f}",
                f"{one.p99_ms:.2f}",
            ]
            for one in each.scored
        ]
        parts.append(f"{each.heading}\n\n{table(head, rows)}")
    return "\n\n".join(parts)
