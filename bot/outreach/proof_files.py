"""The proof of a campaign or a consultation as files: an Excel table with everybody, and a PDF to be printed and signed."""

import asyncio
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from typing import Protocol, TypeVar

from bot.outreach.proof import Proof
from bot.reports.fixed import without_clock

Subject = TypeVar("Subject", contravariant=True)

PDF_ROWS = 5000
"""rows in the PDF, which is for reading: nobody leafs through thousands of pages. The Excel file has all of them, and the PDF
names it by its checksum, so that whoever signs the one signs the other."""
_WIDTHS = (6, 34, 16, 24, 12, 18, 20, 20, 16, 40)
_PDF_WIDTHS = (10, 62, 28, 42, 22, 34, 36, 36)
"""millimetres of an A4 page across, of the first columns"""


class Provable(Protocol[Subject]):
    async def whole(self, row: Subject, language: str) -> tuple[Proof, list[list[str]]]: ...


async def file(proofs: Provable[Subject], row: Subject, language: str, *, kind: str, more: Callable[..., str]) -> bytes:
    """Return the proof of a campaign, or of what else has one, as a file: kind is xlsx or pdf.

    It is made beside the loop, which goes on meanwhile. more: says, with `shown`, `total` and `sha256`, that the PDF has
    not all of the rows, and in which file they are.
    """
    proof, rows = await proofs.whole(row, language)
    if kind == "xlsx":
        return await asyncio.to_thread(excel, proof, rows)
    return await asyncio.to_thread(_short_pdf, proof, rows, more)


def _short_pdf(proof: Proof, rows: Sequence[Sequence[str]], more: Callable[..., str]) -> bytes:
    if len(rows) <= PDF_ROWS:
        return pdf(proof, rows, more="")
    whole = hashlib.sha256(excel(proof, rows)).hexdigest()
    return pdf(proof, rows[:PDF_ROWS], more=more(shown=PDF_ROWS, total=len(rows), sha256=whole))


def excel(proof: Proof, rows: Iterable[Sequence[str]]) -> bytes:
    """Return the Excel file. What people wrote is text: no cell becomes a formula. It is written row by row,
    so that a hundred thousand rows are not a million cells in memory."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    moment = proof.at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    book.properties.creator = "Đồng Hành"
    book.properties.created = book.properties.modified = moment
    summary, listed = book.create_sheet("1"), book.create_sheet("2")

    def cell(page: object, text: str, *, bold: bool = False) -> object:
        made = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:32_000])  # type: ignore[arg-type]
        made.data_type = "s"
        if bold:
            made.font = Font(bold=True)
        return made

    summary.column_dimensions["A"].width, summary.column_dimensions["B"].width = 30, 110
    summary.append([cell(summary, proof.title, bold=True)])
    for name, value in (*proof.facts, *proof.words):
        summary.append([cell(summary, name), cell(summary, value)])
    for when, what, who in proof.steps:
        summary.append([cell(summary, when), cell(summary, f"{what} · {who}")])
    for column, width in enumerate(_WIDTHS, 1):
        listed.column_dimensions[get_column_letter(column)].width = width
    listed.freeze_panes = "A2"
    listed.append([cell(listed, each, bold=True) for each in proof.head])
    for row in rows:
        listed.append([cell(listed, each) for each in row])
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue(), at=f"{moment.isoformat()}Z")


def pdf(proof: Proof, rows: Sequence[Sequence[str]], *, more: str) -> bytes:
    """Return the PDF. more: what stands above and below the rows where there are more of them; may be empty."""
    from font_roboto import Roboto, RobotoBold
    from fpdf import FPDF
    from fpdf.enums import XPos, YPos

    page = FPDF(orientation="landscape", format="A4")
    page.set_creation_date(proof.at.astimezone(UTC).replace(microsecond=0))
    page.set_title(proof.title)
    page.set_creator("Đồng Hành")
    page.add_font("Roboto", "", Roboto)
    page.add_font("Roboto", "B", RobotoBold)
    page.set_auto_page_break(auto=True, margin=14)
    page.add_page()

    def line(text: str, size: float, style: str = "") -> None:
        page.set_font("Roboto", style, size)
        page.multi_cell(0, size * 0.5, _printable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    line(proof.title, 15, "B")
    page.ln(2)
    for name, value in proof.facts:
        line(f"{name}: {value}", 10)
    if more:
        line(more, 10, "B")
    for language, text in proof.words:
        page.ln(2)
        line(language, 10, "B")
        line(text, 10)
    page.ln(2)
    for step in proof.steps:
        line(" · ".join(step), 9)
    page.ln(3)
    _table_row(page, proof.head, "B")
    for row in rows:
        _table_row(page, row, "")
    if more:
        page.ln(2)
        line(more, 10, "B")
    return bytes(page.output())


def _table_row(page: object, cells: Sequence[str], style: str) -> None:
    from fpdf import FPDF

    assert isinstance(page, FPDF)
    page.set_font("Roboto", style, 8)
    if page.will_page_break(6):
        page.add_page()
    for width, text in zip(_PDF_WIDTHS, cells, strict=False):
        page.cell(width, 6, _fitting(page, _printable(text), width - 2), border="B")
    page.ln(6)


def _fitting(page: object, text: str, width: float) -> str:
    """Cut what is too wide for its column."""
    from fpdf import FPDF

    assert isinstance(page, FPDF)
    if page.get_string_width(text) <= width:
        return text
    while text and page.get_string_width(text + "…") > width:
        text = text[:-1]
    return text + "…"


def _printable(text: str) -> str:
    """Leave out what the font has no picture of: emojis, which stand at the head of messages."""
    return "".join(letter for letter in text if ord(letter) < 0x2190 or letter in "“”–…")
