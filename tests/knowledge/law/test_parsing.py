"""What the parser makes of awkward texts: of our own writing, each with an outline written down by hand."""

import unicodedata

from bot.knowledge.citations import is_place
from bot.knowledge.law.parsing import parse
from bot.knowledge.law.reading import read_bytes
from bot.knowledge.law.tree import Kind
from tests.knowledge.law.conftest import FILES, document, document_of
from tests.knowledge.law.outlines import outline, passage, titles

BROKEN_LINES = """\
== Quyết định ban hành
Quyết định ban hành, Điều 1
Quyết định ban hành, Điều 2
== QUY CHẾ TIẾP NHẬN VÀ PHẢN HỒI GÓP Ý CỦA CỘNG ĐỒNG TẠI CÁC THƯ VIỆN PHƯỜNG
Chương I. QUY ĐỊNH CHUNG
Điều 1. Phạm vi: 1 2
Điều 2. Nguyên tắc: -1 -[-2]
Chương II. TRÁCH NHIỆM
Điều 3. Trách nhiệm của thư viện: 1(1.1(-2) 1.2) 2
Điều 4. Công bố
Điều 5. Thi hành"""

MARKDOWN = """\
== Quyết định ban hành
Quyết định ban hành, Điều 1
Quyết định ban hành, Điều 2
== CHƯƠNG TRÌNH THỬ NGHIỆM CHO MƯỢN DỤNG CỤ LÀM VƯỜN
Phần I. QUY ĐỊNH CHUNG
Điều 1. Mục đích: 1(a b) 2(a(-2))
Điều 2. Điều kiện mượn: 1 2(a b c(c.1 c.2) d đ e)
Phần II. TỔ CHỨC THỰC HIỆN
Điều 3. Phân công: a(a.1 a.2(-2)) b
Điều 4. Tổ giúp việc: 1 2(-2)
Điều 4a. Kinh phí
Phụ lục. DANH MỤC NHIỆM VỤ: r3"""

PARTS_COUNTED_TWICE = """\
== Quyết định ban hành
Quyết định ban hành, Điều 1
Quyết định ban hành, Điều 2. Tổ chức thực hiện: a b
Quyết định ban hành, Điều 3
== KẾ HOẠCH CHIẾU SÁNG CÁC NGÕ NHỎ
Phần I. MỤC ĐÍCH CỦA KẾ HOẠCH: 1(a b) 2(2.1 2.2 2.3)
Phần III (Nhiệm vụ và giải pháp). NHIỆM VỤ VÀ GIẢI PHÁP TRONG VIỆC THỰC HIỆN KẾ HOẠCH CHUNG: 1(1.1 1.2) 2(a(-1 -[-2]) b(-2))
Phần III (Tổ chức thực hiện). TỔ CHỨC THỰC HIỆN: 1 2(-2)
Phụ lục. DANH SÁCH CÔNG VIỆC: r3"""


def test_lines_that_were_broken_at_the_edge_of_the_page_are_put_together() -> None:
    found = document("quy-che-ngat-dong.txt")

    assert outline(found) == BROKEN_LINES
    assert found.notes == ()


def test_a_sentence_goes_on_over_a_page_break() -> None:
    found = document("quy-che-ngat-dong.txt")

    assert "của nơi khác đến đúng nơi đó và báo cho người góp ý;" in found.wording("Điều 3 khoản 1.1")


def test_a_line_that_begins_with_the_number_of_a_reference_opens_nothing() -> None:
    found = document("quy-che-ngat-dong.txt")

    assert "làm theo khoản 2. Điều này không áp dụng" in passage(found, "Điều 1 khoản 1").text
    assert "theo Điều 5. Báo cáo gửi" in passage(found, "Điều 3 khoản 2").text


def test_markdown_and_headings_run_together_are_read() -> None:
    found = document("chuong-trinh-markdown.md")

    assert outline(found) == MARKDOWN
    assert found.notes == ()
    assert "*" not in "".join(each.text for each in found)


def test_parts_that_are_counted_twice_are_told_apart_by_their_titles() -> None:
    found = document("ke-hoach-hai-phan-ba.txt")

    assert outline(found) == PARTS_COUNTED_TWICE


def test_every_place_is_spelt_as_citations_are() -> None:
    for name in ("quy-che-ngat-dong.txt", "chuong-trinh-markdown.md", "ke-hoach-hai-phan-ba.txt", "thu-khong-dieu.txt"):
        found = document(name)
        assert [each.place for each in found if each.citable and not is_place(each.place)] == []
        named = [each.place for each in found if each.citable and each.kind is not Kind.DASH]
        assert len(named) == len(set(named))


