"""The list: what is due first, only one's own, found again, and what has to be known."""

import re
from datetime import timedelta

import pytest

from tests.office import COORDINATING, OTHER, OWN, Browser, Office, shown


def numbers(page) -> list[str]:  # type: ignore[no-untyped-def]
    return re.findall(r'<td class="number"><a href="/desk/inquiries/([^"]+)"', page.text)


async def test_what_is_due_first_comes_first(office: Office) -> None:
    early = await office.given_inquiry()
    office.clock.advance(timedelta(hours=3))
    late = await office.given_inquiry()
    async with office.browser(await office.officer("hoa", role="coordinator", department=COORDINATING)) as browser:
        assert numbers(await browser.see("/desk")) == [early.number, late.number]


async def test_among_those_due_about_the_same_time_members_come_first(office: Office) -> None:
    guest = await office.given_inquiry()
    office.clock.advance(timedelta(hours=1))
    member = await office.given_inquiry(asker=await office.asker(member=True, company="Công ty Bình Minh"))
    async with office.browser(await office.officer("hoa", role="coordinator", department=COORDINATING)) as browser:
        page = await browser.see("/desk")
        assert numbers(page) == [member.number, guest.number]
        assert "Thành viên Công ty Bình Minh" in shown(page)


async def test_what_is_overdue_comes_before_a_member_who_is_not(office: Office) -> None:
    guest = await office.given_inquiry()
    office.clock.advance(timedelta(hours=1))
    member = await office.given_inquiry(asker=await office.asker(member=True))
    office.clock.advance(timedelta(hours=23, minutes=1))
    async with office.browser(await office.officer("hoa", role="coordinator", department=COORDINATING)) as browser:
        assert numbers(await browser.see("/desk")) == [guest.number, member.number]


async def test_what_a_guest_says_of_themselves_is_marked_as_unverified(office: Office) -> None:
    await office.given_inquiry(to=OWN, asker=await office.asker(company="Cty An Phát", tax_code="0314409058"))
    async with office.browser(await office.officer("lan")) as browser:
        assert "Cty An Phát chưa xác minh" in shown(await browser.see("/desk"))


async def test_a_clock_turns_amber_then_red_then_over(office: Office) -> None:
    await office.given_inquiry()
    async with office.browser(await office.officer("hoa", role="coordinator", department=COORDINATING)) as browser:
        seen = []
        for hours in (0, 18.5, 3.5, 3):
            office.clock.advance(timedelta(hours=hours))
            session = await office.sessions.start(await office.officers.find("hoa"))
            browser.client.cookies.set("donghanh_desk", session.token)
            seen += re.findall(r'class="clock (\w+)"', (await browser.see("/desk")).text)
    assert seen == ["calm", "amber", "red", "over"]


async def test_an_officer_sees_only_their_departments_inquiries(office: Office) -> None:
    own, _other, _unrouted = (
        await office.given_inquiry(to=OWN),
        await office.given_inquiry(to=OTHER),
        await office.given_inquiry(),
    )
    async with office.browser(await office.officer("lan")) as browser:
        for address in ("/desk", "/desk?list=all", f"/desk?department={OTHER}", "/desk?list=unrouted"):
            assert numbers(await browser.see(address)) == [own.number], address


async def test_the_coordinator_sees_all_and_filters(office: Office) -> None:
    own, other = await office.given_inquiry(to=OWN), await office.given_inquiry(to=OTHER)
    unrouted = await office.given_inquiry()
    async with office.browser(await office.officer("hoa", role="coordinator", department=COORDINATING)) as browser:
        assert set(numbers(await browser.see("/desk"))) == {own.number, other.number, unrouted.number}
        assert numbers(await browser.see("/desk?list=unrouted")) == [unrouted.number]
        assert numbers(await browser.see(f"/desk?department={OTHER}")) == [other.number]


async def test_an_editor_works_on_no_inquiry(office: Office) -> None:
    await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("sua", role="editor", department=None)) as browser:
        page = await browser.see("/desk?list=all")
    assert numbers(page) == []
    assert "không xử lý yêu cầu" in shown(page)


@pytest.mark.parametrize(
    ("list_name", "state"),
    [("mine", "in_progress"), ("waiting", "waiting_for_enterprise"), ("waiting", "deferred"), ("answered", "answered")],
)
async def test_a_list_shows_what_its_name_says(office: Office, list_name: str, state: str) -> None:
    lan, minh = await office.officer("lan"), await office.officer("minh")
    wanted = await office.given_inquiry(to=OWN, state=state, by=lan)
    await office.given_inquiry(to=OWN)
    if list_name == "mine":
        await office.given_inquiry(to=OWN, state=state, by=minh)
    async with office.browser(lan) as browser:
        assert numbers(await browser.see(f"/desk?list={list_name}")) == [wanted.number]


