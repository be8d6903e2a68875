"""The box in which officers ask the knowledge base."""

import pytest

from bot.knowledge.law.parsing import ReadLaw, parse
from bot.knowledge.law.reading import read_bytes
from bot.lawbooks.lawbooks import Lawbooks
from tests.office import Office, shown

QUESTION = "Bao lâu thì yêu cầu hỗ trợ của tôi được chuyển đến đơn vị chuyên môn?"


async def asked(office: Office, on: str, question: str = QUESTION) -> tuple[int, str]:
    async with office.browser(await office.officer("lan")) as browser:
        page = await browser.client.get("/desk/ask", params={"q": question, "on": on})
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


async def test_a_question_that_names_an_earlier_day_is_asked_by_that_unless_a_day_was_chosen(office: Office) -> None:
    _, of_then = await asked(office, "", f"Tại thời điểm 14/7/2022: {QUESTION}")
    assert "có hiệu lực vào ngày 14/07/2022" in of_then
    assert "1399/QĐ-TCHQ" not in of_then
    async with office.browser(await office.officers.find("lan")) as browser:
        params = {"q": f"Tại thời điểm 14/7/2022: {QUESTION}", "on": "2022-07-15"}
        chosen = shown(await browser.client.get("/desk/ask", params=params))
    assert "có hiệu lực vào ngày 15/07/2022" in chosen


async def test_a_passage_of_imported_law_that_would_answer_is_shown_with_its_place(office: Office) -> None:
    law = "Số: 1399/QĐ-TCHQ\nĐiều 99. Kho lạnh\nChủ kho ghi sổ nhiệt độ hai lần mỗi ngày.\n"
    read = ReadLaw(parse(read_bytes("kho.txt", law.encode())), "kho.txt", "0" * 64)
    lawbooks = Lawbooks(office.core.database, office.clock, lambda: office.core.knowledge.documents)
    await lawbooks.store(read, number="1399/QĐ-TCHQ")
    await office.core.law.take()
    try:
        _, page = await asked(office, "", "Điều 99 Quyết định 1399 quy định gì?")
    finally:
        office.core.knowledge.take_law(())  # all tests of the desk share one knowledge base
    assert "Chủ kho ghi sổ nhiệt độ hai lần mỗi ngày." in page
    assert "Điều 99, 1399/QĐ-TCHQ" in page


@pytest.mark.parametrize("day", ["2022-02-30", "x", "0000-01-01", "99999-01-01", "<b>"])
async def test_what_is_no_day_is_explained_and_asks_nothing(office: Office, day: str) -> None:
    status, page = await asked(office, day)
    assert status == 422
    assert "Không đọc được ngày" in page
    assert "Bot sẽ" not in page
