"""What an editor sees on the desk before somebody is given a wrong answer: files that were refused, citations that lead
nowhere, and entries that end."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.access.officers import Officer
from bot.knowledge.law.parsing import ReadLaw, parse
from bot.knowledge.law.reading import read_bytes
from bot.lawbooks.lawbooks import Lawbooks
from bot.learning.sharing import announce
from tests.office import Office

NUMBER = "1399/QĐ-TCHQ"
LAW = """\
Số: 1399/QĐ-TCHQ
Điều 6. Cơ chế
1. Một.
2. Hai.
3. Ba.
4. Bốn:
a) Năm;
b) Sáu;
c) Bảy;
d) Tám;
e) Chín.
5. Mười.
Điều 7. Phân công
1. Cơ quan:
a) Cục:
a.1. Một;
a.2. Hai;
a.3. Ba;
a.4. Bốn.
"""


@pytest.fixture
async def editor(office: Office) -> Officer:
    return await office.officer("bien-tap", role="editor", department=None)


@pytest.fixture
async def lan(office: Office) -> Officer:
    return await office.officer("lan")


async def page(office: Office, officer: Officer) -> str:
    async with office.browser(officer) as browser:
        return (await browser.see("/desk/knowledge")).text


async def imported(office: Office, text: str, *, since: date | None = None) -> None:
    read = ReadLaw(parse(read_bytes("luat.txt", text.encode())), "luat.txt", f"{hash(text) & (2**64 - 1):064x}")
    lawbooks = Lawbooks(office.core.database, office.clock, lambda: office.core.knowledge.documents)
    await lawbooks.store(read, number=NUMBER, effective_from=since)


async def test_a_refused_file_is_named_on_the_desk_until_it_is_mended(
    office: Office, faq: Path, editor: Officer, lan: Officer
) -> None:
    file = faq / "entries" / "1399-thu-hoi.yaml"
    sound, there = file.read_text(encoding="utf-8"), set(office.core.knowledge.entries)
    assert 'id="wrong-files"' not in await page(office, editor)

    file.write_text(sound.replace("  status: published", "\tstatus: published", 1), encoding="utf-8")
    await announce(office.core.database)
    await office.core.shared.look()

    assert set(office.core.knowledge.entries) == there
    seen = await page(office, editor)
    assert "entries/1399-thu-hoi.yaml:" in seen
    assert "there is a tab in the line" in seen
    assert "there is a tab in the line" not in await page(office, lan)

    file.write_text(sound, encoding="utf-8")
    await announce(office.core.database)
    await office.core.shared.look()

    assert 'id="wrong-files"' not in await page(office, editor)


async def test_an_entry_that_cites_what_the_imported_law_does_not_have_is_shown_with_file_and_line(
    office: Office, faq: Path, editor: Officer, lan: Officer
) -> None:
    await imported(office, LAW)
    assert 'id="unplaced"' not in await page(office, editor)
    lines = (faq / "entries" / "1399-thu-hoi.yaml").read_text(encoding="utf-8").split("\n")
    line = next(number for number, text in enumerate(lines, 1) if "Điều 6 khoản 4" in text)

    await imported(office, LAW.replace("4. Bốn", "bốn"))

    seen = await page(office, editor)
    assert "Viện dẫn chỗ mà văn bản không có" in seen
    assert f"entries/1399-thu-hoi.yaml:{line}" in seen
    assert "hiện không có" in seen
    assert 'id="unplaced"' not in await page(office, lan)


async def test_an_entry_whose_place_goes_with_an_amendment_is_shown_before_it_goes(office: Office, editor: Officer) -> None:
    day = office.clock.now().date() + timedelta(days=50)
    await imported(office, LAW)
    before = await page(office, editor)

    await imported(office, LAW.replace("4. Bốn", "bốn"), since=day)

    assert f"{day:%d/%m/%Y}" not in before
    assert f"{day:%d/%m/%Y}" in await page(office, editor)


@pytest.mark.parametrize(("days", "there"), [(59, True), (61, False)])
async def test_an_entry_that_ends_soon_is_shown_with_its_last_day(
    office: Office, faq: Path, editor: Officer, days: int, there: bool
) -> None:
    last = office.clock.now().date() + timedelta(days=days)
    file = faq / "entries" / "1399-thu-hoi.yaml"
    text = file.read_text(encoding="utf-8").replace("  status: published", f"  valid_until: {last}\n  status: published", 1)
    file.write_text(text, encoding="utf-8")
    await announce(office.core.database)
    await office.core.shared.look()

    assert (f"{last:%d/%m/%Y}" in await page(office, editor)) == there


async def test_the_page_says_how_many_questions_are_still_to_be_grouped(
    office: Office, editor: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.desk.curating.READ_AT_ONCE", 1)
    for text in ("Mở tờ khai hàng quá cảnh ở đâu?", "Mẫu C/O form E in màu gì?"):
        await office.given_inquiry(text=text)
    first, second = await page(office, editor), await page(office, editor)
    assert "Còn 1 câu hỏi cũ hơn chưa được gom." in first
    assert "chưa được gom" not in second
