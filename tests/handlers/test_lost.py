"""What is not understood: a clear answer, the menu, and nothing has changed."""

import pytest
from sqlalchemy import select

from bot.escalation.errors import NotPossibleNow
from bot.escalation.keeping import TEXT_AT_MOST
from storage.models import ChannelAccount, Inquiry
from tests.handlers.conftest import KNOWN, NOBODYS, REPORT, STUCK, Helpdesk


async def test_an_unknown_command_is_answered_with_the_menu(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for text in ("/abc", "/", "//", "/ ", "/start_now", "/хелп", "/📦", "/abc def", "/unknown_command", "/question"):
        assert "không biết lệnh" in await person.says(text), text
        assert "inquiries" in [button.action for button in person.buttons]
    assert await helpdesk.count(Inquiry) == 0


async def test_an_unknown_button_is_answered_with_the_menu(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for action in ("abc", "abc:1", ":", "ADD:1", "unknown_command", "question", "🙂", "add;drop"):
        assert "không còn dùng được" in await person.acts(action), action
        assert person.buttons


async def test_what_is_empty_after_cleaning_is_answered(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for text in ("", " ", "\n\t", "\x00\x07\x1b", "\u200b\u200d\ufeff", "\ud800"):
        assert "chưa đọc được" in await person.says(text), repr(text)
    assert await helpdesk.count(Inquiry) == 0


async def test_what_holds_no_word_is_answered(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for text in ("🙂", "👍👍👍", "...", "123456", "?!", "----"):
        assert "chưa thấy câu hỏi" in await person.says(text), text
    assert await helpdesk.count(Inquiry) == 0


async def test_in_a_step_too_a_sticker_is_answered_and_the_step_stays(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("gặp cán bộ")
    assert "chưa đọc được" in await person.says("")
    assert await person.step() == "officer.question"


async def test_control_characters_are_taken_out_of_a_question(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("Bao lâu thì câu hỏi\x00 của tôi được chuyển\x07 đến đơn vị chuyên môn?\x1b\ud800")
    assert (await person.inquiry()).text == KNOWN


@pytest.mark.parametrize("before", ["", "gặp cán bộ"])
async def test_a_hundred_kilobytes_are_refused_with_the_limit_and_not_kept(helpdesk: Helpdesk, before: str) -> None:
    person = helpdesk.person()
    if before:
        await person.says(before)
    said = await person.says(f"{REPORT} " * 2000)
    assert str(TEXT_AT_MOST) in said
    assert await helpdesk.count(Inquiry) == 0
    assert await helpdesk.holds_nothing_of("vòi tiền")


async def test_the_longest_text_that_is_taken_is_taken(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    text = (f"{NOBODYS} " * 400)[:TEXT_AT_MOST].strip()
    await person.says(text)
    assert (await person.inquiry()).text == text


async def test_a_longest_command_argument_is_refused_as_well(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    assert str(TEXT_AT_MOST) in await person.says("/ask_officer " + "tờ khai " * 2000)
    assert await helpdesk.count(Inquiry) == 0


async def test_markup_is_text_like_any_other(helpdesk: Helpdesk) -> None:
    person = helpdesk.person("<b>Lan</b> {name} {0}")
    assert "<b>Lan</b> {name} {0}" in await person.says("/start") or await person.presses("Tiếng Việt")
    await person.says(f"{STUCK} <b>{{due}}</b>")
    assert (await person.inquiry()).text.endswith("<b>{due}</b>")
    await person.says("/inquiries")


# When something of ours breaks


class _Broken(Exception):
    pass


async def test_when_a_conversation_breaks_the_question_goes_to_people(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(helpdesk, monkeypatch, "answered_by_bot")
    person = helpdesk.person()
    said = await person.says(KNOWN)
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.text) == ("awaiting_routing", KNOWN)
    assert inquiry.number in said


async def test_when_it_breaks_over_a_report_nothing_of_it_is_kept(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise _Broken

    monkeypatch.setattr("bot.handlers.turn.Turn.decided", broken)
    person = helpdesk.person()
    assert "trục trặc" in await person.says(REPORT)
    assert await helpdesk.count(Inquiry) == 0
    assert await helpdesk.holds_nothing_of("vòi tiền")
    assert "vòi tiền" not in "".join(capfd.readouterr())


async def test_nobody_is_caught_in_a_step_that_breaks(helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await person.acts(f"add:{(await person.inquiry()).id}")
    _break(helpdesk, monkeypatch, "add_message")
    await person.says("Bổ sung số tờ khai cho yêu cầu của tôi")
    assert await person.step() is None
    assert [each.text for each in await person.inquiries()][-1] == "Bổ sung số tờ khai cho yêu cầu của tôi"


async def test_an_error_that_a_person_can_act_on_is_said_and_changes_nothing(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise NotPossibleNow(number="YC-2026-000001", state="closed", action="add")

    person = helpdesk.person()
    await person.says(STUCK)
    before = await person.inquiry()
    await person.acts(f"add:{before.id}")
    monkeypatch.setattr(helpdesk.core.inquiries, "add_message", refused)
    said = await person.says("Bổ sung")
    assert "«bổ sung»" in said
    assert "«Đã đóng»" in said
    assert await person.inquiry() == before


def _break(helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise _Broken

    monkeypatch.setattr(helpdesk.core.inquiries, method, broken)


async def test_a_step_of_an_older_version_is_in_nobodys_way(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("/menu")
    async with helpdesk.core.database.read() as uow:
        account_id = await uow.scalar(select(ChannelAccount.id))

    async def old(uow) -> None:  # type: ignore[no-untyped-def]
        uow.update(ChannelAccount, account_id, step="of.an.older.version", step_data={"x": 1})

    await helpdesk.core.database.write(old)
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)
