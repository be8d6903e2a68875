"""Files of every kind that laws come in, and files that are none."""

import contextlib
import io
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement

from bot.knowledge.law.parsing import parse, read_law
from bot.knowledge.law.reading import LARGEST, read_bytes
from bot.knowledge.law.source import LawFileError
from bot.knowledge.law.tree import Document
from tests.knowledge.law.conftest import FILES, document_of
from tests.knowledge.law.outlines import outline, passage
from tests.knowledge.law.pdf_files import pdf


def saved(file: "docx.document.Document") -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def word(file: "docx.document.Document") -> Document:
    return parse(read_bytes("van-ban.docx", saved(file)))


def refused(name: str, raw: bytes) -> str:
    with pytest.raises(LawFileError) as error:
        parse(read_bytes(name, raw))
    assert error.value.problem.file == name
    assert error.value.problem.expected
    return str(error.value)


# Word


def test_a_word_file_is_read_with_its_tables() -> None:
    file = docx.Document()
    for text in ("Điều 1. Ban hành danh mục.", "Điều 2. Thi hành", "1. Từ ngày ký./.", "PHỤ LỤC I", "DANH MỤC CÂY"):
        file.add_paragraph(text)
    table = file.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows, (("STT", "Nhiệm vụ", "Ai"), ("1", "Trồng cây", "Tổ 1"), ("2", "Tưới cây", "")), strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text

    found = word(file)

    assert outline(found) == "Điều 1\nĐiều 2. Thi hành: 1\nPhụ lục I. DANH MỤC CÂY: r2"
    assert passage(found, "Phụ lục I nhiệm vụ 1").text == "Trồng cây\nAi: Tổ 1"


def test_numbers_that_word_counts_by_itself_are_read() -> None:
    file = docx.Document()
    file.add_paragraph("Điều 1. Phạm vi")
    file.add_paragraph("Cây trong phố.", style="List Number")
    file.add_paragraph("Cây ngoài phố.", style="List Number")
    file.add_paragraph("cây to;", style="List Bullet")
    file.add_paragraph("cây nhỏ.", style="List Bullet")

    assert outline(word(file)) == "Điều 1. Phạm vi: 1 2(-2)"


def test_articles_that_word_counts_through_all_chapters_are_read() -> None:
    file = docx.Document()
    shapes = [("upperRoman", "Chương %1", ""), ("decimal", "Điều %2.", '<w:lvlRestart w:val="0"/>'), ("decimal", "%3.", "")]
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{restart}<w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text, restart) in enumerate(shapes)
    )
    numbering = file.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, level in (
        ("TRỒNG", 0),
        ("Cây to", 1),
        ("Một.", 2),
        ("Hai.", 2),
        ("Cây nhỏ", 1),
        ("Một.", 2),
        ("TƯỚI", 0),
        ("Sáng", 1),
        ("Một.", 2),
    ):
        properties = file.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'))

    assert outline(word(file)) == ("Chương I. TRỒNG\nĐiều 1. Cây to: 1 2\nĐiều 2. Cây nhỏ: 1\nChương II. TƯỚI\nĐiều 3. Sáng: 1")


def annotated(file: "docx.document.Document", notes: dict[int, str]) -> None:
    """Give the file a part with these footnotes."""
    said = "".join(
        f'<w:footnote w:id="{at}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>' for at, text in notes.items()
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    content = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), content, f"<w:footnotes {nsdecls('w')}>{said}</w:footnotes>".encode())
    file.part.relate_to(part, kind)


def footnote(number: int) -> BaseOxmlElement:
    return parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="{number}"/></w:r>')


