"""Where something is written, and how such a place is spelt."""

from __future__ import annotations

import re
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
    rf"(?: (?:nhiệm vụ|mục) (?:[IVX]+\.|[A-H]\.)?\d{{1,3}}(?:\.\d{{1,2}})*)?{_POINT}"
    r"|đoạn \d{1,3}"
)
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
