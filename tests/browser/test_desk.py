"""The desk as an officer uses it: a question asked in the chat is answered at the desk, and the answer appears in the chat."""

import asyncio
import re
import secrets
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.program import Program

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "một mật khẩu của tôi"
ONE_TIME = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")
expect.set_options(timeout=20_000)
STUCK = "Tờ khai luồng đỏ 105678901234 của tôi bị ách tắc tại cảng Cát Lái, xin được hỗ trợ"


async def officer_at_desk(
    server: Program, open_page: OpenPage, *, who: str = "hoa", viewport: dict[str, int] = DESKTOP
) -> Page:
    """Sign a coordinator in; whoever was not here yet is added on the command line first, and chooses a password."""
    page = await open_page(f"{server.url}/desk", viewport=viewport)
    login, password = server.officers.get(who), PASSWORD
    if login is None:
        login = f"{who}{secrets.token_hex(4)}"
        added = ("officer", "add", login, "--name", "Phạm Thu Hòa", "--role", "coordinator", "--department", "cuc-qlrr")
        printed = await asyncio.to_thread(server.run, *added)
        found = ONE_TIME.search(printed)
        assert found is not None, printed
        password = found.group()
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", password)
    await page.keyboard.press("Enter")
    if who not in server.officers:
        await page.fill("[name=old]", password)
        await page.fill("[name=new]", PASSWORD)
        await page.fill("[name=again]", PASSWORD)
        await page.keyboard.press("Enter")
    await expect(page.locator("#list")).to_be_visible()
    server.officers[who] = login
    return page


async def ask(server: Program, open_page: OpenPage, text: str) -> tuple[Page, str]:
    """Ask on the web chat; return its page and the inquiry's number."""
    chat = await open_page(server.url)
    await chat.wait_for_selector("body[data-ready]")
    await chat.fill("#text", text)
    await chat.press("#text", "Enter")
    shown = chat.locator(".clock-number").first
    await expect(shown).to_have_text(re.compile(r"YC-20\d\d-\d{6}"))
    return chat, (await shown.inner_text()).strip()


async def open_case(desk: Page, number: str) -> None:
    await desk.locator("[data-case]", has_text=number).locator(".number a").click()
    await expect(desk.locator("h1")).to_contain_text(number)


async def hand_to_a_department(desk: Page) -> None:
    """Route it, unless the bot was sure enough to do so."""
    if await desk.locator('form[data-action="route"]').count():
        await desk.locator('form[data-action="route"] button').first.click()
    await expect(desk.locator('form[data-action="answer"]')).to_be_visible()


async def test_an_answer_at_the_desk_appears_in_the_chat(server: Program, open_page: OpenPage) -> None:
    desk = await officer_at_desk(server, open_page)
    chat, number = await ask(server, open_page, STUCK)
    await expect(desk.locator("[data-case]", has_text=number)).to_be_visible()  # by itself, without a reload
    await open_case(desk, number)
    await expect(desk.locator("#talk")).to_contain_text("bị ách tắc tại cảng Cát Lái")
    await hand_to_a_department(desk)
    await desk.fill('form[data-action="answer"] textarea', "Đề nghị Quý công ty liên hệ Chi cục tại cảng Cát Lái.")
    await desk.press('form[data-action="answer"] textarea', "Control+Enter")
    await expect(desk.locator(".flash.good")).to_be_visible()
    await expect(chat.locator(".message.bot").last).to_contain_text("Đề nghị Quý công ty liên hệ Chi cục")
    await expect(desk.locator("#deliveries .delivery").first).to_have_text("Đã gửi")


