"""PDF: the lines of each page, as far as the page holds text and not only its picture."""

from __future__ import annotations

import io
import re
from collections import Counter

from bot.knowledge.law.plain_text import composed
from bot.knowledge.law.source import LawFileError, Line, Source

MOST_PAGES = 1_500
FEWEST_LETTERS = 20  # on a page; a picture of a page has none, or the few of a stamp put over it
_PAGE_NUMBER = re.compile(r"(?:trang\s+)?[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*/\s*\d{1,4})?", re.IGNORECASE)


def read_pdf(name: str, raw: bytes) -> Source:
    """Read a .pdf. Raises LawFileError where it is broken, locked with a password, or holds pictures of pages only."""
    pages = [_lines(page) for page in _pages(name, raw)]
    without = [number for number, lines in enumerate(pages, 1) if _letters(lines) < FEWEST_LETTERS]
    if len(without) == len(pages) or len(without) > max(2, len(pages) // 3):
        wrong = f"{len(without)} of {len(pages)} pages hold no text; this is a scan, a picture of each page"
        raise LawFileError(name, wrong, "a PDF with text: run it through text recognition (OCR), or import the .docx or .txt")
    repeated = _running_heads(pages)
    lines: list[Line] = []
    for number, page in enumerate(pages, 1):
        gap = 2 if number > 1 else 0
        for index, text in enumerate(page):
            at_edge = index < 2 or index >= len(page) - 2
            if not text:
                gap += 1
            elif not (at_edge and (_PAGE_NUMBER.fullmatch(text) or text in repeated)):
                lines.append(Line(text, number, gap))
                gap = 0
    notes = tuple(f"page {number} holds no text" for number in without)
    return Source(name, tuple(lines), unit="page", laid_out=True, notes=notes)


def _pages(name: str, raw: bytes) -> list[str]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not raw.lstrip()[:5] == b"%PDF-":
        raise LawFileError(name, "this is not a PDF", "a file that a PDF reader opens")
    try:
        reader = PdfReader(io.BytesIO(raw))
        # Many are locked against changes with an empty password, which anybody may open.
        if reader.is_encrypted and not reader.decrypt(""):
            raise LawFileError(name, "the file is locked with a password", "a copy without a password")
        if len(reader.pages) > MOST_PAGES:
            raise LawFileError(name, f"there are {len(reader.pages):,} pages", f"at most {MOST_PAGES:,}; split it")
        return [page.extract_text() or "" for page in reader.pages]
    except LawFileError:
        raise
    except ImportError as error:  # pypdf needs a library of its own for the newer kinds of encryption
        raise LawFileError(name, "the file is encrypted", "a copy without encryption: print it to a new PDF") from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        # A broken PDF fails wherever the reader first meets what it does not expect.
        wrong = f"the PDF is broken ({type(error).__name__})"
        raise LawFileError(name, wrong, "a file that opens: save it again from a PDF reader, or import the .docx") from error


def _lines(page: str) -> list[str]:
    found = [re.sub(r"\s+", " ", line).strip() for line in composed(page).split("\n")]
    while found and not found[0]:
        found.pop(0)
    while found and not found[-1]:
        found.pop()
    return found


def _letters(lines: list[str]) -> int:
    return sum(each.isalpha() for line in lines for each in line)


def _running_heads(pages: list[list[str]]) -> frozenset[str]:
    """Return the lines that stand at the edge of most pages: the name of the gazette, an address, a date."""
    seen = Counter(text for page in pages for text in {*page[:1], *page[-1:]} if text)
    return frozenset(text for text, times in seen.items() if times >= 3 and times * 2 > len(pages))