def test_letters_typed_as_base_and_mark_make_the_same_document() -> None:
    for name in ("quy-che-ngat-dong.txt", "chuong-trinh-markdown.md", "ke-hoach-hai-phan-ba.txt"):
        decomposed = unicodedata.normalize("NFD", (FILES / name).read_text(encoding="utf-8"))

        assert parse(read_bytes(name, decomposed.encode())) == document(name)


def test_windows_line_ends_a_byte_order_mark_and_utf_16_make_the_same_document() -> None:
    text = (FILES / "ke-hoach-hai-phan-ba.txt").read_text(encoding="utf-8").replace("\n", "\r\n")

    for raw in (text.encode("utf-8-sig"), text.encode("utf-16")):
        assert parse(read_bytes("ke-hoach.txt", raw)) == document("ke-hoach-hai-phan-ba.txt")


def test_the_letter_eth_is_read_as_the_vietnamese_letter_that_it_looks_like() -> None:
    assert "Điều 2" in document_of("Ðiều 1. Ðèn sáng.\nÐiều 2. Ðèn tắt.\n").places


def test_a_table_in_an_appendix_is_a_passage_a_row_with_the_names_of_its_columns() -> None:
    found = document("chuong-trinh-markdown.md")

    row = passage(found, "Phụ lục nhiệm vụ 1")

    assert row.text.split("\n")[:3] == ["Lập sổ mượn", "Sản phẩm: Sổ", "Đơn vị chủ trì: Tổ trưởng"]
    assert row.parents[-1] == "I. Chuẩn bị"


def test_a_table_that_came_as_one_cell_a_line_is_read_as_rows() -> None:
    row = passage(document("ke-hoach-hai-phan-ba.txt"), "Phụ lục nhiệm vụ 3")

    assert row.text.split("\n") == ["Mua 40 bóng đèn.", "Kết quả: Hóa đơn", "Đơn vị chủ trì: Tổ trưởng"]
    assert row.parents[-1] == "II. Lắp đặt"


def test_rows_that_are_counted_anew_in_each_group_keep_the_number_of_the_group() -> None:
    found = document_of(
        "Điều 1. Ban hành phụ lục.\n# PHỤ LỤC II\nBẢNG PHÍ\n\n| STT | Loại | Phí |\n|---|---|---|\n"
        "| A | Sách | |\n| 1 | Mượn | 2 |\n| B | Báo | |\n| 1 | Đọc | 0 |\n",
        "phi.md",
    )

    assert {"Phụ lục II mục A.1", "Phụ lục II mục B.1"} <= found.places
    assert all(is_place(each) for each in found.places)


def test_a_letter_without_articles_is_counted_by_its_paragraphs() -> None:
    found = document("thu-khong-dieu.txt")

    assert outline(found) == "đoạn 1\nđoạn 2: -2\nđoạn 3\nđoạn 4"
    assert found.number == "204/HNĐB-VP"
    assert passage(found, "đoạn 1").text.endswith("nhất là gần trường học.")


def test_a_personal_telephone_number_is_not_taken_over_and_an_office_number_is() -> None:
    found = document("thu-khong-dieu.txt")

    assert "0912" not in passage(found, "đoạn 3").text
    assert "(0236) 3 822 822" in passage(found, "đoạn 3").text
    assert any("telephone" in note for note in found.notes)


def test_articles_of_another_law_inside_a_quotation_are_wording() -> None:
    found = document("sua-doi-co-trich-dan.txt")

    assert outline(found) == "Điều 1. Sửa đổi Quy chế thư viện: 1 2\nĐiều 5. Hiệu lực: a c"
    assert "Thư viện đóng cửa lúc 19 giờ." in passage(found, "Điều 1 khoản 1").text


def test_what_does_not_fit_the_count_is_kept_as_wording_and_named() -> None:
    found = document("sua-doi-co-trich-dan.txt")

    assert [note.split(":")[0] for note in found.notes] == ["line 11", "line 13", "line 14", "line 15"]
    assert "7. Số này không theo thứ tự nào." in passage(found, "Điều 5 điểm c").text
    assert "Điều 3. Đã qua." in passage(found, "Điều 5 điểm c").text


def test_what_follows_a_finished_list_at_the_end_of_an_article_is_the_articles_own() -> None:
    found = document("chuong-trinh-markdown.md")

    assert passage(found, "Điều 4").text.endswith("Tổ giúp việc tự giải thể khi kết thúc Chương trình.")


def test_signatures_and_recipients_are_nobodys_wording() -> None:
    for name in ("quy-che-ngat-dong.txt", "ke-hoach-hai-phan-ba.txt", "thu-khong-dieu.txt"):
        wording = "\n".join(each.text for each in document(name))
        assert "Như " not in wording
        assert "Mẫu\n" not in wording
        assert "GIÁM ĐỐC" not in wording