async def test_what_the_enterprise_adds_appears_on_the_open_page_and_typing_is_left_alone(
    server: Program, open_page: OpenPage
) -> None:
    desk = await officer_at_desk(server, open_page)
    _, number = await ask(server, open_page, STUCK)
    await open_case(desk, number)
    await hand_to_a_department(desk)
    colleague = await officer_at_desk(server, open_page, who="colleague")
    await colleague.goto(desk.url.split("?")[0])
    await desk.fill('form[data-action="answer"] textarea', "Một bản thảo còn dang dở")
    await colleague.locator('summary[data-key="n"]').click()
    await colleague.fill('form[data-action="note"] textarea', "Đã gọi điện cho chi cục.")
    await colleague.locator('form[data-action="note"] button').click()
    await expect(desk.locator("#talk")).to_contain_text("Đã gọi điện cho chi cục.")
    await expect(desk.locator('form[data-action="answer"] textarea')).to_have_value("Một bản thảo còn dang dở")
    await desk.locator('form[data-action="answer"] button').click()
    await expect(desk.locator("#error")).to_contain_text("ghi chú nội bộ")
    await expect(desk.locator('form[data-action="answer"] textarea')).to_have_value("Một bản thảo còn dang dở")


async def test_a_draft_outlives_the_page(server: Program, open_page: OpenPage) -> None:
    desk = await officer_at_desk(server, open_page)
    _, number = await ask(server, open_page, STUCK)
    await open_case(desk, number)
    await hand_to_a_department(desk)
    field = desk.locator('form[data-action="answer"] textarea')
    await field.fill("Bản thảo giữ lại")
    await desk.goto(f"{server.url}/desk")
    await open_case(desk, number)
    await expect(field).to_have_value("Bản thảo giữ lại")
    await desk.locator('form[data-action="answer"] button').click()
    await expect(desk.locator(".flash.good")).to_be_visible()
    await desk.goto(f"{server.url}/desk/inquiries/{number}")
    await expect(field).to_have_value("")


async def test_a_clock_counts_down_on_the_list(server: Program, open_page: OpenPage) -> None:
    desk = await officer_at_desk(server, open_page)
    await ask(server, open_page, STUCK)
    clock = desk.locator(".clock[data-due]").first
    await expect(clock).to_have_text(re.compile(r"^còn "))
    await desk.clock.install()
    await desk.reload()
    await desk.clock.fast_forward(30 * 24 * 3600 * 1000)
    await expect(clock).to_have_class("clock over")
    await expect(clock).to_have_text(re.compile(r"^quá "))


async def test_the_list_is_worked_through_with_the_keyboard(server: Program, open_page: OpenPage) -> None:
    desk = await officer_at_desk(server, open_page)
    await ask(server, open_page, STUCK)
    await expect(desk.locator("[data-case]").first).to_be_visible()
    await desk.keyboard.press("j")
    await expect(desk.locator(".case.at")).to_have_count(1)
    await desk.keyboard.press("/")
    await expect(desk.locator("[type=search]")).to_be_focused()
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("j")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("h1")).to_contain_text("YC-")
    await desk.keyboard.press("n")
    await desk.keyboard.type("Ghi nhanh bằng bàn phím")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#talk")).to_contain_text("Ghi nhanh bằng bàn phím")
    await desk.keyboard.press("u")
    await expect(desk.locator("#list")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_nothing_is_wider_than_the_screen(
    server: Program, open_page: OpenPage, viewport: dict[str, int], tmp_path: Path
) -> None:
    _, number = await ask(server, open_page, "Công văn-" + "rất" * 60 + " " + STUCK)
    desk = await officer_at_desk(server, open_page, viewport=viewport)
    listed = ("intake", "directory", "telegram", "knowledge", "enterprises", "audiences", "consultations", "surveys")
    addresses = ["/desk", f"/desk/inquiries/{number}", "/desk/ask?q=24 giờ", "/desk/password", "/desk/inquiries/YC-0"]
    addresses += [f"/desk/{each}" for each in listed]
    addresses += ["/desk/directory/cuc-qlrr", "/desk/campaigns", "/desk/campaigns/new", "/track", "/consultations"]
    for address in addresses:
        await desk.goto(server.url + address)
        width = await desk.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], address
