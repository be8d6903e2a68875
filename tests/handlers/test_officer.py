"""Asking for a person instead of the bot."""

import pytest

from storage.models import File
from tests.handlers.conftest import KNOWN, NOBODYS, STUCK, Helpdesk


@pytest.mark.parametrize("way", ["/ask_officer", "gặp cán bộ", "Hỏi cán bộ!", "gap can bo", "Ask an officer", "/ASK_OFFICER"])
async def test_command_and_phrases_ask_for_the_question(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    await person.says(way)
    assert await person.step() == "officer.question"
    assert await person.inquiries() == []


async def test_the_menu_button_leads_to_the_same_place(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("/menu")
    await person.presses("Hỏi cán bộ")
    assert await person.step() == "officer.question"


async def test_the_question_then_goes_to_an_officer_whatever_the_bot_knows(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("gặp cán bộ")
    await person.says(KNOWN)
    [inquiry] = await person.inquiries()
    assert (inquiry.state, inquiry.text) == ("awaiting_routing", KNOWN)
    assert inquiry.number in person.heard[-2].text


async def test_a_question_that_comes_with_the_command_is_not_asked_for_again(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(f"/ask_officer {KNOWN}")
    assert [each.text for each in await person.inquiries()] == [KNOWN]


async def test_what_holds_no_word_is_no_question_for_an_officer(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("gặp cán bộ")
    await person.says("🙂🙂")
    assert await person.inquiries() == []
    assert await person.step() == "officer.question"


async def test_files_may_come_before_the_question_and_go_with_it(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("gặp cán bộ")
    assert "1 tệp" in await person.sends("mot.pdf")
    assert "2 tệp" in await person.sends("hai.pdf")
    await person.says(STUCK)
    assert await helpdesk.count(File) == 2
    assert (await person.inquiry()).state == "routed"


@pytest.mark.parametrize("way", ["/cancel", "hủy", "Huy", "cancel", "Thôi"])
async def test_cancel_leaves_and_keeps_nothing(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    await person.says("gặp cán bộ")
    await person.says(way)
    assert await person.step() is None
    assert await person.inquiries() == []


async def test_another_command_leaves_too_but_looking_at_help_does_not(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("gặp cán bộ")
    await person.says("/help")
    await person.presses("Ngôn ngữ")
    await person.presses("Tiếng Việt")
    assert await person.step() == "officer.question"
    await person.says("/menu")
    assert await person.step() is None


async def test_several_questions_to_officers_are_several_inquiries(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(NOBODYS)
    await person.says(STUCK)
    assert [each.state for each in await person.inquiries()] == ["awaiting_routing", "routed"]
    assert len({each.number for each in await person.inquiries()}) == 2
