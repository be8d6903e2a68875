"""Matters that an authority has announced to be under investigation, prosecution or inspection.

They are outside the programme (1399/QĐ-TCHQ, Điều 3 khoản 2 điểm b). Only somebody's own matter is declined: whether
such matters are helped with at all is a question like any other.
"""

from __future__ import annotations

from bot.knowledge.evidence.message import Evidence, Message, found, matcher

_NAMES = matcher(
    r"(?:cuc )?dieu tra chong buon lau", r"vu thanh tra(?: kiem tra)?", r"phap luat thanh tra",
    r"anti[ -]?smuggling (?:and )?investigation(?: department)?",
    r"inspection department", r"(?:kien thuc|pho bien|tap huan|quy dinh)(?: [a-z]+){0,3}? thanh tra", r"kiem toan",
    r"kieu dieu tra", r"kieu kiem toan va ca dieu tra", r"(?:dieu tra|khao sat) (?:su )?hai long",
)  # fmt: skip
_UNDER_WAY = matcher(
    r"(?:dang|da|vua|moi|con|bi|duoc|co|se|chuan bi)(?: [a-z]+){0,6}? (?:dieu tra|khoi to|thanh tra|truy to|"
    r"khoi an|tam giam|bat tam giam)",
    r"(?:thong bao|quyet dinh|lenh|ket luan)(?: [a-z]+){0,2}? (?:dieu tra|khoi to|thanh tra|truy to)",
    r"(?:doan|co quan|cong an|canh sat|bo cong an) (?:dang )?(?:thanh tra|dieu tra)",
    r"vien kiem sat", r"co quan (?:canh sat )?dieu tra", r"(?:pc03|c03|pc05)", r"vu an", r"bi can", r"khoi to",
    r"under (?:criminal )?(?:investigation|prosecution|inspection)",
    r"(?:being|been|is|are|were|was) (?:criminally )?(?:investigated|prosecuted|charged|inspected by the)",
    r"(?:police|prosecutors?|inspectorate|investigators?)", r"criminal (?:case|charges)", r"prosecut\w+",
    r"investigat\w+",
)  # fmt: skip
_OWN = matcher(
    r"(?:cong ty|doanh nghiep|ben|giam doc|sep|lo hang|hang|container|to khai|ke toan|vu viec|vu|nhan vien|"
    r"ho so|chu)(?: [a-z]+){0,3}? (?:toi|em|minh|chung toi|chung em|tui|nha em|cua em|nay|tren|do)",
    r"(?:toi|em|minh|chung toi) (?:dang|vua|da|moi) bi", r"vu (?:nay|do|viec nay|cua)",
    r"lo (?:hang|cont) (?:nay|do|bi)", r"(?:hang|container|cont|lo hang) (?:dang )?bi",
    r"(?:dang|da) bi(?: [a-z]+){0,4} (?:dieu tra|khoi to|thanh tra)(?:[a-z ]*)(?:nho|giup|xin|tu van|"
    r"lam sao|khi nao)",
    r"(?:our|my|we|us)", r"(?:this|the) (?:case|matter|shipment)",
)  # fmt: skip
_WANTS = matcher(
    r"nho", r"giup", r"xin", r"tu van", r"ho tro", r"lam sao", r"phai lam", r"lam gi", r"the nao", r"khi nao",
    r"bao gio", r"tien do", r"ket qua", r"cho (?:em|toi|minh) (?:hoi|biet)", r"huong dan", r"can thiep",
    r"xu ly sao",
    r"co (?:duoc|bi|sao|the)", r"cung cap", r"hoi", r"tra", r"khong", r"help", r"advi[cs]e", r"support", r"status",
    r"what", r"when", r"how", r"can", r"please", r"tell", r"could",
)  # fmt: skip
_RULE = matcher(
    r"(?:vu viec|vu an|truong hop|doanh nghiep|cong ty|matter|case|enterprise|company) (?:nao|which|that)",
    r"nhung (?:vu viec|truong hop|noi dung|viec)", r"(?:vi sao|tai sao) (?:hai quan|chuong trinh)",
    r"chuong trinh (?:co|khong)",
    r"neu", r"if", r"binh thuong", r"(?:lo|viec|hang|vuong mac) (?:moi|khac)",
    r"other (?:shipments?|questions?|matters?)", r"(?:bi )?tu choi", r"sao bot", r"tra lai", r"quy dinh",
    r"dieu \d", r"1399", r"pham vi", r"thu hoi tu cach", r"(?:con|mat|bi) (?:thu hoi )?tu cach",
    r"con duoc (?:lam|la) thanh vien",
    r"thanh tra (?:thi )?co (?:bao|trao doi|cung cap)", r"why", r"programme", r"program", r"membership",
    r"thanh vien",
)  # fmt: skip


def look(message: Message) -> Evidence | None:
    text = _NAMES.sub(" ", message.plain)
    under_way = found(_UNDER_WAY, text)
    if not under_way:
        return None
    own, wants, rule = found(_OWN, text), found(_WANTS, text), found(_RULE, text)
    strength = 0.25 + 0.3 * bool(own) + 0.15 * bool(wants) - 0.3 * bool(rule) - 0.1 * (len(rule) > 1)
    return Evidence("investigation", max(strength, 0.0), f"a matter under investigation: {under_way[0]}")
