"""The way to the desk: sign-in, the first password, sign-out, forms of other sites."""

import re
from datetime import timedelta

import pytest

from bot.access.officers import FREE_ATTEMPTS
from bot.access.sessions import IDLE
from tests.office import OWN, PASSWORD, Office, shown

_HIDDEN = re.compile(r'name="csrf" value="([^"]+)"')


async def _sign_in(client, login: str, password: str, next: str = "/desk"):  # type: ignore[no-untyped-def]
    form = await client.get("/desk/sign-in")
    fields = {"csrf": _HIDDEN.search(form.text)[1], "login": login, "password": password, "next": next}  # type: ignore[index]
    return await client.post("/desk/sign-in", data=fields)


async def test_the_first_sign_in_leads_to_a_password_of_ones_own_and_then_to_the_desk(office: Office) -> None:
    _, password = await office.officers.add(login="lan", name="Lan", role="officer", department=OWN)
    async with office.visitor() as client:
        answer = await _sign_in(client, "lan", password)
        assert answer.headers["location"] == "/desk/password"
        assert (await client.get("/desk")).headers["location"] == "/desk/password"
        form = await client.get("/desk/password")
        fields = {"csrf": _HIDDEN.search(form.text)[1], "old": password, "new": PASSWORD, "again": PASSWORD}  # type: ignore[index]
        changed = await client.post("/desk/password", data=fields)
        assert changed.headers["location"] == "/desk?done=password"
        assert (await client.get("/desk")).status_code == 200


async def test_two_different_new_passwords_change_nothing(office: Office) -> None:
    officer = await office.officer("lan")
    async with office.browser(officer) as browser:
        answer = await browser.post("/desk/password", old=PASSWORD, new="một mật khẩu mới", again="một mật khẩu khác")
    assert answer.status_code == 422
    assert await office.officers.sign_in("lan", PASSWORD)


async def test_a_wrong_password_is_told_in_words_and_keeps_the_login(office: Office) -> None:
    await office.officer("lan")
    async with office.visitor() as client:
        answer = await _sign_in(client, "lan", "sai rồi")
    assert answer.status_code == 401
    assert "chưa đúng" in shown(answer)
    assert 'value="lan"' in answer.text
    assert "donghanh_desk" not in answer.cookies


async def test_a_pause_after_repeated_failures_is_told_in_words(office: Office) -> None:
    await office.officer("lan")
    async with office.visitor() as client:
        for _ in range(FREE_ATTEMPTS):
            await _sign_in(client, "lan", "sai rồi")
        answer = await _sign_in(client, "lan", PASSWORD)
    assert answer.status_code == 429
    assert "30 giây" in shown(answer)


async def test_after_the_sign_in_one_comes_to_where_one_wanted_to_go(office: Office) -> None:
    await office.officer("lan")
    async with office.visitor() as client:
        sent = await client.get("/desk/inquiries/YC-2026-000001")
        assert sent.headers["location"] == "/desk/sign-in?next=%2Fdesk%2Finquiries%2FYC-2026-000001"
        answer = await _sign_in(client, "lan", PASSWORD, next="/desk/inquiries/YC-2026-000001")
    assert answer.headers["location"] == "/desk/inquiries/YC-2026-000001"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/deskevil", "/desk\r\nX: y", "javascript:x"]
)
async def test_a_link_cannot_send_an_officer_elsewhere(office: Office, elsewhere: str) -> None:
    await office.officer("lan")
    async with office.visitor() as client:
        assert (await _sign_in(client, "lan", PASSWORD, next=elsewhere)).headers["location"] == "/desk"


async def test_another_site_cannot_sign_a_browser_in(office: Office) -> None:
    await office.officer("lan")
    async with office.visitor() as client:
        await client.get("/desk/sign-in")
        for csrf in ("", "made up"):
            answer = await client.post("/desk/sign-in", data={"csrf": csrf, "login": "lan", "password": PASSWORD})
            assert answer.status_code == 403
            assert "donghanh_desk" not in answer.cookies


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(office: Office) -> None:
    await office.officer("lan")
    async with office.visitor() as client:
        cookie = (await _sign_in(client, "lan", PASSWORD)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_signing_out_ends_the_session(office: Office) -> None:
    async with office.browser(await office.officer("lan")) as browser:
        await browser.post("/desk/sign-out")
        assert await office.sessions.find(browser.token) is None
        assert (await browser.see("/desk")).status_code == 303


async def test_a_form_sent_after_the_session_ended_changes_nothing_and_says_so(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        office.clock.advance(IDLE + timedelta(seconds=1))
        answer = await browser.press(inquiry, "answer", text="Đã xem xét.")
    assert answer.status_code == 401
    assert "chưa được gửi" in shown(answer)
    assert (await office.look(inquiry)).state == "routed"


@pytest.mark.parametrize("csrf", ["", "0" * 48, "\x00"])
async def test_a_form_without_the_sessions_secret_changes_nothing(office: Office, csrf: str) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.press(inquiry, "answer", csrf=csrf, text="Đã xem xét.")
    assert answer.status_code == 403
    assert (await office.look(inquiry)).state == "routed"


async def test_every_page_forbids_foreign_scripts_and_frames(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        for address in ("/desk", f"/desk/inquiries/{inquiry.number}", "/desk/ask", "/desk/password", "/desk/nowhere"):
            page = await browser.see(address)
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe-inline" not in policy
            assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=", page.text), address


async def test_the_language_is_chosen_for_the_browser(office: Office) -> None:
    async with office.visitor() as client:
        answer = await client.get("/desk/language/en?back=/desk/sign-in")
        assert answer.headers["location"] == "/desk/sign-in"
        assert "Sign in" in (await client.get("/desk/sign-in")).text
        await client.get("/desk/language/xx")
        assert "Sign in" in (await client.get("/desk/sign-in")).text
