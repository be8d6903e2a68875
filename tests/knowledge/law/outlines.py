"""Writes a document as an outline that a person can write by hand, so that the two can be laid side by side.

    Chương I. QUY ĐỊNH CHUNG
    Điều 3. Nguyên tắc: 1(a b) 2 3(3.1(-2) 3.2)

An article or a part is a line with its title; after the colon stand its clauses, in brackets what is under them:
points by their letters, `-2` for two dashes, `-[-4]` for a dash with four dashes under it, `r29` for 29 rows of a table.
"""

from bot.knowledge.law.tree import Document, Kind, Passage

_LINES = frozenset({Kind.PART, Kind.CHAPTER, Kind.SECTION, Kind.APPENDIX, Kind.ARTICLE, Kind.PARAGRAPH})


def outline(document: Document) -> str:
    lines: list[str] = []
    for body, title in enumerate(document.bodies):
        if len(document.bodies) > 1:
            lines.append(f"== {title}")
        for index, each in enumerate(document.passages):
            if each.body == body and each.kind in _LINES:
                inside = _inside(document, index)
                head = f"{each.place}. {each.title}" if each.title else each.place
                lines.append(f"{head}: {inside}" if inside else head)
    return "\n".join(lines)


def _inside(document: Document, index: int) -> str:
    children = [at for at, each in enumerate(document.passages) if each.above == index and each.kind not in _LINES]
    written: list[str] = []
    dashes = rows = 0
    for at in children:
        each = document.passages[at]
        below = _inside(document, at)
        if each.kind is Kind.ROW:
            rows += 1
        elif each.kind is Kind.DASH and not below:
            dashes += 1
            continue
        else:
            if dashes:
                written.append(f"-{dashes}")
                dashes = 0
            written.append(f"-[{below}]" if each.kind is Kind.DASH else each.number + (f"({below})" if below else ""))
    written += [f"-{dashes}"] if dashes else []
    written += [f"r{rows}"] if rows else []
    return " ".join(written)


def titles(document: Document, *kinds: Kind) -> dict[str, str]:
    """Return the titles of the passages of these kinds that have one, by place."""
    return {each.place: each.title for each in document.passages if each.kind in kinds and each.title}


def passage(document: Document, place: str) -> Passage:
    found = document.at(place)
    assert found is not None, f"{place} is not in {sorted(document.places)}"
    return found
