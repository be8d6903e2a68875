"""The marks with which Vietnamese laws number what they say: `Chương II`, `Điều 5.`, `1.`, `a)`, `a.1.`, `-`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    PART = "part"
    CHAPTER = "chapter"
    SECTION = "section"
    ROMAN = "roman"
    APPENDIX = "appendix"
    ARTICLE = "article"
    NUMBER = "number"
    LETTER = "letter"
    SUBLETTER = "subletter"
    DASH = "dash"


CONTAINERS = frozenset({Sign.PART, Sign.CHAPTER, Sign.SECTION, Sign.ROMAN, Sign.APPENDIX})


@dataclass(frozen=True, slots=True)
class Mark:
    """number: as written, without dots around it; of a dash the sign itself. rest: what follows on the line."""

    sign: Sign
    number: str
    rest: str


_ORDINALS = {
    "nhất": "I", "hai": "II", "ba": "III", "tư": "IV", "bốn": "IV", "năm": "V", "sáu": "VI", "bảy": "VII", "tám": "VIII",
    "chín": "IX", "mười": "X",
}  # fmt: skip
_WORDS = "|".join(_ORDINALS)
_COUNT = rf"[IVX]+|\d{{1,2}}|(?:thứ\s+)?(?:{_WORDS})"
_AFTER = r"(?:\s*[.:\-–]\s*|\s+|$)(.*)"
_PATTERNS = (
    (Sign.PART, re.compile(rf"(?:Phần|PHẦN)\s+({_COUNT}){_AFTER}", re.IGNORECASE)),
    (Sign.CHAPTER, re.compile(rf"(?:Chương|CHƯƠNG)\s+({_COUNT}){_AFTER}", re.IGNORECASE)),
    (Sign.SECTION, re.compile(rf"((?:Tiểu\s+)?Mục\s+(?:{_COUNT})){_AFTER}", re.IGNORECASE)),
    (Sign.APPENDIX, re.compile(rf"(?:PHỤ\s+LỤC|Phụ\s+lục)(?:\s+(?:số\s+|SỐ\s+)?([IVX]+|\d{{1,2}}|[A-H]))?{_AFTER}")),
    (Sign.ARTICLE, re.compile(r"(?:Điều|ĐIỀU)\s+(\d{1,3}[a-zđ]?)(?:\s*[.:)/]\s*|\s+[-–]\s+|\s*$|\s+(?=[A-ZĐÀ-Ỹ]))(.*)")),
    (Sign.ROMAN, re.compile(r"([IVX]{1,6})\s*(?:[.)/]|[-–](?=\s))\s*(.*)")),
    (Sign.NUMBER, re.compile(r"(?:Khoản\s+)?(\d{1,3}(?:\.\d{1,2}){1,3})\s*[.)]?(?:\s+|$)(.*)")),
    (Sign.NUMBER, re.compile(r"(?:Khoản\s+)?(\d{1,3})\s*[.)](?:\s+|$|(?=[^\W\d]))(.*)")),
    (Sign.SUBLETTER, re.compile(r"([a-zđ]\.\d{1,2}(?=[.)\s])|[a-zđ]\d{1,2}(?=[.)]))\s*[.)]?\s*(.*)")),
    (Sign.LETTER, re.compile(r"(?:Điểm\s+)?([a-zđ])\s*(?:[)]\s*|[./](?:\s+|$|(?=[A-ZĐÀ-Ỹ])))(.*)")),
    (Sign.DASH, re.compile(r"([-–—+*•·▪➢✓o](?=\s)|[-–+•](?=[^\W\d])|\((?:[ivx]{1,5}|\d)\))\s*(.*)")),
)  # fmt: skip
# What follows a number where a text speaks of an article instead of beginning one: "Điều 5 Nghị định số …".
_SPEAKS_OF = re.compile(
    r"(?:Bộ luật|Luật|Nghị định|Nghị quyết|Pháp lệnh|Thông tư|Quyết định|Quy chế|Quy định này|Chương trình này|Hiến pháp)\b"
)
_LETTERS = "abcdđefghijklmnopqrstuvwxyz"
_SKIPPABLE = frozenset("đfjw")  # in one of the two alphabets only


def read_mark(text: str) -> Mark | None:
    """Return the mark that the text begins with, if it looks like one. Whether it fits is for the reader of the whole."""
    for sign, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        number, rest = (found.group(1) or "").strip(), found.group(2).strip()
        if sign in CONTAINERS and not _heads(sign, number, text, rest):
            continue
        if sign is Sign.ARTICLE and _SPEAKS_OF.match(rest) and not re.match(r"Điều\s+\w+\s*[.:]", text, re.IGNORECASE):
            continue
        if sign in (Sign.PART, Sign.CHAPTER):
            number = number.split()[-1]
            number = _ORDINALS.get(number.lower(), number.upper())
        return Mark(sign, number, rest)
    return None


def _heads(sign: Sign, number: str, text: str, rest: str) -> bool:
    """Say whether the words are a heading and not a sentence that begins with them: "Phụ lục VI Thông tư 81 …"."""
    if sign is Sign.APPENDIX:
        return not rest or is_capital(text) or (text.startswith("PHỤ") and not rest[0].islower())
    if sign is Sign.ROMAN:
        return bool(rest)
    if not rest:
        return True
    return (rest[0].isupper() or not rest[0].isalpha()) and not _SPEAKS_OF.match(rest)


def is_capital(text: str) -> bool:
    """Say whether the text is written in capitals, as headings are."""
    letters = [each for each in text if each.isalpha()]
    return len(letters) >= 2 and sum(each.isupper() for each in letters) >= 0.85 * len(letters)


def letter_follows(earlier: str, later: str) -> int:
    """Return how far the letter is from the next one after the earlier: 0 when it is the next, negative when it is no later.

    Laws count a b c d đ e g h …, some a b c d e f g h …: both are read.
    """
    start, end = _LETTERS.index(earlier), _LETTERS.index(later)
    if end <= start:
        return -1
    return len([each for each in _LETTERS[start + 1 : end] if each not in _SKIPPABLE])


_ROMAN_WORTH = {"I": 1, "V": 5, "X": 10}


def worth(number: str) -> int:
    """Return the number that Roman or Arabic figures write; of `5a` the figures; 0 where there are none."""
    if number and all(each in _ROMAN_WORTH for each in number):
        values = [_ROMAN_WORTH[each] for each in number]
        return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
    figures = re.match(r"\d+", number)
    return int(figures.group()) if figures else 0
