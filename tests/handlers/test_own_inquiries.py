"""My inquiries: the list, the detail, the number that is typed."""

import pytest

from tests.handlers.conftest import KNOWN, NOBODYS, STUCK, UNSURE, Helpdesk


@pytest.mark.parametrize("way", ["/inquiries", "yêu cầu của tôi", "yeu cau cua toi", "My inquiries"])
async def test_the_list_says_number_state_department_and_deadline(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    inquiry = await person.inquiry()
    said = await person.says(way)
    for part in (inquiry.number, "Đã chuyển đến đơn vị", "Cục Giám sát quản lý", "hạn 09:00 ngày 17/11/2026"):
        assert part in said
    assert f"inquiry:{inquiry.id}" in [button.action for button in person.buttons]


async def test_without_any_the_list_says_so_and_offers_the_menu(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    assert "chưa có yêu cầu nào" in await person.says("/inquiries")
    assert person.buttons


async def test_ten_are_shown_and_an_open_one_is_not_crowded_out(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(NOBODYS)
    waiting = await person.inquiry()
    for _ in range(12):
        await person.says(KNOWN)
    said = await person.says("/inquiries")
    assert said.count("YC-2026-") == 10
    assert waiting.number in said


async def test_the_detail_says_where_it_stands_and_what_was_last_said(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    inquiry = await person.inquiry()
    await helpdesk.answers(person, "Mời đến nhận hàng.")
    said = await person.acts(f"inquiry:{inquiry.id}")
    assert "Đã có trả lời" in said
    assert "Mời đến nhận hàng." in said
    assert {"solved", "unsolved"} <= {button.action.split(":")[0] for button in person.buttons}


async def test_the_detail_of_a_bots_answer_shows_it_again_with_its_basis(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    said = await person.acts(f"inquiry:{(await person.inquiry()).id}")
    assert "Điều 3 khoản 1 điểm c" in said
    assert "officer" in [button.action.split(":")[0] for button in person.buttons]


@pytest.mark.parametrize("state", ["received", "awaiting_routing", "routed", "waiting_for_enterprise", "answered", "closed"])
async def test_every_state_offers_what_can_be_done_in_it(helpdesk: Helpdesk, state: str) -> None:
    person = helpdesk.person()
    await person.says({"received": UNSURE, "awaiting_routing": NOBODYS}.get(state, STUCK))
    if state == "waiting_for_enterprise":
        await helpdesk.asks_back(person)
    if state in ("answered", "closed"):
        await helpdesk.answers(person)
    if state == "closed":
        await helpdesk.closes(person)
    inquiry = await person.inquiry()
    assert inquiry.state == state
    await person.acts(f"inquiry:{inquiry.id}")
    offered = {button.action.split(":")[0] for button in person.buttons}
    expected = {
        "received": {"officer"},
        "awaiting_routing": {"add"},
        "routed": {"add"},
        "waiting_for_enterprise": {"reply"},
        "answered": {"solved", "unsolved"},
        "closed": {"rate", "unsolved"},
    }[state]
    assert expected <= offered


@pytest.mark.parametrize("typed", ["{}", "yc-2026-1", "YC 2026 000001", "yc2026000001", "{} đến đâu rồi ạ?", "cho hỏi {}"])
async def test_a_number_that_is_typed_leads_to_its_detail(helpdesk: Helpdesk, typed: str) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    inquiry = await person.inquiry()
    said = await person.says(typed.format(inquiry.number))
    assert f"Yêu cầu {inquiry.number}" in said
    assert len(await person.inquiries()) == 1


async def test_anothers_number_and_one_that_does_not_exist_are_answered_alike(helpdesk: Helpdesk) -> None:
    lan, minh = helpdesk.person("Lan"), helpdesk.person("Minh")
    await lan.says(STUCK)
    await minh.says("/menu")
    anothers = await minh.says((await lan.inquiry()).number)
    assert anothers == await minh.says("YC-2026-999999")
    assert anothers == await minh.acts(f"inquiry:{(await lan.inquiry()).id}")
    assert "Không tìm thấy" in anothers


async def test_a_long_text_with_a_number_is_offered_as_an_addition(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.says("/menu")
    inquiry = await person.inquiry()
    await person.says(f"{inquiry.number}: bên em vừa nhận được phiếu yêu cầu nghiệp vụ số 12, xin gửi thêm")
    await person.presses(inquiry.number)
    assert (await person.inquiry()).history_length > inquiry.history_length


ON_ONE = ("add", "reply", "solved", "unsolved", "officer", "inquiry", "helped", "not_helped", "details", "to")


async def test_an_id_that_is_none_is_answered_and_changes_nothing(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for action in ON_ONE:
        for given in ("", ":", ":0", ":x", ":-1", ":9223372036854775808", ":9999999999999999999999", ":１２", ":²"):
            heard = len(person.heard)
            await person.acts(action + given)
            assert len(person.heard) == heard + 1, action + given
    assert await helpdesk.all_inquiries() == []


async def test_nobody_acts_on_anothers_inquiry(helpdesk: Helpdesk) -> None:
    lan, minh = helpdesk.person("Lan"), helpdesk.person("Minh")
    await lan.says(STUCK)
    before = await lan.inquiry()
    for action in (*(f"{each}:{before.id}" for each in ON_ONE), f"rate:5:{before.id}", f"pick:{before.id}:0"):
        said = await minh.acts(action)
        assert "Không tìm thấy" in said, action
        assert before.text not in said
    assert await lan.inquiry() == before
