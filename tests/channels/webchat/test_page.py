"""The page as a browser gets it: small, in two languages, closed to others, and kept where it may be kept."""

import gzip
import re
from pathlib import Path

import pytest

from bot.escalation.states import State
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import LANGUAGES
from tests.channels.webchat.conftest import Chat, running_chat
from tests.clock import ManualClock

ASSET = re.compile(r'(?:href|src)="(/chat/static/[^"]+)"')


async def test_the_page_is_vietnamese_unless_english_is_asked_for(chat: Chat) -> None:
    visitor = await chat.visitor()
    vietnamese, english = await visitor.opens(), await visitor.opens("/?lang=en")
    assert '<html lang="vi">' in vietnamese.text
    assert "Hải quan Việt Nam – kênh hỗ trợ doanh nghiệp" in vietnamese.text
    assert '<html lang="en">' in english.text
    assert "Vietnam Customs" in english.text


async def test_the_page_speaks_the_language_that_was_chosen_in_the_conversation(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.posts(action="lang:en")
    assert '<html lang="en">' in (await visitor.opens()).text


@pytest.mark.parametrize("asked", ["xx", "", "<script>", "vi\x00"])
async def test_a_language_that_is_none_gives_the_default(chat: Chat, asked: str) -> None:
    visitor = await chat.visitor()
    answer = await visitor.http.get("/", params={"lang": asked})
    assert '<html lang="vi">' in answer.text


async def test_a_visitor_is_a_random_token_that_no_script_can_read(chat: Chat) -> None:
    visitor = await chat.visitor()
    other = await chat.visitor()
    set_cookie = (await visitor.opens()).headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=lax" in set_cookie
    assert re.fullmatch(r"[0-9a-f]{32}", visitor.http.cookies["donghanh"])
    assert visitor.http.cookies["donghanh"] != other.http.cookies["donghanh"]
    assert visitor.http.cookies["donghanh"] in set_cookie, "opened again, it stays the same visitor"


async def test_behind_https_the_cookie_is_for_this_host_alone(
    sqlite_url: str, tmp_path: Path, clock: ManualClock, knowledge: Knowledge
) -> None:
    public = "https://hotro.example"
    async with running_chat(sqlite_url, tmp_path, clock, knowledge, public_url=public) as chat:
        visitor = await chat.visitor()
        set_cookie = (await visitor.opens()).headers["set-cookie"]
    assert set_cookie.startswith("__Host-donghanh=")
    assert "Secure" in set_cookie
    assert "Path=/" in set_cookie


async def test_neither_the_token_nor_an_invitation_stands_in_the_page(chat: Chat) -> None:
    visitor = await chat.visitor()
    answer = await visitor.opens('/?join=ABC"><script>alert(1)</script>')
    assert visitor.http.cookies["donghanh"] not in answer.text
    assert "alert(1)" not in answer.text


@pytest.mark.parametrize("path", ["/", "/chat/messages", "/chat/messages?after=x", "/chat/files/1/1", "/chat/static/x/chat.js"])
async def test_every_answer_is_closed_to_other_sites(chat: Chat, path: str) -> None:
    visitor = await chat.visitor()
    headers = (await visitor.opens(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


async def test_nothing_in_the_page_needs_an_exception_from_the_policy(chat: Chat) -> None:
    html = (await (await chat.visitor()).opens()).text
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"\son\w+=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html), "nothing comes from anybody else"


async def test_the_whole_page_is_below_60_kb_and_its_files_are_kept_for_good(chat: Chat) -> None:
    visitor = await chat.visitor()
    page = await visitor.opens()
    weight = len(page.content)
    paths = set(ASSET.findall(page.text))
    assert len(paths) > 5
    for path in paths:
        answer = await visitor.http.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        weight += len(gzip.compress(answer.content))
    assert weight < 60_000
    assert page.headers["cache-control"] == "no-store"


async def test_a_page_of_another_version_gets_the_files_there_are_but_does_not_keep_them(chat: Chat) -> None:
    visitor = await chat.visitor()
    answer = await visitor.opens("/chat/static/0000000000000000/chat.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert (await visitor.opens("/chat/static/0000000000000000/channel.py")).status_code == 404
    assert (await visitor.opens("/chat/static/0000000000000000/..%2f..%2fpages.py")).status_code == 404


async def test_every_text_that_the_page_asks_for_is_in_both_languages(chat: Chat) -> None:
    visitor = await chat.visitor()
    page = (await visitor.opens()).text
    named = set(re.findall(r'data-t(?:-label|-title|-placeholder)?="(\w+)"', page))
    for path in ASSET.findall(page):
        if path.endswith(".js") and not path.endswith("texts.js"):
            script = (await visitor.opens(path)).text
            named |= set(re.findall(r'\bsay\("(\w+)"\)', script))
            named |= set(re.findall(r'\b(?:worded|unseen)\((?:"\w+", "[^"]*", )?"(\w+)"\)', script))
    assert len(named) > 30
    for language in LANGUAGES:
        assert {f"webchat.page_{name}" for name in named} <= chat.core.catalogue.keys(language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_example_questions_are_ones_that_are_answered(chat: Chat, language: str) -> None:
    visitor = await chat.visitor(language=language)
    basis = {"vi": "Căn cứ", "en": "Legal basis"}[language]
    for number in (1, 2, 3):
        await visitor.posts(text=chat.core.catalogue.say(f"webchat.page_example_{number}", language))
        assert basis in (await visitor.texts())[-1]


async def test_every_state_of_an_inquiry_has_a_name_on_the_page(chat: Chat) -> None:
    for language in LANGUAGES:
        assert {f"state.{state}" for state in State} <= chat.core.catalogue.keys(language)
