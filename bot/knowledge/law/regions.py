"""Stretches of a document that count for themselves: annexes, and quotations of other laws."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from bot.knowledge.law.marks import Sign, is_capital
from bot.knowledge.law.masthead import is_annex_line
from bot.knowledge.law.paragraphs import Paragraph

_QUOTE_BEGINS = re.compile(r"[“\"]\s*(?:Điều|Chương|Mục|Phụ lục|\d{1,3}[a-zđ]?\.|[a-zđ]\))")
_QUOTE_ENDS = re.compile(r"[”\"][.;,:]?$")
_LONGEST_QUOTE = 400  # paragraphs


def annex_titles(paragraphs: Sequence[Paragraph]) -> dict[int, tuple[str, int]]:
    """Return where an annex begins: the index of its title, with the title and the index after its line "(Ban hành …)".

    The title of an appendix is not one: what is called `Phụ lục` belongs to the document above it.
    """
    found: dict[int, tuple[str, int]] = {}
    for index, each in enumerate(paragraphs):
        if not is_annex_line(each.text):
            continue
        start = index
        while start > 0 and start > index - 5 and _is_title_line(paragraphs[start - 1]):
            start -= 1
        titles = paragraphs[start:index]
        # An appendix in capitals may carry its name in the line below: "PHỤ LỤC" / "DANH MỤC …".
        if any(title.mark is not None and title.mark.sign is Sign.APPENDIX for title in titles):
            continue
        if re.match(r"\(\s*(?:ban hành\s+)?kèm\s+(?:theo\s+)?chương trình", each.text, re.IGNORECASE) and not titles:
            continue
        found[start] = (" ".join(title.text for title in titles), index + 1)
    return found


def _is_title_line(paragraph: Paragraph) -> bool:
    if paragraph.cells or (paragraph.mark is not None and paragraph.mark.sign is not Sign.APPENDIX):
        return False
    signs = re.match(r"(?:KT|TM|TL|TUQ|Q)\.\s|(?:BỘ|TỔNG CỤC|CỤC) TRƯỞNG|THỨ TRƯỞNG|CHỦ TỊCH", paragraph.text)
    return is_capital(paragraph.text) and not signs


def without_marks_in_quotes(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Take the marks from paragraphs inside a quotation: a law that amends another one prints articles of that other."""
    found = list(paragraphs)
    closing = [index for index, each in enumerate(found) if _closes(each.text)]
    index = 0
    while index < len(found):
        if _QUOTE_BEGINS.match(found[index].text) and not _QUOTE_ENDS.search(found[index].text):
            after = bisect_right(closing, index)
            end = closing[after] if after < len(closing) else len(found)
            if end < min(len(found), index + _LONGEST_QUOTE):
                found[index : end + 1] = [replace(each, mark=None) for each in found[index : end + 1]]
                index = end
        index += 1
    return found


def _closes(text: str) -> bool:
    straight = text.count('"') % 2 == 1
    return bool(_QUOTE_ENDS.search(text)) and (straight or text.count("”") > text.count("“"))


def marks_after(paragraphs: Sequence[Paragraph]) -> list[Sign | None]:
    """Return for each paragraph the sign of the next mark after it."""
    found: list[Sign | None] = []
    following: Sign | None = None
    for each in reversed(paragraphs):
        found.append(following)
        following = each.mark.sign if each.mark else following
    return found[::-1]
