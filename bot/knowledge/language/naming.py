"""A question that asks what one place of one document says: "Điều 5 khoản 1 điểm f Quyết định 1399 quy định gì?"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.knowledge.citations import Citation, is_inside
from bot.knowledge.language.vietnamese import fold

_PLACE = re.compile(
    r"\b(?:(?P<step>dieu|article|art|khoan|clause|paragraph|diem|point|item)\.?\s+"
    r"(?P<number>\d{1,3}(?:\.\d{1,2})*|(?:dd|[a-z])(?:\.\d{1,2})*)\b)"
)
# Folding makes `điểm đ` the point before it; it is told apart as it is typed in telex.
_POINT_D = re.compile(r"\b(điểm|diem|point|item)(\.?\s+)đ\b")
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
    typed = " ".join(unicodedata.normalize("NFC", text).lower().split())
    plain = fold(_POINT_D.sub(r"\1\2dd", typed))
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
        found[step] = each["number"].replace("dd", "đ")
    if not found.get("article", "").isdigit():
        return None
    rest = _PLACE.sub(" ", _COVER.sub(" ", plain)).replace(fold(document.lower()), " ")
    left = set(re.findall(r"[^\W_]+", rest)) - {head}
    if not left <= _ASKING:
        return None
    body = "Quyết định ban hành, " if _COVER.search(plain) else ""
    steps = (("article", "Điều"), ("clause", "khoản"), ("point", "điểm"))
    return Citation(document, body + " ".join(f"{word} {found[step]}" for step, word in steps if step in found))


def meant(asked: Citation, known: Iterable[Citation]) -> list[Citation]:
    """Return the places that may be meant: the asked one if it is known or holds a known one, else none.

    Who leaves the clause out means the point of that letter in any clause of the article.
    """
    places = [each.place for each in known if each.document == asked.document]
    if any(is_inside(each, asked.place) for each in places):
        return [asked]
    article, _, point = asked.place.partition(" điểm ")
    if not point or " khoản " in article:
        return []
    anywhere = re.compile(rf"{re.escape(article)} khoản [\d.]+ điểm {re.escape(point)}(?![^ .])")
    found = [each.group() for each in map(anywhere.match, places) if each]
    return [Citation(asked.document, each) for each in dict.fromkeys(found)]
