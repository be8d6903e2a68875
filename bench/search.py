"""What it costs to look a question up, beside plain BM25 and the embedding alone: in the shipped entries, in many more of
them, and with a hundred thousand passages of law beside them.

In CPU time of the one thread that searches: wall time would measure what else the machine does. Each row is a process of
its own, so that what one of them holds in memory is not counted for the next.
"""

import gc
import hashlib
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from bench.figures import percentile, table
from bench.made_up import passages, write_entries
from bench.peers import PlainBm25, embedder, folded
from bench.processes import PROJECT
from bench.questions import marked
from bot.cli import COLLECTING
from bot.knowledge.files.loading import KnowledgeFiles, load_files
from bot.knowledge.meaning.embedder import Embedder, Kind, Vectors
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning

SHIPPED = PROJECT / "faq"
_TODAY = date(2026, 11, 16)
_WARM = 20
_DIMENSIONS = 384

WORDS, WHOLE, BM25, EMBEDDING = "ours, words only", "ours", "BM25 (bm25s)", "embedding alone"


@dataclass(frozen=True)
class Case:
    """A row: who searches, in which entries, with how many passages beside them. kept: where vectors are kept, or empty."""

    title: str
    folder: str
    passages: int
    questions: int
    kept: str = ""


@dataclass(frozen=True)
class Measured:
    """memory_mb: what loading it added to the process. beyond: milliseconds of each look-up apart from the embedding."""

    title: str
    entries: int
    passages: int
    load_s: float
    index_s: float
    memory_mb: float
    times_ms: tuple[float, ...]
    beyond_ms: tuple[float, ...]
    embedded: float


@dataclass(frozen=True)
class Plan:
    """shipped: the knowledge base that is measured as it is, and that more is made up from.

    paraphrases: of a made-up entry in Vietnamese, at most; half as many in English.
    """

    entries: int = 10_000
    passages: int = 100_000
    questions: int = 200
    paraphrases: int = 12
    shipped: Path = SHIPPED


class _Timed:
    """The project's own embedder with a clock. What is loaded gets vectors drawn by its text: to embed a hundred thousand
    phrasings takes an hour, and what their vectors mean costs nothing."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.name = model.name
        self.loading = True
        self.spent_ms = 0.0

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if self.loading:
            return _drawn(texts)
        begun = time.thread_time()
        vectors = self._model.embed(texts, kind)
        self.spent_ms += (time.thread_time() - begun) * 1000
        return vectors


def _drawn(texts: Sequence[str]) -> Vectors:
    seeds = (int.from_bytes(hashlib.blake2b(each.encode("utf-8", "replace"), digest_size=8).digest(), "big") for each in texts)
    rows = np.stack([np.random.default_rng(seed).standard_normal(_DIMENSIONS, dtype=np.float32) for seed in seeds])
    found: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


def run(plan: Plan) -> list[Measured]:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does; each case is a process that starts after this
    with tempfile.TemporaryDirectory(prefix="donghanh-bench-") as temporary:
        many = Path(temporary) / "faq"
        many.mkdir()
        write_entries(plan.shipped, _files(plan.shipped), many, plan.entries, paraphrases=plan.paraphrases)
        kept = str(Path(temporary) / "vectors.npz")
        shipped = str(plan.shipped)
        sizes = [(shipped, 0, ""), (str(many), 0, kept), (shipped, plan.passages, "")]
        measured = []
        for folder, beside, cache in sizes:
            titles = [WORDS, BM25] if beside else [WORDS, WHOLE, BM25, EMBEDDING]
            for title in titles:
                if title in (WHOLE, EMBEDDING) and embedder() is None:
                    continue
                case = Case(title, folder, beside, plan.questions, cache if title == WHOLE else "")
                if case.kept:
                    _apart(_fill, case)
                measured.append(_apart(_measure, case))
    return measured


def _apart(work: Callable[[Case], Measured], case: Case) -> Measured:
    """Do it in a process of its own, which has loaded nothing yet."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as one:
        return one.submit(work, case).result()


def _fill(case: Case) -> Measured:
    """Have the vectors computed and kept, as a first start does."""
    return _measure(Case(case.title, case.folder, case.passages, 0, case.kept))


def _files(folder: Path) -> KnowledgeFiles:
    return load_files(folder, today=_TODAY)


