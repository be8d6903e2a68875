"""The four documents that the answers lean on, and a news item: every article, clause and point found, none invented.

What is expected was written down by hand from the texts. The texts themselves are not in the repository.
"""

import io
import textwrap
from datetime import date
from pathlib import Path

import docx
import pytest

from bot.knowledge.citations import is_place
from bot.knowledge.entries import Entry
from bot.knowledge.files.coverage import coverage
from bot.knowledge.files.loading import load_files
from bot.knowledge.law.paragraphs import paragraphs_of
from bot.knowledge.law.parsing import parse, read_law
from bot.knowledge.law.reading import read_bytes
from bot.knowledge.law.source import LawFileError
from bot.knowledge.law.tree import Document, Kind
from tests.knowledge.law.outlines import outline, passage, titles
from tests.knowledge.law.pdf_files import pdf

PROJECT = Path(__file__).parents[3]
SOURCES = PROJECT.parent / "shared" / "sources"
FAQ = PROJECT / "faq"
TODAY = date(2026, 11, 22)
FILES = {
    "1399/QĐ-TCHQ": "1399-QD-TCHQ-2022.txt",
    "1761/QĐ-TCHQ": "1761-QD-TCHQ-2015.txt",
    "1854/QĐ-BTC": "1854-QD-BTC-2022.txt",
    "3490/TCHQ-TCCB": "3490-TCHQ-TCCB-2013.txt",
}
NEWS = "news-2020-customs-business-partnership.txt"

pytestmark = pytest.mark.skipif(
    not SOURCES.is_dir(), reason="the texts of the laws do not lie beside the project (../shared/sources)"
)

