"""What a file holds before anybody asks what it means: lines, with what the file says about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.files.problems import Problem


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file or a page, or a paragraph of a Word document.

    number: where it is, in the unit of its source. gap: empty lines before it. cells: of a row of a table, else empty.
    heading: the file marks it as one (`##`, a heading style, bold from end to end). beside: the texts of footnotes and boxes
    that hang on it; they are read with it, but nothing is ever numbered by them.
    """

    text: str
    number: int
    gap: int = 0
    heading: bool = False
    cells: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file, read.

    unit: what `Line.number` counts: line, paragraph or page.
    laid_out: the lines end where the page ended, not where a paragraph does; None when that is to be found out.
    """

    name: str
    lines: Sequence[Line]
    unit: str = "line"
    laid_out: bool | None = None
    notes: tuple[str, ...] = ()


class LawFileError(Exception):
    """The file cannot be taken as a legal document. Nothing of it is kept."""

    code = "law.file"

    def __init__(self, file: str, wrong: str, expected: str, *, line: int = 0) -> None:
        self.problem = Problem(file, line, "", wrong, expected)
        super().__init__(str(self.problem))
