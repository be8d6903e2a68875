"""A legal document as it was read: its passages in order, each with the place by which it is cited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a passage is in the text. `ITEM` is a `mục` of a part or an appendix, where there are no articles."""

    PART = "part"
    CHAPTER = "chapter"
    SECTION = "section"
    APPENDIX = "appendix"
    ARTICLE = "article"
    CLAUSE = "clause"
    ITEM = "item"
    POINT = "point"
    SUBPOINT = "subpoint"
    DASH = "dash"  # a line of a list without a number; it is cited by the place above it
    ROW = "row"  # of a table in an appendix
    PARAGRAPH = "paragraph"  # of a letter without articles


HEADINGS = frozenset({Kind.CHAPTER, Kind.SECTION})
"""what only groups articles: shown above them, never cited"""


@dataclass(frozen=True, slots=True)
class Passage:
    """One unit of a document.

    place: the place to cite, in the spelling of faq/README.md. Unique over the document, except that a dash has the place
        of what it stands under, and that chapters and sections (HEADINGS) carry a label that is not a place.
    number: as the text counts it: `3`, `3.1`, `c`, `c.1`, `III`; of a dash its position, from 1.
    title: a short name, where the text gives one (`Mục đích`, `Quyền được thông tin`), else empty.
    parents: the labels with titles of everything above, outermost first.
    text: the passage's own wording without its number; what stands under it is in passages of its own.
    above: the index in `Document.passages` of the passage that this one stands under.
    body: the index in `Document.bodies`.
    line: where it begins in the source, counted as the source counts (lines, paragraphs or pages).
    """

    place: str
    kind: Kind
    number: str
    title: str
    parents: tuple[str, ...]
    text: str
    above: int | None
    body: int
    line: int

    @property
    def citable(self) -> bool:
        return self.kind not in HEADINGS

    @property
    def indexed(self) -> str:
        """The text to search in: the wording under the titles of what it stands under."""
        return "\n".join((*self.parents, self.text))


@dataclass(frozen=True, slots=True)
class Document:
    """A document and what was made of it.

    bodies: titles of what counts its articles by itself; a decision and the regulation that it issues are two.
    notes: what a person should look at before the document is stored, in words.
    """

    number: str | None
    title: str
    issuer: str
    signed: date | None
    bodies: tuple[str, ...]
    passages: tuple[Passage, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Passage]:
        return iter(self.passages)

    @property
    def places(self) -> frozenset[str]:
        """Every place that may be cited."""
        return frozenset(each.place for each in self.passages if each.citable)

    def counts(self, body: int | None = None) -> dict[Kind, int]:
        """Return how many passages there are of each kind, of one body or of all."""
        found = Counter(each.kind for each in self.passages if body is None or each.body == body)
        return {kind: found[kind] for kind in Kind if found[kind]}

    def at(self, place: str) -> Passage | None:
        """Return the passage with this place (not one of its dashes)."""
        return next((each for each in self.passages if each.place == place and each.kind is not Kind.DASH), None)

    def wording(self, place: str) -> str:
        """Return the wording at a place with everything under it, for a quotation; empty where there is no such place."""
        start = next((index for index, each in enumerate(self.passages) if each.place == place), None)
        if start is None:
            return ""
        inside = {start}
        found = [self.passages[start].text]
        for index in range(start + 1, len(self.passages)):
            if self.passages[index].above not in inside:
                break
            inside.add(index)
            found.append(self.passages[index].text)
        return "\n".join(each for each in found if each)
