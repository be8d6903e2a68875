"""What the tests of drafts share: an answered inquiry, a complete draft, and the forms of the pages."""

import re
from dataclasses import replace

import httpx

from bot.access.officers import Officer
from bot.escalation.actors import Actor
from bot.learning.content import Content, Texts
from bot.learning.drafts import Drafts
from storage.drafts import DraftRow
from storage.inquiries import InquiryRecord
from tests.office import OWN, Browser, Office

ASKED = "Em là Nguyễn Thị Mai, Công ty TNHH Hòa Bình (MST 0101234567). Tờ khai bị hủy thì bao lâu được nộp lại ạ?"
ANSWERED = "Chị Mai có thể nộp lại ngay sau khi tờ khai cũ được hủy (Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ)."
VI = Texts(
    "Tờ khai bị hủy thì bao lâu được nộp lại?",
    ("hủy tờ khai rồi chừng nào nộp lại", "tk huy roi nop lai duoc ngay ko", "nộp lại sau khi hủy", "bao lâu nộp lại tk"),
    "Nộp lại được ngay sau khi tờ khai cũ được hủy.",
)
EN = Texts("How soon can a cancelled declaration be lodged again?", ("lodge again after cancelling",), "At once.")
COMPLETE = Content(
    entry_id="to-khai-huy-nop-lai",
    department=OWN,
    tags=("to-khai",),
    citations=("Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ",),
    vi=VI,
    en=EN,
)


def drafts_of(office: Office) -> Drafts:
    knowledge = office.core.knowledge
    zone = office.core.settings.zone
    return Drafts(
        office.core.database,
        office.clock,
        knowledge,
        folder=knowledge.folder,
        today=lambda: office.clock.now().astimezone(zone).date(),
    )


async def answered_inquiry(office: Office, by: Officer, *, text: str = ASKED, answer: str = ANSWERED) -> InquiryRecord:
    inquiry = await office.given_inquiry(to=OWN, text=text)

    async def work(uow):  # type: ignore[no-untyped-def]
        return await office.core.inquiries.answer(uow, inquiry, answer, by.actor)

    return await office.core.database.write(work)


async def proposed(office: Office, author: Actor, *, content: Content = COMPLETE, proposer: Actor | None = None) -> DraftRow:
    """A complete draft that waits for a second person."""
    drafts = drafts_of(office)
    officer = await office.officer("who-answered")
    inquiry = await answered_inquiry(office, officer)
    row = await drafts.from_inquiry(inquiry, replace(author, department_id=OWN))
    row = await drafts.save(row.id, row.revision, content, author)
    return await drafts.propose(row.id, row.revision, proposer or author)


async def press(browser: Browser, row_id: int, action: str, **fields: str) -> httpx.Response:
    """Send a form of a draft's page, with the revision that the page shows."""
    page = await browser.see(f"/desk/knowledge/drafts/{row_id}")
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    revision = found.group(1) if found else "1"
    return await browser.post(f"/desk/knowledge/drafts/{row_id}/{action}", revision=revision, **fields)


def fields_of(content: Content) -> dict[str, str]:
    """The fields of the form, as a browser sends them."""
    fields = {
        "entry_id": content.entry_id,
        "topic": content.topic,
        "department": content.department,
        "audience": content.audience,
        "tags": " ".join(content.tags),
        "citations": "\r\n".join(content.citations),
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
    }
    for code, texts in (("vi", content.vi), ("en", content.en)):
        fields[f"{code}_question"] = texts.question
        fields[f"{code}_paraphrases"] = "\r\n".join(texts.paraphrases)
        fields[f"{code}_answer"] = texts.answer
    return fields
