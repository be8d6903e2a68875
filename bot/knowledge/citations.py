"""Where something is written, and how such a place is spelt."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Each form as faq/README.md gives it. `Điều 7 khoản 1 điểm a.3`, `Điều 6 khoản 3.1`, `Quyết định ban hành, Điều 2`,
# `Phần III (Nhiệm vụ và giải pháp) mục 2 điểm h`, `Phụ lục nhiệm vụ 28`, `đoạn 3`.
_POINT = r"(?: điểm [a-zđ](?:\.\d{1,2})*)?"
_CLAUSE = r"(?: khoản \d{1,2}(?:\.\d{1,2})*)?"
_PLACE = re.compile(
    rf"(?:Quyết định ban hành, )?Điều \d{{1,3}}{_CLAUSE}{_POINT}"
    rf"|Phần [IVX]+(?: \([^()]+\))?(?: mục \d{{1,2}}(?:\.\d{{1,2}})*)?{_POINT}"
    r"|Phụ lục(?: [IVX]+)?(?: nhiệm vụ \d{1,3})?"
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
