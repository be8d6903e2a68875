"""Which paragraph stands under which: marks that fit what came before open a unit, all others are wording.

Nothing is invented: a mark that does not fit the count ("7." after "2.") is kept as wording and named in a note, so that a
person looks at it before the document is stored.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.knowledge.law.marks import CONTAINERS, Mark, Sign, is_capital, letter_follows, worth
from bot.knowledge.law.nodes import Body, Node
from bot.knowledge.law.paragraphs import Paragraph
from bot.knowledge.law.regions import annex_titles, marks_after, without_marks_in_quotes
from bot.knowledge.law.tables import Row, is_flat_table, read_flat_table
from bot.knowledge.law.tree import Kind

_CONTAINER_KIND = {
    Sign.PART: Kind.PART,
    Sign.ROMAN: Kind.PART,
    Sign.CHAPTER: Kind.CHAPTER,
    Sign.SECTION: Kind.SECTION,
    Sign.APPENDIX: Kind.APPENDIX,
}
_RANK = {Kind.APPENDIX: 0, Kind.PART: 1, Kind.CHAPTER: 2, Kind.SECTION: 3}
_WIDEST_GAP = 3  # numbers that may be missing before a mark is no longer believed
_RECIPIENTS = re.compile(r"Nơi nhận\b", re.IGNORECASE)
_THE_END = re.compile(r"\./\.?\s*$")
_DEEPEST = 3  # levels of numbers, as in 3.1.2
_MOST_NOTES = 100
_LONGEST_LIST = 100  # dashes that are looked at
_WORTH_A_NOTE = 200  # characters of wording that stands nowhere


class Outline:
    """Reads the paragraphs of one document in order."""

    def __init__(self, paragraphs: Sequence[Paragraph], unit: str) -> None:
        self._paragraphs = without_marks_in_quotes(paragraphs)
        self._unit = unit
        self.bodies = [Body("")]
        self.notes: list[str] = []
        self._containers: list[Node] = []
        self._article: Node | None = None
        self._items: list[Node] = []
        self._closed = ""  # "end" after "./.", "recipients" after "Nơi nhận"
        self._annexes = annex_titles(self._paragraphs)
        self._following = marks_after(self._paragraphs)
        self._read()

    # The units that are open

    @property
    def _body(self) -> Body:
        return self.bodies[-1]

    @property
    def _host(self) -> Node | None:
        """What numbered items stand under: the article, or without one the part or appendix."""
        if self._article is not None:
            return self._article
        innermost = self._containers[-1] if self._containers else None
        return innermost if innermost is not None and innermost.kind in (Kind.PART, Kind.APPENDIX) else None

    @property
    def _innermost(self) -> Node | None:
        if self._items or self._host is not None:
            return self._items[-1] if self._items else self._host
        return self._containers[-1] if self._containers else None

    def _add(self, kind: Kind, number: str, mark_rest: str, paragraph: Paragraph, above: Node | None) -> Node:
        node = Node(kind, number, mark_rest, paragraph.line, above, heading=paragraph.heading, beside=list(paragraph.beside))
        (above.children if above else self._body.roots).append(node)
        self._body.began = True
        if _THE_END.search(mark_rest):
            self._closed = "end"
        return node

    def _note(self, paragraph: Paragraph, text: str) -> None:
        if len(self.notes) == _MOST_NOTES:
            self.notes.append("… and more of the same")
        if len(self.notes) > _MOST_NOTES:
            return
        start = paragraph.text if len(paragraph.text) <= 40 else f"{paragraph.text[:40]}…"
        self.notes.append(f"{self._unit} {paragraph.line}: `{start}` {text}")

    # One pass

    def _read(self) -> None:
        index = 0
        while index < len(self._paragraphs):
            if index in self._annexes:
                title, index = self._annexes[index]
                self._begin_body(title)
                continue
            paragraph = self._paragraphs[index]
            appendix = self._appendix()
            if paragraph.cells:
                self._take_row(paragraph)
            elif appendix is not None and not appendix.rows and is_flat_table(self._paragraphs, index):
                rows, index = read_flat_table(self._paragraphs, index, stop=self._annexes)
                appendix.rows += rows
                continue
            elif paragraph.mark is None or not self._take(paragraph, paragraph.mark):
                self._take_wording(paragraph, index)
            index += 1

    def _begin_body(self, title: str) -> None:
        if self._body.began:
            self.bodies.append(Body(title))
        else:
            self._body.title = title
        self._containers, self._article, self._items, self._closed = [], None, [], ""

    def _appendix(self) -> Node | None:
        found = self._containers[0] if self._containers else None
        return found if found is not None and found.kind is Kind.APPENDIX and self._article is None else None

    def _take(self, paragraph: Paragraph, mark: Mark) -> bool:
        """Open the unit that the mark stands for; False when the mark does not fit."""
        if mark.sign in CONTAINERS:
            return self._take_container(paragraph, mark)
        if mark.sign is Sign.ARTICLE:
            return self._take_article(paragraph, mark)
        if (
            not self._containers
            and not self._article
            and mark.sign is Sign.NUMBER
            and len(self.bodies) > 1
            and not self._closed
        ):
            annex = self._add(Kind.APPENDIX, "", self._body.title, paragraph, None)
            annex.implied, annex.beside = True, []
            self._containers.append(annex)
        if self._host is None or self._closed == "recipients":
            return False
        if mark.sign is Sign.DASH:
            return self._closed == "" and self._take_dash(paragraph, mark)
        if mark.sign is Sign.NUMBER:
            fits = self._take_number(paragraph, mark)
        elif mark.sign is Sign.LETTER:
            fits = self._take_letter(paragraph, mark)
        else:
            fits = self._take_subletter(paragraph, mark)
        if not fits and not self._closed:
            self._note(paragraph, "looks like a number of its own but does not follow the one before; kept as wording")
        return fits

    def _take_container(self, paragraph: Paragraph, mark: Mark) -> bool:
        kind = _CONTAINER_KIND[mark.sign]
        if mark.sign is Sign.ROMAN and not self._is_roman_heading(paragraph, mark):
            return False
        if mark.sign is Sign.SECTION:
            mark = replace(mark, number=" ".join(mark.number.split()))
        while self._containers and _RANK[self._containers[-1].kind] >= _RANK[kind]:
            self._containers.pop()
        above = self._containers[-1] if self._containers else None
        self._article, self._items, self._closed = None, [], ""
        self._containers.append(self._add(kind, mark.number, mark.rest, paragraph, above))
        return True

    def _is_roman_heading(self, paragraph: Paragraph, mark: Mark) -> bool:
        if is_capital(mark.rest):
            return True
        above = next((each for each in reversed(self._containers) if each.kind is Kind.PART), None)
        expected = worth(above.number) + 1 if above else 1
        short = len(mark.rest) <= 160 and not mark.rest.endswith((";", ".", ","))
        return worth(mark.number) == expected and short and (paragraph.heading or self._article is None)

    def _take_article(self, paragraph: Paragraph, mark: Mark) -> bool:
        number, latest = worth(mark.number), self._body.article
        letter = mark.number.lstrip("0123456789")
        if number == 1 and latest > 0 and not letter:
            if not self._may_begin_anew(paragraph):
                self._note(paragraph, "would begin to count the articles anew in mid sentence; kept as wording")
                return False
            appendix = self._containers[:1] if self._appendix() else []
            self._begin_body(f"Phụ lục {appendix[0].number}".strip() if appendix else "")
        elif (number, letter) <= (latest, self._body.letter):
            self._note(paragraph, f"comes after Điều {latest}{self._body.letter}; kept as wording")
            return False
        elif number > latest + _WIDEST_GAP and latest > 0 and not (paragraph.gap or self._may_begin_anew(paragraph)):
            self._note(paragraph, f"comes directly after Điều {latest}; kept as wording")
            return False
        elif number > latest + 1:
            missing = str(latest + 1) if number == latest + 2 else f"{latest + 1} to {number - 1}"
            self._note(paragraph, f"is there, but before it Điều {missing} was not found")
        self._body.article, self._body.letter = number, letter
        self._items, self._closed = [], ""
        above = self._containers[-1] if self._containers else None
        self._article = self._add(Kind.ARTICLE, mark.number, mark.rest, paragraph, above)
        return True

    def _may_begin_anew(self, paragraph: Paragraph) -> bool:
        latest = self._innermost.ending if self._innermost else ""
        return bool(self._closed) or paragraph.heading or latest.endswith((".", ";", "/", "”"))

    def _item_kind(self) -> Kind:
        return Kind.CLAUSE if self._article is not None else Kind.ITEM

    def _take_number(self, paragraph: Paragraph, mark: Mark) -> bool:
        kind, path = self._item_kind(), mark.number.split(".")
        open_items = [each for each in self._items if each.kind is kind]
        if len(path) > 1:
            return self._take_long_number(paragraph, mark, kind, open_items)
        number = int(path[0])
        for node in reversed(open_items):
            if number == int(node.number.split(".")[-1]) + 1:
                self._open_sibling(node, paragraph, mark)
                return True
        host = self._host
        assert host is not None
        if number == 1 and not open_items and not self._items and not self._last_number(host, kind):
            self._items = [self._add(kind, "1", mark.rest, paragraph, host)]
            return True
        parent = open_items[-1] if open_items and self._items[-1] is open_items[-1] else None
        if number == 1 and parent is not None and len(open_items) < _DEEPEST and parent.announces:
            self._items.append(self._add(kind, f"{parent.number}.1", mark.rest, paragraph, parent))
            return True
        latest = int(open_items[0].number) if open_items else self._last_number(host, kind)
        if latest < number <= latest + _WIDEST_GAP and (paragraph.gap or paragraph.heading) and not self._closed:
            what = "khoản" if kind is Kind.CLAUSE else "mục"
            missing = ", ".join(str(each) for each in range(latest + 1, number))
            if missing:
                self._note(paragraph, f"is there, but before it {what} {missing} was not found")
            self._items = [self._add(kind, mark.number, mark.rest, paragraph, host)]
            return True
        return False

    @staticmethod
    def _last_number(host: Node, kind: Kind) -> int:
        last = host.last(kind)
        return int(last.number) if last else 0

    def _take_long_number(self, paragraph: Paragraph, mark: Mark, kind: Kind, open_items: list[Node]) -> bool:
        """Take `3.1` under `3`."""
        stem, _, tail = mark.number.rpartition(".")
        parent = next((each for each in open_items if each.number == stem), None)
        if parent is None:
            return False
        last = parent.last(kind)
        expected = int(last.number.rpartition(".")[2]) + 1 if last else 1
        if not expected <= int(tail) <= expected + _WIDEST_GAP:
            return False
        if int(tail) > expected:
            self._note(paragraph, f"is there, but before it {stem}.{expected} was not found")
        del self._items[self._items.index(parent) + 1 :]
        self._items.append(self._add(kind, mark.number, mark.rest, paragraph, parent))
        return True

    def _open_sibling(self, node: Node, paragraph: Paragraph, mark: Mark) -> None:
        del self._items[self._items.index(node) :]
        stem, dot, _ = node.number.rpartition(".")
        self._items.append(self._add(node.kind, f"{stem}{dot}{mark.number}", mark.rest, paragraph, node.above))
        self._closed = "end" if _THE_END.search(mark.rest) else ""

    def _take_letter(self, paragraph: Paragraph, mark: Mark) -> bool:
        earlier = next((each for each in reversed(self._items) if each.kind is Kind.POINT), None)
        if earlier is not None:
            missing = letter_follows(earlier.number, mark.number)
            if not 0 <= missing < _WIDEST_GAP:
                return False
            if missing:
                self._note(paragraph, f"is there, but it comes directly after điểm {earlier.number}")
            del self._items[self._items.index(earlier) :]
            self._items.append(self._add(Kind.POINT, mark.number, mark.rest, paragraph, earlier.above))
            return True
        while self._items and self._items[-1].kind is Kind.DASH:
            self._items.pop()
        above = self._innermost
        if mark.number != "a" or above is None or above.last(Kind.POINT) is not None:
            return False
        self._items.append(self._add(Kind.POINT, "a", mark.rest, paragraph, above))
        return True

    def _take_subletter(self, paragraph: Paragraph, mark: Mark) -> bool:
        letter, count = mark.number[0], int(mark.number[1:].lstrip("."))
        point = next((each for each in reversed(self._items) if each.kind is Kind.POINT), None)
        if point is None or point.number != letter:
            return False
        last = point.last(Kind.SUBPOINT)
        expected = int(last.number.split(".")[1]) + 1 if last else 1
        if not expected <= count < expected + _WIDEST_GAP:
            return False
        if count > expected:
            self._note(paragraph, f"is there, but before it {letter}.{expected} was not found")
        del self._items[self._items.index(point) + 1 :]
        self._items.append(self._add(Kind.SUBPOINT, f"{letter}.{count}", mark.rest, paragraph, point))
        return True

    def _take_dash(self, paragraph: Paragraph, mark: Mark) -> bool:
        sign = "(i)" if mark.number.startswith("(") else mark.number.replace("–", "-").replace("—", "-")
        earlier = next((each for each in reversed(self._items) if each.kind is Kind.DASH and each.number == sign), None)
        if earlier is not None:
            del self._items[self._items.index(earlier) :]
        above = self._innermost
        if above is None or above.kind in (Kind.CHAPTER, Kind.SECTION):
            return False
        wording = f"{mark.number} {mark.rest}" if sign == "(i)" else mark.rest
        self._items.append(self._add(Kind.DASH, sign, wording, paragraph, above))
        return True

    def _take_row(self, paragraph: Paragraph) -> None:
        """Keep a row of a table for the appendix or the unit that it stands in; above the first article it is layout."""
        if any(_RECIPIENTS.match(each) for each in paragraph.cells):
            self._closed = "recipients"
        owner = self._appendix() or (self._innermost if self._host is not None else None)
        if self._closed or owner is None:
            return
        owner.rows.append(Row(paragraph.cells, paragraph.line, paragraph.beside))

    def _take_wording(self, paragraph: Paragraph, index: int) -> None:
        if _RECIPIENTS.match(paragraph.text):
            self._closed = "recipients"
        owner = self._innermost
        if owner is None or self._closed:
            started = self._body.began or len(self.bodies) > 1
            if started and len(paragraph.text) >= _WORTH_A_NOTE:
                self._note(paragraph, "stands outside every article and part; not kept")
            return
        host = owner
        if not owner.head and not owner.paragraphs:
            owner.head = paragraph.text
        elif owner in self._containers and is_capital(paragraph.text) and is_capital(owner.head) and not owner.paragraphs:
            owner.head = f"{owner.head} {paragraph.text}"  # a title in two lines
        else:
            host = self._owner_of(owner, index)
            host.paragraphs.append(paragraph.text)
        host.beside += paragraph.beside
        if _THE_END.search(paragraph.text):
            self._closed = "end"

    def _owner_of(self, latest: Node, index: int) -> Node:
        """Return whose wording a paragraph without a mark is: what follows a finished list closes it for what is above.

        A list whose lines are a paragraph each, the last with a full stop, is finished where the next mark is no longer of it.
        """
        above = latest.above.children if latest.kind is Kind.DASH and latest.above else []
        siblings = [each for each in itertools.islice(reversed(above), _LONGEST_LIST) if each.kind is Kind.DASH]
        finished = (
            len(siblings) > 1 and not any(each.paragraphs or each.children for each in siblings) and latest.head.endswith(".")
        )
        if not finished:
            return latest
        following = self._following[index]
        if following is Sign.DASH:
            return latest
        kinds = {Sign.NUMBER: self._item_kind(), Sign.LETTER: Kind.POINT, Sign.SUBLETTER: Kind.SUBPOINT}
        wanted = kinds.get(following) if following else None
        owner = next((each for each in self._items if each.kind is wanted), None) if wanted else self._host
        return owner or latest
