"""The officers' page at the web desk about Telegram, and what `donghanh doctor` finds in a group."""

import re

from tests.office import OTHER, OWN, shown
from tests.topics.conftest import Room


async def _problems(room: Room) -> str:
    return " ".join(await room.channel.group_problems([(OWN, str(room.group.id))]))


# The page


async def test_the_page_says_who_is_linked_and_which_group_works(room: Room) -> None:
    await room.topic(await room.given_inquiry())
    async with room.office.browser(room.officers["minh"]) as browser:
        page = shown(await browser.see("/desk/telegram"))
    assert "Minh" in page
    assert str(room.group.id) in page or room.group.title in page


async def test_a_link_made_on_the_page_links_whoever_sends_it_and_ends_the_former_account(room: Room) -> None:
    new_phone = room.peer.user("Minh (máy mới)", started=True)
    async with room.office.browser(room.officers["minh"]) as browser:
        made = await browser.post("/desk/telegram", do="link")
        code = re.search(r"desk_[\w-]+", made.text)
        assert code is not None
        await new_phone.starts(code[0])
        await new_phone.sees("Đã liên kết")
        assert "máy mới" in shown(await browser.see("/desk/telegram"))
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    press = await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert (await press.answered()).alert
    assert await room.state(inquiry) == "routed"


async def test_an_account_that_is_unlinked_on_the_page_is_a_strangers(room: Room) -> None:
    inquiry = await room.given_inquiry()
    topic = await room.topic(inquiry)
    async with room.office.browser(room.officers["minh"]) as browser:
        page = shown(await browser.post("/desk/telegram", do="unlink"))
    assert "chưa" in page.lower()
    press = await room.minh.presses("Nhận xử lý", chat=room.group, topic=topic)
    assert (await press.answered()).alert
    assert await room.state(inquiry) == "routed"


async def test_a_form_of_another_site_makes_no_link(room: Room) -> None:
    async with room.office.browser(room.officers["minh"]) as browser:
        answer = await browser.client.post("/desk/telegram", data={"csrf": "wrong", "do": "unlink"})
        assert answer.status_code == 403
        assert "Minh" in shown(await browser.see("/desk/telegram"))


async def test_who_has_not_signed_in_is_shown_nothing_of_it(room: Room) -> None:
    async with room.office.visitor() as visitor:
        answer = await visitor.get("/desk/telegram")
    assert answer.status_code in (302, 303, 401)
    assert str(room.group.id) not in answer.text


async def test_an_officer_is_not_shown_the_groups_of_other_departments(room: Room) -> None:
    other = await room.office.officer("phapche", department=OTHER)
    await room.topic(await room.given_inquiry())
    async with room.office.browser(other) as browser:
        page = shown(await browser.see("/desk/telegram"))
    assert room.group.title not in page
    assert str(room.group.id) not in page


# `donghanh doctor`


async def test_doctor_finds_nothing_to_mend_in_a_group_that_is_well(room: Room) -> None:
    assert await _problems(room) == ""


async def test_doctor_says_that_topics_are_switched_off(room: Room) -> None:
    await room.group.switches_topics(on=False)
    assert "switch on Topics" in await _problems(room)


async def test_doctor_says_that_the_right_to_manage_topics_is_missing(room: Room) -> None:
    await room.group.changes_rights(room.minh, can_manage_topics=False)
    assert "right to manage topics" in await _problems(room)


async def test_doctor_says_that_the_bot_is_no_administrator(room: Room) -> None:
    await room.group.adds_bot(room.minh, administrator=False)
    assert "an administrator" in await _problems(room)


async def test_doctor_names_a_group_from_which_the_bot_was_removed_and_its_department(room: Room) -> None:
    await room.group.removes_bot(room.minh)
    told = await _problems(room)
    assert OWN in told
    assert "add the bot" in told


async def test_doctor_says_that_a_group_has_another_id_now(room: Room) -> None:
    old = str(room.group.id)
    new = await room.group.becomes_supergroup(room.minh, forum=True)
    [told] = await room.channel.group_problems([(OWN, old)])
    assert str(new.id) in told
