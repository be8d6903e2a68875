"""What is kept of an enterprise, as people write it in a table: read cell by cell, each mistake with what to do about it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.knowledge.language.vietnamese import fold
from bot.membership.errors import TaxCodeWrong
from bot.membership.tax_codes import tax_code

NAME_AT_MOST = 300
WORDS_AT_MOST = 80
CLEAR = "-"
"""a cell that empties what is known; an empty cell leaves it as it is"""

HEADINGS = {
    "tax_code": ("ma so thue", "mst", "tax code", "ma doanh nghiep"),
    "name": ("ten doanh nghiep", "ten", "ten cong ty", "name", "company", "enterprise"),
    "membership": ("thanh vien", "tu cach thanh vien", "membership"),
    "compliance_level": ("muc tuan thu", "muc do tuan thu", "hang tuan thu", "compliance level", "compliance"),
    "region": ("dia ban", "tinh thanh pho", "tinh", "tinh thanh", "region", "province"),
    "sector": ("nganh", "linh vuc", "nganh nghe", "nganh hang", "sector"),
    "kind": ("loai hinh", "loai hinh doanh nghiep", "kind", "type"),
    "hs_chapters": ("chuong hs", "chuong", "ma hs", "hs", "hs chapter", "hs chapters"),
}
"""how a column may be headed, without marks and in lower case"""

MEMBERSHIPS = {
    "member": ("thanh vien", "co", "x", "yes", "member", "da ky"),
    "invited": ("da moi", "invited"),
    "none": ("khong", "chua", "no", "none"),
    "withdrawn": ("da rut", "rut", "withdrawn"),
}
KINDS = {
    "import_export": ("xuat nhap khau", "thuong mai xuat nhap khau", "import export"),
    "manufacturing": ("san xuat", "san xuat xuat khau", "manufacturing"),
    "processing": ("gia cong", "processing"),
    "export_processing": ("che xuat", "doanh nghiep che xuat", "dncx", "export processing"),
    "customs_broker": ("dai ly hai quan", "dai ly lam thu tuc hai quan", "dai ly", "customs broker"),
    "logistics": ("logistics", "kho bai", "van tai", "giao nhan"),
    "courier": ("chuyen phat nhanh", "courier"),
    "other": ("khac", "other"),
}
_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class CellProblem:
    """A cell that cannot be used. column: as the table heads it. key: of the sentence that says what to do."""

    row: int
    column: str
    key: str
    given: str
    expected: str = ""


@dataclass(frozen=True)
class Profile:
    """A row that can be used. values: what it says, by field; what it does not mention is not there."""

    row: int
    tax_code: str
    values: Mapping[str, Any]


def plain(text: str) -> str:
    """Return words as they are compared: without marks, in lower case, a blank between two."""
    return _WORD.sub(" ", fold(text).lower()).strip()


def columns(headings: Sequence[str]) -> dict[int, str]:
    """Return which field each column is; columns that mean nothing to us are left out."""
    known = {heading: field for field, each in HEADINGS.items() for heading in each}
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        field = known.get(plain(heading))
        if field is not None and field not in found.values():
            found[place] = field
    return found


def read_row(row: int, cells: Sequence[str], places: Mapping[int, str], headings: Sequence[str]) -> Profile | list[CellProblem]:
    """Read one row of a table; return it, or everything that is wrong with it."""
    values: dict[str, Any] = {}
    problems: list[CellProblem] = []
    for place, field in places.items():
        text = " ".join(cells[place].split()) if place < len(cells) else ""
        if not text:
            continue
        if text.startswith("="):
            problems.append(CellProblem(row, headings[place], "import.formula", text[:40]))
            continue
        try:
            values[field] = _READERS[field](text)
        except _Wrong as wrong:
            problems.append(CellProblem(row, headings[place], wrong.key, text[:60], wrong.expected))
    if "tax_code" not in values and not any(each.key == "import.tax_code" for each in problems):
        problems.append(CellProblem(row, _heading(places, headings, "tax_code"), "import.tax_code_missing", ""))
    return problems or Profile(row, values.pop("tax_code"), values)


class _Wrong(Exception):
    def __init__(self, key: str, expected: str = "") -> None:
        super().__init__(key)
        self.key = key
        self.expected = expected


def _heading(places: Mapping[int, str], headings: Sequence[str], field: str) -> str:
    return next((headings[place] for place, each in places.items() if each == field), "")


def _code(text: str) -> str:
    # A spreadsheet that took the code for a number has dropped a zero at its beginning, or added ".0" to its end.
    text = text.removesuffix(".0")
    given = f"0{text}" if text.isdigit() and len(text) in (9, 12) else text
    for each in (text, given):
        try:
            return tax_code(each)
        except TaxCodeWrong:
            continue
    raise _Wrong("import.tax_code")


def _name(text: str) -> str:
    return text[:NAME_AT_MOST]


def _words(text: str) -> str | None:
    return None if text == CLEAR else text[:WORDS_AT_MOST]


def _among(known: Mapping[str, Sequence[str]], text: str) -> str:
    said = plain(text)
    for value, words in known.items():
        if said == plain(value) or said in words:
            return value
    raise _Wrong("import.choice", ", ".join(f"{words[0]} ({value})" for value, words in known.items()))


def _membership(text: str) -> str:
    return _among(MEMBERSHIPS, text)


def _kind(text: str) -> str | None:
    return None if text == CLEAR else _among(KINDS, text)


def _level(text: str) -> int | None:
    if text == CLEAR:
        return None
    found = re.fullmatch(r"(?:muc|hang|level)?\s*([1-5])(?:\.0)?", plain(text) if "." not in text else text)
    if found is None:
        raise _Wrong("import.level", "1, 2, 3, 4, 5")
    return int(found.group(1))


def _chapters(text: str) -> tuple[str, ...]:
    if text == CLEAR:
        return ()
    found = []
    for part in re.split(r"[,;/\s]+", text.removesuffix(".0")):
        if not part:
            continue
        if not (part.isascii() and part.isdigit() and len(part) <= 2 and 1 <= int(part) <= 97):
            raise _Wrong("import.chapter", "01 … 97")
        found.append(f"{int(part):02d}")
    return tuple(dict.fromkeys(found))


_READERS: Mapping[str, Any] = {
    "tax_code": _code,
    "name": _name,
    "membership": _membership,
    "compliance_level": _level,
    "region": _words,
    "sector": _words,
    "kind": _kind,
    "hs_chapters": _chapters,
}
