"""The proof of a consultation says what each person was told, and when, and of whom nothing was asked and why."""

import hashlib
import io

from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from bot.consultation.proof import ConsultationProofs
from bot.outreach import proof_files
from storage.models import ChannelAccount
from storage.unit_of_work import table_of
from tests.consultation.conftest import Asking
from tests.handlers.conftest import Person


async def rows_of(asking: Asking, consultation: int) -> list[list[str]]:
    core = asking.helpdesk.core
    row = await asking.row(consultation)
    made = await proof_files.file(ConsultationProofs(core.database, core.catalogue), row, "vi", kind="xlsx", more=str)
    return [[cell.value or "" for cell in line] for line in load_workbook(io.BytesIO(made)).worksheets[1].iter_rows(min_row=2)]


async def test_each_message_stands_there_with_its_moment_and_the_hash_of_its_words(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    asked = lan.heard[-1]
    (row,) = await rows_of(asking, consultation)
    _, enterprise, tax_code, person, channel, state, sent, about, message, reason, digest = row
    assert (enterprise, tax_code, person) == ("Công ty Bình Minh", "0100233488", "Lan")
    assert (state, about, reason) == ("Đã gửi", "Mời góp ý", "")
    assert channel
    assert message
    assert sent == asking.helpdesk.core.catalogue.say("proof.moment", "vi", at=asking.now)
    assert digest == hashlib.sha256(asked.text.encode()).hexdigest()


async def test_who_was_meant_and_not_asked_stands_there_with_the_reason(asking: Asking, lan: Person) -> None:
    minh = await asking.member("Minh", "Công ty An Bình", "0314409058")
    async with asking.helpdesk.core.database.read() as uow:
        accounts = table_of(ChannelAccount)
        contact = await uow.scalar(select(accounts.c.contact_id).where(accounts.c.external_id == minh.external_id))
    subscriptions = asking.helpdesk.core.services.subscriptions
    await asking.write(lambda uow: subscriptions.choose(uow, contact, "consultation", wanted=False, member=True))
    consultation = await asking.opened()
    found = {row[3]: (row[5], row[7], row[9]) for row in await rows_of(asking, consultation)}
    assert found["Lan"] == ("Đã gửi", "Mời góp ý", "")
    assert found["Minh"][:2] == ("Không gửi", "Mời góp ý")
    assert "đã tắt chủ đề" in found["Minh"][2]


async def test_the_pdf_made_again_is_the_same(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    await asking.close(consultation)
    core, row = asking.helpdesk.core, await asking.row(consultation)
    proofs = ConsultationProofs(core.database, core.catalogue)
    first, again = [await proof_files.file(proofs, row, "vi", kind="pdf", more=str) for _ in range(2)]
    assert first == again
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(first)).pages)
    for words in (row.number, "Nhắc góp ý", "Mời góp ý", row.text_hash or "?"):
        assert words in text, words
