"""The units of a document while it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.knowledge.law.tables import Row
from bot.knowledge.law.tree import Kind


@dataclass(eq=False)
class Node:
    """A unit while it is being read. head: what follows its mark; paragraphs: further wording of its own. beside: of footnotes
    and boxes in it."""

    kind: Kind
    number: str
    head: str
    line: int
    above: Node | None
    paragraphs: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    heading: bool = False
    rows: list[Row] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    implied: bool = False  # there is no such heading: an annex that begins with `1.` at once

    def last(self, kind: Kind) -> Node | None:
        return next((each for each in reversed(self.children) if each.kind is kind), None)

    @property
    def ending(self) -> str:
        """The latest paragraph of its own."""
        return self.paragraphs[-1] if self.paragraphs else self.head

    @property
    def announces(self) -> bool:
        """Whether it ends as a unit does that is followed by a list of its own."""
        return self.ending.endswith(":") or (not self.paragraphs and not self.head.endswith((".", ";")))

    @property
    def wording(self) -> str:
        return "\n".join(filter(None, (self.head, *self.paragraphs)))


@dataclass(eq=False)
class Body:
    """What counts its articles by itself. title: of an annex, else empty."""

    title: str
    roots: list[Node] = field(default_factory=list)
    article: int = 0  # the latest number
    letter: str = ""  # of the latest article: `5a`
    began: bool = False
