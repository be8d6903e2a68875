"""Excel files from rows of values. What people wrote is text: no cell becomes a formula, whatever it begins with."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bot.reports.fixed import without_clock

Value = str | int | float | None
_CELL_AT_MOST = 32_000
"""characters; the format takes 32,767"""
_LINE = Side(style="thin", color="888888")
_SHADE = PatternFill("solid", fgColor="E8EEF1")


@dataclass(frozen=True)
class Sheet:
    """title: lines above the table. widths: of the columns, in characters."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    widths: Sequence[int]
    title: Sequence[str] = ()


def workbook(sheets: Sequence[Sheet], *, at: datetime) -> bytes:
    """Return the file. at: the moment (aware) that it says it was made; the same rows then give the same bytes."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    moment = at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    book.properties.creator = "Đồng Hành"
    book.properties.created = book.properties.modified = moment
    for each in sheets:
        _fill(book.create_sheet(_name(each.name)), each)
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue(), at=f"{moment.isoformat()}Z")


def _fill(page: Worksheet, sheet: Sheet) -> None:
    row = 1
    for line in sheet.title:
        _put(page, row, 1, line).font = Font(bold=row == 1, size=13 if row == 1 else 11)
        row += 1
    row += 1 if sheet.title else 0
    for column, text in enumerate(sheet.head, 1):
        named = _put(page, row, column, text)
        named.font, named.fill, named.border = Font(bold=True), _SHADE, Border(_LINE, _LINE, _LINE, _LINE)
        named.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    page.freeze_panes = f"A{row + 1}"
    for values in sheet.rows:
        row += 1
        for column, value in enumerate(values, 1):
            filled = _put(page, row, column, value)
            filled.border = Border(_LINE, _LINE, _LINE, _LINE)
            filled.alignment = Alignment(wrap_text=True, vertical="top")
    for column, width in enumerate(sheet.widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]


def _put(page: Worksheet, row: int, column: int, value: Value) -> Cell:
    cell = page.cell(row=row, column=column)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_CELL_AT_MOST]
        # openpyxl takes what begins with "=" for a formula; and a program that opens the file would, where somebody edits the
        # cell, take "+", "-" and "@" for one too: the mark that it is text stays with the cell.
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "\t", "\r")
    else:
        cell.value = value
    return cell


def _name(text: str) -> str:
    return "".join(letter for letter in text if letter not in "[]:*?/\\")[:31] or "1"
