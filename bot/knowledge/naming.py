"""A question that asks what one place of one document says: "Điều 5 khoản 1 điểm f Quyết định 1399 quy định gì?"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.knowledge.citations import Citation, is_inside
from bot.knowledge.vietnamese import fold

_PLACE = re.compile(
    r"\b(?:(?P<step>dieu|article|art|khoan|clause|paragraph|diem|point|item)\.?\s+"
    r"(?P<number>\d{1,3}(?:\.\d{1,2})*|[a-z](?:\.\d{1,2})*)\b)"
)
_STEPS = {
    "dieu": "article", "article": "article", "art": "article",
    "khoan": "clause", "clause": "clause", "paragraph": "clause",
    "diem": "point", "point": "point", "item": "point",
}  # fmt: skip
_COVER = re.compile(r"\bquyet dinh ban hanh\b|\bcover decision\b")
# What is left of such a question beside the place. Any other word asks about a matter, and the ranking answers that.
_ASKING = frozenset(
    fold(
        "quyết định nghị qđ nđ tchq btc tccb quy chế số của trong về theo nội dung nói gì là thế nào như ra sao viết ghi những "
        "cho em tôi mình hỏi xin muốn biết đọc xem ạ ad nhé với "
        "what does do say says said state states provide is in of the decision regulation annex under tell me please about"
    ).split()
)


def asked_place(text: str, documents: Iterable[str]) -> Citation | None:
    """Return the one place whose wording is asked for; None where the question is about anything besides."""
    plain = fold(" ".join(text.lower().split()))
    heads = {each.split("/")[0]: each for each in documents}
    named = {each for each in re.findall(r"\b\d{1,5}\b", plain) if each in heads}
    if len(named) != 1:
        return None
    head = named.pop()
    document = heads[head]
    found: dict[str, str] = {}
    for each in _PLACE.finditer(plain):
        step = _STEPS[each["step"]]
        if step in found:
            return None
        found[step] = each["number"]
    if not found.get("article", "").isdigit():
        return None
    rest = _PLACE.sub(" ", _COVER.sub(" ", plain)).replace(fold(document.lower()), " ")
    left = set(re.findall(r"[^\W_]+", rest)) - {head}
    if not left <= _ASKING:
        return None
    body = "Quyết định ban hành, " if _COVER.search(plain) else ""
    steps = (("article", "Điều"), ("clause", "khoản"), ("point", "điểm"))
    return Citation(document, body + " ".join(f"{word} {found[step]}" for step, word in steps if step in found))


def exists(asked: Citation, known: Sequence[Citation]) -> bool:
    """Say whether a place is among the known ones, or holds some of them."""
    return any(each.document == asked.document and is_inside(each.place, asked.place) for each in known)
