"""A real Chromium in front of the real program.

`server` is one program for all tests, `own_server` another one for those that stop it; `browser` is a Chromium, also for all of
them, and so they share an event loop; `open_page` opens a page in a browser profile of its own, so that every call is another
person; `chat_page` is the chat on a phone.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.browser.program import Program

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

OpenPage = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is: CHROMIUM of the environment, else where a distribution puts it."""
    named = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    found = shutil.which(named)
    if found is None:
        pytest.skip(f"no Chromium at {named} (Debian: apt-get install chromium; elsewhere set CHROMIUM to its path)")
    return found


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program, running for all tests of the session; each test is its own visitor."""
    program = Program(tmp_path_factory.mktemp("program"))
    program.start()
    yield program
    program.stop()


@pytest.fixture(scope="session")
def another(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("another"))
    yield program
    program.stop()


@pytest.fixture
def own_server(another: Program) -> Program:
    """A program that may be stopped and killed; it runs when a test begins."""
    if not another.runs:
        another.start()
    return another


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, headless=True, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Open an address as a new person. At the end no page may have met an error of its own or broken its policy."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text and "net::ERR" not in message.text:
            wrong.append(message.text)

    async def open_it(url: str, *, viewport: dict[str, int] = PHONE, locale: str = "vi-VN") -> Page:
        context = await browser.new_context(
            viewport={"width": viewport["width"], "height": viewport["height"]},
            locale=locale,
            timezone_id="Asia/Ho_Chi_Minh",
            has_touch=viewport is PHONE,
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", listen)
        await page.goto(url)
        return page

    yield open_it
    for each in contexts:
        await each.close()
    assert wrong == []


@pytest_asyncio.fixture(loop_scope="session")
async def chat_page(server: Program, open_page: OpenPage) -> Page:
    """The web chat on a phone, opened for the first time and ready to be written in."""
    page = await open_page(server.url)
    await page.wait_for_selector("body[data-ready]")
    return page