@pytest.mark.parametrize("word", ["LUỒNG ĐỎ", "luồng đỏ", "bình minh", "0100233488", "000001"])
async def test_search_finds_by_text_number_enterprise_and_tax_code(office: Office, word: str) -> None:
    asker = await office.asker(member=True, company="Công ty bình minh", tax_code="0100233488")
    found = await office.given_inquiry(to=OWN, asker=asker, text="Hàng luồng đỏ LUỒNG ĐỎ")
    await office.given_inquiry(to=OWN, text="Chuyện khác")
    async with office.browser(await office.officer("lan")) as browser:
        assert numbers(await browser.see(f"/desk?q={word}")) == [found.number]


@pytest.mark.parametrize("query", ["q=%25", "q=_", "q=%00", "q=%27%20OR%201=1", "page=99999", "page=-1", "page=x", "list=x"])
async def test_odd_addresses_are_answered_calmly(office: Office, query: str) -> None:
    await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        assert (await browser.see(f"/desk?{query}")).status_code == 200


async def test_long_lists_come_in_pages(office: Office) -> None:
    asker = await office.asker()
    for _ in range(53):
        await office.given_inquiry(to=OWN, asker=asker)
    async with office.browser(await office.officer("lan")) as browser:
        first, second = await browser.see("/desk"), await browser.see("/desk?page=2")
    assert len(numbers(first)) == 50
    assert len(numbers(second)) == 3
    assert not set(numbers(first)) & set(numbers(second))


async def test_text_of_people_is_shown_as_text(office: Office) -> None:
    text = '<script>alert(1)</script> "><img src=x onerror=alert(2)>'
    inquiry = await office.given_inquiry(to=OWN, text=text, asker=await office.asker(company=text))
    async with office.browser(await office.officer("lan")) as browser:
        for address in ("/desk", f"/desk/inquiries/{inquiry.number}", f"/desk?q={text}"):
            page = await browser.see(address)
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text


# Notices


async def _unseen(browser: Browser) -> int:
    return (await browser.see("/desk")).text.count('name="notice"')


async def test_a_notice_stays_until_somebody_presses_seen(office: Office) -> None:
    await office.given_inquiry(to=OWN)
    await office.given_inquiry(to=OWN)
    lan, minh = await office.officer("lan"), await office.officer("minh")
    async with office.browser(lan) as hers, office.browser(minh) as his:
        assert await _unseen(hers) == await _unseen(his) == 2
        page = await hers.see("/desk")
        first = re.search(r'name="notice" value="(\d+)"', page.text)[1]  # type: ignore[index]
        answer = await hers.post("/desk/notices/seen", notice=first, back="/desk?list=mine")
        assert answer.headers["location"] == "/desk?list=mine"
        assert await _unseen(hers) == await _unseen(his) == 1


async def test_an_officer_cannot_mark_the_notices_of_another_department(office: Office) -> None:
    await office.given_inquiry(to=OTHER)
    async with office.browser(await office.officer("lan")) as browser:
        assert await _unseen(browser) == 0
        await browser.post("/desk/notices/seen", up_to="9" * 18 + "9", back="/desk")
        await browser.post("/desk/notices/seen", up_to="9223372036854775807", back="/desk")
        await browser.post("/desk/notices/seen", notice="x", back="//evil")
    assert await office.unseen(OTHER, "officer") == ["officer.new"]


async def test_reminders_of_the_routing_clock_reach_the_coordinator_and_the_lead_hears_of_the_deadline(office: Office) -> None:
    await office.given_inquiry(candidates=(OWN,))
    office.clock.advance(timedelta(hours=12, minutes=1))
    await office.core.sweeper.run()
    coordinator = await office.officer("hoa", role="coordinator", department=COORDINATING)
    lead = await office.officer("truong", lead=True)
    async with office.browser(coordinator) as browser:
        assert "50% thời hạn" in shown(await browser.see("/desk"))
    office.clock.advance(timedelta(hours=12))
    await office.core.sweeper.run()
    async with office.browser(lead) as browser:
        assert "hệ thống đã tự chuyển" in shown(await browser.see("/desk"))
