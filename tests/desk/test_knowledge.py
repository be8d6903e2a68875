"""The box in which officers ask the knowledge base."""

import pytest

from tests.office import Office, shown

QUESTION = "Bao lâu thì yêu cầu hỗ trợ của tôi được chuyển đến đơn vị chuyên môn?"


async def asked(office: Office, on: str) -> tuple[int, str]:
    async with office.browser(await office.officer("lan")) as browser:
        page = await browser.client.get("/desk/ask", params={"q": QUESTION, "on": on})
    return page.status_code, shown(page)


async def test_without_a_day_it_is_asked_by_what_is_in_force_today(office: Office) -> None:
    status, page = await asked(office, "")
    assert status == 200
    assert "Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ" in page
    assert "có hiệu lực vào ngày" not in page


async def test_with_a_day_it_is_asked_by_what_was_in_force_then(office: Office) -> None:
    _, since = await asked(office, "2022-07-15")
    assert "có hiệu lực vào ngày 15/07/2022" in since
    assert "Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ" in since


async def test_before_a_document_held_nothing_of_it_is_found(office: Office) -> None:
    _, before = await asked(office, "2022-07-14")
    assert "1399/QĐ-TCHQ" not in before


@pytest.mark.parametrize("day", ["2022-02-30", "x", "0000-01-01", "99999-01-01", "<b>"])
async def test_what_is_no_day_is_explained_and_asks_nothing(office: Office, day: str) -> None:
    status, page = await asked(office, day)
    assert status == 422
    assert "Không đọc được ngày" in page
    assert "Bot sẽ" not in page
