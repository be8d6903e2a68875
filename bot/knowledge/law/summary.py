"""What was made of a file, for a person to look at before it is stored."""

from __future__ import annotations

from bot.knowledge.law.tree import Document, Kind, Passage

_WORDS = {
    Kind.PART: ("part", "parts"),
    Kind.CHAPTER: ("chapter", "chapters"),
    Kind.SECTION: ("section", "sections"),
    Kind.APPENDIX: ("appendix", "appendices"),
    Kind.ARTICLE: ("article (Điều)", "articles (Điều)"),
    Kind.CLAUSE: ("clause (khoản)", "clauses (khoản)"),
    Kind.ITEM: ("item (mục)", "items (mục)"),
    Kind.POINT: ("point (điểm)", "points (điểm)"),
    Kind.SUBPOINT: ("sub-point", "sub-points"),
    Kind.DASH: ("dash", "dashes"),
    Kind.ROW: ("row of a table", "rows of a table"),
    Kind.PARAGRAPH: ("paragraph (đoạn)", "paragraphs (đoạn)"),
}
_SHOWN = frozenset({Kind.PART, Kind.CHAPTER, Kind.SECTION, Kind.APPENDIX, Kind.ARTICLE, Kind.ITEM, Kind.PARAGRAPH})
_LONGEST = 100  # characters of a line


def summary(document: Document, *, every_passage: bool = False) -> list[str]:
    """Return the lines to show: the document, then its tree with titles and with the counts of what is not shown.

    every_passage: show clauses, points, dashes and rows too, each with its first words.
    """
    day = f", {document.signed:%d/%m/%Y}" if document.signed else ""
    lines = [_cut(f"{document.number or 'no number found'}{day}  {document.title}".rstrip())]
    lines.append(f"{len(document.passages)} passages: {count_words(document.counts())}")
    below = _counts_below(document)
    for body, title in enumerate(document.bodies):
        if len(document.bodies) > 1:
            lines += ["", _cut(title), f"  {count_words(document.counts(body))}"]
        for index, each in enumerate(document.passages):
            if each.body == body and (every_passage or _is_shown(each, document)):
                depth = len(_above(document, index, every_passage))
                lines.append(_cut("  " * (depth + 1) + _line(each)) + (f"  [{below[index]}]" if below[index] else ""))
    if document.notes:
        lines += ["", "Please look at:", *(f"  {note}" for note in document.notes)]
    return lines


def count_words(counts: dict[Kind, int]) -> str:
    """Return the counts in words: `9 articles (Điều), 25 clauses (khoản)`."""
    return ", ".join(f"{count} {_WORDS[kind][count != 1]}" for kind, count in counts.items())


def _is_shown(passage: Passage, document: Document) -> bool:
    if passage.kind is Kind.ITEM and passage.above is not None:
        return document.passages[passage.above].kind is not Kind.ITEM
    return passage.kind in _SHOWN


def _above(document: Document, index: int, every_passage: bool) -> list[int]:
    found: list[int] = []
    above = document.passages[index].above
    while above is not None:
        if every_passage or _is_shown(document.passages[above], document):
            found.append(above)
        above = document.passages[above].above
    return found


def _counts_below(document: Document) -> list[str]:
    """Return for each passage the counts of what is under it and not shown by itself."""
    counts: list[dict[Kind, int]] = [{} for _ in document.passages]
    for each in document.passages:
        above = each.above
        while above is not None and not _is_shown(each, document):
            counts[above][each.kind] = counts[above].get(each.kind, 0) + 1
            if _is_shown(document.passages[above], document):
                break
            above = document.passages[above].above
    return [count_words({kind: found[kind] for kind in Kind if kind in found}) for found in counts]


def _line(passage: Passage) -> str:
    sign = "- " if passage.kind is Kind.DASH else f"{passage.place}. "
    return sign + (passage.title or passage.text.partition("\n")[0])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
