"""Tables that people send, Excel or CSV: read row by row as text, within limits, never run.

Formulas stay what they are, a text with `=` before it; a packed file that would unfold to something huge is refused before it
is unfolded; nothing outside the file is looked at.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.membership.errors import TableTooLarge, TableUnreadable

FILE_BYTES = 50 * 1024 * 1024
UNPACKED_BYTES = 400 * 1024 * 1024
UNPACKED_TIMES = 200
"""how much larger than packed a part of a workbook may be: tables compress well, bombs far better"""
ROWS_AT_MOST = 200_000
COLUMNS_AT_MOST = 60
CELL_AT_MOST = 1000
_ENCODINGS = ("utf-8-sig", "cp1258")


def rows_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number as the table shows it, cells) of the first sheet. Raises TableTooLarge or TableUnreadable."""
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise TableTooLarge(most=FILE_BYTES // 1024**2)
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    found = _excel(path) if packed else _csv(path)
    for count, (number, cells) in enumerate(found):
        if count >= ROWS_AT_MOST:
            raise TableTooLarge(most=FILE_BYTES // 1024**2)
        if any(cells):
            yield number, cells


def _excel(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    _check_unfolding(path)
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise TableUnreadable(name=path.name[:80]) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise TableUnreadable(name=path.name[:80])
        # What the sheet says of its own size is not to be believed: it may name a million columns.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS_AT_MOST, values_only=True), 1):
            yield number, [_text(value) for value in row]
    except (TableUnreadable, TableTooLarge):
        raise
    except Exception as error:
        raise TableUnreadable(name=path.name[:80]) from error
    finally:
        book.close()


def _check_unfolding(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TableUnreadable(name=path.name[:80]) from error
    total = sum(part.file_size for part in parts)
    worst = max((part.file_size / max(1, part.compress_size) for part in parts if part.file_size > 1024**2), default=0)
    if total > UNPACKED_BYTES or worst > UNPACKED_TIMES or len(parts) > 2000:
        raise TableTooLarge(most=FILE_BYTES // 1024**2)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)[:CELL_AT_MOST]


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path)
    if "\0" in text:
        raise TableUnreadable(name=path.name[:80])
    first = text[:20_000].partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell[:CELL_AT_MOST] for cell in cells[:COLUMNS_AT_MOST]]
    except csv.Error as error:
        raise TableUnreadable(name=path.name[:80]) from error


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableUnreadable(name=path.name[:80])
