"""One inquiry's page: conversation, history in plain words, deliveries, knowledge beside it, live."""

import asyncio
from contextlib import aclosing

import pytest

from bot.desk.desk import Desk
from bot.desk.live import _events
from tests.office import COORDINATING, OTHER, OWN, Office, shown


async def test_the_page_tells_the_whole_story(office: Office) -> None:
    lan = await office.officer("lan")
    asker = await office.asker(member=True, company="Công ty Hoàng Gia", tax_code="0100233488")
    inquiry = await office.given_inquiry(to=OWN, asker=asker, state="waiting_for_enterprise", by=lan)
    await office.given_file(inquiry, asker, name="to-khai.pdf", content=b"x")
    async with office.browser(lan) as browser:
        page = shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
    for words in (
        "Công ty Hoàng Gia",
        "0100233488",
        "luồng đỏ",
        "Xin gửi tờ khai.",
        "Gửi cán bộ tệp.",
        "to-khai.pdf",
        "Cán bộ lan hỏi lại doanh nghiệp; đồng hồ trả lời dừng.",
        "Chị Mai đã bổ sung; đồng hồ trả lời chạy tiếp.",
        "Bot phân công cho Cục Giám sát quản lý về hải quan.",
        "Chờ gửi",
    ):
        assert words in page, words


async def test_entries_that_may_apply_stand_beside_it(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN, text="Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?")
    async with office.browser(await office.officer("lan")) as browser:
        page = shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
    assert "Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ" in page


async def test_an_officer_asks_the_knowledge_base_and_nothing_is_kept(office: Office) -> None:
    async with office.browser(await office.officer("lan")) as browser:
        page = shown(await browser.see("/desk/ask?q=bao lau thi cau hoi duoc chuyen den don vi chuyen mon"))
        assert "1399/QĐ-TCHQ" in page
        assert (await browser.see("/desk/ask?q=" + "a" * 5000)).status_code == 200
        assert "Không có yêu cầu nào" in shown(await browser.see("/desk?list=all"))


@pytest.mark.parametrize("state", ["in_progress", "deferred", "answered", "closed", "reopened"])
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_every_state_has_a_page_in_both_languages(office: Office, state: str, language: str) -> None:
    lan = await office.officer("lan")
    inquiry = await office.given_inquiry(to=OWN, state=state, by=lan)
    async with office.browser(lan) as browser:
        browser.client.cookies.set("donghanh_desk_language", language)
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text


async def test_a_department_that_left_the_directory_still_has_its_name(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.core.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE inquiries SET department_id = 'phong-cu', department_name = 'Phòng Cũ', candidates = '[]'"
        )
    coordinator = await office.officer("hoa", role="coordinator", department=COORDINATING)
    async with office.browser(coordinator) as browser:
        assert "Phòng Cũ" in shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
        assert "Phòng Cũ" in shown(await browser.see("/desk"))


# Live


def _desk(office: Office) -> Desk:
    core = office.core
    return Desk(
        database=core.database,
        inquiries=core.inquiries,
        knowledge=core.knowledge,
        catalogue=core.catalogue,
        clock=office.clock,
        signals=core.signals,
        files=core.files,
        officers=office.officers,
        sessions=office.sessions,
        secure_cookies=False,
        intakes=core.intakes,
        tracking=core.tracking,
        directory=core.directory_desk,
        outreach=core.outreach,
    )


async def test_an_open_page_is_told_when_something_changes(office: Office) -> None:
    session = await office.sessions.start(await office.officer("lan"))
    async with aclosing(_events(_desk(office), session.token)) as events:
        assert await anext(events) == "retry: 3000\n\n"
        assert "event: changed" in await anext(events)  # what happened before the stream was open
        told = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        await office.given_inquiry(to=OWN)
        assert "event: changed" in await asyncio.wait_for(told, 10)


async def test_an_open_page_ends_with_its_session(office: Office) -> None:
    session = await office.sessions.start(await office.officer("lan"))
    async with aclosing(_events(_desk(office), session.token)) as events:
        await anext(events)
        await office.officers.deactivate("lan")
        assert "event: ended" in await asyncio.wait_for(anext(events), 10)


async def test_the_stream_is_for_officers_only(office: Office) -> None:
    async with office.visitor() as client:
        assert (await client.get("/desk/stream")).status_code == 401


async def test_what_another_department_does_is_not_on_the_page(office: Office) -> None:
    other = await office.given_inquiry(to=OTHER, text="Bí mật của công ty khác")
    async with office.browser(await office.officer("lan")) as browser:
        for address in ("/desk", "/desk?list=all&q=bí mật", f"/desk/inquiries/{other.number}"):
            page = shown(await browser.see(address))
            assert "Bí mật của công ty khác" not in page
