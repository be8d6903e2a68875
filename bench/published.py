"""Reads published question sets: questions, the texts that are searched, and which text answers which question.

Two forms are known, by which nearly all Vietnamese sets can be had: that of SQuAD, one JSON file (XQuAD, UIT-ViQuAD, MLQA),
and that of BEIR, a folder with `corpus.jsonl`, `queries.jsonl` and `qrels/*.tsv` (Zalo AI legal texts, ViMARCO and others).
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class SetUnread(ValueError):
    """The file is in neither of the forms; says what was expected."""


@dataclass(frozen=True)
class Asked:
    """A question, with the places in `PublishedSet.texts` of the texts that answer it."""

    question: str
    right: frozenset[int]


@dataclass(frozen=True)
class PublishedSet:
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    asked: tuple[Asked, ...]

    def by_text(self) -> dict[int, list[str]]:
        """Return the questions of each text that has any, each once, in their order; one with several texts is the first's."""
        found: dict[int, dict[str, None]] = defaultdict(dict)
        for each in self.asked:
            found[min(each.right)][" ".join(each.question.split())] = None
        return {place: list(questions) for place, questions in found.items()}


def read(path: Path) -> PublishedSet:
    """Read a file of SQuAD's form or a folder of BEIR's. Raises SetUnread or OSError."""
    try:
        found = _beir(path) if path.is_dir() else _squad(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SetUnread(f"{path}: neither SQuAD's JSON nor a folder of BEIR's files ({error!r})") from error
    if not found.asked:
        raise SetUnread(f"{path}: no question that one of the texts answers")
    return found


def _squad(content: Mapping[str, Any]) -> PublishedSet:
    titles, texts, asked = [], [], []
    for article in content["data"]:
        for number, paragraph in enumerate(article["paragraphs"], start=1):
            place = frozenset([len(texts)])
            titles.append(f"{article.get('title', '').replace('_', ' ')} {number}".strip())
            texts.append(paragraph["context"])
            # Questions that have no answer in the text (ViQuAD 2.0) ask something else than where it stands.
            asked += [Asked(each["question"], place) for each in paragraph["qas"] if not each.get("is_impossible")]
    return PublishedSet(tuple(titles), tuple(texts), tuple(asked))


def _beir(folder: Path) -> PublishedSet:
    corpus, queries = _lines(folder / "corpus.jsonl"), _lines(folder / "queries.jsonl")
    judged = sorted((folder / "qrels").glob("*.tsv"))
    if not judged:
        raise SetUnread(f"{folder}/qrels: no .tsv that says which text answers which question")
    judgements = next((each for each in judged if each.stem == "test"), judged[0])
    places = {str(row["_id"]): place for place, row in enumerate(corpus)}
    right: dict[str, set[int]] = defaultdict(set)
    with judgements.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0 and row["corpus-id"] in places:
                right[row["query-id"]].add(places[row["corpus-id"]])
    asked = [Asked(row["text"], frozenset(right[str(row["_id"])])) for row in queries if right.get(str(row["_id"]))]
    return PublishedSet(tuple(row.get("title") or "" for row in corpus), tuple(row["text"] for row in corpus), tuple(asked))


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
