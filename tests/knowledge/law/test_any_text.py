"""Whatever the text: nothing is invented, places are places, and nothing but a refusal is raised."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.citations import is_place
from bot.knowledge.law.parsing import parse
from bot.knowledge.law.reading import read_bytes
from bot.knowledge.law.source import LawFileError
from bot.knowledge.law.tree import Kind

MARKS = (
    "Điều 1. ", "Điều 2. ", "Điều 3. ", "Điều 3a. ", "Điều 9", "ĐIỀU 1. ", "Chương I ", "Chương II", "Phần I. ",
    "I. ", "II. ", "III. ", "Mục 1. ", "PHỤ LỤC", "PHỤ LỤC II", "1. ", "2. ", "3. ", "7. ", "1.1. ", "3.2 ",
    "a) ", "b) ", "c. ", "đ) ", "z) ", "a.1. ", "b1) ", "- ", "+ ", "* ", "(i) ", "## ", "**", "****",
    "| 1 | a | b |", "TT", "1.", "I", "“", "“Điều 1. ", "(Ban hành kèm theo Quyết định số 1/QĐ-A)",
    "Nơi nhận:", "Kính gửi: A", "Căn cứ B;", "QUYẾT ĐỊNH", "\f", "",
)  # fmt: skip
WORDS = ("Cây xanh", "trong phố", "NHIỆM VỤ", "TRỒNG CÂY", "theo Điều", "là", "x", "Nhiệm vụ")
ENDS = ("", ".", ";", ":", "./.", "”", ",", " **")
LINES = st.tuples(st.sampled_from(MARKS), st.sampled_from(WORDS), st.sampled_from(ENDS)).map("".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=30))
def test_lines_in_any_order(lines: list[str]) -> None:
    check("\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_letters_after_an_article(text: str) -> None:
    check(f"Điều 1. Cây\n{text}")


def check(text: str) -> None:
    try:
        document = parse(read_bytes("van-ban.txt", text.encode("utf-8", "replace")))
    except LawFileError:
        return
    assert [each.place for each in document if each.citable and not is_place(each.place)] == []
    named = Counter(each.place for each in document if each.citable and each.kind is not Kind.DASH)
    assert [place for place, times in named.items() if times > 1] == []
    assert all(each.above is None or each.above < index for index, each in enumerate(document.passages))
    if "|" not in text and "TT" not in text:  # the cells of a table get the names of their columns
        given_words = Counter(text.replace("*", " ").replace("#", " ").split())
        kept = Counter(word for each in document for word in each.text.split())
        assert sum(kept.values()) <= sum(given_words.values()) + text.count("*") + text.count("#")
