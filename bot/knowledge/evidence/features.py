"""What of a message the fitted models look at: words, neighbours, letters, meanings, and which meaning comes before which.

The meanings carry what was never seen before in these words ("officer, then demand, then money"); the words carry what the
lexicon has no name for; the letters carry both over slips of typing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.evidence.compositions import composed
from bot.knowledge.evidence.concepts import Meaning, shipped
from bot.knowledge.language.normalise import Lexicon, Normalised, detect_language, normalise

MOST_TOKENS = 160
LETTERS = 4
MOST_MEANINGS = 24
REACH = 6  # how many meanings after one another still belong together
# What each block of features weighs together, however many a message has; a meaning weighs the same in a long story.
WORDS, LETTER_GROUPS, MEANING, ORDER, COMPOSITION, LENGTH = 1.0, 1.0, 0.5, 0.9, 0.5, 0.3


NAMED = "named"
# "cty Sao Biển", "Blue Star company": a name follows or goes before, so it is not the sender's own ("công ty em").
_NAME = r"[^\W\d_a-zàáảãạăắằẳẵặâấầẩẫậèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵđ][\w&]*"
# Of capital letters these name nobody: what an enterprise is, a form, an office, a country ("bên Nhật").
_NO_NAME = (
    r"(?:TNHH|XNK|FDI|VN|XK|NK|AEO|EPE|GC|SXXK|KCN|KCX|FTA|CPTPP|EVFTA|HQ\w*|Hải quan|Hải Quan|Chi cục|Cục|Tổng cục|Vụ|Bộ|Đội"
    r"|Nhật|Hàn|Trung Quốc|Đài Loan|Thái|Mỹ|Đức|Pháp|Ý|Anh|Úc|Lào|Ấn Độ|Singapore|Việt Nam)\b"
)
_NAMED = re.compile(
    r"\b(?i:công ty|cong ty|cty|doanh nghiệp|doanh nghiep|bên|hãng|tập đoàn|company|firm)\s+"
    r"(?:(?i:tnhh|cp|cổ phần|mtv|xnk|tm|dv|sx)\s+)*"
    rf"(?!{_NO_NAME})({_NAME})"
    rf"|\b{_NAME}\s+(?:Ltd|company|Trading|Co)\b"
)


def names_somebody(text: str) -> bool:
    """Say whether the message names an enterprise. Capital letters throughout name nobody."""
    return not text.isupper() and _NAMED.search(text[:2000]) is not None


@dataclass(frozen=True, slots=True)
class Features:
    """names: every feature once. values: as many. meanings: in the order of the text."""

    names: tuple[str, ...]
    values: NDArray[np.float32]
    meanings: tuple[Meaning, ...]
    concepts: frozenset[str]


def features_of(text: str, lexicon: Lexicon | None = None) -> Features:
    """Return the features of a message; the same object when it is asked again shortly after."""
    return _features_of(text, lexicon)


@lru_cache(maxsize=64)  # one message is read by the recognisers and by the departments
def _features_of(text: str, lexicon: Lexicon | None) -> Features:
    language = detect_language(text)[0]
    read = normalise(text, language, lexicon if language == "vi" else None)
    return of_reading(read, asks="?" in text, named=names_somebody(text))


def of_reading(read: Normalised, *, asks: bool = False, named: bool = False) -> Features:
    """asks: there is a question mark. named: there is the name of an enterprise."""
    if len(read.tokens) > MOST_TOKENS:
        read = Normalised(read.tokens[:MOST_TOKENS], read.language)
    folded = read.folded
    numbered = ["#" if each[0].isdigit() else each for each in folded]
    words = dict.fromkeys(numbered)
    neighbours = dict.fromkeys([f"{one} {two}" for one, two in pairwise(("^", *numbered, "$"))])
    line = f" {' '.join(numbered)} "
    letters = dict.fromkeys(["~" + line[place : place + LETTERS] for place in range(len(line) - LETTERS + 1)])
    meanings = shipped().find(read)
    kinds = [each.concept for each in meanings[:MOST_MEANINGS]]
    if named and NAMED not in kinds:
        kinds.append(NAMED)
    concepts = dict.fromkeys(["@" + each for each in kinds])
    compositions = composed(frozenset(kinds), asks)
    order = dict.fromkeys(
        [f"@{one}>{two}" for place, one in enumerate(kinds) for two in kinds[place + 1 : place + 1 + REACH] if one != two]
    )
    if kinds:
        concepts[f"@{kinds[-1]}>$"] = None  # a question is mostly put at the end, and a report mostly is not one
    shape = (f"={_length(len(folded))}", "=?") if asks else (f"={_length(len(folded))}",)
    names = (*words, *neighbours, *letters, *concepts, *order, *compositions, *shape)
    values = np.empty(len(names), dtype=np.float32)
    start = 0
    for size, each in (
        (len(words) + len(neighbours), _share(WORDS, len(words) + len(neighbours))),
        (len(letters), _share(LETTER_GROUPS, len(letters))),
        (len(concepts), MEANING),
        (len(order), _share(ORDER, len(order))),
        (len(compositions), COMPOSITION),
        (len(shape), LENGTH),
    ):
        values[start : start + size] = each
        start += size
    return Features(names, values, tuple(meanings), frozenset(kinds))


def _share(weight: float, count: int) -> float:
    return weight / float(np.sqrt(count)) if count else 0.0


def _length(words: int) -> str:
    return next((str(limit) for limit in (2, 4, 8, 14, 24, 48) if words <= limit), "long")