OUTLINES = {
    "1399/QĐ-TCHQ": """\
== Quyết định ban hành
Quyết định ban hành, Điều 1
Quyết định ban hành, Điều 2
Quyết định ban hành, Điều 3
== CHƯƠNG TRÌNH THÍ ĐIỂM HỖ TRỢ, KHUYẾN KHÍCH DOANH NGHIỆP TỰ NGUYỆN TUÂN THỦ PHÁP LUẬT HẢI QUAN
Phần I. QUY ĐỊNH CHUNG
Điều 1. Mục đích, yêu cầu, mục tiêu Chương trình: 1(a b c) 2(a(-2) b(-3))
Điều 2. Giải thích từ ngữ: 1 2 3 4
Điều 3. Nguyên tắc, phạm vi thực hiện: 1(a b c) 2(a b c(c.1 c.2)) 3(a b c d e)
Điều 4. Đối tượng, điều kiện tham gia Chương trình: 1(a b c) 2(a b c)
Phần II. NỘI DUNG CỤ THỂ
Điều 5. Các hoạt động cụ thể của cơ quan hải quan: 1(a b c d e f g h) 2(a b c) 3(a b)
Điều 6. Cơ chế công nhận, thu hồi tư cách thành viên Chương trình: 1 2 3 4(a b c d e) 5
Phần III. TỔ CHỨC THỰC HIỆN
Điều 7. Phân công nhiệm vụ và cơ chế giám sát kiểm tra, đánh giá: \
1(a(a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 a.9(-2)) b(b.1 b.2 b.3 b.4) c(c.1 c.2 c.3(-2)) d(d.1 d.2 d.3) e f) \
2(a(a.1 a.2 a.3 a.4) b(b.1 b.2) c(c.1 c.2 c.3 c.4))
Điều 8. Nhóm chuyên trách thực hiện Chương trình: 1 2(a b c d(-2))
Điều 9. Trách nhiệm của đơn vị, công chức hải quan: 1 2""",
    "1761/QĐ-TCHQ": """\
== Quyết định ban hành
Quyết định ban hành, Điều 1
Quyết định ban hành, Điều 2
Quyết định ban hành, Điều 3
== QUY CHẾ PHỐI HỢP THỰC HIỆN NHIỆM VỤ PHÁT TRIỂN QUAN HỆ ĐỐI TÁC HẢI QUAN - DOANH NGHIỆP TRONG NGÀNH HẢI QUAN
Chương I. QUY ĐỊNH CHUNG
Điều 1. Phạm vi điều chỉnh và đối tượng áp dụng: 1 2
Điều 2. Nguyên tắc phối hợp: 1 2 3
Điều 3. Quan hệ giữa đơn vị chủ trì và đơn vị phối hợp: 1 2
Chương II. QUY ĐỊNH CỤ THỂ
Điều 4. Xây dựng quy định về quan hệ đối tác: 1 2
Điều 5. Xây dựng kế hoạch phát triển quan hệ đối tác: 1 2
Điều 6. Thiết lập quan hệ đối tác: 1(-3) 2(-4) 3(3.1(-[-4] -[-3]) 3.2(-4))
Điều 7. Thực hiện quyền lợi của đối tác: 1(-3) 2(-6) 3(3.1(-[-4] -[-3]) 3.2(-8))
Điều 8. Giải quyết các vấn đề phát sinh trong quan hệ đối tác: 1(-3) 2(2.1(-[-2] -[-2]) 2.2(-2))
Điều 9. Quản lý đối tác và hoạt động đối tác: 1(-2) 2(-4) 3(3.1(-[-4] -[-5]) 3.2(-5))
Điều 10. Đào tạo kiến thức, kỹ năng về quan hệ đối tác: 1 2 3
Điều 11. Hợp tác quốc tế phát triển quan hệ đối tác: 1 2 3
Điều 12. Thông tin, tuyên truyền về hoạt động đối tác: 1(-2) 2(-5) 3(3.1(-[-2] -[-4]) 3.2(-2))
Chương III. TỔ CHỨC THỰC HIỆN
Điều 13. Khen thưởng và xử lý vi phạm: 1 2
Điều 14. Kinh phí thực hiện: 1 2
Điều 15. Trách nhiệm tổ chức thực hiện: 1 2 3""",
    "1854/QĐ-BTC": """\
== Quyết định ban hành
Quyết định ban hành, Điều 1
Quyết định ban hành, Điều 2. Tổ chức thực hiện: a b c d
Quyết định ban hành, Điều 3
Quyết định ban hành, Điều 4
== CHƯƠNG TRÌNH HÀNH ĐỘNG CỦA BỘ TÀI CHÍNH TRIỂN KHAI THỰC HIỆN CHIẾN LƯỢC PHÁT TRIỂN HẢI QUAN ĐẾN NĂM 2030
Phần I. MỤC ĐÍCH, YÊU CẦU VÀ PHƯƠNG CHÂM CỦA CHƯƠNG TRÌNH HÀNH ĐỘNG: 1(a b c) 2(a b c) 3(3.1 3.2 3.3 3.4 3.5 3.6)
Phần III (Nhiệm vụ và giải pháp). NHIỆM VỤ VÀ GIẢI PHÁP TRONG TỔ CHỨC THỰC HIỆN CHƯƠNG TRÌNH HÀNH ĐỘNG: \
1(1.1 1.2 1.3 1.4 1.5 1.6 1.7) 2(a b(-3) c(-1 -[-2] -3) d(-1 -[-5]) e(-2) f(-2) g(-4) h(-3) i(-2))
Phần III (Tổ chức thực hiện). TỔ CHỨC THỰC HIỆN: 1(a b c(-4)) 2 3(-4)
Phụ lục. CÁC NHIỆM VỤ, ĐỀ ÁN TRIỂN KHAI CHIẾN LƯỢC PHÁT TRIỂN HẢI QUAN ĐẾN NĂM 2030: r29""",
    "3490/TCHQ-TCCB": "đoạn 1\nđoạn 2\nđoạn 3\nđoạn 4",
}

