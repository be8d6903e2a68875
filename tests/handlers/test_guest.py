"""What a guest may say of themselves: offered, checked, never asked for twice, and marked as unverified."""

import pytest

from storage import inquiries as stored
from tests.handlers.conftest import KNOWN, NOBODYS, STUCK, TAX_CODE, Helpdesk, Person


async def asked(helpdesk: Helpdesk) -> Person:
    person = helpdesk.person()
    await person.says(NOBODYS)
    return person


async def test_a_guest_whose_inquiry_goes_to_people_is_offered_to_say_who_they_are(helpdesk: Helpdesk) -> None:
    person = await asked(helpdesk)
    assert "không bắt buộc" in person.last
    assert [button.label for button in person.buttons] == ["Để lại thông tin", "Bỏ qua"]


async def test_tax_code_and_company_are_kept_on_the_inquiry_and_in_its_history_as_unverified(helpdesk: Helpdesk) -> None:
    person = await asked(helpdesk)
    await person.presses("Để lại thông tin")
    await person.says(" 0100 233 488 ")
    said = await person.says("Công ty TNHH Bình Minh")
    assert "chưa xác minh" in said
    inquiry = await person.inquiry()
    assert (inquiry.claimed_tax_code, inquiry.claimed_company) == (TAX_CODE, "Công ty TNHH Bình Minh")
    async with helpdesk.core.database.read() as uow:
        rows = await stored.history(uow, inquiry.id)
    assert (rows[-1]["event"], rows[-1]["details"]["verified"]) == ("claim", False)
    assert await helpdesk.histories_hold()


async def test_the_next_inquiry_carries_it_and_nobody_is_asked_again(helpdesk: Helpdesk) -> None:
    person = await asked(helpdesk)
    await person.presses("Để lại thông tin")
    await person.says(TAX_CODE)
    await person.says("Công ty TNHH Bình Minh")
    said = await person.says(STUCK)
    assert "không bắt buộc" not in said
    assert (await person.inquiry()).claimed_tax_code == TAX_CODE


@pytest.mark.parametrize("wrong", ["0100233489", "123", "01002334881", "abc", "0314409058-02x", "９９９"])
async def test_a_wrong_tax_code_says_what_is_wrong_and_may_be_typed_again(helpdesk: Helpdesk, wrong: str) -> None:
    person = await asked(helpdesk)
    await person.presses("Để lại thông tin")
    assert "chưa đúng" in await person.says(wrong)
    assert await person.step() == "guest.tax_code"
    assert (await person.inquiry()).claimed_tax_code is None
    assert TAX_CODE in await person.says(TAX_CODE)


@pytest.mark.parametrize("way", ["bỏ qua", "bo qua", "/skip", "skip"])
async def test_it_can_be_skipped(helpdesk: Helpdesk, way: str) -> None:
    person = await asked(helpdesk)
    await person.presses("Để lại thông tin")
    await person.says(way)
    assert await person.step() is None


@pytest.mark.parametrize("typed", [TAX_CODE, "MST: 0100233488", "mã số thuế là 0100-233-488", "0100 233 488"])
async def test_a_tax_code_typed_without_pressing_anything_is_understood(helpdesk: Helpdesk, typed: str) -> None:
    person = await asked(helpdesk)
    await person.says(typed)
    assert await person.step() == "guest.company"


async def test_a_question_typed_instead_is_answered(helpdesk: Helpdesk) -> None:
    person = await asked(helpdesk)
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)
    await person.acts(f"details:{(await person.inquiries())[0].id}")
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)


async def test_a_company_without_a_letter_or_without_an_end_is_asked_for_again(helpdesk: Helpdesk) -> None:
    person = await asked(helpdesk)
    await person.presses("Để lại thông tin")
    await person.says(TAX_CODE)
    for name in ("123", "Công ty " * 50):
        await person.says(name)
        assert await person.step() == "guest.company"


async def test_a_member_is_not_asked(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(f"/join {await helpdesk.invite()}")
    await person.says(STUCK)
    assert all("không bắt buộc" not in message.text for message in person.heard)
    inquiry = await person.inquiry()
    assert inquiry.enterprise_id is not None
    assert inquiry.priority == 0
