"""Where an inquiry stands, for whoever has its number and its code."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from bot.escalation.tracking import TrackingCodes
from bot.tracking.pages import WRONG_AT_ONCE, Tracking, WrongTries, read_number
from storage.inquiries import InquiryRecord
from tests.handlers.conftest import NOBODYS, STUCK
from tests.office import OWN, QUESTION, Office, shown

CODES = TrackingCodes(b"a key of the tests", "https://donghanh.example")


@asynccontextmanager
async def anybody(office: Office, *, address: str = "203.0.113.7") -> AsyncIterator[httpx.AsyncClient]:
    core = office.core
    tracking = Tracking(
        database=core.database,
        knowledge=core.knowledge,
        catalogue=core.catalogue,
        codes=core.tracking,
        default_language="vi",
    )
    transport = httpx.ASGITransport(app=Starlette(routes=tracking.routes()), client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        yield client


async def look(client: httpx.AsyncClient, number: str, code: str, *, lang: str = "vi") -> httpx.Response:
    return await client.post("/track", data={"number": number, "code": code, "lang": lang})


async def answered(office: Office) -> InquiryRecord:
    officer = await office.officer("lan")
    return await office.given_inquiry(to=OWN, state="answered", by=officer)


async def test_number_and_code_show_state_department_deadline_and_history_and_nothing_of_the_matter(office: Office) -> None:
    officer = await office.officer("lan")
    inquiry = await office.given_inquiry(to=OWN, state="in_progress", by=officer)
    async with anybody(office) as client:
        page = await look(client, inquiry.number, office.core.tracking.of(inquiry.number))
    text = shown(page)
    assert page.status_code == 200
    assert inquiry.number in text
    assert "Cục Giám sát quản lý về hải quan bắt đầu xử lý." in text
    assert "Trả lời chậm nhất" in text
    assert QUESTION[:20] not in text
    assert officer.name not in text
    assert "Chị Mai" not in text


async def test_an_answer_is_announced_and_not_shown(office: Office) -> None:
    inquiry = await answered(office)
    async with anybody(office) as client:
        text = shown(await look(client, inquiry.number, office.core.tracking.of(inquiry.number)))
    assert "đã trả lời" in text
    assert "Đề nghị liên hệ chi cục" not in text


async def test_the_page_speaks_english_with_the_departments_english_name(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    english = office.core.knowledge.directory[OWN].name_en
    async with anybody(office) as client:
        text = shown(await look(client, inquiry.number, office.core.tracking.of(inquiry.number), lang="en"))
    assert f"Passed to {english}." in text


async def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(office: Office) -> None:
    inquiry = await answered(office)
    right = office.core.tracking.of(inquiry.number)
    async with anybody(office) as client:
        pages = [await look(client, "YC-2026-999999", right), await look(client, inquiry.number, "AAAA-BBBB-CCCC")]
        pages.append(await look(client, "YC-2026-999999", office.core.tracking.of("YC-2026-999999")))
    texts = {re.sub(r'value="YC[^"]*"', "", page.text) for page in pages}
    assert {page.status_code for page in pages} == {404}
    assert len(texts) == 1


async def test_whoever_tries_too_often_waits_and_even_the_right_code_then_shows_nothing(office: Office) -> None:
    inquiry = await answered(office)
    right = office.core.tracking.of(inquiry.number)
    async with anybody(office) as client:
        for _ in range(WRONG_AT_ONCE):
            assert (await look(client, inquiry.number, "AAAA-BBBB-CCCC")).status_code == 404
        page = await look(client, inquiry.number, right)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "Quá trình" not in page.text


async def test_right_codes_are_never_counted(office: Office) -> None:
    inquiry = await answered(office)
    async with anybody(office) as client:
        for _ in range(WRONG_AT_ONCE + 5):
            assert (await look(client, inquiry.number, office.core.tracking.of(inquiry.number))).status_code == 200


def test_addresses_of_one_household_are_one_and_others_are_not_held_up() -> None:
    tries = WrongTries()
    for host in range(WRONG_AT_ONCE):
        tries.count(f"2001:db8:1:2::{host:x}", 0.0)
    assert tries.wait("2001:db8:1:2:ffff::1", 0.0) > 0
    assert tries.wait("2001:db8:1:3::1", 0.0) == 0
    assert tries.wait("2001:db8:1:2::1", 11.0) == 0


@pytest.mark.parametrize("typed", ["yc-2026-000123", " YC 2026 123 ", "YC2026000123", "yc_2026_123"])
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert read_number(typed) == "YC-2026-000123"


def test_a_code_is_taken_however_it_is_typed_and_belongs_to_one_number_and_one_installation() -> None:
    code = CODES.of("YC-2026-000001")
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}", code)
    assert CODES.fits("YC-2026-000001", f" {code.lower().replace('-', ' ')} ")
    assert not CODES.fits("YC-2026-000002", code)
    assert not CODES.fits("YC-2026-000001", "")
    assert TrackingCodes(b"another key of the tests").of("YC-2026-000001") != code


@pytest.mark.parametrize("fields", [{"number": "<script>alert(1)</script>"}, {"number": "\x00" * 50, "code": "ß" * 200}])
async def test_whatever_is_typed_is_shown_as_text_and_refused(office: Office, fields: dict[str, str]) -> None:
    async with anybody(office) as client:
        page = await client.post("/track", data=fields)
        too_long = await client.post("/track", data={"number": "A" * 10_000})
    assert page.status_code == 404
    assert "<script>" not in page.text
    assert too_long.status_code == 413


async def test_the_page_is_kept_nowhere_and_tells_nobody_where_it_was_opened(office: Office) -> None:
    async with anybody(office) as client:
        page = await client.get("/track")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "script-src" not in page.headers["content-security-policy"]


def test_the_link_leads_there_with_both_filled_in_and_there_is_none_without_a_public_address() -> None:
    assert CODES.link("YC-2026-000001", "en").startswith("https://donghanh.example/track?number=YC-2026-000001&code=")
    assert TrackingCodes(b"a key of the tests").link("YC-2026-000001", "vi") == ""


@pytest.mark.parametrize("question", [STUCK, NOBODYS], ids=["routed at once", "waits for the coordinator"])
async def test_whoever_asked_is_told_the_code_and_finds_it_again(helpdesk, question: str) -> None:
    person = helpdesk.person()
    await person.says(question)
    inquiry = await person.inquiry()
    code = helpdesk.core.tracking.of(inquiry.number)
    assert any(code in message.text for message in person.heard)
    assert code in await person.says(inquiry.number)
