"""The table of opinions with responses, as Word and Excel."""

import io

import pytest
from docx import Document
from openpyxl import load_workbook

from bot.consultation.summary import summary
from bot.consultation.tables import Tables
from tests.consultation.conftest import Asking
from tests.consultation.test_life import comments, groups_of
from tests.handlers.conftest import Person

FORMULA = '=HYPERLINK("http://x","bấm")'


@pytest.fixture
async def responded(asking: Asking, lan: Person, hung: Person) -> int:
    consultation = await asking.opened()
    await comments(lan, "Đề nghị kéo dài thời hạn lên 15 ngày", on="khoản 1")
    await comments(hung, FORMULA)
    await hung.presses("Sửa ý kiến")
    await hung.presses("Trả lời câu hỏi")
    await hung.presses("Bản giấy")
    await hung.presses("Xem lại")
    await hung.presses("Gửi ý kiến")
    await asking.close(consultation)
    for group, _ in await groups_of(asking, consultation):
        await asking.does(consultation, "respond", group.id, "partly", "=1+1 là lời giải trình")
    await asking.does(consultation, "finish")
    return consultation


async def made(asking: Asking, consultation: int) -> tuple[bytes, bytes]:
    core = asking.helpdesk.core
    async with core.database.read() as uow:
        found = await summary(uow, await core.consultations.whole(uow, consultation))
    tables = Tables(core.catalogue)
    return tables.word(found), tables.excel(found)


async def test_the_table_has_the_form_that_the_administration_uses(asking: Asking, responded: int) -> None:
    word, excel = await made(asking, responded)
    document = Document(io.BytesIO(word))
    said = "\n".join(each.text for each in document.paragraphs)
    assert "BẢNG TỔNG HỢP, GIẢI TRÌNH, TIẾP THU Ý KIẾN GÓP Ý" in said
    assert "đã gửi xin ý kiến góp ý: 2 (2 người" in said
    assert "2 doanh nghiệp có ý kiến (2 doanh nghiệp thành viên), gồm 2 nội dung" in said
    assert "Bản giấy: 1" in said
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[0] == ["STT", "Chương, điều, khoản", "Nội dung góp ý", "Đơn vị góp ý", "Nội dung tiếp thu, giải trình"]
    assert rows[1][:4] == ["1", "Điều 2 khoản 1", "Đề nghị kéo dài thời hạn lên 15 ngày", "Công ty Bình Minh"]
    book = load_workbook(io.BytesIO(excel))
    assert book.sheetnames == ["Tổng hợp", "Từng góp ý", "Câu hỏi"]


async def test_what_looks_like_a_formula_is_text(asking: Asking, responded: int) -> None:
    _, excel = await made(asking, responded)
    cells = [
        cell
        for sheet in load_workbook(io.BytesIO(excel))
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.quotePrefix for cell in cells if cell.value == FORMULA] == [True, True]


async def test_the_same_consultation_gives_the_same_bytes(asking: Asking, responded: int) -> None:
    assert await made(asking, responded) == await made(asking, responded)
