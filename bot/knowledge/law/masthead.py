"""What a document says of itself: its number, what it is, who signed it and when."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.law.marks import is_capital
from bot.knowledge.law.paragraphs import Paragraph

_NUMBER = r"(\d{1,5}(?:/\d{4})?\s*/\s*[A-ZĐ]+\d*(?:\s*[-–]\s*[A-ZĐ]+)*)"
_OWN_NUMBER = re.compile(rf"Số\s*:?\s*{_NUMBER}")
_ISSUED_WITH = re.compile(rf"kèm theo\s+[^\d]{{0,60}}số\s*:?\s*{_NUMBER}", re.IGNORECASE)
_ISSUED = re.compile(r"kèm\s+(?:theo\s+)?[^\d]{0,60}số", re.IGNORECASE)
_ANY_NUMBER = re.compile(_NUMBER)
_DAY = re.compile(r"ngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})", re.IGNORECASE)
_DATELINE = re.compile(r"[^.;:\d]{2,40},\s*ngày\s", re.IGNORECASE)
_KIND = re.compile(
    r"(?:BỘ LUẬT|LUẬT|PHÁP LỆNH|NGHỊ QUYẾT|NGHỊ ĐỊNH|QUYẾT ĐỊNH|THÔNG TƯ(?: LIÊN TỊCH)?|CHỈ THỊ|CÔNG ĐIỆN|KẾ HOẠCH|QUY CHẾ)$"
)
_NOT_TITLE = re.compile(r"Số\s*:|Căn cứ\b|TỔNG CỤC TRƯỞNG|BỘ TRƯỞNG|THỦ TƯỚNG|CHÍNH PHỦ|QUỐC HỘI", re.IGNORECASE)
_SUBJECT = re.compile(r"(?:V/v|Về việc)\s*:?\s*(.+)", re.IGNORECASE)
_LETTER = re.compile(r"Kính gửi\b", re.IGNORECASE)
_SEARCHED = 80  # paragraphs


@dataclass(frozen=True, slots=True)
class Masthead:
    number: str | None
    kind: str  # QUYẾT ĐỊNH, THÔNG TƯ, …; empty where none is named
    title: str
    issuer: str
    signed: date | None
    letter: bool


def read_masthead(paragraphs: Sequence[Paragraph]) -> Masthead:
    """Read what stands above the first article, and the line "(Ban hành kèm theo …)" above an annex."""
    top = paragraphs[:_SEARCHED]
    number = signed = None
    for each in top:
        found = _OWN_NUMBER.match(each.text) or next((m for c in each.cells if (m := _OWN_NUMBER.match(c))), None)
        if found and number is None:
            number = found.group(1)
        if signed is None and (_DATELINE.match(each.text) or any(_DATELINE.match(c) for c in each.cells)):
            signed = _day(each.text)
    for each in paragraphs:
        issued = _ISSUED.search(each.text) if is_annex_line(each.text) else None
        if issued is not None:
            named = _ANY_NUMBER.search(each.text, issued.end())
            number = number or (named.group(1) if named else None)
            signed = signed or _day(each.text)
            break
    issuer = _issuer(top)
    kind, title = _title(top, issuer)
    letter = any(_LETTER.match(each.text) for each in top)
    return Masthead(_tidy(number) if number else None, kind, title, issuer, signed, letter)


def is_annex_line(text: str) -> bool:
    """Say whether this is the line below the title of an annex: "(Ban hành kèm theo Quyết định số …)"."""
    return re.match(r"\(\s*(?:ban hành\s+)?kèm\s+(?:theo\s+)?\S", text, re.IGNORECASE) is not None


def _tidy(number: str) -> str:
    return re.sub(r"\s+", "", number).replace("–", "-")


def _day(text: str) -> date | None:
    found = _DAY.search(text)
    if found is None:
        return None
    try:
        return date(int(found.group(3)), int(found.group(2)), int(found.group(1)))
    except ValueError:
        return None


def _title(top: Sequence[Paragraph], issuer: str) -> tuple[str, str]:
    for index, each in enumerate(top):
        if _KIND.fullmatch(each.text.strip(" :")):
            title: list[str] = []
            for after in top[index + 1 : index + 5]:
                is_more = is_capital(after.text) or after.heading or (title and not is_capital(title[0]))
                if after.mark or not is_more or after.text == issuer or _NOT_TITLE.match(after.text):
                    break
                title.append(after.text)
            if title:
                return each.text, " ".join(title)
    for each in top:
        if subject := _SUBJECT.fullmatch(each.text):
            return "", subject.group(1)
    return "", ""


def _issuer(top: Sequence[Paragraph]) -> str:
    """Return who decides: the line in capitals above the first "Căn cứ"."""
    for before, each in itertools.pairwise(top):
        if re.match(r"Căn cứ\b", each.text) and is_capital(before.text) and not _KIND.fullmatch(before.text):
            return before.text
    return ""
