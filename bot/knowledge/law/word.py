"""Word: the paragraphs and tables of a .docx as a reader of the final text sees them, with the numbers that Word counts."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bot.knowledge.law.numbering import Numbering
from bot.knowledge.law.plain_text import composed
from bot.knowledge.law.source import LawFileError, Line, Source
from bot.knowledge.law.word_text import Notes, W, beside_of, read_notes, squeezed, text_of

LARGEST_UNPACKED = 200_000_000  # bytes, all parts together
LARGEST_TEXT_PART = 60_000_000  # bytes of XML
LARGEST_RATIO = 150  # unpacked to packed, of a part over a megabyte; XML as Word writes it stays below 40
MOST_PARTS = 5_000

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, AttributeError, RuntimeError, OSError)
_MAIN = "word/document.xml"
_HEAD = 4096  # bytes in which a document type would stand
_HEADING = re.compile(r"(?:heading|title|tiêu đề)\s*\d*", re.IGNORECASE)


def read_word(name: str, raw: bytes) -> Source:
    """Read a .docx. Raises LawFileError where it is none, is locked, or would unpack to more than a document can be."""
    _check_archive(name, raw)
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        document = docx.Document(io.BytesIO(raw))
        notes = read_notes(document)
    except (OpcError, etree.XMLSyntaxError, *_BROKEN) as error:
        expected = "a file that opens in Word: save it again as .docx"
        raise LawFileError(name, f"this Word file is broken ({type(error).__name__})", expected) from error
    styles = {style.style_id: style.name or "" for style in document.styles}
    walk = _Walk(styles, Numbering.of(document), notes)
    return Source(name, tuple(_hung(walk.lines(document.element.body))), unit="paragraph", laid_out=False)


def _check_archive(name: str, raw: bytes) -> None:
    """Look at what the archive says it unpacks to, before anything is unpacked."""
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        wrong = "this is an old .doc, or a Word file locked with a password"
        raise LawFileError(name, wrong, "a .docx without a password: open it in Word and save it as .docx")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise LawFileError(name, "this is not a Word file", "a .docx that opens in Word") from error
    unpacked = sum(each.file_size for each in parts)
    largest = max((each.file_size for each in parts if each.filename.endswith((".xml", ".rels"))), default=0)
    steep = any(each.file_size > 1_000_000 and each.file_size > LARGEST_RATIO * max(1, each.compress_size) for each in parts)
    if unpacked > LARGEST_UNPACKED or largest > LARGEST_TEXT_PART or steep or len(parts) > MOST_PARTS:
        wrong = f"the file of {len(raw):,} bytes would unpack to {unpacked:,} bytes in {len(parts)} parts, as no document does"
        raise LawFileError(name, wrong, "a document saved by Word or LibreOffice; do not open this one")
    if _MAIN not in {each.filename for each in parts}:
        raise LawFileError(name, "this archive is not a Word file", "a .docx that opens in Word")
    if _defines_entities(raw):
        # Word writes none. What stood for them would be missing from the text, or multiply without end.
        raise LawFileError(name, "the text is made of entities of its own", "a document saved by Word; do not open this one")


def _defines_entities(raw: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                if name.endswith(".xml"):
                    with archive.open(name) as part:
                        if b"<!DOCTYPE" in part.read(_HEAD):
                            return True
            return False
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError):
        return False  # broken, which whoever reads it will say


class _Walk:
    """One pass over the body. A paragraph is counted as Word shows it, also in a table."""

    def __init__(self, styles: dict[str, str], numbering: Numbering, notes: Notes) -> None:
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._number = 0
        self._gap = 0
        self._carried = ""
        """of paragraphs whose end was deleted: it goes on in the next"""
        self._beside: tuple[str, ...] = ()
        """what hangs on these"""

    def lines(self, parent: Any) -> Iterator[Line]:
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._left_over()
                yield from self._table(element)
            elif element.tag == f"{W}sdt":
                content = element.find(f"{W}sdtContent")
                yield from self.lines(content if content is not None else ())
            elif element.tag in (f"{W}ins", f"{W}moveTo", f"{W}smartTag", f"{W}customXml"):
                yield from self.lines(element)
        yield from self._left_over()

    def _left_over(self) -> Iterator[Line]:
        text, self._carried = squeezed(self._carried), ""
        beside, self._beside = self._beside, ()
        if text or beside:
            yield Line(text, self._number, self._gap, beside=beside)
            self._gap = 0

    def _paragraph(self, element: Any) -> Iterator[Line]:
        self._number += 1
        whole, self._carried = self._carried + text_of(element), ""
        beside, self._beside = (*self._beside, *beside_of(element, self._notes)), ()
        if any(element.find(f"{W}pPr/{W}rPr/{W}{gone}") is not None for gone in ("del", "moveFrom")):
            self._carried, self._beside = whole, beside
            return
        style = self._styles.get(self._property(element, "pStyle") or "", "")
        pieces = [composed(each).strip() for each in whole.split("\n")]
        if not any(pieces):
            self._gap += 1
            if beside:
                yield Line("", self._number, beside=beside)
            return
        mark = self._numbering.mark(element)
        heading = bool(_HEADING.match(style)) or _all_bold(element)
        for index, piece in enumerate(pieces):
            text = re.sub(r"\s+", " ", f"{mark} {piece}" if mark and index == 0 else piece).strip()
            if text:
                # A break inside a paragraph is layout; an empty line before says that a new paragraph begins.
                yield Line(text, self._number, self._gap if index == 0 else 0, heading=heading, beside=beside)
                self._gap, beside = 0, ()

    def _table(self, table: Any) -> Iterator[Line]:
        rows = [list(row.iterchildren(f"{W}tc")) for row in table.iter(f"{W}tr")]
        nested = next(table.iterdescendants(f"{W}tbl"), None) is not None
        if nested or all(len(row) < 2 for row in rows):
            # A frame around text, not a table of data: what is in it is read as if the frame were not there.
            for row in table.iterchildren(f"{W}tr"):
                for cell in row.iterchildren(f"{W}tc"):
                    yield from self.lines(cell)
            return
        above: list[str] = []
        for row in rows:
            self._number += 1
            cells, merged = _cells(row)
            if cells and cells[0]:
                # One cell over several rows says the same of each; a row without a first cell of its own goes on the one above.
                cells = [above[at] if at in merged and at < len(above) else text for at, text in enumerate(cells)]
                above = cells
            if any(cells):
                beside = tuple(text for cell in row for text in beside_of(cell, self._notes))
                yield Line(" ".join(filter(None, cells)), self._number, self._gap, cells=tuple(cells), beside=beside)
                self._gap = 0

    @staticmethod
    def _property(element: Any, name: str) -> str | None:
        found = element.find(f"{W}pPr/{W}{name}")
        return found.get(f"{W}val") if found is not None else None


def _cells(row: list[Any]) -> tuple[list[str], set[int]]:
    """Return what stands in each column, and the columns in which a cell of the row above goes on."""
    cells: list[str] = []
    merged: set[int] = set()
    for cell in row:
        joined = cell.find(f"{W}tcPr/{W}vMerge")
        if joined is not None and joined.get(f"{W}val", "continue") != "restart":
            merged.add(len(cells))
        cells.append(squeezed(" ".join(text_of(each) for each in _outside_boxes(cell))))
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        cells += [""] * (min(int(span.get(f"{W}val", "1")), 100) - 1 if span is not None else 0)
    return cells, merged


def _outside_boxes(cell: Any) -> Iterator[Any]:
    """Yield the paragraphs of a cell, not those of a text box in it: what that says hangs on the row."""
    for child in cell:
        if child.tag == f"{W}p":
            yield child
        elif len(child):
            yield from _outside_boxes(child)


def _hung(lines: Iterable[Line]) -> Iterator[Line]:
    """Hang what stands on an empty paragraph, as a text box mostly does, on the one before; at the top on the one after."""
    last: Line | None = None
    waiting: tuple[str, ...] = ()
    for line in lines:
        if line.text:
            if last is not None:
                yield last
            last, waiting = replace(line, beside=(*waiting, *line.beside)), ()
        elif last is not None:
            last = replace(last, beside=(*last.beside, *line.beside))
        else:
            waiting += line.beside
    if last is not None:
        yield last


def _all_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.iter(f"{W}r") if "".join(each.text or "" for each in run.iter(f"{W}t")).strip()]
    marks = [run.find(f"{W}rPr/{W}b") for run in runs]
    return bool(runs) and all(each is not None and each.get(f"{W}val", "1") not in ("0", "false") for each in marks)