def _measure(case: Case) -> Measured:
    folder = Path(case.folder)
    gc.set_threshold(*COLLECTING)
    beside = passages(_files(folder), case.passages) if case.passages else []
    before = _memory_mb()
    begun = time.process_time()
    files = _files(folder)
    load_s = time.process_time() - begun
    many = len(files.entries)
    begun = time.process_time()
    model: _Timed | None = None
    if case.title in (WORDS, WHOLE):
        del files  # it reads them itself
        own = embedder() if case.title == WHOLE else None
        model = _Timed(own) if own is not None else None
        meaning = Meaning(model, Path(case.kept) if case.kept else None)
        knowledge = Knowledge.load(folder, today=_TODAY, meaning=meaning, passages=beside)
        index_s = time.process_time() - begun - load_s

        def ask(question: str) -> None:
            knowledge.look_up(question, audience="member", on=_TODAY)
    else:
        ask = _peer(case.title, files, [each.indexed for each in beside])
        del files
        index_s = time.process_time() - begun
    gc.collect()
    gc.freeze()  # as the program does before it serves
    memory = _memory_mb() - before
    times, spent = _asked(ask, case.questions, model)
    beyond = tuple(whole - part for whole, part in zip(times, spent, strict=True))
    embedded = sum(1 for part in spent if part) / max(1, len(spent))
    return Measured(case.title, many, case.passages, load_s, index_s, memory, times, beyond, embedded)


def _peer(title: str, files: KnowledgeFiles, beside: Sequence[str]) -> Callable[[str], object]:
    texts = list(beside) or [text for entry in files.entries for text in (*entry.vi.phrasings, *entry.en.phrasings)]
    if title == BM25:
        plain = PlainBm25(texts, folded)
        return lambda question: plain.nearest(question, 10)
    model = embedder()
    assert model is not None  # asked before
    vectors = np.concatenate([_drawn(texts[at : at + 5000]) for at in range(0, len(texts), 5000)])
    return lambda question: np.argpartition(-(vectors @ model.embed([question], "query")[0]), 10)[:10]


def _asked(ask: Callable[[str], object], many: int, model: _Timed | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the milliseconds of each question, and how many of them the embedding took."""
    times, spent = [], []
    if model is not None:
        model.loading = False
    questions = random.Random(5).choices(_questions(), k=many + _WARM) if many else []
    for number, text in enumerate(questions):
        before = model.spent_ms if model is not None else 0.0
        begun = time.thread_time()
        ask(marked(text, number))
        took = (time.thread_time() - begun) * 1000
        if number >= _WARM:
            times.append(took)
            spent.append(model.spent_ms - before if model is not None else 0.0)
    return tuple(times), tuple(spent)


def _questions() -> list[str]:
    """What people ask: the development half of the labelled questions, which no entry has word for word."""
    lines = (PROJECT / "tests" / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["question"] for row in map(json.loads, lines) if row["split"] == "dev"]


def _memory_mb() -> float:
    """Return what this process holds in memory. Linux only; elsewhere not a number."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def told(measured: Sequence[Measured]) -> str:
    head = [
        "",
        "entries",
        "passages",
        "files read, s",
        "index, s",
        "memory, MB",
        "p50 ms",
        "p99 ms",
        "p99 by BM25's",
        "embedded",
    ]
    plain = {(each.entries, each.passages): percentile(each.times_ms, 0.99) for each in measured if each.title == BM25}
    rows = []
    for each in measured:
        p99 = percentile(each.times_ms, 0.99)
        beside = plain.get((each.entries, each.passages))
        rows.append(
            [
                each.title,
                str(each.entries),
                str(each.passages),
                f"{each.load_s:.1f}",
                f"{each.index_s:.1f}",
                f"{each.memory_mb:.0f}",
                f"{percentile(each.times_ms, 0.5):.2f}",
                f"{p99:.2f}",
                f"{p99 / beside:.1f}" if beside else "-",
                f"{each.embedded:.0%}",
            ]
        )
    goals = "\n".join(f"{'reached' if holds else 'MISSED '}  {what}" for what, holds in _goals(measured))
    return f"Search, in CPU time of one thread.\n\n{table(head, rows)}\n\n{goals}"


def _goals(measured: Sequence[Measured]) -> list[tuple[str, bool]]:
    """Say what of the goals was reached; those of which nothing was measured are left out."""
    rows = {(each.title, each.entries, each.passages): each for each in measured}
    shipped = measured[0].entries
    most = [each.entries for each in measured if not each.passages][-1]
    law = max(each.passages for each in measured)
    said: list[tuple[str, bool]] = []

    def goal(what: str, value: float, limit: float, unit: str) -> None:
        said.append((f"{what}: {value:.1f} {unit}, at most {limit:g}", value <= limit))

    words, whole = rows[WORDS, most, 0], rows.get((WHOLE, most, 0))
    goal(f"words at {most} entries, p99", percentile(words.times_ms, 0.99), 5, "ms")
    if whole is not None:
        goal(f"the whole at {most} entries beyond its embedding, p99", percentile(whole.beyond_ms, 0.99), 6, "ms")
        goal(f"index of {most} entries with kept vectors", whole.index_s, 6, "s")
        goal(f"memory for {most} entries, words and meaning", whole.memory_mb, 300, "MB")
    if law:
        more = percentile(rows[WORDS, shipped, law].times_ms, 0.99) - percentile(rows[WORDS, shipped, 0].times_ms, 0.99)
        goal(f"{law} passages more, p99", more, 35, "ms")
    return said