CLAUSE_TITLES = {
    "1399/QĐ-TCHQ": {
        "Điều 1 khoản 1": "Mục đích",
        "Điều 1 khoản 2": "Yêu cầu, mục tiêu Chương trình",
        "Điều 3 khoản 1": "Nguyên tắc thực hiện",
        "Điều 3 khoản 2": "Phạm vi chương trình",
        "Điều 3 khoản 3": "Hình thức thực hiện",
        "Điều 4 khoản 1": "Đối tượng tham gia",
        "Điều 4 khoản 2": "Điều kiện tham gia",
        "Điều 5 khoản 1": "Các hoạt động hỗ trợ",
        "Điều 5 khoản 2": "Các hoạt động tuyên truyền, triển khai quan hệ đối tác",
        "Điều 5 khoản 3": "Các hoạt động khác",
        "Điều 7 khoản 1": "Tại Tổng cục Hải quan",
        "Điều 7 khoản 2": "Cục Hải quan tỉnh, thành phố",
        "Điều 8 khoản 1": "Trưởng nhóm",
        "Điều 8 khoản 2": "Thành viên",
    },
    "1854/QĐ-BTC": {
        "Phần I mục 1": "Mục đích",
        "Phần I mục 2": "Các yêu cầu cơ bản",
        "Phần I mục 3": "Phương châm hành động",
        "Phần III (Nhiệm vụ và giải pháp) mục 1": "Nhiệm vụ cụ thể",
        "Phần III (Nhiệm vụ và giải pháp) mục 2": "Giải pháp tổ chức thực hiện",
        "Phần III (Tổ chức thực hiện) mục 1": "Phân công nhiệm vụ",
        "Phần III (Tổ chức thực hiện) mục 2": "Tổ chức tuyên truyền phổ biến Chương trình hành động",
        "Phần III (Tổ chức thực hiện) mục 3": "Theo dõi, đánh giá và tổng kết thực hiện Chương trình hành động",
    },
}

# Articles, clauses and items, points, sub-points, dashes, rows, paragraphs; covers counted in.
COUNTS = {
    "1399/QĐ-TCHQ": {Kind.PART: 3, Kind.ARTICLE: 12, Kind.CLAUSE: 25, Kind.POINT: 53, Kind.SUBPOINT: 31, Kind.DASH: 11},
    "1761/QĐ-TCHQ": {Kind.CHAPTER: 3, Kind.ARTICLE: 18, Kind.CLAUSE: 48, Kind.DASH: 96},
    "1854/QĐ-BTC": {
        Kind.PART: 3,
        Kind.APPENDIX: 1,
        Kind.ARTICLE: 4,
        Kind.ITEM: 21,
        Kind.POINT: 22,
        Kind.DASH: 38,
        Kind.ROW: 29,
    },
    "3490/TCHQ-TCCB": {Kind.PARAGRAPH: 4},
}


@pytest.fixture(scope="module")
def sources() -> dict[str, Document]:
    return {number: read_law(SOURCES / name).document for number, name in FILES.items()}


@pytest.mark.parametrize("number", FILES)
def test_the_tree_is_the_one_written_down_by_hand(sources: dict[str, Document], number: str) -> None:
    assert outline(sources[number]) == OUTLINES[number]
    assert sources[number].counts() == COUNTS[number]


@pytest.mark.parametrize("number", FILES)
def test_the_file_says_which_document_it_is_and_when_it_was_signed(sources: dict[str, Document], number: str) -> None:
    listed = load_files(FAQ, today=TODAY).documents.get(number)
    assert listed is not None

    assert (sources[number].number, sources[number].signed) == (number, listed.signed)


@pytest.mark.parametrize("number", CLAUSE_TITLES)
def test_the_titles_of_clauses_are_found_and_none_is_invented(sources: dict[str, Document], number: str) -> None:
    assert titles(sources[number], Kind.CLAUSE, Kind.ITEM) == CLAUSE_TITLES[number]


def test_the_rights_of_a_partner_are_named(sources: dict[str, Document]) -> None:
    found = [each.title for each in sources["1761/QĐ-TCHQ"] if each.place == "Điều 7 khoản 2" and each.kind is Kind.DASH]

    assert found == [
        "Quyền được thông tin",
        "Quyền được hướng dẫn",
        "Quyền được hỗ trợ thực hiện thủ tục hải quan",
        "Quyền được giải đáp",
        "Quyền được hỏi ý kiến",
        "Quyền được tham gia",
    ]


def test_a_task_of_the_appendix_stands_under_its_theme_with_who_does_it(sources: dict[str, Document]) -> None:
    groups = [each.parents[-1].split(".")[0] for each in sources["1854/QĐ-BTC"] if each.kind is Kind.ROW]
    row = passage(sources["1854/QĐ-BTC"], "Phụ lục nhiệm vụ 28")

    assert groups == ["I"] * 4 + ["II"] * 10 + ["III"] * 5 + ["IV"] * 5 + ["V"] * 2 + ["VI"] * 3
    assert [line.split(":")[0] for line in row.text.split("\n")[1:]] == [
        "Sản phẩm/ Kết quả",
        "Đơn vị chủ trì",
        "Đơn vị phối hợp",
        "Cấp có thẩm quyền xem xét quyết định",
    ]


