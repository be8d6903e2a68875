"""The proof of a campaign names everybody who was told, and is the same bytes when it is made again."""

import io

from openpyxl import load_workbook
from pypdf import PdfReader

from bot.outreach import proof_files
from tests.outreach.conftest import Programme


async def test_both_files_say_who_was_told_and_are_the_same_when_made_again(programme: Programme) -> None:
    await programme.enterprise("=HYPERLINK(1)", "Chị Ngọc Ấn", "minh")
    row = await programme.sent()
    proofs = programme.core.outreach.proofs
    made = {kind: [await proof_files.file(proofs, row, "vi", kind=kind, more="") for _ in range(2)] for kind in ("pdf", "xlsx")}
    for first, again in made.values():
        assert first == again
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made["pdf"][0])).pages)
    for words in (row.number, "Chị Ngọc Ấn", "Đã gửi", "Từ mai dùng mẫu mới.", row.text_hash or "?"):
        assert words in text, words
    book = load_workbook(io.BytesIO(made["xlsx"][0]))
    cells = [cell for line in book.worksheets[1].iter_rows() for cell in line]
    assert {"Chị Ngọc Ấn", "minh"} <= {cell.value for cell in cells}
    assert [cell.data_type for cell in cells if cell.value == "=HYPERLINK(1)"] == ["s", "s"]
