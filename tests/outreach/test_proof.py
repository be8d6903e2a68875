"""The proof of a campaign names everybody who was told, and is the same bytes when it is made again."""

import hashlib
import io
from functools import partial

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from bot.outreach import proof_files
from tests.outreach.conftest import Programme


async def test_both_files_say_who_was_told_and_are_the_same_when_made_again(programme: Programme) -> None:
    await programme.enterprise("=HYPERLINK(1)", "Chị Ngọc Ấn", "minh")
    row = await programme.sent()
    proofs = programme.core.outreach.proofs
    made = {
        kind: [await proof_files.file(proofs, row, "vi", kind=kind, more=str) for _ in range(2)] for kind in ("pdf", "xlsx")
    }
    for first, again in made.values():
        assert first == again
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made["pdf"][0])).pages)
    for words in (row.number, "Chị Ngọc Ấn", "Đã gửi", "Từ mai dùng mẫu mới.", row.text_hash or "?"):
        assert words in text, words
    book = load_workbook(io.BytesIO(made["xlsx"][0]))
    cells = [cell for line in book.worksheets[1].iter_rows() for cell in line]
    assert {"Chị Ngọc Ấn", "minh"} <= {cell.value for cell in cells}
    assert [cell.data_type for cell in cells if cell.value == "=HYPERLINK(1)"] == ["s", "s"]


async def test_a_pdf_that_does_not_show_everybody_names_the_file_that_does_by_its_checksum(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await programme.enterprise(f"Công ty {number}", f"Chị {number}", f"chat{number}")
    row = await programme.sent()
    proofs = programme.core.outreach.proofs
    monkeypatch.setattr(proof_files, "PDF_ROWS", 2)

    async def made(kind: str) -> bytes:
        return await proof_files.file(
            proofs, row, "vi", kind=kind, more=partial(programme.core.catalogue.say, "proof.more", "vi")
        )

    pages = PdfReader(io.BytesIO(await made("pdf"))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Chị 2" not in text
    assert "chỉ in 2 dòng đầu trong số 6 dòng" in text
    assert hashlib.sha256(await made("xlsx")).hexdigest() in "".join(text.split())
