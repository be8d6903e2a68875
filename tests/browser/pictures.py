"""Takes the pictures of docs/pictures anew: `python -m tests.browser.pictures`.

A real program on an empty folder, some people on the web chat, and the desk of its first administrator, in a Chromium.
"""

import asyncio
import os
import re
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bot.settings import PROJECT
from tests.browser.conftest import ARGUMENTS
from tests.browser.program import Program

PICTURES = PROJECT / "docs" / "pictures"
DESK = {"width": 1180, "height": 720}
CHAT = {"width": 420, "height": 860}
_FIRST = re.compile(r"login: admin\s+one-time password: (\S+)")
_JOIN = re.compile(r"\?join=(\S+)")
_ANSWERED_MS = 3000
_PASSWORD = "một mật khẩu của tôi"
GUESTS = (
    "Mã HS của máy ép dầu gia dụng nên khai 8438 hay 8479, bên em phân loại khác hải quan cảng",
    "Công ty em nộp thừa thuế nhập khẩu tháng trước, hồ sơ hoàn thuế nộp 3 tuần chưa thấy trả lời",
    "vnaccs bao loi khong truyen duoc to khai tu sang den gio",
    "Container hàng đông lạnh của tôi đang nằm ở bãi chờ soi chiếu, cần hỗ trợ gấp",
    "C/O form E của lô hàng em bị bác vì sai ngày, giờ làm lại thế nào ạ",
)
MEMBER = (
    "Bao lâu thì câu hỏi của doanh nghiệp được chuyển đến đơn vị chuyên môn?",
    "Tờ khai luồng đỏ của công ty em bị kẹt ở cảng Cát Lái 3 ngày nay chưa ai xử lý, giờ phải làm sao?",
)


async def _opened(browser: Browser, url: str, viewport: dict[str, int], scale: float = 1.0) -> Page:
    context = await browser.new_context(
        viewport={"width": viewport["width"], "height": viewport["height"]},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        device_scale_factor=scale,
    )
    context.set_default_timeout(30_000)
    page = await context.new_page()
    await page.goto(url)
    return page


async def _ask(chat: Page, text: str) -> None:
    """Ask, and wait for the bot to answer."""
    await chat.wait_for_selector("body[data-ready]")
    await chat.fill("#text", text)
    await chat.press("#text", "Enter")
    await chat.wait_for_timeout(_ANSWERED_MS)


async def take(program: Program, browser: Browser) -> None:
    for text in GUESTS:
        guest = await _opened(browser, program.url, CHAT)
        await _ask(guest, text)
        await guest.context.close()
    join, first = _JOIN.search(program.output), _FIRST.search(program.output)
    assert join is not None
    assert first is not None
    chat = await _opened(browser, f"{program.url}/?join={join.group(1)}", CHAT, 1.5)
    await chat.locator("[data-join=yes]").click()
    await chat.wait_for_timeout(_ANSWERED_MS)
    for text in MEMBER:
        await _ask(chat, text)
    await chat.screenshot(path=PICTURES / "chat.png")
    desk = await _opened(browser, f"{program.url}/desk", DESK)
    await desk.fill("[name=login]", "admin")
    await desk.fill("[name=password]", first.group(1))
    await desk.keyboard.press("Enter")
    await desk.fill("[name=old]", first.group(1))
    await desk.fill("[name=new]", _PASSWORD)
    await desk.fill("[name=again]", _PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector("#list")
    await desk.goto(f"{program.url}/desk")
    await desk.screenshot(path=PICTURES / "desk.png")


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="donghanh-pictures-") as folder:
        program = Program(Path(folder))
        program.start()
        try:
            async with async_playwright() as playwright:
                chromium = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
                browser = await playwright.chromium.launch(executable_path=chromium, headless=True, args=ARGUMENTS)
                await take(program, browser)
                await browser.close()
        finally:
            program.stop()


if __name__ == "__main__":
    asyncio.run(main())
