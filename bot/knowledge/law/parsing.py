"""From lines to a document: what stands under what, and how each place is cited."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.knowledge.law.marks import is_capital
from bot.knowledge.law.masthead import Masthead, read_masthead
from bot.knowledge.law.nodes import Body, Node
from bot.knowledge.law.outline import Outline
from bot.knowledge.law.paragraphs import Paragraph, paragraphs_of
from bot.knowledge.law.personal import without_mobile_numbers
from bot.knowledge.law.reading import read_file
from bot.knowledge.law.source import LawFileError, Source
from bot.knowledge.law.tables import read_rows
from bot.knowledge.law.titles import LONGEST_NAME, name_above, short_title, title_of
from bot.knowledge.law.tree import Document, Kind, Passage

COVER = "Quyết định ban hành"
_COVERS = {"THÔNG TƯ": "Thông tư ban hành", "NGHỊ ĐỊNH": "Nghị định ban hành", "NGHỊ QUYẾT": "Nghị quyết ban hành"}
_MOST_LOST = 10
_ENDS = re.compile(r"\./\.?\s*$")


@dataclass(frozen=True, slots=True)
class ReadLaw:
    """A document with the SHA-256 of the file that it was read from."""

    document: Document
    file: str
    sha256: str


def read_law(path: Path) -> ReadLaw:
    """Read a file and find its passages. Raises LawFileError with what is wrong and how to mend it."""
    source, sha256 = read_file(path)
    return ReadLaw(parse(source), path.name, sha256)


def parse(source: Source) -> Document:
    """Find the passages of what was read. Raises LawFileError where there is neither article nor part nor letter."""
    paragraphs = paragraphs_of(source)
    masthead = read_masthead(paragraphs)
    outline = Outline(paragraphs, source.unit)
    bodies = [each for each in outline.bodies if each.roots]
    freezing = _Freezing()
    if masthead.letter and not any(_articles(each.roots) for each in bodies):
        titles: tuple[str, ...] = (masthead.title,)
        freezing.take_letter(paragraphs)
        notes: Iterable[str] = ()
    else:
        titles = _titles(bodies, masthead)
        for index, body in enumerate(bodies):
            freezing.take_body(body, index, titles[index] if len(bodies) > 1 else "", _prefix(index, bodies, masthead))
        empty = [f"`{each.title}`: no article and no part was found in it" for each in outline.bodies if not each.roots]
        notes = (*outline.notes, *(each for each in empty if not each.startswith("``")))
    if not any(each.citable for each in freezing.passages):
        raise LawFileError(
            source.name,
            "there is no article in it (no line begins with `Điều 1.`), no part (`I. …`), and it is no letter (`Kính gửi: …`)",
            "the text of a legal document; news and notes belong into entries of their own",
        )
    lost = _lost(source, freezing.passages)
    passages, hidden = without_mobile_numbers(freezing.passages)
    return Document(
        number=masthead.number,
        title=masthead.title,
        issuer=masthead.issuer,
        signed=masthead.signed,
        bodies=titles,
        passages=tuple(passages),
        notes=(*source.notes, *notes, *lost, *freezing.notes, *hidden),
    )


def _lost(source: Source, passages: Iterable[Passage]) -> list[str]:
    """Return a note for each footnote or text box that hangs on no passage."""
    if not any(each.beside for each in source.lines):
        return []
    kept = {line for each in passages for line in each.text.split("\n")}
    lost = [(each.number, text) for each in source.lines for text in each.beside if text not in kept]
    notes = [f"{source.unit} {number}: `{text[:60]}` stands outside every article and part; not kept" for number, text in lost]
    return [*notes[:_MOST_LOST], "… and more of the same"] if len(notes) > _MOST_LOST else notes


def _articles(nodes: Iterable[Node]) -> bool:
    return any(each.kind is Kind.ARTICLE or _articles(each.children) for each in nodes)


def _titles(bodies: Sequence[Body], masthead: Masthead) -> tuple[str, ...]:
    if len(bodies) < 2:
        return (masthead.title,)
    cover = _COVERS.get(masthead.kind, COVER)
    return (cover, *(each.title or f"Văn bản kèm theo {index}" for index, each in enumerate(bodies[1:], 1)))


def _prefix(index: int, bodies: Sequence[Body], masthead: Masthead) -> str:
    """Return what a place begins with, so that the same article of two bodies is told apart."""
    if len(bodies) < 2 or index == 1:
        return ""
    if index == 0:
        return f"{_COVERS.get(masthead.kind, COVER)}, "
    return f"Văn bản kèm theo {index}, "


@dataclass
class _Freezing:
    """Turns nodes into passages, in order."""

    passages: list[Passage] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def take_body(self, body: Body, index: int, title: str, prefix: str) -> None:
        parts = Counter(each.number for each in body.roots if each.kind is Kind.PART)
        for node in body.roots:
            self._take(node, "", index, prefix, "", (title,) if title else (), None, parts)

    def _take(
        self,
        node: Node,
        position: str,
        body: int,
        prefix: str,
        base: str,
        parents: tuple[str, ...],
        above: int | None,
        parts: Counter[str],
    ) -> None:
        place = self._place(node, prefix, base, parts)
        number = position if node.kind is Kind.DASH else node.number
        title = title_of(node)
        wording = "\n".join((node.wording, *node.beside))
        at = self._add(place, node.kind, number, title, parents, wording, above, body, node.line)
        name = name_above(node)
        label = "" if node.kind is Kind.DASH else _label(node)
        below = (*parents, *filter(None, [". ".join(filter(None, (label, name)))]))
        dashes = itertools.count(1)
        for child in node.children:
            position = str(next(dashes)) if child.kind is Kind.DASH else ""
            self._take(child, position, body, prefix, place, below, at, parts)
        if node.rows:
            self._take_rows(node, body, place, below, at)

    def _place(self, node: Node, prefix: str, base: str, parts: Counter[str]) -> str:
        match node.kind:
            case Kind.ARTICLE:
                return self._once(f"{prefix}Điều {node.number}")
            case Kind.PART:
                twice = parts[node.number] > 1
                return self._once(f"{prefix}Phần {node.number}" + (f" ({short_title(node.head)})" if twice else ""))
            case Kind.APPENDIX:
                name = "Văn bản kèm theo" if node.implied else "Phụ lục"
                return self._once(f"{name} {node.number}".strip())
            case Kind.CHAPTER:
                return f"{prefix}Chương {node.number}"
            case Kind.SECTION:
                return f"{base} {node.number}".strip()
            case Kind.CLAUSE:
                return self._once(f"{base.partition(' khoản ')[0]} khoản {node.number}")
            case Kind.ITEM:
                word = self._word(node)
                return self._once(f"{base.partition(f' {word} ')[0]} {word} {node.number}")
            case Kind.POINT:
                return self._once(f"{base} điểm {node.number}")
            case Kind.SUBPOINT:
                return self._once(f"{base.rpartition(' điểm ')[0]} điểm {node.number}")
            case _:
                return base

    def _once(self, place: str) -> str:
        """Return the place, with a count where the document has it twice."""
        self.seen[place] += 1
        return place if self.seen[place] == 1 else f"{place} ({self.seen[place]})"

    @staticmethod
    def _word(node: Node) -> str:
        host = node.above
        while host is not None and host.kind is Kind.ITEM:
            host = host.above
        if host is not None and host.kind is Kind.APPENDIX and re.search(r"\bS?TT\b.*nhiệm vụ", host.wording, re.IGNORECASE):
            return "nhiệm vụ"
        return "mục"

    def _take_rows(self, node: Node, body: int, place: str, parents: tuple[str, ...], above: int) -> None:
        subject, entries = read_rows(node.rows) if node.kind is Kind.APPENDIX else ("", [])
        word = "nhiệm vụ" if subject.lower().startswith("nhiệm vụ") else "mục"
        for before, each in itertools.pairwise(entries):
            if int(each.number) > int(before.number) + 1:
                self.notes.append(f"{place}: row {each.number} comes directly after row {before.number}")
        twice = len({each.number for each in entries}) < len(entries)
        for each in entries:
            key = f"{each.group.split('.')[0]}.{each.number}" if twice and each.group else each.number
            under = (*parents, each.group) if each.group else parents
            title = each.label if len(each.label) <= LONGEST_NAME else f"{each.label[:LONGEST_NAME].rsplit(' ', 1)[0]} …"
            self._add(self._once(f"{place} {word} {key}"), Kind.ROW, key, title, under, each.text, above, body, each.line)
        if not entries:
            for position, row in enumerate(node.rows, 1):
                text = "\n".join((" | ".join(filter(None, row.cells)), *row.beside))
                self._add(place, Kind.DASH, str(position), "", parents, text, above, body, row.line)

    def take_letter(self, paragraphs: Sequence[Paragraph]) -> None:
        """Count the paragraphs between "Kính gửi" and "Nơi nhận"; a dash belongs to the paragraph before it."""
        begun, count, above = False, 0, None
        for each in paragraphs:
            if re.match(r"Nơi nhận\b", each.text, re.IGNORECASE):
                break
            if re.match(r"Kính gửi\b", each.text, re.IGNORECASE):
                begun = True
                continue
            is_dash = each.mark is not None and each.mark.sign == "dash"
            if not begun or each.cells or is_capital(each.text) or (count == 0 and (is_dash or each.text.endswith(";"))):
                continue  # above the first paragraph stand the addressees
            if is_dash and each.mark is not None and above is not None:
                text = "\n".join((each.mark.rest, *each.beside))
                self._add(f"đoạn {count}", Kind.DASH, "", "", (), text, above, 0, each.line)
            else:
                count += 1
                text = "\n".join((each.text, *each.beside))
                above = self._add(f"đoạn {count}", Kind.PARAGRAPH, str(count), "", (), text, None, 0, each.line)
            if _ENDS.search(each.text):
                break

    def _add(
        self,
        place: str,
        kind: Kind,
        number: str,
        title: str,
        parents: tuple[str, ...],
        text: str,
        above: int | None,
        body: int,
        line: int,
    ) -> int:
        self.passages.append(Passage(place, kind, number, title, parents, text.strip(), above, body, line))
        return len(self.passages) - 1


def _label(node: Node) -> str:
    match node.kind:
        case Kind.ARTICLE:
            return f"Điều {node.number}"
        case Kind.PART:
            return f"Phần {node.number}"
        case Kind.CHAPTER:
            return f"Chương {node.number}"
        case Kind.APPENDIX:
            return f"Phụ lục {node.number}".strip()
        case Kind.CLAUSE:
            return f"Khoản {node.number}"
        case Kind.ITEM:
            return f"Mục {node.number}"
        case Kind.POINT | Kind.SUBPOINT:
            return f"Điểm {node.number}"
        case _:
            return node.number