def text_box(*texts: str) -> BaseOxmlElement:
    """A text box as Word writes it: once for itself, once for older programs."""
    content = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)
    box = f"<w:txbxContent>{content}</w:txbxContent>"
    return parse_xml(
        f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml">'
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_a_footnote_is_read_with_the_place_that_it_hangs_on_and_begins_no_article() -> None:
    file = docx.Document()
    for text in ("Điều 1. Trồng cây", "1. Trồng mười cây.", "2. Tưới cây", "Điều 2. Thi hành./."):
        file.add_paragraph(text)
    annotated(file, {1: "Điều 2. Tên được sửa đổi.", 2: "3. Từ năm 2026.", 3: "Thay 01/QĐ."})
    for at, number in ((0, 1), (1, 2), (2, 2), (3, 3)):
        file.paragraphs[at]._p.append(footnote(number))

    found = word(file)

    assert outline(found) == "Điều 1. Trồng cây: 1 2\nĐiều 2"
    assert passage(found, "Điều 1").text == "Trồng cây\n(Chú thích: Điều 2. Tên được sửa đổi.)"
    assert passage(found, "Điều 1 khoản 1").text == "Trồng mười cây.\n(Chú thích: 3. Từ năm 2026.)"
    assert passage(found, "Điều 1 khoản 2").text == "Tưới cây"  # the same footnote again
    assert passage(found, "Điều 2").text == "Thi hành./.\n(Chú thích: Thay 01/QĐ.)"


def test_a_text_box_is_read_once_with_the_paragraph_that_it_hangs_on() -> None:
    file = docx.Document()
    for text in ("Điều 1. Trồng cây", "1. Trồng mười cây.", "", "2. Tưới cây."):
        file.add_paragraph(text)
    file.paragraphs[2]._p.append(text_box("Điều 9. Mẫu", "a) Tên cây"))
    file.paragraphs[3]._p.append(text_box("Hai lần mỗi ngày"))

    found = word(file)

    assert outline(found) == "Điều 1. Trồng cây: 1 2"
    assert passage(found, "Điều 1 khoản 1").text == "Trồng mười cây.\n(Khung chữ: Điều 9. Mẫu a) Tên cây)"
    assert passage(found, "Điều 1 khoản 2").text == "Tưới cây.\n(Khung chữ: Hai lần mỗi ngày)"


def test_a_footnote_in_a_table_stays_with_its_row() -> None:
    file = docx.Document()
    for text in ("Điều 1. Ban hành danh mục./.", "PHỤ LỤC I", "DANH MỤC CÂY"):
        file.add_paragraph(text)
    table = file.add_table(rows=3, cols=3)
    rows = (("TT", "Nhiệm vụ", "Hạn"), ("1", "Trồng cây", "2027"), ("2", "Tưới cây", "2028"))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    annotated(file, {1: "Cả cây nhỏ."})
    table.rows[1].cells[0].paragraphs[0]._p.append(footnote(1))

    found = word(file)

    assert passage(found, "Phụ lục I nhiệm vụ 1").text == "Trồng cây\nHạn: 2027\n(Chú thích: Cả cây nhỏ.)"
    assert passage(found, "Phụ lục I nhiệm vụ 2").text == "Tưới cây\nHạn: 2028"


def test_a_footnote_above_every_article_is_shown_to_whoever_imports() -> None:
    file = docx.Document()
    for text in ("QUYẾT ĐỊNH", "Về việc trồng cây", "Điều 1. Trồng cây./."):
        file.add_paragraph(text)
    annotated(file, {1: "Văn bản hợp nhất từ hai quyết định."})
    file.paragraphs[1]._p.append(footnote(1))

    assert [each for each in word(file).notes if "Văn bản hợp nhất" in each and "not kept" in each]


def test_deleted_text_is_left_out_and_inserted_text_is_read() -> None:
    file = docx.Document()
    paragraph = file.add_paragraph("Điều 1. Trồng ")
    inserted = "<w:ins {0} w:id='1'><w:r><w:t>mười</w:t></w:r></w:ins>"
    deleted = "<w:del {0} w:id='2'><w:r><w:delText>hai</w:delText></w:r></w:del>"
    for change in (inserted, deleted):
        paragraph._p.append(parse_xml(change.format(nsdecls("w"))))
    paragraph.add_run(" cây.")

    assert passage(word(file), "Điều 1").text == "Trồng mười cây."


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next() -> None:
    file = docx.Document()
    for text in ("Điều 1. Trồng cây", "1. Trồng mười", " cây to.", "2. Tưới cây."):
        file.add_paragraph(text)
    end = "<w:pPr {0}><w:rPr><w:del w:id='3' w:author='x'/></w:rPr></w:pPr>"
    file.paragraphs[1]._p.insert(0, parse_xml(end.format(nsdecls("w"))))
    gone = file.add_paragraph()._p
    gone.insert(0, parse_xml(end.format(nsdecls("w"))))
    gone.append(parse_xml(f"<w:del {nsdecls('w')} w:id='4'><w:r><w:delText>3. Bỏ.</w:delText></w:r></w:del>"))
    file.add_paragraph("3. Tỉa cành.")

    found = word(file)

    assert outline(found) == "Điều 1. Trồng cây: 1 2 3"
    assert passage(found, "Điều 1 khoản 1").text == "Trồng mười cây to."
    assert passage(found, "Điều 1 khoản 3").text == "Tỉa cành."


def test_a_cell_that_is_one_over_several_rows_is_said_of_each() -> None:
    file = docx.Document()
    for text in ("Điều 1. Ban hành danh mục./.", "PHỤ LỤC I", "DANH MỤC CÂY"):
        file.add_paragraph(text)
    table = file.add_table(rows=4, cols=3)
    rows = (("TT", "Nhiệm vụ", "Hạn"), ("1", "Trồng cây", "2027"), ("2", "Tưới cây", ""), ("3", "Tỉa cành", "2028"))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(1, 2).merge(table.cell(2, 2))

    found = word(file)

    assert passage(found, "Phụ lục I nhiệm vụ 2").text == "Tưới cây\nHạn: 2027"
    assert passage(found, "Phụ lục I nhiệm vụ 3").text == "Tỉa cành\nHạn: 2028"


def test_rows_under_one_number_stay_one_row() -> None:
    file = docx.Document()
    for text in ("Điều 1. Ban hành danh mục./.", "PHỤ LỤC I", "DANH MỤC CÂY"):
        file.add_paragraph(text)
    table = file.add_table(rows=3, cols=3)
    for row, cells in zip(table.rows, (("TT", "Nhiệm vụ", "Ai"), ("1", "Trồng cây", "Tổ 1"), ("", "", "Tổ 2")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    for column in (0, 1):
        table.cell(1, column).merge(table.cell(2, column))

    assert passage(word(file), "Phụ lục I nhiệm vụ 1").text == "Trồng cây\nAi: Tổ 1\nTổ 2"


def test_a_table_that_is_only_a_frame_is_read_as_text() -> None:
    file = docx.Document()
    cell = file.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "Điều 1. Trồng cây."
    cell.add_paragraph("Điều 2. Tưới cây.")

    assert word(file).places == {"Điều 1", "Điều 2"}


def test_the_table_with_recipients_and_signature_ends_the_text() -> None:
    file = docx.Document()
    file.add_paragraph("Điều 1. Trồng cây.")
    table = file.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "Nơi nhận: - Như Điều 1;"
    table.cell(0, 1).text = "CHỦ TỊCH Nguyễn Văn Mẫu"

    assert [each.text for each in word(file)] == ["Trồng cây."]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 40_000_000)

    assert "would unpack to 40,000,000 bytes" in refused("bom.docx", out.getvalue())


@pytest.mark.parametrize("many", [0, 8])
def test_a_word_file_that_is_made_of_entities_is_refused(many: int) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    body = f"<w:body><w:p><w:r><w:t>Điều 1. Trồng &e{many};</w:t></w:r></w:p></w:body>"
    start = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "ha">{entities}]>'
    bomb = f"{start}<w:document {nsdecls('w')}>{body}</w:document>"
    original = zipfile.ZipFile(io.BytesIO(saved(docx.Document())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in original.namelist():
            archive.writestr(part, bomb if part == "word/document.xml" else original.read(part))

    assert "entities" in refused("thuc-the.docx", out.getvalue())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old .doc, or a Word file locked with a password"),
        (b"not an archive", "not a Word file"),
        (saved(docx.Document())[:-200], "not a Word file"),
    ],
)
def test_what_is_no_word_file_is_refused_with_what_to_do(raw: bytes, said: str) -> None:
    assert said in refused("van-ban.docx", raw)


def test_a_word_file_that_was_damaged_on_its_way_is_refused() -> None:
    file = docx.Document()
    file.add_paragraph("Điều 1. Trồng cây.")
    raw = saved(file)
    for place in range(100, len(raw) - 1, 601):
        damaged = bytearray(raw)
        damaged[place] ^= 0xFF
        with contextlib.suppress(LawFileError):  # and nothing else
            assert "Điều 1" in parse(read_bytes("van-ban.docx", bytes(damaged))).places


def test_another_archive_called_docx_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("bang.xml", "<a/>")

    assert "not a Word file" in refused("van-ban.docx", out.getvalue())


# PDF


def test_a_pdf_is_read_with_page_numbers_and_running_heads_left_out() -> None:
    pages = [
        [
            "CÔNG BÁO/Số 12",
            "QUYẾT ĐỊNH",
            "Điều 1. Phạm vi",
            "1. Quyết định này nói về việc trồng cây xanh dọc theo các con phố",
            "nhỏ.",
            "1",
        ],
        ["CÔNG BÁO/Số 12", "2. Cây do người dân tự trồng, kể cả những cây ở trong vườn của các hộ", "2"],
        ["CÔNG BÁO/Số 12", "gia đình, cũng được tính.", "Điều 2. Thi hành", "a) Tổ trưởng;", "b) Người dân./.", "3"],
    ]

    found = parse(read_bytes("van-ban.pdf", pdf(pages)))

    assert outline(found) == "Điều 1. Phạm vi: 1 2\nĐiều 2. Thi hành: a b"
    assert passage(found, "Điều 1 khoản 2").text.endswith("trong vườn của các hộ gia đình, cũng được tính.")


def test_a_scanned_pdf_is_refused_with_what_to_do() -> None:
    said = refused("ban-chup.pdf", pdf([[], []]))

    assert "2 of 2 pages hold no text" in said
    assert "OCR" in said


def test_one_page_without_text_is_shown_to_whoever_imports() -> None:
    page = ["Điều 1. Trồng cây dọc theo các con phố nhỏ.", "Điều 2. Tưới cây hằng ngày."]

    found = parse(read_bytes("van-ban.pdf", pdf([page, [], ["Điều 3. Tỉa cành hai lần mỗi năm."]])))

    assert "page 2 holds no text" in found.notes


def test_a_pdf_locked_with_a_password_is_refused_and_one_locked_against_changes_is_read() -> None:
    def locked(password: str) -> bytes:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([["Điều 1. Trồng cây dọc theo các con phố nhỏ."]])))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    assert "locked with a password" in refused("khoa.pdf", locked("secret"))
    assert parse(read_bytes("mo.pdf", locked(""))).places == {"Điều 1"}


