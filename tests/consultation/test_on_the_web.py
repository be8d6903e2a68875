"""Taking part on a web page, by a personal link from the chat; and what everybody may read."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from bot.app import make_site
from bot.public.routes import routes
from storage import positions
from tests.consultation.conftest import APPROVER, Asking
from tests.consultation.test_life import comments, groups_of
from tests.handlers.conftest import Person

HOST = "http://public.test"
OURS = {"Origin": HOST}


@pytest.fixture
async def browser(asking: Asking) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(make_site(asking.helpdesk.core)))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=HOST, follow_redirects=True) as client:
        yield client


async def link_of(person: Person) -> str:
    await person.presses("Góp ý trên trang web")
    found = re.search(r"/l/[\w-]{43}", person.last)
    assert found is not None
    return found[0]


async def enters(browser: httpx.AsyncClient, person: Person) -> httpx.Response:
    return await browser.post(await link_of(person), headers=OURS)


def field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


async def sends(browser: httpx.AsyncClient, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
    return await browser.post(f"/my/consultation/{action}", data={"csrf": field(page, "csrf"), **fields}, headers=OURS)


async def test_a_position_is_written_and_handed_in(asking: Asking, lan: Person, browser: httpx.AsyncClient) -> None:
    consultation = await asking.opened()
    page = await enters(browser, lan)
    assert "Lan góp ý cho Công ty Bình Minh" in page.text
    page = await sends(browser, page, "comment", unit="3", text="Xin kéo dài <b>15 ngày</b>")
    assert "&lt;b&gt;15 ngày" in page.text
    page = await sends(browser, page, "answers", q_1="2", q_2="5", q_3="")
    page = await sends(browser, page, "send")
    assert "Đã gửi ý kiến" in page.text
    async with asking.helpdesk.core.database.read() as uow:
        (standing,) = await positions.standing(uow, consultation)
        answers = await positions.answers(uow, standing.id)
    assert (standing.channel, standing.enterprise_name, answers) == ("web", "Công ty Bình Minh", {1: "2", 2: "5"})
    await lan.presses("Đọc và góp ý")
    assert "Xin kéo dài" in await lan.presses("Xem lại")


async def test_looking_at_a_link_uses_nothing_up_and_entering_uses_it_once(
    asking: Asking, lan: Person, browser: httpx.AsyncClient
) -> None:
    await asking.opened()
    link = await link_of(lan)
    for _ in range(3):
        assert (await browser.get(link)).status_code == 200
    assert (await browser.get("/my/consultation")).status_code == 401
    assert (await browser.post(link, headers=OURS)).status_code == 200
    assert (await browser.post(link, headers=OURS)).status_code == 410
    assert (await browser.get(link)).status_code == 410


async def test_a_link_is_over_after_an_hour_and_a_session_after_half_a_day(
    asking: Asking, lan: Person, browser: httpx.AsyncClient
) -> None:
    await asking.opened()
    link = await link_of(lan)
    asking.helpdesk.clock.advance(timedelta(hours=1))
    assert (await browser.post(link, headers=OURS)).status_code == 410
    assert (await enters(browser, lan)).status_code == 200
    asking.helpdesk.clock.advance(timedelta(hours=12))
    assert (await browser.get("/my/consultation")).status_code == 401


async def test_a_form_that_is_not_ours_is_refused(asking: Asking, lan: Person, browser: httpx.AsyncClient) -> None:
    consultation = await asking.opened()
    link = await link_of(lan)
    assert (await browser.post(link, headers={"Origin": "http://evil.test"})).status_code == 403
    assert (await browser.post(link)).status_code == 403
    assert (await browser.post(link, headers=OURS | {"Sec-Fetch-Site": "cross-site"})).status_code == 403
    await browser.post(link, headers=OURS)
    for csrf in ("", "x" * 48):
        answer = await browser.post("/my/consultation/comment", data={"csrf": csrf, "unit": "1", "text": "x"}, headers=OURS)
        assert answer.status_code == 403
    async with asking.helpdesk.core.database.read() as uow:
        assert (await positions.counts(uow, consultation)).unsent == 0


async def test_what_cannot_be_taken_is_said_and_what_was_typed_is_kept(
    asking: Asking, lan: Person, browser: httpx.AsyncClient
) -> None:
    await asking.opened(closes_at=asking.now + timedelta(hours=4))
    page = await enters(browser, lan)
    assert (await sends(browser, page, "send")).status_code == 422
    long = await sends(browser, page, "comment", unit="1", text="dài " * 1100)
    assert (long.status_code, long.text.count("dài dài") > 0) == (422, True)
    assert (await sends(browser, page, "comment", unit="77", text="x")).status_code == 404
    assert (await sends(browser, page, "answers", q_1="9")).status_code == 422
    assert (await sends(browser, page, "x")).status_code == 404
    asking.helpdesk.clock.advance(timedelta(hours=4))
    assert (await sends(browser, page, "comment", unit="1", text="muộn")).status_code == 409
    assert "Thời gian góp ý đã kết thúc" in (await browser.get("/my/consultation")).text


async def test_pages_carry_the_headers_that_keep_them_safe(asking: Asking, lan: Person, browser: httpx.AsyncClient) -> None:
    consultation = await asking.opened()
    number = (await asking.row(consultation)).number
    entered = await enters(browser, lan)
    for page in (entered, await browser.get(f"/consultations/{number}"), await browser.get("/consultations")):
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
    assert entered.headers["cache-control"] == "no-store"
    cookie = next(each for each in entered.history[0].headers.get_list("set-cookie"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_a_draft_that_is_not_open_yet_is_nobodys_to_read(asking: Asking, lan: Person, browser: httpx.AsyncClient) -> None:
    consultation = await asking.drafted()
    number = (await asking.row(consultation)).number
    assert (await browser.get(f"/consultations/{number}")).status_code == 404
    assert number not in (await browser.get("/consultations")).text


async def test_the_outcome_is_public_once_it_is_published_and_not_before(
    asking: Asking, lan: Person, browser: httpx.AsyncClient
) -> None:
    guest = asking.helpdesk.person("Khách Riêng Tư")
    await guest.says("xin chào")
    consultation = await asking.opened(audience={"membership": ["member", "guest"]})
    number = (await asking.row(consultation)).number
    await comments(lan, "Xin kéo dài thời hạn", on="khoản 1")
    await comments(guest, "Tôi không đồng ý")
    await asking.close(consultation)
    for group, _ in await groups_of(asking, consultation):
        await asking.does(consultation, "respond", group.id, "not_accepted", "Thời hạn đã được tính kỹ.")
    before = await browser.get(f"/consultations/{number}")
    assert "Xin kéo dài" not in before.text
    assert (await browser.get(f"/consultations/{number}/table.docx")).status_code == 404
    await asking.does(consultation, "finish")
    await asking.does(consultation, "publish", actor=APPROVER)
    page = await browser.get(f"/consultations/{number}")
    assert "Xin kéo dài thời hạn" in page.text
    assert "Thời hạn đã được tính kỹ." in page.text
    assert "Công ty Bình Minh" in page.text
    assert "Khách Riêng Tư" not in page.text
    assert (await browser.get(f"/consultations/{number}/table.docx")).status_code == 200
