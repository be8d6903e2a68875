"""Knowledge as large as it may become: entries and passages shuffled from the words of the shipped ones, so that the
frequencies of words stay those of the trade."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from bot.knowledge.entries import Entry
from bot.knowledge.files.loading import KnowledgeFiles
from bot.lawbooks.lawbooks import LawPassage

_A_FILE = 200
_KEPT = 0.7
"""the share of words that a made-up phrasing keeps of the shipped one it is made from"""
_WORDS_OF_A_PASSAGE = (20, 90)
_DOCUMENT = "1399/QĐ-TCHQ"


def write_entries(shipped: Path, files: KnowledgeFiles, folder: Path, count: int, *, paraphrases: int) -> None:
    """Write so many entries, with the shipped documents and directory, as a knowledge base of its own.

    files: what was read from shipped. paraphrases: at most so many of an entry in Vietnamese, and half as many in English.
    """
    for name in ("documents.yaml", "directory.yaml"):
        shutil.copyfile(shipped / name, folder / name)
    (folder / "entries").mkdir()
    words = words_of(files)
    draw = random.Random(3)
    made = [_made_from(files.entries[number % len(files.entries)], number, words, draw, paraphrases) for number in range(count)]
    for start in range(0, count, _A_FILE):
        path = folder / "entries" / f"made-{start}.yaml"
        path.write_text(json.dumps(made[start : start + _A_FILE], ensure_ascii=False, default=str), encoding="utf-8")


def words_of(files: KnowledgeFiles) -> list[str]:
    return sorted({word for entry in files.entries for text in entry.vi.paraphrases for word in text.split()})


def passages(files: KnowledgeFiles, count: int) -> list[LawPassage]:
    """Return so many passages of law; the wording of answers is near to that of the law."""
    draw = random.Random(7)
    sentences = [entry.vi.answer.split() for entry in files.entries]
    return [
        LawPassage(_DOCUMENT, f"Điều {number}", "clause", "", (f"Điều {number}",), " ".join(_words(draw, sentences)))
        for number in range(count)
    ]


def _words(draw: random.Random, sentences: list[list[str]]) -> Iterator[str]:
    wanted = draw.randint(*_WORDS_OF_A_PASSAGE)
    while wanted > 0:
        words = draw.choice(sentences)
        start = draw.randrange(len(words))
        part = words[start : start + min(wanted, draw.randint(3, 12))]
        wanted -= len(part)
        yield from part


def _made_from(entry: Entry, number: int, words: list[str], draw: random.Random, most: int) -> dict[str, object]:
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
        "vi": wording(entry.vi.question, entry.vi.paraphrases[:most], entry.vi.answer),
        "en": wording(entry.en.question, entry.en.paraphrases[: most // 2], entry.en.answer),
    }
