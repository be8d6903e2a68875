"""What it costs to look a question up: in the shipped entries, and in a knowledge base many times as large.

In CPU time of the one thread that searches: wall time would measure what else the machine does.
"""

import random
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bench.figures import percentile, table
from bench.processes import PROJECT
from bench.questions import marked
from bot.knowledge.entries import Entry
from bot.knowledge.loading import load_files
from bot.knowledge.service import Knowledge

_A_FILE = 200
_KEPT = 0.7
"""the share of words that a made-up phrasing keeps of the shipped one it is made from"""


@dataclass(frozen=True)
class Measured:
    title: str
    entries: int
    phrasings: int
    load_s: float
    index_s: float
    p50_ms: float
    p99_ms: float
    most_ms: float


def run(entries: int, questions: int) -> list[Measured]:
    with tempfile.TemporaryDirectory(prefix="donghanh-bench-") as folder:
        large = Path(folder)
        shipped = PROJECT / "faq"
        _make_large(shipped, large, entries)
        return [_measure("shipped", shipped, shipped, questions), _measure("made up", large, shipped, questions)]


def _measure(title: str, faq: Path, asked_from: Path, questions: int) -> Measured:
    today = date.today()  # noqa: DTZ011 - any day will do
    begun = time.process_time()
    files = load_files(faq, today=today)
    load_s = time.process_time() - begun
    begun = time.process_time()
    knowledge = Knowledge.load(faq, today=today)
    index_s = time.process_time() - begun - load_s
    phrasings = [text for entry in load_files(asked_from, today=today).entries for text in entry.vi.paraphrases]
    chosen = random.Random(5).choices(phrasings, k=questions)
    for text in chosen[:20]:
        knowledge.look_up(text, on=today)
    times = []
    for number, text in enumerate(chosen):
        begun = time.thread_time()
        knowledge.look_up(marked(text, number), on=today)
        times.append((time.thread_time() - begun) * 1000)
    knowledge.close()
    return Measured(
        title,
        len(files.entries),
        sum(len(each.vi.paraphrases) + len(each.en.paraphrases) + 2 for each in files.entries),
        load_s,
        index_s,
        percentile(times, 0.5),
        percentile(times, 0.99),
        max(times),
    )


def _make_large(shipped: Path, folder: Path, count: int) -> None:
    """Write entries that are shuffled from the words of the shipped ones, so that word frequencies stay those of the trade."""
    for name in ("documents.yaml", "directory.yaml"):
        shutil.copyfile(shipped / name, folder / name)
    (folder / "entries").mkdir()
    originals = load_files(shipped, today=date.today()).entries  # noqa: DTZ011 - any day will do
    words = sorted({word for entry in originals for text in entry.vi.paraphrases for word in text.split()})
    draw = random.Random(3)
    made = [_made_from(originals[number % len(originals)], number, words, draw) for number in range(count)]
    for start in range(0, count, _A_FILE):
        path = folder / "entries" / f"made-{start}.yaml"
        path.write_text(yaml.safe_dump(made[start : start + _A_FILE], allow_unicode=True), encoding="utf-8")


def _made_from(entry: Entry, number: int, words: list[str], draw: random.Random) -> dict[str, object]:
    def vary(text: str) -> str:
        varied = [word if draw.random() < _KEPT else draw.choice(words) for word in text.split()]
        return f"{' '.join(varied)} {draw.choice(words)} {number}"[:500]

    def wording(question: str, paraphrases: tuple[str, ...], answer: str) -> dict[str, object]:
        return {"question": vary(question), "paraphrases": [vary(text) for text in paraphrases], "answer": answer}

    return {
        "id": f"made-{number}",
        "status": "published",
        "audience": entry.audience,
        "department": entry.department,
        "tags": list(entry.tags),
        "valid_from": entry.valid_from,
        "citations": [{"document": each.document, "place": each.place} for each in entry.citations],
        "vi": wording(entry.vi.question, entry.vi.paraphrases, entry.vi.answer),
        "en": wording(entry.en.question, entry.en.paraphrases, entry.en.answer),
    }


def told(measured: list[Measured]) -> str:
    rows = [
        [
            each.title,
            str(each.entries),
            str(each.phrasings),
            f"{each.load_s:.2f}",
            f"{each.index_s:.2f}",
            f"{each.p50_ms:.2f}",
            f"{each.p99_ms:.2f}",
            f"{each.most_ms:.2f}",
        ]
        for each in measured
    ]
    head = ["entries", "how many", "phrasings", "files read, s", "index built, s", "look-up p50, ms", "p99", "most"]
    grown, cost = measured[1].entries / measured[0].entries, measured[1].p50_ms / measured[0].p50_ms
    return f"Search, in CPU time.\n\n{table(head, rows)}\n\n{grown:.0f} times the entries cost {cost:.1f} times the look-up."
