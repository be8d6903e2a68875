"""The start, the language, help, and the menu."""

import pytest

from tests.handlers.conftest import KNOWN, STUCK, Helpdesk


async def test_a_new_person_chooses_the_language_first(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says("/start")
    assert "Kính chào" in said
    assert "Welcome" in said
    assert [button.label for button in person.buttons] == ["Tiếng Việt", "English"]


async def test_then_is_welcomed_in_it_with_the_menu(helpdesk: Helpdesk) -> None:
    person = helpdesk.person("Lan")
    await person.says("/start")
    said = await person.presses("English")
    assert "Welcome Lan!" in said
    assert "My inquiries" in [button.label for button in person.buttons]


async def test_a_known_person_is_greeted_by_name_and_enterprise(helpdesk: Helpdesk) -> None:
    person = helpdesk.person("Lan")
    await person.says(await helpdesk.invite())
    assert "Kính chào Lan – Công ty Bình Minh" in await person.says("/start")


async def test_who_has_no_name_is_greeted_without_one(helpdesk: Helpdesk) -> None:
    person = helpdesk.person("")
    await person.says("/menu")
    assert "Kính chào!" in await person.says("/start")


@pytest.mark.parametrize("way", ["/language", "ngôn ngữ", "Language"])
async def test_the_language_can_be_changed_at_any_time(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    await person.says("/start")
    await person.presses("Tiếng Việt")
    await person.says(way)
    await person.presses("English")
    assert person.last == "From now on I will write in English."
    assert "tiếng Việt" in await person.says("tiếng việt")


async def test_a_language_that_does_not_exist_asks_again(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.acts("lang:fr")
    assert {"lang:vi", "lang:en"} <= {button.action for button in person.buttons}


async def test_what_officers_do_is_told_in_the_language_of_the_question(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("Our red channel declaration is stuck at the port for 3 days, please help")
    inquiry = await person.inquiry()
    assert inquiry.language == "en"
    await helpdesk.answers(person, "Done.")
    assert "Has this solved it?" in person.last


async def test_somebody_whose_app_speaks_english_is_spoken_to_in_english(helpdesk: Helpdesk) -> None:
    assert "Please write your question" in await helpdesk.person(app_language="en").says("/menu")


async def test_somebody_whose_app_speaks_another_language_gets_vietnamese(helpdesk: Helpdesk) -> None:
    assert "Quý doanh nghiệp" in await helpdesk.person(app_language="fr").says("/menu")


@pytest.mark.parametrize("way", ["/help", "trợ giúp", "tro giup", "HELP", "hướng dẫn"])
async def test_help_says_what_can_be_done(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    assert "/ask_officer" in await person.says(way)
    await person.presses("Dữ liệu")
    assert "không lưu" in person.last


@pytest.mark.parametrize("way", ["/menu", "Menu", "trang chủ"])
async def test_the_menu_is_always_there(helpdesk: Helpdesk, way: str) -> None:
    person = helpdesk.person()
    await person.says(way)
    assert {"inquiries", "ask_officer", "language", "help"} <= {button.action for button in person.buttons}


async def test_every_button_of_every_message_leads_somewhere(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for text in ("/start", "/menu", KNOWN, STUCK, "tham gia chương trình", "/inquiries", "/help", "gặp cán bộ", "/join"):
        await person.says(text)
    await helpdesk.asks_back(person, number=next(each.number for each in await person.inquiries() if each.text == STUCK))
    for button in {button.action: button for message in person.heard for row in message.buttons for button in row}.values():
        assert "không còn dùng được. Xin chọn" not in await person.acts(button.action), button
    assert await helpdesk.histories_hold()


async def test_the_menu_of_the_channels_is_in_a_sensible_order(helpdesk: Helpdesk) -> None:
    assert helpdesk.core.router.menu == [
        "menu",
        "inquiries",
        "consultations",
        "ask_officer",
        "language",
        "subscriptions",
        "help",
        "cancel",
    ]
