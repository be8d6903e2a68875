"""Puts lines together that one paragraph was broken into: at the edge of the page, or by the page's end in mid sentence."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.knowledge.law.marks import CONTAINERS, Mark, Sign, is_capital, read_mark
from bot.knowledge.law.source import Line, Source

_SENTENCE_ENDS = re.compile(r"[.;:!?…][”\"’')\]]*$|/\.?$")
_ASKS_FOR_MORE = re.compile(
    r"(?:\b(?:điều|khoản|điểm|mục|phần|chương|phụ lục|số|và|hoặc|tại|theo|của|các|từ|đến|ngày|tháng|năm|về|do|với|là"
    r"|quy định)|,)$",
    re.IGNORECASE,
)
_STANDS_ALONE = re.compile(r"\(?(?:ban hành\s+)?kèm theo\b|nơi nhận\b|căn cứ\b|kính gửi\b|số\s*:|v/v\b|s?tt$|__", re.IGNORECASE)
_TABLE_OF_CONTENTS = re.compile(r"(?:\.\s?){5,}\s*\d{1,4}$|…{2,}\s*\d{1,4}$")
# Headings that stand on one line although each is its own: "I. QUY ĐỊNH CHUNG Điều 1. Mục đích".
_RUN_ON = re.compile(r"(?<=\S)\s*(?=Điều 1\s*\. [A-ZĐÀ-Ỹ])")
_LOWEST_WIDTH, _GREATEST_WIDTH = 40, 140


@dataclass(frozen=True, slots=True)
class Paragraph:
    """gap: whether an empty line stands before it. cells: of a row of a table, else empty. beside: see `Line`."""

    text: str
    line: int
    mark: Mark | None
    gap: bool
    heading: bool
    cells: tuple[str, ...]
    beside: tuple[str, ...] = ()


def paragraphs_of(source: Source) -> list[Paragraph]:
    """Return the paragraphs of the source, with the marks that they begin with."""
    lines = [piece for line in source.lines for piece in _apart(line) if not _TABLE_OF_CONTENTS.search(piece.text[-80:])]
    width = _width(source, lines)
    marks = [None if line.cells else read_mark(line.text) for line in lines]
    in_list = _followed_by_a_dash(marks)
    groups: list[list[Line]] = []
    for index, line in enumerate(lines):
        if groups and _goes_on(groups[-1], line, marks[index], width, in_list=in_list[index]):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_paragraph(group) for group in groups]


def _followed_by_a_dash(marks: Sequence[Mark | None]) -> list[bool]:
    """Say of each line whether the next mark after it is a dash."""
    found: list[bool] = []
    following = False
    for mark in reversed(marks):
        found.append(following)
        following = mark.sign is Sign.DASH if mark else following
    return found[::-1]


def _apart(line: Line) -> Iterator[Line]:
    mark = read_mark(line.text) if not line.cells else None
    if mark is None or mark.sign not in CONTAINERS or mark.sign is Sign.APPENDIX:
        yield line
        return
    for index, piece in enumerate(_RUN_ON.split(line.text)):
        beside = line.beside if index == 0 else ()
        yield Line(piece.strip(), line.number, line.gap if index == 0 else 0, line.heading, beside=beside)


def _paragraph(group: Sequence[Line]) -> Paragraph:
    first = group[0]
    text = " ".join(each.text for each in group)
    mark = read_mark(text) if not first.cells else None
    heading = all(each.heading for each in group)
    beside = tuple(itertools.chain.from_iterable(each.beside for each in group))
    return Paragraph(text, first.number, mark, first.gap > 0, heading, first.cells, beside)


def _width(source: Source, lines: Sequence[Line]) -> int:
    """Return the width that the lines were broken at; 0 where every line is a paragraph."""
    lengths = sorted(len(each.text) for each in lines if not each.cells)
    if source.laid_out is False or not lengths:
        return 0
    width = lengths[int(len(lengths) * 0.9)]
    if source.laid_out:
        return width
    if not _LOWEST_WIDTH <= width <= _GREATEST_WIDTH or lengths[-1] > width * 1.5:
        return 0
    near = sum(width * 0.85 <= each <= width * 1.15 for each in lengths)
    broken = sum(
        line.text[0].islower() and not line.gap and not _SENTENCE_ENDS.search(before.text)
        for before, line in itertools.pairwise(lines)
    )
    return width if near >= 0.3 * len(lengths) or broken >= max(3, 0.05 * len(lengths)) else 0


def _goes_on(group: Sequence[Line], line: Line, mark: Mark | None, width: int, *, in_list: bool) -> bool:
    """Say whether the line belongs to the paragraph that has begun."""
    last = group[-1]
    if line.cells or last.cells:
        return False
    ended = bool(_SENTENCE_ENDS.search(last.text))
    full = width > 0 and len(last.text) + 1 + len(line.text.split(" ", 1)[0]) > width * 0.93
    if mark is not None:
        if not width or line.gap or line.heading or ended or _is_heading(group):
            return False
        return _is_mid_sentence(group, mark, full=full, in_list=in_list)
    if is_capital(line.text) or is_capital(last.text):
        return full and line.gap == 0 and is_capital(line.text) == is_capital(last.text) and read_mark(last.text) is None
    if _STANDS_ALONE.match(line.text) or line.text.startswith(("“", '"')):
        return full and not ended and line.gap == 0
    if not ended and line.text[0].islower() and not _is_bare_heading(group):
        return True
    if full and line.gap == 0:
        # The last line of a paragraph may be as long as the others; then only the end of its sentence tells.
        return not ended or not line.text[0].isupper()
    return full and line.gap >= 2 and not ended and not line.heading and not _is_heading(group)


def _is_mid_sentence(group: Sequence[Line], mark: Mark, *, full: bool, in_list: bool) -> bool:
    """Say whether what looks like a mark is the rest of a sentence: "… theo khoản" / "2. Doanh nghiệp …"."""
    if mark.sign is Sign.DASH:
        # "… quan hệ Hải quan" / "- Doanh nghiệp" goes on; a heading as wide as the page, above a list, does not.
        above = read_mark(group[0].text)
        announces = above is not None and above.sign is not Sign.DASH
        return full and not (announces and in_list)
    if _ASKS_FOR_MORE.search(group[-1].text) and not is_capital(group[-1].text):
        return full or bool(mark.rest)  # `20.` below a short line is the number of a row
    return full and bool(mark.rest) and mark.rest[0].islower()


def _is_heading(group: Sequence[Line]) -> bool:
    text = group[0].text
    mark = read_mark(text)
    return is_capital(text) or (mark is not None and (mark.sign in CONTAINERS or mark.sign is Sign.ARTICLE))


def _is_bare_heading(group: Sequence[Line]) -> bool:
    """Say whether this is a heading whose words are still to come: `Điều 5` on a line of its own."""
    mark = read_mark(group[0].text) if len(group) == 1 else None
    return mark is not None and not mark.rest
