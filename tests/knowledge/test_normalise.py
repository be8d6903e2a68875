"""What people type, brought into one spelling."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.entries import Language
from bot.knowledge.language.normalise import MOST_TOKENS, Lexicon, detect_language, normalise
from bot.knowledge.language.normalise_many import normalise_all
from bot.knowledge.language.questions import asking_part
from bot.knowledge.language.vietnamese import SYLLABLES, fold, read_telex

TYPED = [
    # typed, read as, remark
    ("dn muốn hỏi hq về tk", "doanh nghiệp muốn hỏi hải quan về tờ khai", "trade abbreviations have no vowel letter"),
    ("ko co c/o thi sao", "không co chứng nhận xuất xứ thi sao", "c/o only with its slash: 'co' is 'có' far more often"),
    ("C / O form E", "chứng nhận xuất xứ form e", "the slash may stand apart"),
    ("mã hs sai mà hs thiếu", "mã hs sai mà hồ sơ thiếu", "hs is the code of goods after 'mã', else the file"),
    ("tt 81 noi gi, tt nay", "thông tư 81 noi gi tt nay", "what tt means shows only before a number"),
    ("1399/QĐ-TCHQ", "quyết định 1399", "the number of a document, however it is written"),
    ("1399/qd-tchq", "quyết định 1399", "the same without marks"),
    ("81/2019/TT-BTC", "thông tư 81", "with its year"),
    ("towf khai bij keetj", "tờ khai bị kệt", "raw telex is read, mistakes included"),
    ("dduocwj khoong", "được không", "late telex keys are read too"),
    ("xin test hệ thống tax", "xin test hệ thống tax", "English words that would read as telex stay"),
    ("khôngggg rồiiii", "không rồi", "letters held down"),
    ("hoà thuý quý", "hòa thúy quý", "the newer place of the tone is moved, qu is left"),
    ("Đơn VỊ ĐẦU mối", "đơn vị đầu mối", "case, Đ included"),
    ("h\u200bải q\u200bu\u200ban 🎉\x00!", "hải quan", "zero width, emoji and control characters go"),
    ("200k hay 200 k", "200k hay 200 k", "k after a number is money"),
    ("ntn z ad", "như thế nào vậy ad", "teencode"),
]


@pytest.mark.parametrize(("typed", "read", "remark"), TYPED, ids=[remark for *_, remark in TYPED])
def test_typed_questions_are_read(typed: str, read: str, remark: str) -> None:
    assert normalise(typed, "vi").text == read


def test_english_is_left_alone() -> None:
    assert normalise("Do we lose the HS code? It's tk 5.", "en").text == "do we lose the hs code its tk 5"


@pytest.mark.parametrize(
    ("typed", "read"), [("hellooo", "hello"), ("thanksss", "thanks"), ("pleaseee", "please"), ("freeee", "free")]
)
def test_english_letters_held_down_leave_a_word(typed: str, read: str) -> None:
    assert normalise(typed, "en").text == read


def test_short_names_of_departments_are_written_out() -> None:
    lexicon = Lexicon({"Cục QLRR": "Cục Quản lý rủi ro", "chống buôn lậu": "Cục Điều tra chống buôn lậu", "PC": "Vụ Pháp chế"})
    assert normalise("hoi cuc qlrr", "vi", lexicon).plain == "hoi cuc quan ly rui ro"
    assert normalise("gửi PC", "vi", lexicon).text == "gửi vụ pháp chế"
    assert normalise("việc chống buôn lậu", "vi", lexicon).text == "việc chống buôn lậu", "no abbreviation: left"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bao lâu thì có trả lời?", "vi"),
        ("bao lau thi co tra loi", "vi"),
        ("lam the nao de tham gia chuong trinh", "vi"),
        ("how long until we get a reply", "en"),
        ("who can join the programme", "en"),
        ("can my company do that", "en"),
        ("hello", "en"),
        ("what does Cục Quản lý rủi ro do for our company", "en"),
        ("công ty em cần support về container", "vi"),
        ("", "vi"),
        ("12345 !!!", "vi"),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert detect_language(text)[0] == language


def test_the_syllables_are_those_of_vietnamese() -> None:
    assert 2000 < len(SYLLABLES) < 2700
    ours = "quyết định doanh nghiệp khuyến khích rủi ro tuân thủ vướng mắc khởi tố thanh tra giải quyết giữa quý huỷ ngoài"
    assert all(fold(each) in SYLLABLES for each in ours.split())
    assert not SYLLABLES & {"customs", "xnk", "export", "tk", "towf", "hangf"}


@pytest.mark.parametrize(
    ("raw", "syllable"),
    [
        ("thuees", "thuế"),
        ("thuese", "thuế"),
        ("nghieepj", "nghiệp"),
        ("nguowif", "người"),
        ("truongwf", "trường"),
        ("quyeenf", "quyền"),
    ],
)
def test_telex_is_read_whatever_the_order_of_the_keys(raw: str, syllable: str) -> None:
    assert read_telex(raw) == syllable


@pytest.mark.parametrize("word", ["xuatf", "customs", "doanh", "x", "aeo", "hangxf"])
def test_what_makes_no_syllable_is_not_telex(word: str) -> None:
    assert read_telex(word) is None


def test_a_long_story_is_cut_to_what_asks() -> None:
    story = "Công ty em làm gỗ ở Bình Định đã mười năm. " * 3 + "Cho em hỏi điều kiện tham gia là gì ạ? Em cảm ơn."
    assert asking_part(story) == "Cho em hỏi điều kiện tham gia là gì ạ?"
    assert asking_part("điều kiện là gì") is None


VIETNAMESE = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạấầẩếềểốồộớờợứừựfjwz0123456789 /.-?!\u0301\u0323", max_size=80)
ANYTHING = st.text(alphabet=st.characters(codec=None, categories=None), max_size=200)


@settings(max_examples=150, deadline=None)
@given(st.one_of(VIETNAMESE, ANYTHING), st.sampled_from(["vi", "en"]))
def test_normalising_twice_changes_nothing_more(text: str, language: str) -> None:
    once = normalise(text, language)  # type: ignore[arg-type]
    assert normalise(once.text, language).text == once.text  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(VIETNAMESE)
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert normalise(composed, "vi") == normalise(unicodedata.normalize("NFD", composed), "vi")


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_folding_leaves_no_mark(text: str) -> None:
    plain = normalise(text, "vi").plain
    assert not any(unicodedata.combining(each) for each in unicodedata.normalize("NFD", plain))
    assert "đ" not in plain


@pytest.mark.parametrize("text", ["a" * 100_000, "hải quan " * 20_000, "\ud800" * 5000, "́" * 50_000, "<script>" * 9000])
def test_huge_texts_are_cut(text: str) -> None:
    assert len(normalise(text, "vi").tokens) <= MOST_TOKENS


ODD = st.text(alphabet="aàạ đ/oc17\u0301¶'\n\t.qdtkhsơ", max_size=30)


@given(
    st.lists(st.one_of(ODD, st.sampled_from(["QĐ 1761/QĐ-TCHQ", "dn bị hq giữ tk ko", "Cục QLRR", "mã hs", "c/o"])), max_size=6)
)
def test_many_texts_are_read_as_each_is_read_by_itself(texts: list[str]) -> None:
    lexicon = Lexicon({"Cục QLRR": "Cục Quản lý rủi ro", "TCHQ": "Tổng cục Hải quan"})
    languages: tuple[Language, ...] = ("vi", "en")
    for language in languages:
        assert normalise_all(texts, language, lexicon) == [normalise(each, language, lexicon) for each in texts]
