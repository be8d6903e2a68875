"""Joining an enterprise with an invitation."""

from datetime import timedelta

import pytest

from tests.handlers.conftest import STUCK, Helpdesk


@pytest.mark.parametrize("way", ["/start {}", "/join {}", "{}", "/START {}", " {} \n", "/start@donghanh_bot {}"])
async def test_a_link_a_command_and_the_bare_code_lead_to_the_same_place(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    said = await person.says(way.format(await helpdesk.invite()))
    assert "Công ty Bình Minh" in said
    assert "0100233488" in said
    await person.says(STUCK)
    assert (await person.inquiry()).enterprise_id is not None


async def test_a_used_code_is_refused_to_another_person(helpdesk: Helpdesk) -> None:
    code = await helpdesk.invite()
    await helpdesk.person("first").says(code)
    other = helpdesk.person("other")
    assert "đã được dùng" in await other.says(code)
    assert other.buttons


async def test_the_same_person_may_open_the_link_again(helpdesk: Helpdesk) -> None:
    code, person = await helpdesk.invite(), helpdesk.person()
    await person.says(f"/start {code}")
    assert "đã được liên kết" in await person.says(f"/start {code}")


async def test_an_expired_code_says_since_when(helpdesk: Helpdesk) -> None:
    code = await helpdesk.invite()
    helpdesk.clock.advance(timedelta(days=15))
    assert "hết hạn lúc 09:00 ngày 30/11/2026" in await helpdesk.person().says(f"/join {code}")


async def test_the_code_of_another_enterprise_is_refused(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(await helpdesk.invite())
    foreign = await helpdesk.invite("Công ty Hoàng Hôn", tax_code="0314409058")
    said = await person.says(f"/join {foreign}")
    assert "Công ty Bình Minh" in said
    assert "Hoàng Hôn" not in said


@pytest.mark.parametrize("code", ["/join xyz", "/start ' OR 1=1 --", "aB3dEfGhIjKlMnOpQrSt", f"/join {'x' * 5000}"])
async def test_an_unknown_code_says_how_to_go_on(helpdesk: Helpdesk, code: str) -> None:
    person = helpdesk.person()
    said = await person.says(code)
    assert "Không có mã mời này" in said
    assert await person.inquiries() == []


async def test_join_without_a_code_explains(helpdesk: Helpdesk) -> None:
    assert "mã mời" in await helpdesk.person().says("/join")


async def test_a_person_takes_their_own_code_to_another_channel_and_is_one_person_there(helpdesk: Helpdesk) -> None:
    first = helpdesk.person("Lan")
    await first.says(await helpdesk.invite())
    await first.says("/channels")
    said = await first.presses("Liên kết ứng dụng khác")
    code = said.split(": ", 1)[1].split()[0]
    await first.says(STUCK)
    helpdesk.clock.advance(timedelta(minutes=2))
    second = helpdesk.person("Lan trên Zalo")
    assert "Đã liên kết" in await second.says(code)
    assert [each.number for each in await second.inquiries()] == [each.number for each in await first.inquiries()]
    assert "mời doanh nghiệp" in await helpdesk.answers(second), "a reply goes where the person last wrote"
    third = helpdesk.person("other")
    assert "đã được dùng" in await third.says(code)


async def test_a_linking_code_ends_after_an_hour(helpdesk: Helpdesk) -> None:
    first, second = helpdesk.person("Lan"), helpdesk.person("Minh")
    await first.says("/channels")
    said = await first.presses("Liên kết ứng dụng khác")
    helpdesk.clock.advance(timedelta(hours=1))
    assert "hết hạn" in await second.says(said.split(": ", 1)[1].split()[0])