@pytest.mark.parametrize("raw", [b"%PDF-1.7\n%%EOF", b"%PDF-1.4\n1 0 obj << /Type /Catalog >>", b"hello"])
def test_a_broken_pdf_is_refused(raw: bytes) -> None:
    assert "PDF" in refused("hong.pdf", raw)


# Any file


def test_a_text_without_any_article_is_refused() -> None:
    assert "no article" in refused("tin.txt", "Tin tức\n\nHôm nay trời nắng, mọi người ra phố trồng cây.\n".encode())


def test_an_old_encoding_is_named_with_its_line() -> None:
    with pytest.raises(LawFileError) as error:
        document_of("QuyÕt ®Þnh\n§iÒu 1. Trång c©y\n")

    assert error.value.problem.line == 2
    assert "TCVN3" in error.value.problem.expected


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.txt", "Điều 1. Cây".encode("utf-16-le"), "not text"),
        ("a.txt", b"\xff\x00\x12", "not text"),
        ("a.txt", b"%PDF-1.7 ...", "not text"),
        ("a.doc", b"", ".doc is not read"),
        ("a.exe", b"MZ", ".exe is not read"),
        ("a", b"", "without an ending"),
        ("a.txt", b"\0\0\0", "binary"),
    ],
)
def test_what_is_not_read_is_refused_with_what_to_do(name: str, raw: bytes, said: str) -> None:
    assert said in refused(name, raw)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    large = tmp_path / "luat.txt"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(LawFileError, match="at most"):
        read_law(large)


@pytest.mark.parametrize("name", ["khong-co.txt", "."])
def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(LawFileError, match=r"no such file|not a file"):
        read_law(tmp_path / name)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "luat.txt"
    empty.write_bytes(b" \n\n")

    with pytest.raises(LawFileError, match="empty"):
        read_law(empty)


def test_text_without_end_is_read_in_reasonable_time() -> None:
    text = "Điều 1. " + "*" * 20_000 + " [" * 5_000 + "“" * 2_000 + "\n" + "“Điều 2. a\n" * 2_000

    assert "Điều 1" in document_of(text).places


def test_the_hash_is_that_of_the_bytes_of_the_file() -> None:
    import hashlib

    path = FILES / "thu-khong-dieu.txt"

    assert read_law(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