def test_titles_are_the_heading_or_the_words_before_a_colon() -> None:
    found = titles(document("chuong-trinh-markdown.md"), Kind.CLAUSE, Kind.POINT)

    assert found == {
        "Điều 1 khoản 1": "Mục đích chung",
        "Điều 1 khoản 2": "Mục tiêu",
        "Điều 1 khoản 2 điểm a": "Mục tiêu năm đầu",
        "Điều 2 khoản 2": "Trình tự",
        "Điều 2 khoản 2 điểm c": "Ký nhận, gồm",
        "Điều 3 điểm a": "Tổ trưởng",
        "Điều 3 điểm b": "Thủ kho",
        "Điều 4 khoản 1": "Tổ trưởng",
        "Điều 4 khoản 2": "Thành viên",
    }


def test_a_passage_is_searched_under_the_titles_above_it() -> None:
    found = passage(document("chuong-trinh-markdown.md"), "Điều 2 khoản 2 điểm c.2")

    assert found.parents[1:] == (
        "Phần I. QUY ĐỊNH CHUNG",
        "Điều 2. Điều kiện mượn",
        "Khoản 2. Trình tự",
        "Điểm c. Ký nhận, gồm",
    )
    assert found.indexed.endswith("Điểm c. Ký nhận, gồm\nKý vào phiếu.")


def test_the_wording_at_a_place_holds_everything_under_it() -> None:
    assert document("chuong-trinh-markdown.md").wording("Điều 3 điểm a") == (
        "Tổ trưởng:\nGiữ sổ.\nGiữ chìa khóa:\nKho trước;\nKho sau."
    )


def test_a_law_without_a_cover_is_cited_by_its_articles_alone() -> None:
    top = ("LUẬT", "VỀ CÂY XANH", "Chương I", "QUY ĐỊNH CHUNG", "Điều 1", "Phạm vi", "Luật này nói về cây.")

    found = document_of("\n\n".join((*top, "Mục 1. TRỒNG CÂY", "Điều 2. Trồng")))

    assert [each.place for each in found] == ["Chương I", "Điều 1", "Chương I Mục 1", "Điều 2"]
    assert passage(found, "Điều 1").title == "Phạm vi"


def test_an_annex_that_begins_with_numbers_at_once_is_not_lost() -> None:
    found = document_of(
        "Điều 1. Ban hành Kế hoạch./.\nKẾ HOẠCH\n(Ban hành kèm theo Quyết định số 3/QĐ-HLV)\n"
        "1. Mục đích\na) Cây xanh.\n2. Cách làm\n"
    )

    assert {"Văn bản kèm theo mục 1 điểm a", "Văn bản kèm theo mục 2"} <= found.places
    assert all(is_place(each) for each in found.places)


def test_a_table_of_contents_is_not_taken_for_the_articles() -> None:
    contents = "Điều 1. Phạm vi .......... 1\nĐiều 2. Thi hành .......... 9\n"

    assert outline(document_of(f"{contents}Điều 1. Phạm vi\nMọi nơi.\nĐiều 2. Thi hành\nMọi người.\n")) == (
        "Điều 1. Phạm vi\nĐiều 2. Thi hành"
    )


def test_a_row_that_is_missing_is_named_and_the_others_are_kept() -> None:
    text = (FILES / "ke-hoach-hai-phan-ba.txt").read_text(encoding="utf-8").replace("\n2.\nĐo", "\nĐo")

    found = parse(read_bytes("ke-hoach.txt", text.encode()))

    assert outline(found).endswith("CÔNG VIỆC: r2")
    assert "Phụ lục: row 3 comes directly after row 1" in found.notes


def test_a_heading_as_wide_as_the_page_does_not_swallow_the_list_under_it() -> None:
    found = document_of(
        "Điều 1. Trồng cây\n"
        "a) Trồng, chăm sóc, tưới và bảo vệ cây xanh ở các khu phố nhỏ và các ngõ\n"
        "- Trồng cây dọc theo các con phố nhỏ, các ngõ hẻm và trong vườn của từng\n"
        "nhà dân, theo đúng kế hoạch đã được phê duyệt hằng năm của các khu phố;\n"
        "- Tưới cây.\n"
        "b) Tỉa cành, dọn lá và báo cáo hằng quý về kết quả của tình hình cây xanh\n"
        "c) Báo cáo về việc phát triển quan hệ đối tác giữa Hội làm vườn của ngõ\n"
        "- Người dân trong phố, theo đúng kế hoạch đã được phê duyệt hằng năm của\n"
        "các khu phố.\n"
    )

    assert outline(found) == "Điều 1. Trồng cây: a(-2) b c"
