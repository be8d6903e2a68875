"""Requests for the data of another enterprise. Nobody gets those, whoever asks."""

from __future__ import annotations

import re

from bot.knowledge.evidence.message import Evidence, Message, found, matcher

_DATA = (
    r"(?:thong tin|du lieu|kim ngach|to khai|tri gia|gia (?:khai|nhap|xuat|mua)|muc (?:do )?tuan thu|"
    r"hang rui ro|xep hang|no thue|so thue|doanh thu|khach hang|nha cung cap|lo hang|ho so|"
    r"lich su|vi pham|ma so thue|cam ket|bien ban ghi nho|danh sach|so lieu|nhap (?:khau )?gi|"
    r"xuat (?:khau )?gi|nhap hang gi|tinh trang|ket qua kiem tra)"
)
_OTHERS = (
    r"(?:(?:cong ty|doanh nghiep|ben) (?:khac|doi thu|canh tranh|kia|hang xom)|"
    r"doi thu(?: canh tranh)?|nguoi khac|ben thu ba|doi thu cua (?:em|toi|minh))"
)
_ASKS = matcher(
    rf"{_DATA}(?: [a-z0-9]+){{0,6}}? (?:cua |tu |ben )?{_OTHERS}",
    rf"(?:xem|xin|tra cuu|tra|cho biet|cung cap|check|kiem tra|tim|"
    rf"lay)(?: [a-z0-9]+){{0,4}}? {_OTHERS}(?: [a-z]+){{0,6}}? (?:the nao|bao nhieu|gi|khong)",
    rf"{_OTHERS}(?: [a-z0-9]+){{0,6}}? (?:nhap (?:khau )?(?:gi|bao nhieu|hang gi|tu dau|mat hang)|"
    rf"xuat (?:khau )?(?:gi|bao nhieu)|muc tuan thu (?:may|bao nhieu)|bi phat (?:bao nhieu|gi)|"
    rf"khai gia bao nhieu|no thue bao nhieu|nop bao nhieu)",
    r"(?:data|information|records?|declarations?|import volumes?|export volumes?|prices?|rating|"
    r"compliance (?:level|rating)|risk (?:level|rating)|customers?|suppliers?|shipments?|file|debts?|"
    r"history|values?)(?: \w+){0,5}? (?:of|about|for|on|from) (?:an|the|my|our|some|that|this)?\s?(?:other|"
    r"another|competing|rival|competitors?|different)",
    r"(?:competitors?|rivals?|another company|other company|other companies)(?:s| s)?(?: \w+){0,3}? (?:data|"
    r"information|records?|declarations?|imports?|exports?|volumes?|prices?|rating|level|customers?|"
    r"suppliers?|shipments?|file|debts?|values?)",
    r"(?:what|how much|which)(?: \w+){0,4}? (?:competitors?|rivals?|another company|"
    r"other companies)(?: \w+){0,3}? (?:import|export|declare|pay|buy|owe)\w*",
)  # fmt: skip
_ABOUT_REPORTING = matcher(
    r"to giac",
    r"to cao",
    r"phan anh",
    r"khai gian",
    r"tron thue",
    r"buon lau",
    r"report",
    r"bao kin",
    r"cheat\w*",
    r"(?:dieu|quyet dinh|quy che) \d+",
    r"quyen (?:duoc|loi)",
)
# "của Công ty TNHH Minh Phát": a name follows, so it is not the sender's own ("công ty em").
_NAMED = re.compile(
    r"(?:của|cua|về|ve|of|about|for)\s+(?:công ty|cong ty|cty|Công ty|Cong ty|Cty|CTY|doanh nghiệp|"
    r"Doanh nghiệp|DN|company|Company)\s+"
    r"(?:(?:TNHH|CP|Cổ phần|cổ phần|MTV|XNK|TM|DV|SX|tnhh|cp)\s+)*(?!TNHH|XNK|FDI|Nhà nước|Việt Nam)([^\W\d_][\w&]*)"
)
_REQUEST = matcher(
    r"xin", r"cho (?:em|toi|minh|biet|hoi|xem)", r"tra cuu", r"cung cap", r"bao nhieu", r"muon (?:biet|xem|co)",
    r"check", r"kiem tra (?:giup|ho|giùm)", r"xem", r"gui (?:em|toi|minh)", r"la (?:may|gi|bao nhieu)", r"the nao",
    r"send", r"give", r"tell", r"show", r"what", r"how", r"need", r"want", r"look up",
)  # fmt: skip
_DATA_WORD = matcher(
    _DATA, r"(?:data|information|records?|declarations?|volumes?|rating|level|customers?|suppliers?|shipments?|debts?)"
)
_OWN = matcher(
    r"(?:cong ty|ben|doanh nghiep) (?:em|toi|minh|chung toi)", r"(?:em|toi|minh) (?:la|ben|lam o|o)",
    r"our company", r"we are",
)  # fmt: skip


def look(message: Message) -> Evidence | None:
    text = message.plain
    if found(_ABOUT_REPORTING, text):
        return None
    if asked := found(_ASKS, text):
        return Evidence("other_enterprise", 0.9, f"asks for another enterprise's data: {asked[0]}")
    named = any(match[1][0].isupper() for match in _NAMED.finditer(message.raw[:2000]))
    if named and found(_DATA_WORD, text) and found(_REQUEST, text) and not found(_OWN, text):
        return Evidence("other_enterprise", 0.7, "asks for the data of an enterprise that it names")
    return None
