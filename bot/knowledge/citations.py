"""Where something is written, and how such a place is spelt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Each form as faq/README.md gives it. `Điều 7 khoản 1 điểm a.3`, `Điều 6 khoản 3.1`, `Quyết định ban hành, Điều 2`,
# `Phần III (Nhiệm vụ và giải pháp) mục 2 điểm h`, `Phụ lục nhiệm vụ 28`, `đoạn 3`.
_POINT = r"(?: điểm [a-zđ](?:\.\d{1,2})*)?"
_CLAUSE = r"(?: khoản \d{1,3}(?:\.\d{1,2})*)?"
_BODY = r"(?:(?:Quyết định|Thông tư|Nghị định|Nghị quyết) ban hành, |Văn bản kèm theo \d{1,2}, )?"
_NAME = r"(?: \([^()]+\)){0,2}"
_PLACE = re.compile(
    rf"{_BODY}Điều \d{{1,3}}[a-zđ]?{_CLAUSE}{_POINT}"
    rf"|{_BODY}Phần (?:[IVX]+|\d{{1,2}}){_NAME}(?: mục \d{{1,3}}(?:\.\d{{1,2}})*)?{_POINT}"
    rf"|(?:Phụ lục(?: (?:[IVX]+|\d{{1,2}}|[A-H]))?|Văn bản kèm theo){_NAME}"
    rf"(?: (?:nhiệm vụ|mục) (?:[IVX]+\.|[A-H]\.)?\d{{1,3}}(?:\.\d{{1,2}})*)?{_POINT}(?: \(\d\))?"
    r"|đoạn \d{1,3}"
)
_LAST_STEP = re.compile(r"(?:\.\d{1,2}| (?:khoản|điểm|mục|nhiệm vụ) [^ .]+)$")
_INSIDE_OUT = (
    r"(?:(?P<point>điểm [a-zđ](?:\.\d{1,2})*),? )?(?:(?P<clause>khoản \d{1,3}(?:\.\d{1,2})*),? )?"
    r"(?P<article>[Đđ]iều \d{1,3}[a-zđ]?)"
)
_BEFORE_NUMBER = r"(?:,| của)? (?:(?:[Qq]uyết định|[Cc]ông văn|[Tt]hông tư|[Nn]ghị định|QĐ) )?(?:số )?"
_SECOND = re.compile(r" \(\d\)(?= |$)")
PLACE_EXPECTED = (
    "a place such as `Điều 3 khoản 1 điểm c`, `Quyết định ban hành, Điều 2`, "
    "`Phần III (Nhiệm vụ và giải pháp) mục 2 điểm h`, `Phụ lục nhiệm vụ 28` or `đoạn 3`"
)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer comes from: `1399/QĐ-TCHQ`, `Điều 3 khoản 1 điểm c`."""

    document: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}, {self.document}"


def is_place(text: str) -> bool:
    """Say whether the (composed) text is a place in the spelling that faq/README.md fixes."""
    return _PLACE.fullmatch(text) is not None


def is_inside(place: str, around: str) -> bool:
    """Say whether a place is that other place or lies inside it: `Điều 3 khoản 1 điểm c` inside `Điều 3 khoản 1`.

    `Điều 3 khoản 1 điểm c.1` lies inside `… điểm c`; `Điều 30` not inside `Điều 3`; and `… nhiệm vụ 3 (2)`, a second one
    of the same number, not inside the first.
    """
    if place == around:
        return True
    rest = place[len(around) :]
    return place.startswith(around) and rest[0] in " ." and not _SECOND.match(rest)


def cites(citation: Citation, document: str, place: str) -> bool:
    """Say whether the citation is that place of that document, or lies inside it."""
    return citation.document == document and is_inside(citation.place, place)


def above(place: str) -> str | None:
    """Return the place that this one lies in; None for an article, a part, an appendix or a paragraph."""
    if _SECOND.search(place):
        place = _SECOND.sub("", place)
    found = _LAST_STEP.search(place)
    return place[: found.start()] if found else None


def written_in(text: str, documents: Iterable[str]) -> tuple[Citation, ...]:
    """Return what a text cites of these documents, in the order of the text.

    Read are a place before the number, as answers here are written (`Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ`), and the same
    from the inside outwards, as lawyers write it (`điểm c khoản 1 Điều 3 Quyết định số 1399/QĐ-TCHQ`).
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    numbers = "|".join(re.escape(each) for each in sorted(documents, key=len, reverse=True))
    if not numbers:
        return ()
    pattern = re.compile(rf"(?:{_INSIDE_OUT}|(?P<place>{_PLACE.pattern})){_BEFORE_NUMBER}(?P<number>{numbers})(?![\w/-])")
    found = []
    for each in pattern.finditer(text):
        place = each["place"] or " ".join(each[part] for part in ("article", "clause", "point") if each[part])
        found.append(Citation(each["number"], place[0].upper() + place[1:] if place.startswith("điều") else place))
    return tuple(dict.fromkeys(found))
