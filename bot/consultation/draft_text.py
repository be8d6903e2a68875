"""From a draft's text to the articles and clauses that are commented on.

The text is read as imported law is. Points and dashes are shown within their clause: people comment on a clause.
"""

from bot.consultation.errors import TextUnreadable, TooMuchText
from bot.knowledge.law.parsing import parse
from bot.knowledge.law.reading import LARGEST_TEXT, read_bytes
from bot.knowledge.law.source import LawFileError
from bot.knowledge.law.tree import Document, Kind, Passage
from storage.consultations import UnitRow

UNITS_AT_MOST = 3000
FILE_BYTES = 15 * 1024 * 1024
_OF_THEIR_OWN = frozenset({Kind.PART, Kind.APPENDIX, Kind.ARTICLE, Kind.CLAUSE, Kind.ITEM, Kind.PARAGRAPH})
SUFFIXES = (".docx", ".txt", ".md")


def read_draft(name: str, raw: bytes) -> list[UnitRow]:
    """Read a file (docx, txt, md), or typed text under the name of a text file. Raises TextUnreadable or TooMuchText."""
    if not name.lower().endswith(SUFFIXES):
        raise TextUnreadable(file=name, wrong=name, expected=", ".join(SUFFIXES))
    try:
        source = read_bytes(name, raw)
        if sum(len(line.text) for line in source.lines) > LARGEST_TEXT:
            raise TooMuchText(units=UNITS_AT_MOST, most=UNITS_AT_MOST)
        units = units_of(parse(source))
    except LawFileError as error:
        problem = error.problem
        raise TextUnreadable(file=name, wrong=problem.wrong, expected=problem.expected) from None
    if len(units) > UNITS_AT_MOST:
        raise TooMuchText(units=len(units), most=UNITS_AT_MOST)
    return units


def units_of(document: Document) -> list[UnitRow]:
    """Return the units in the order of the text."""
    units: list[UnitRow] = []
    seq_of: dict[int, int] = {}
    """the unit to which each passage belongs"""
    wording: dict[int, list[str]] = {}
    for index, passage in enumerate(document.passages):
        above = seq_of.get(passage.above) if passage.above is not None else None
        if passage.kind in _OF_THEIR_OWN:
            seq = len(units) + 1
            seq_of[index] = seq
            title = passage.title if passage.kind is not Kind.CLAUSE else ""
            own = _without(title, passage.text)
            units.append(UnitRow(seq, above, passage.place, title, ""))
            wording[seq] = [own] if own else []
        elif above is not None:
            seq_of[index] = above
            wording[above].append(_marked(passage))
    return [UnitRow(unit.seq, unit.above, unit.place, unit.title, "\n".join(wording[unit.seq])) for unit in units]


def _without(title: str, text: str) -> str:
    return text[len(title) :].lstrip(" .:\n") if title and text.startswith(title) else text


def _marked(passage: Passage) -> str:
    mark = f"{passage.number}) " if passage.kind in (Kind.POINT, Kind.SUBPOINT) else "- "
    return mark + passage.text


def articles(units: list[UnitRow]) -> list[UnitRow]:
    """Return the units that stand under none, in order: what one walks through."""
    return [unit for unit in units if unit.above is None]


def below(units: list[UnitRow], seq: int) -> list[UnitRow]:
    """Return what stands under a unit, at any depth, in order."""
    inside = {seq}
    found = []
    for unit in units:
        if unit.above in inside:
            inside.add(unit.seq)
            found.append(unit)
    return found
