"""The chat as a person uses it: on a phone, on a computer, with the keyboard, in both languages, on a bad line."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, OpenPage
from tests.browser.program import Program

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?"
STUCK = "Tờ khai luồng đỏ 105678901234 của tôi bị ách tắc tại cảng Cát Lái, xin được hỗ trợ"


async def ask(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def test_a_question_is_answered_with_the_place_it_is_written(chat_page: Page) -> None:
    await ask(chat_page, QUESTION)
    answer = chat_page.locator(".message.bot").first
    await expect(answer).to_contain_text("24 giờ")
    await expect(answer.locator(".ground")).to_contain_text("Điều 3 khoản 1 điểm c")
    await expect(answer.locator(".ground .law").first).to_have_text("1399/QĐ-TCHQ")


async def test_an_example_question_is_asked_by_a_tap(chat_page: Page) -> None:
    await chat_page.locator(".example").first.tap()
    await expect(chat_page.locator(".message.bot .ground").first).to_be_visible()
    await expect(chat_page.locator(".example").first).to_be_hidden()


async def test_an_inquiry_shows_its_number_and_counts_down_to_the_deadline(chat_page: Page) -> None:
    await ask(chat_page, STUCK)
    clock = chat_page.locator(".clock").first
    await expect(clock.locator(".clock-number")).to_have_text(re.compile(r"YC-20\d\d-\d{6}"))
    left = clock.locator(".clock-left")
    await expect(left).to_have_text(re.compile(r"^Còn 23:59:\d\d$"))
    first = await left.inner_text()
    await expect(left).not_to_have_text(first)


async def test_the_conversation_is_there_again_after_a_reload(chat_page: Page) -> None:
    await ask(chat_page, QUESTION)
    await expect(chat_page.locator(".message.bot .ground").first).to_be_visible()
    before = await chat_page.locator(".bubble").all_inner_texts()
    await chat_page.reload()
    await expect(chat_page.locator(".bubble")).to_have_count(len(before))
    assert await chat_page.locator(".bubble").all_inner_texts() == before
    await expect(chat_page.locator(".greeting")).to_have_count(0)


async def test_english_is_one_tap_away_and_loses_nothing(chat_page: Page) -> None:
    await chat_page.fill("#text", "How long until my request reaches")
    await chat_page.get_by_role("link", name="English").tap()
    await expect(chat_page.locator("h1 + p")).to_have_text("Vietnam Customs – business support channel")
    await expect(chat_page.locator("html")).to_have_attribute("lang", "en")
    await expect(chat_page.locator("#text")).to_have_value("How long until my request reaches")
    await chat_page.locator("#text").press_sequentially(" the unit that can deal with it?")
    await chat_page.press("#text", "Enter")
    await expect(chat_page.locator(".message.bot .ground").first).to_contain_text("Legal basis")
    await chat_page.goto(chat_page.url.split("?")[0])
    await expect(chat_page.locator("html")).to_have_attribute("lang", "en")


async def test_everything_can_be_done_with_the_keyboard(server: Program, open_page: OpenPage) -> None:
    page = await open_page(server.url, viewport=DESKTOP)
    await page.wait_for_selector("body[data-ready]")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("Dòng một")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type(QUESTION)
    await expect(page.locator("#text")).to_have_value(f"Dòng một\n{QUESTION}")
    await page.fill("#text", QUESTION)
    await page.keyboard.press("Enter")
    button = page.locator(".message.bot .buttons button").first
    await expect(button).to_be_visible()
    for _ in range(20):
        await page.keyboard.press("Shift+Tab")
        if await button.evaluate("node => node === document.activeElement"):
            break
    await expect(button).to_be_focused()
    bubbles = await page.locator(".message.bot").count()
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.bot")).to_have_count(bubbles + 1)
    await expect(button).to_have_class(re.compile("pressed"))
    await expect(button).to_be_enabled()


async def test_what_is_written_without_a_connection_is_sent_when_it_is_back(chat_page: Page) -> None:
    await chat_page.context.set_offline(True)
    await ask(chat_page, QUESTION)
    await expect(chat_page.locator(".message.person .state")).to_have_text("Chưa có kết nối, sẽ tự gửi lại")
    await expect(chat_page.locator("#line")).to_be_visible()
    await chat_page.context.set_offline(False)
    await expect(chat_page.locator(".message.bot .ground").first).to_be_visible()
    await expect(chat_page.locator(".message.person")).to_have_count(1)
    await expect(chat_page.locator(".message.person .state")).to_have_count(0)
    await expect(chat_page.locator("#line")).to_be_hidden()


async def test_what_is_written_while_the_server_is_down_arrives_once(own_server: Program, open_page: OpenPage) -> None:
    page = await open_page(own_server.url)
    await page.wait_for_selector("body[data-ready]")
    own_server.kill()
    await ask(page, QUESTION)
    await ask(page, "Công ty nhỏ, ít tờ khai có được tham gia không?")
    await expect(page.locator(".message.person .state").first).to_be_visible()
    own_server.start()
    await expect(page.locator(".message.bot .ground")).to_have_count(2, timeout=40_000)
    await expect(page.locator(".message.person .state")).to_have_count(0)
    shown = await page.locator(".message.person .bubble").all_inner_texts()
    await page.reload()
    await expect(page.locator(".message.person .bubble")).to_have_count(2)
    assert await page.locator(".message.person .bubble").all_inner_texts() == shown


async def test_an_open_page_outlives_a_restart_of_the_server(own_server: Program, open_page: OpenPage) -> None:
    page = await open_page(own_server.url)
    await page.wait_for_selector("body[data-ready]")
    await ask(page, QUESTION)
    await expect(page.locator(".message.bot .ground").first).to_be_visible()
    own_server.stop()
    await expect(page.locator("#line")).to_be_visible()
    own_server.start()
    await expect(page.locator("#line")).to_be_hidden(timeout=40_000)


async def test_markup_that_somebody_writes_is_shown_as_they_wrote_it(chat_page: Page) -> None:
    words = '<img src=x onerror="document.title=1"> <b>chào</b> & https://vi.example/?a=1&b=2.'
    await ask(chat_page, words)
    bubble = chat_page.locator(".message.person .bubble p")
    await expect(bubble).to_have_text(words)
    assert await bubble.locator("img, b").count() == 0
    await expect(bubble.locator("a")).to_have_attribute("href", "https://vi.example/?a=1&b=2")
    await expect(bubble.locator("a")).to_have_attribute("rel", "noopener noreferrer")


async def test_a_file_goes_with_the_question_and_one_that_is_not_taken_says_why(chat_page: Page) -> None:
    pdf = {"name": "tờ khai.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a declaration"}
    program = {"name": "a.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    await chat_page.set_input_files("#picker", [pdf, program])  # type: ignore[arg-type]
    await expect(chat_page.locator("#problem")).to_contain_text("a.exe")
    await expect(chat_page.locator("#files li")).to_have_count(1)
    await ask(chat_page, STUCK)
    await expect(chat_page.locator(".message.person .file")).to_have_text("tờ khai.pdf")
    await expect(chat_page.locator(".message.bot").first).to_be_visible()
    await expect(chat_page.locator("#files")).to_be_hidden()


async def test_an_invitation_joins_with_one_tap_and_leaves_the_address_bar(server: Program, open_page: OpenPage) -> None:
    link = re.search(r"http\S+/\?join=\S+", server.output)
    assert link is not None
    page = await open_page(link[0])
    await page.get_by_role("button", name="Tham gia", exact=True).tap()
    await expect(page.locator(".message.bot").first).to_contain_text("Công ty TNHH Mẫu Đồng Hành")
    assert "join" not in page.url
    code = link[0].partition("join=")[2]
    assert code not in await page.locator("#log").inner_text()


async def test_a_message_that_was_refused_can_be_sent_again_or_discarded(chat_page: Page) -> None:
    refusal = {"title": "Không nhận được."}
    await chat_page.route("**/chat/messages?lang=*", lambda route: route.fulfill(status=422, json=refusal))
    await ask(chat_page, QUESTION)
    await expect(chat_page.locator(".mend")).to_contain_text("Không nhận được.")
    await chat_page.unroute("**/chat/messages?lang=*")
    await chat_page.get_by_role("button", name="Gửi lại").tap()
    await expect(chat_page.locator(".message.bot .ground").first).to_be_visible()
    await expect(chat_page.locator(".message.person")).to_have_count(1)


async def test_the_page_asks_nobody_else_and_weighs_less_than_60_kb(server: Program, open_page: OpenPage) -> None:
    page = await open_page("about:blank")
    weight = 0
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    loading = await page.context.new_cdp_session(page)
    await loading.send("Network.enable")

    def count(event: dict[str, float]) -> None:
        nonlocal weight
        weight += int(event["encodedDataLength"])

    loading.on("Network.loadingFinished", count)
    await page.goto(server.url)
    await page.wait_for_selector("body[data-ready]")
    assert all(url.startswith(server.url) for url in asked)
    assert 5_000 < weight < 60_000


async def test_large_letters_on_a_small_screen_need_no_sideways_scrolling(chat_page: Page) -> None:
    await chat_page.set_viewport_size({"width": 320, "height": 640})
    await chat_page.evaluate("document.documentElement.style.fontSize = '200%'")
    await ask(chat_page, QUESTION)
    await expect(chat_page.locator(".message.bot").first).to_be_visible()
    wider = await chat_page.evaluate(
        "[document.body, document.getElementById('log')].filter(node => node.scrollWidth > node.clientWidth + 1).length"
    )
    assert wider == 0
    await expect(chat_page.locator("#send")).to_be_in_viewport()


async def test_a_screen_reader_is_told_what_things_are(chat_page: Page) -> None:
    log = chat_page.get_by_role("log", name="Nội dung trao đổi")
    await expect(log).to_have_attribute("aria-live", "polite")
    for role, name in (("textbox", "Câu hỏi của anh/chị"), ("button", "Gửi"), ("button", "Đính kèm tệp")):
        await expect(chat_page.get_by_role(role, name=name, exact=True)).to_be_visible()  # type: ignore[arg-type]
    await expect(chat_page.get_by_role("navigation", name="Ngôn ngữ")).to_be_visible()
    await ask(chat_page, QUESTION)
    await expect(log.get_by_role("article").first).to_contain_text("Anh/chị")


async def test_nothing_that_was_written_stays_on_the_computer(chat_page: Page) -> None:
    await ask(chat_page, QUESTION)
    await expect(chat_page.locator(".message.bot").first).to_be_visible()
    kept = await chat_page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, document.cookie]"
    )
    assert kept == [0, 0, 0, "donghanh_language=vi"]
