"""Diacritics put back, and slips of one letter mended: a table of what people type."""

from __future__ import annotations

import pytest

from bot.knowledge.language.normalise import normalise
from bot.knowledge.language.normalise_many import read_many
from bot.knowledge.language.spelling import Speller, is_marked

TAUGHT = [
    "doanh nghiệp phải nộp hồ sơ gì cho hải quan",
    "doanh nghiệp gửi hồ sơ tới chi cục hải quan nơi làm thủ tục",
    "thuế xuất khẩu và thuế nhập khẩu do cục thuế xuất nhập khẩu trả lời",
    "chương trình hỗ trợ doanh nghiệp tự nguyện tuân thủ",
    "hai bên tin tưởng nhau trong chương trình",
    "container hàng hóa nằm ở cảng và container rỗng",
    "container lạnh, container khô, thuê container",
    "tin tưởng là nền tảng",
    "hai bên cho nhau biết thông tin về chương trình",
]
SPELLER = Speller(read_many(TAUGHT, "vi"))


@pytest.mark.parametrize(
    ("typed", "meant", "remark"),
    [
        ("doanh nghiep phai nop ho so gi", "doanh nghiệp phải nộp hồ sơ gì", "a line without marks"),
        ("thue xuat khau", "thuế xuất khẩu", "the neighbour tells thuế from thuê"),
        ("thue container", "thuê container", "and thuê from thuế"),
        ("hai ben tin tuong nhau", "hai bên tin tưởng nhau", "a syllable that is right without a mark"),
        ("hai quan", "hải quan", "and the same one with a mark"),
        ("hồ sơ của doanh nghiệp gửi hai quan", "hồ sơ của doanh nghiệp gửi hải quan", "marks forgotten on one word"),
        ("hồ sơ về hai bên", "hồ sơ về hai bên", "a bare word among marked ones is most often meant bare"),
        ("xyz 123 container", "xyz 123 container", "what nobody taught"),
    ],
)
def test_marks_are_put_back_where_they_were_not_typed(typed: str, meant: str, remark: str) -> None:
    assert " ".join(SPELLER.restore(normalise(typed, "vi"))) == meant, remark


@pytest.mark.parametrize(
    ("typed", "meant", "remark"),
    [
        ("chươgn trình hỗ trợ", "chương trình hỗ trợ", "two letters changed places"),
        ("doanh ngiệp nộp hồ sơ", "doanh nghiệp nộp hồ sơ", "a letter is missing"),
        ("hai bên tin tưởg nhau", "hai bên tin tưởng nhau", "and the marks that were typed are kept"),
        ("chuong trinhh ho tro", "chuong trinh ho tro", "a letter too many, without marks: mended without marks"),
        ("container rỗng", "container rỗng", "a foreign word that entries use"),
        ("hồ xơ", "hồ xơ", "a syllable of the language, though a wrong one: not to be judged by our few words"),
        ("smartphone", "smartphone", "no slip of anything"),
    ],
)
def test_slips_of_one_letter_are_mended(typed: str, meant: str, remark: str) -> None:
    assert SPELLER.mend(normalise(typed, "vi")).text == meant, remark


def test_many_texts_are_mended_as_each_is_by_itself() -> None:
    typed = ["chươgn trình hỗ trợ", "", "hồ sơ", "doanh ngiệp", "chuong trinhh ho tro cho doanh ngiep", "container rỗng"]
    together = SPELLER.mend_all(read_many(typed, "vi"))
    assert [together.normalised(each) for each in range(len(typed))] == [SPELLER.mend(normalise(each, "vi")) for each in typed]


def test_whether_a_line_carries_marks_is_told_of_many_as_of_one() -> None:
    lines = [*TAUGHT, "", "thue xuat khau", "thuế xuat khau nhap", "1761 2024", "thuê container rong o cang nao"]
    read = read_many(lines, "vi")
    assert read.marked.tolist() == [is_marked(normalise(each, "vi").tokens) for each in lines]


def test_english_is_left_alone() -> None:
    read = normalise("busines declaration", "en")
    assert SPELLER.mend(read) is read
    assert SPELLER.restore(read) == read.tokens
