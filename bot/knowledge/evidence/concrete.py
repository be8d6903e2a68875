"""Somebody's own case: this declaration, that container, since yesterday. An entry cannot settle it; a person can."""

from __future__ import annotations

import re

from bot.knowledge.evidence.message import Evidence, Message, found, matcher

_CONTAINER = re.compile(r"\b[A-Za-z]{3}[UJZujz]\s?-?\d{6}\s?-?\d\b")
_DECLARATION = re.compile(r"(?<!\d)[1-5]0\d{9,10}(?!\d)")
_NUMBERED = matcher(
    r"(?:to khai|van don|bill|b l|seal|booking|bien lai|quyet dinh an dinh|declaration|awb|hoa don|c o|"
    r"so tiep nhan|ma ho so)(?: \w+){0,3}? (?:so |no |number )?[a-z]*\d{5,}[a-z0-9]*",
)  # fmt: skip
_OBJECT = (
    r"(?:to khai|lo hang|lo cont|container|cont|kien hang|hang|"
    r"xe (?:hang|container|tai|cho)|xe|ho so|bill|van don|tau|lo|don hang|mau hang)"
)
_OWNER = r"(?:(?:cua )?(?:cong ty |ben |doanh nghiep |nha )?(?:em|toi|minh|chung toi|chung em|tui|be?n em|khach em))"
_STUCK = (
    r"(?:bi (?:ket|tac|treo|giu|dung|ach|om|ngam|tra|tu choi|chan|luu|lui|phan luong|do|hong|soi|bac|"
    r"tam giu|niem phong|loi|chi dinh)|ket|tac|treo|dang (?:cho|ket|nam|o|bi|treo|tac|giu)|nam (?:o |"
    r"tai )?(?:cang|bai|kho|cua khau)|"
    r"chua (?:ai|duoc|thong quan|thay|co (?:ket qua|ai|nguoi)|lay|ra|qua|xu ly|giai quyet|xong|kiem|"
    r"dong dau|tra|duyet|ve)|"
    r"khong (?:cho (?:xe|hang|ra|container)|thong quan duoc|duoc (?:thong quan|ra|duyet|giai phong)|"
    r"ai (?:xu ly|kiem|ra|giai quyet|tra loi)|lay duoc|cho (?:ra|thong quan|keo|qua)|ra duoc|qua duoc)|"
    r"luong (?:do|vang)(?: \w+){0,6}? (?:chua|ket|cho|ngay|tu)|sap (?:hong|het han|cat mang)|chua xong|"
    r"(?:ma|nhung) (?:khong|chua)|khac so|phat sinh (?:luu|phi)|luu (?:bai|cont|kho))"
)
_CASE = matcher(rf"{_OBJECT}(?: \w+){{0,12}}? {_STUCK}", rf"{_STUCK}(?: \w+){{0,5}}? {_OBJECT}")
_SINCE = matcher(
    r"(?:da )?nop (?:duoc )?\d+ (?:ngay|tuan|thang)",
    r"(?:\d+|may|hai|ba|bon|nam|sau|bay|muoi) (?:ngay|tuan|hom|tieng|gio|thang)(?: lam viec)? (?:nay|roi|"
    r"lien|qua|chua|van)",
    r"tu (?:sang|trua|chieu|toi|hom qua|hom kia|hom nay|tuan truoc|thu \w+|dem|\d+h?|\d+ gio|ngay)",
    r"hom (?:qua|nay|kia)", r"(?:sang|chieu|trua|toi) (?:nay|qua)", r"ca (?:ngay|tuan|sang)",
    r"hien (?:gio|tai|dang)", r"gap", r"ngay bay gio", r"dang (?:o|cho|nam|ket)", r"tuan (?:nay|truoc|roi)",
    r"mai (?:tau|cat)",
    r"(?:for|since) (?:\d+|two|three|four|five|several|a|the|yesterday|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday|last|this)(?: \w+)?", r"right now", r"urgent\w*", r"yesterday", r"today",
    r"this morning", r"still", r"\d+ days",
)  # fmt: skip
_OWNED = matcher(
    rf"{_OBJECT}(?: \w+){{0,4}}? {_OWNER}",
    rf"(?:cong ty|ben|doanh nghiep|nha) (?:em|toi|minh|chung toi)(?: \w+){{0,6}}? {_OBJECT}",
    rf"(?:em|toi|minh|chung toi) (?:co|dang co|vua) (?:\w+ ){{0,3}}?{_OBJECT}",
)  # fmt: skip
_PLACE = matcher(
    r"(?:o|tai|ngoai|trong) (?:cang|cua khau|kho|bai|san bay|ga|depot|icd)(?: \w+){0,2}", r"cang [a-z]+ [a-z]+",
    r"cat lai", r"noi bai", r"tan son nhat", r"mong cai", r"lao bao", r"hai phong",
    r"at (?:the )?(?:port|airport|border|yard|terminal|warehouse)", r"cat lai port",
)  # fmt: skip
_ENGLISH_CASE = matcher(
    r"(?:our|my|this|the)(?: \w+){0,3}? (?:containers?|shipments?|declarations?|cargo|goods|trucks?|"
    r"consignments?|parcels?|refund|file|sample)(?: \w+){0,8}? (?:stuck|held|stopped|detained|seized|"
    r"blocked|pending|waiting|delayed|not (?:yet )?(?:cleared|released|inspected|approved|processed)|hasn t|"
    r"has not|have not|haven t|rejected|on hold|red channel|hold|damaged)",
    r"(?:stuck|held|detained|blocked|waiting) (?:at|in|by)(?: \w+){0,3}? (?:port|customs|border|airport|"
    r"yard|terminal|red channel|warehouse)",
    r"(?:customs|officer|they|you|nobody|no one)(?: \w+){0,3}? (?:rejected|refused|holding|stopped|seized|"
    r"detained|inspected|processed|released|cleared)(?: \w+){0,3}? (?:our|my)",
)  # fmt: skip
_GENERAL = matcher(
    r"(?:hang|to khai|lo hang|ho so|container) (?:nao|loai nao)", r"neu", r"truong hop",
    r"khi (?:to khai|hang|lo hang|nao)", r"thong thuong", r"quy dinh", r"dieu \d+",
    r"chuong trinh (?:co|ho tro|giup)", r"thanh vien (?:co|duoc|thi)",
    r"(?:moi|tung) lo", r"bao (?:gio|lau) (?:thi )?nganh", r"nganh (?:co|dat|dinh)", r"ke hoach", r"quy che",
    r"doi tac", r"ho so doi tac", r"muc tieu",
    r"(?:if|when) (?:a|an|our|my|the|we)", r"in general", r"does the (?:programme|program)",
    r"doanh nghiep thanh vien",
)  # fmt: skip


def look(message: Message) -> Evidence | None:
    raw = message.raw[:4000]
    text = message.plain
    if match := _CONTAINER.search(raw):
        return Evidence("concrete", 1.0, f"names a container: {match.group()}")
    if match := _DECLARATION.search(raw):
        return Evidence("concrete", 1.0, f"names a declaration: {match.group()}")
    if numbered := found(_NUMBERED, text):
        return Evidence("concrete", 0.9, f"names a paper by its number: {numbered[0]}")
    case = found(_CASE, text) or found(_ENGLISH_CASE, text)
    owned = found(_OWNED, text) or (case and found(_ENGLISH_CASE, text))
    since, place = found(_SINCE, text), found(_PLACE, text)
    if not case:
        return None
    strength = 0.3 + 0.25 * bool(owned) + 0.2 * bool(since) + 0.15 * bool(place) - 0.25 * bool(found(_GENERAL, text))
    return Evidence("concrete", max(min(strength, 0.95), 0.0), f"a case of the sender's own: {case[0]}")
