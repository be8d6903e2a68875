"""Tables in appendices: rows as a file has them, and tables that came as one cell a line."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.knowledge.law.marks import Sign, worth
from bot.knowledge.law.paragraphs import Paragraph

_FIRST_COLUMN = re.compile(r"S?TT\.?|Số TT|Stt", re.IGNORECASE)
_KEY = re.compile(r"(\d{1,3})\s*[.)]?")
_GROUP_KEY = re.compile(r"([IVX]{1,6}|[A-H])\s*[.)]?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_SEARCHED = 40  # lines in which the first row of a flat table has to come
_MAY_BE_MISSING = 2  # rows, before a number is no longer believed to begin one


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[str, ...]
    line: int
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered row. label: its first cell. group: the heading between rows that it stands under, with its number."""

    number: str
    label: str
    text: str
    group: str
    line: int


def is_flat_table(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Say whether a table begins here that lost its rows: "TT", then the names of the columns, then "1."."""
    if not _FIRST_COLUMN.fullmatch(paragraphs[index].text):
        return False
    following = [each.text for each in paragraphs[index + 1 : index + 1 + _SEARCHED]]
    return any((key := _KEY.fullmatch(each)) and int(key.group(1)) == 1 for each in following)


def read_flat_table(paragraphs: Sequence[Paragraph], index: int, *, stop: Container[int]) -> tuple[list[Row], int]:
    """Return the rows, the names of the columns first, and the index after the table."""
    rows: list[Row] = []
    cells: list[str] = []
    beside: list[str] = []
    line, expected, group, dotted = paragraphs[index].line, 1, 0, False
    while index < len(paragraphs) and index not in stop:
        each = paragraphs[index]
        if each.mark is not None and each.mark.sign in (Sign.APPENDIX, Sign.CHAPTER, Sign.ARTICLE):
            break
        key, roman = _KEY.fullmatch(each.text), _GROUP_KEY.fullmatch(each.text)
        dotted = dotted or (expected == 1 and each.text == "1.")
        begins_row = key is not None and _is_next(each.text, int(key.group(1)), expected, dotted=dotted)
        begins_group = roman is not None and worth(roman.group(1)) == group + 1
        if begins_row or begins_group:
            rows.append(Row(tuple(cells), line, tuple(beside)))
            cells, line, beside = [], each.line, []
            expected = int(key.group(1)) + 1 if key is not None and begins_row else expected
            group += begins_group
        cells.append(each.text)
        beside += each.beside
        index += 1
    rows.append(Row(tuple(cells), line, tuple(beside)))
    return rows, index


def _is_next(text: str, number: int, expected: int, *, dotted: bool) -> bool:
    """Say whether a number begins the next row. Where rows are numbered `1.`, a row may be missing; a bare `7` is a figure."""
    return number == expected or (dotted and text.endswith(".") and expected < number <= expected + _MAY_BE_MISSING)


def read_rows(rows: Sequence[Row]) -> tuple[str, list[Entry]]:
    """Return the name of the column that says what a row is about, and the numbered rows; none where nothing is numbered."""
    columns = _columns(rows)
    subject = next((each for each in columns[1:] if each), "")
    entries: list[Entry] = []
    group = ""
    for row in rows:
        key, roman = _KEY.fullmatch(row.cells[0]), _GROUP_KEY.fullmatch(row.cells[0])
        filled = [each for each in row.cells[1:] if each]
        if key is not None and filled and not all(_KEY.fullmatch(each) or each.startswith("(") for each in filled):
            number = str(int(key.group(1)))
            entries.append(Entry(number, filled[0], "\n".join((_text(row, columns), *row.beside)), group, row.line))
        elif roman is not None and filled:
            group = f"{roman.group(1)}. {filled[0]}"
        elif not row.cells[0] and filled and entries:
            last = entries[-1]
            entries[-1] = Entry(last.number, last.label, "\n".join((last.text, *filled, *row.beside)), last.group, last.line)
    return subject, entries


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    return next((row.cells for row in rows if _FIRST_COLUMN.fullmatch(row.cells[0])), ())


def _text(row: Row, columns: Sequence[str]) -> str:
    """Return the cells below each other, each but the first with the name of its column where that is certain."""
    cells = row.cells[1:]
    names = [each for each in columns[1:] if each and not _YEAR.search(each) and "(năm)" not in each]
    if len(cells) == len(columns) - 1:
        named = list(zip(columns[1:], cells, strict=True))
    elif len(cells) == len(names):
        named = list(zip(names, cells, strict=True))
    else:
        named = [("", each) for each in cells]
    filled = [(name, cell) for name, cell in named if cell]
    return "\n".join(cell if position == 0 or not name else f"{name}: {cell}" for position, (name, cell) in enumerate(filled))
