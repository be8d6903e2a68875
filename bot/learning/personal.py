"""Takes out of somebody's words what points to them: names, numbers, addresses. What is left is read by a person twice
before anybody else sees it; this spares them the obvious."""

import re
from collections.abc import Iterable

_DOCUMENT = re.compile(r"\b\d{1,5}(?:/\d{4})?/[A-ZĐ0-9]{1,}(?:-[A-ZĐ0-9]+)*\b")
"""the number of a legal document stays: 1399/QĐ-TCHQ, 08/2015/NĐ-CP"""
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_CONTAINER = re.compile(r"\b[A-Za-z]{3}[UJZujz][ -]?\d{6}[ -]?\d\b")
_PLATE = re.compile(r"\b\d{2}[A-Z]{1,2}\d?[- ]?\d{3}\.?\d{2}\b")
_MIXED = re.compile(r"\b(?=\w*[A-Z])(?=(?:\w*\d){4})[A-Z0-9]{6,}\b")
"""bills of lading, bookings, invoices: letters and digits in one word"""
_NUMBER = re.compile(r"(?<![\w/])\+?\d(?:[ .-]?\d){6,}+(?!\w*/)(?! ?(?:đồng|đ|vnđ|vnd|usd|tấn|kg|triệu|tỷ)\b)", re.IGNORECASE)
"""seven digits and more: tax codes, declarations, telephones, accounts; a year, a sum in words or an article has fewer"""
_NAME = r"(?:[^\W\d_a-zà-ỹ][^\W\d_]*)"
_CALLED = re.compile(
    rf"\b((?:[Tt]ôi|[Ee]m|[Mm]ình|[Cc]háu) (?:tên )?là|[Tt]ên (?:tôi|em|mình) là|[Aa]nh|[Cc]hị|[Ôô]ng|[Bb]à|[Cc]ô|[Cc]hú|"
    rf"[Mm]y name is|I am|I'm|[Mm]rs?\.?|[Mm]s\.?)((?: {_NAME}){{1,5}})(?=[\s,.;:!?)]|$)"
)
_COMPANY_WORD = r"(?:[Cc]ông ty|CÔNG TY|[Cc]ty|CTY|[Dd]oanh nghiệp|DN|DNTN|[Xx]í nghiệp|[Tt]ập đoàn|[Hh]ợp tác xã|HTX)"
_COMPANY_FORM = r"(?: (?:TNHH|CP|[Cc]ổ phần|[Tt]rách nhiệm hữu hạn|MTV|[Mm]ột thành viên|XNK|SX|TM|DV|và|&))*"
_COMPANY = re.compile(rf"\b({_COMPANY_WORD}){_COMPANY_FORM}((?: (?:{_NAME}|&)){{1,8}})(?=[\s,.;:!?)]|$)")
_ENGLISH_COMPANY = re.compile(
    rf"\b{_NAME}(?: (?:{_NAME}|&)){{0,6}},? (?:Co\.?,? ?Ltd\.?|Ltd\.?|JSC|Corp\.?|Inc\.?|LLC|Company)(?!\w)"
)
_CAPITALS = "Hải Quan Việt Nam Tổng Cục Chi Chương Trình Nhà Nước Xuất Nhập Khẩu Bộ Tài Chính Logistics"
_COMMON = frozenset(_CAPITALS.split())
"""capitals that are no name of anybody"""
_LABEL = re.compile(
    r"\b(?:mst|mã số thuế|sđt|sdt|số điện thoại|điện thoại|đt|e?mail|tel|phone|tax code|stk|số tài khoản|zalo)\b\s*[:.]?\s*"
    r"(?=[,.;)!?]|$)",
    re.IGNORECASE,
)
"""what announced a number that is gone"""
_INTRODUCED = re.compile(r" là$|\bI am$|I'm$|name is$")
_SPACES = re.compile(r"[ \t]{2,}")
_BEFORE_MARK = re.compile(r"(?: |^|(?<=,))[ ,]*(?=[,.;:!?)])")
_EMPTY = re.compile(r"\(\s*\)|«\s*»|“\s*”|\"\s*\"")


def freed(text: str, names: Iterable[str | None] = ()) -> str:
    """Return the text without numbers that identify, addresses, names of companies and of people.

    names: what is known to stand for them: the contact's, the enterprise's, the officer's.
    """
    documents: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        documents.append(found.group())
        return f"\x01{chr(0xE000 + len(documents) - 1)}\x01"

    text = _DOCUMENT.sub(put_aside, text)
    for pattern in (_EMAIL, _LINK, _CONTAINER, _PLATE, _MIXED, _NUMBER):
        text = pattern.sub("", text)
    for name in sorted({each.strip() for each in names if each and len(each.strip()) > 2}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text, flags=re.IGNORECASE)
    text = _ENGLISH_COMPANY.sub("our company", text)
    text = _LABEL.sub("", text)
    text = _COMPANY.sub(lambda found: found.group() if _is_common(found.group(2)) else found.group(1), text)
    text = _CALLED.sub(_unnamed, text)
    text = _BEFORE_MARK.sub("", _SPACES.sub(" ", _EMPTY.sub("", text)))
    text = re.sub(r"\x01(.)\x01", lambda found: documents[ord(found.group(1)) - 0xE000], text)
    return "\n".join(line.strip(" ,") for line in text.strip().split("\n"))


def _unnamed(found: re.Match[str]) -> str:
    if _is_common(found.group(2)):
        return found.group()
    return "" if _INTRODUCED.search(found.group(1)) else found.group(1)


def left_in(text: str) -> list[str]:
    """Return what still looks as if it pointed to somebody, for whoever reviews the text."""
    text = _DOCUMENT.sub("", text)
    found = [
        each.group().strip() for pattern in (_EMAIL, _CONTAINER, _PLATE, _MIXED, _NUMBER) for each in pattern.finditer(text)
    ]
    found += [each.group() for each in _COMPANY.finditer(text) if not _is_common(each.group(2))]
    found += [each.group() for each in _CALLED.finditer(text) if not _is_common(each.group(2))]
    return list(dict.fromkeys(found))


def _is_common(words: str) -> bool:
    return all(each in _COMMON or each == "&" for each in words.split())