def test_sentences_that_a_page_break_cut_are_whole(sources: dict[str, Document]) -> None:
    joined = {
        ("1399/QĐ-TCHQ", "Điều 2 khoản 4"): "hải quan thế giới (WCO)",
        ("1399/QĐ-TCHQ", "Điều 3 khoản 2 điểm c.2"): "tổng kết đo lượng",
        ("1761/QĐ-TCHQ", "Điều 12 khoản 3.1"): "các doanh nghiệp, hiệp hội",
    }
    for (number, place), words in joined.items():
        assert words in " ".join(sources[number].wording(place).split())


def test_the_paragraph_on_how_the_group_ends_belongs_to_its_article(sources: dict[str, Document]) -> None:
    assert "tự giải thể" in passage(sources["1399/QĐ-TCHQ"], "Điều 8").text


def test_nothing_of_markdown_is_left(sources: dict[str, Document]) -> None:
    for each in sources["1399/QĐ-TCHQ"]:
        assert not {"*", "#", "<", "_"} & set(each.text)


def test_no_personal_telephone_number_is_kept(sources: dict[str, Document]) -> None:
    text = passage(sources["3490/TCHQ-TCCB"], "đoạn 3").text

    assert text.count("[số điện thoại]") == 2
    assert not any(each.isdigit() for each in text)


def test_every_word_of_an_article_is_in_exactly_one_passage(sources: dict[str, Document]) -> None:
    """Between the first article of the annex and the end nothing is lost and nothing is there twice."""
    raw = (SOURCES / FILES["1761/QĐ-TCHQ"]).read_text(encoding="utf-8")
    annex = raw[raw.index("Chương I ") :]
    kept = [each for each in sources["1761/QĐ-TCHQ"] if each.body == 1]
    marks = sum(1 for each in kept if each.kind is Kind.ARTICLE) * 2 + sum(1 for each in kept if each.kind is Kind.CHAPTER) * 2
    marks += sum(1 for each in kept if each.kind in (Kind.CLAUSE, Kind.DASH))

    assert sum(len(each.text.split()) for each in kept) + marks == len(annex.split())


def test_every_place_is_spelt_as_citations_are(sources: dict[str, Document]) -> None:
    for document in sources.values():
        assert [each.place for each in document if each.citable and not is_place(each.place)] == []


def test_every_citation_of_the_entries_is_a_place_of_the_text(sources: dict[str, Document]) -> None:
    entries: tuple[Entry, ...] = load_files(FAQ, today=TODAY).entries
    missing = [
        f"{entry.id}: {citation}"
        for entry in entries
        for citation in entry.citations
        if citation.document in sources and citation.place not in sources[citation.document].places
    ]

    assert missing == []


def test_every_place_of_the_texts_that_can_be_cited_has_an_entry(sources: dict[str, Document]) -> None:
    files = load_files(FAQ, today=TODAY)
    law = {
        number: [each.place for each in document if each.citable and each.kind not in (Kind.PART, Kind.APPENDIX)]
        for number, document in sources.items()
    }

    found = [each for each in coverage(files.entries, files.documents, law, on=TODAY) if each.document in law]

    assert {each.document: (each.missing, each.only_around) for each in found} == dict.fromkeys(FILES, ((), ()))
    assert all(each.imported for each in found)


def test_a_news_item_is_refused() -> None:
    with pytest.raises(LawFileError, match="no article"):
        read_law(SOURCES / NEWS)


@pytest.mark.parametrize("number", FILES)
def test_the_tree_is_the_same_from_word_and_from_a_laid_out_pdf_without_empty_lines(
    sources: dict[str, Document], number: str
) -> None:
    path = SOURCES / FILES[number]
    paragraphs = paragraphs_of(read_bytes(path.name, path.read_bytes()))
    word = docx.Document()
    for each in paragraphs:
        word.add_paragraph().add_run(each.text).bold = each.heading
    saved = io.BytesIO()
    word.save(saved)
    lines = [line for each in paragraphs for line in textwrap.wrap(each.text, 92)]
    pages = [[*lines[start : start + 45], f"{start // 45 + 1}"] for start in range(0, len(lines), 45)]

    for name, raw in (("van-ban.docx", saved.getvalue()), ("van-ban.pdf", pdf(pages))):
        assert outline(parse(read_bytes(name, raw))) == OUTLINES[number]
