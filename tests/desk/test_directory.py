"""The directory at the desk: who may change it, its history, and that every process follows."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.knowledge.files.overlay import fields_of
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.learning.directory import DirectoryDesk
from tests.office import COORDINATING, OTHER, OWN, Browser, Office, shown


@pytest.fixture
def shipped_knowledge(shipped_knowledge: Knowledge) -> Knowledge:
    """One that a test may change, over what all tests have read."""
    return Knowledge(shipped_knowledge.folder, Meaning(), shipped_knowledge._current[0])


def form(office: Office, department_id: str, **changes: Any) -> dict[str, str]:
    """The form of the department as the page shows it, with some fields changed."""
    fields = fields_of(office.core.knowledge.directory[department_id])
    values = {name: fields[name] or "" for name in ("name", "name_en", "level", "parent", "region", "lead", "deputy")}
    values |= {"telegram_group": fields["telegram_group"] or "", "calendar": fields["calendar"] or ""}
    values |= {"short_names": ", ".join(fields["short_names"]), "response_target_h": f"{fields['response_target_h']:g}"}
    values |= {"accepts_inquiries": "yes" if fields["accepts_inquiries"] else ""}
    for place, each in enumerate(fields["competences"]):
        values |= {f"competence_{place}": each["name"], f"competence_en_{place}": each["name_en"]}
        values |= {f"keywords_{place}": ", ".join(each["keywords"]), f"examples_{place}": "\n".join(each["examples"])}
    return values | changes


async def saves(browser: Browser, office: Office, department_id: str = OWN, *, seen: int = 0, **changes: Any) -> httpx.Response:
    return await browser.post(f"/desk/directory/{department_id}", seen=str(seen), **form(office, department_id, **changes))


async def coordinator(office: Office) -> Any:
    return await office.officer("truong", role="coordinator", department=COORDINATING)


async def test_a_change_holds_at_once_and_the_history_says_who_what_before_and_after(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        answer = await saves(browser, office, response_target_h="12")
        page = shown(await browser.see(f"/desk/directory/{OWN}"))
    assert answer.headers["location"].endswith("done=save")
    assert office.core.knowledge.directory[OWN].response_target.total_seconds() == 12 * 3600
    assert "Cán bộ truong" in page
    assert "16 → 12" in page


async def test_it_can_be_undone_and_that_stands_in_the_history_too(office: Office) -> None:
    before = office.core.knowledge.directory[OWN]
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, response_target_h="12", name="Tên khác")
        (change,) = await office.core.directory_desk.history(OWN)
        await browser.post(f"/desk/directory/{OWN}/undo", change=str(change["id"]))
        again = await browser.post(f"/desk/directory/{OWN}/undo", change=str(change["id"]))
    assert office.core.knowledge.directory[OWN] == before
    assert [row["undoes"] for row in await office.core.directory_desk.history(OWN)] == [change["id"], None]
    assert again.status_code == 409


async def test_undoing_one_change_leaves_those_before_it(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, response_target_h="12")
        await saves(browser, office, seen=1, region="Hải Phòng")
        newest = (await office.core.directory_desk.history(OWN))[0]
        await browser.post(f"/desk/directory/{OWN}/undo", change=str(newest["id"]))
    department = office.core.knowledge.directory[OWN]
    assert (department.region, department.response_target.total_seconds()) == (None, 12 * 3600)


async def test_whether_answers_from_the_telegram_group_wait_for_a_tap_is_the_departments_setting(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, telegram_at_once="yes")
        at_once = not office.core.knowledge.directory[OWN].telegram_confirm
        page = await browser.see(f"/desk/directory/{OWN}")
        await saves(browser, office, seen=1)
    assert at_once
    assert 'name="telegram_at_once" value="yes" checked' in page.text
    assert "có → không" in shown(page)
    assert office.core.knowledge.directory[OWN].telegram_confirm


async def test_of_two_who_change_it_at_once_the_second_is_told_and_nothing_is_lost(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, response_target_h="12")
        answer = await saves(browser, office, seen=0, response_target_h="20")
    assert answer.status_code == 409
    assert office.core.knowledge.directory[OWN].response_target.total_seconds() == 12 * 3600


async def test_saving_without_a_difference_changes_nothing(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        answer = await saves(browser, office)
    assert answer.headers["location"].endswith("done=same")
    assert await office.core.directory_desk.history(OWN) == []


async def test_what_cannot_stand_is_explained_and_what_was_typed_stays(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        answer = await saves(browser, office, response_target_h="nhanh", parent=OWN, deputy="nobody", name="Tên đang gõ")
    text = shown(answer)
    assert answer.status_code == 422
    assert "Thời hạn trả lời phải là" in text
    assert "“nobody” không phải" in text
    assert "Tên đang gõ" in answer.text
    assert await office.core.directory_desk.history(OWN) == []


@pytest.mark.parametrize("role", ["officer", "editor", "approver", "special_team"])
async def test_others_may_read_it_and_not_change_it(office: Office, role: str) -> None:
    officer = await office.officer("lan", role=role, department=OWN if role == "officer" else None, lead=role == "officer")
    async with office.browser(officer) as browser:
        assert (await browser.see("/desk/directory")).status_code == 200
        assert "readonly" in (await browser.see(f"/desk/directory/{OWN}")).text
        assert (await saves(browser, office, response_target_h="1")).status_code == 403
        assert (await browser.see("/desk/directory/new")).status_code == 404


async def test_another_process_takes_it_over_and_so_does_one_that_starts_later(office: Office) -> None:
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, response_target_h="12")
    office.core.knowledge.revise({})  # as the file says, as in a process that has not looked yet
    other = DirectoryDesk(office.core.database, office.core.knowledge, office.clock, office.core.signals)
    assert await other.follow() is True
    assert await other.follow() is False
    assert office.core.knowledge.directory[OWN].response_target.total_seconds() == 12 * 3600


async def test_a_new_department_takes_inquiries_and_is_found_by_its_competence(office: Office) -> None:
    fields = {
        "id": "chi-cuc-vuc-ang",
        "name": "Chi cục Hải quan Vực Ang",
        "name_en": "Vuc Ang Customs",
        "level": "sub",
        "parent": "cuc-hq-tinh",
        "response_target_h": "8",
        "accepts_inquiries": "yes",
        "competence_0": "Bến phao Vực Ang",
        "competence_en_0": "Vuc Ang buoys",
        "keywords_0": "vực ang, bến phao vực ang",
        "examples_0": "Tàu neo ở bến phao Vực Ang làm thủ tục thế nào?\nVuc Ang buoy clearance",
    }
    async with office.browser(await coordinator(office)) as browser:
        answer = await browser.post("/desk/directory/new", seen="0", **fields)
        inquiry = await office.given_inquiry()
        await browser.press(inquiry, "route", department="chi-cuc-vuc-ang")
    found = office.core.knowledge.guess_departments("Tàu đang neo ở bến phao Vực Ang cần làm gì?")
    assert answer.status_code == 303
    assert found[0].department.id == "chi-cuc-vuc-ang"
    assert (await office.look(inquiry)).department_name == "Chi cục Hải quan Vực Ang"


@pytest.mark.parametrize("department_id", ["Có Dấu", "", "new-" * 30, OWN])
async def test_an_id_that_cannot_be_or_is_taken_adds_nothing(office: Office, department_id: str) -> None:
    fields = {"id": department_id, "name": "X", "name_en": "X", "level": "sub", "response_target_h": "8"}
    async with office.browser(await coordinator(office)) as browser:
        answer = await browser.post("/desk/directory/new", seen="0", **fields)
    assert answer.status_code in (409, 422)


async def test_an_inquiry_keeps_the_name_that_its_department_had(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    before = inquiry.department_name
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, name="Cục Giám sát mới")
        page = shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
    assert (await office.look(inquiry)).department_name == before
    assert before is not None
    assert before in page


async def test_a_department_that_is_switched_off_hands_its_open_inquiries_up(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OTHER)
    async with office.browser(await coordinator(office)) as browser:
        await saves(browser, office, OTHER, accepts_inquiries="")
    await office.core.sweeper.run()
    after = await office.look(inquiry)
    assert (after.department_id, after.state) == (COORDINATING, "escalated")


# Absence


async def test_while_the_lead_is_away_the_deputy_reads_what_is_for_the_lead_and_may_do_it(office: Office) -> None:
    lead, deputy = await office.officer("lanh-dao", lead=True), await office.officer("thay")
    async with office.browser(await coordinator(office)) as boss:
        await saves(boss, office, lead="lanh-dao", deputy="thay")
    helper = await office.officer("lan")
    inquiry = await office.given_inquiry(to=OWN, state="in_progress", by=helper)
    async with office.browser(deputy) as browser:
        before = await browser.press(inquiry, "release")
        async with office.browser(lead) as away:
            await away.post("/desk/away", until="2026-12-31")
        during = await browser.press(inquiry, "release")
        async with office.browser(lead) as back:
            await back.post("/desk/away")
        inquiry = await office.given_inquiry(to=OWN, state="in_progress", by=helper)
        after = await browser.press(inquiry, "release")
    assert (before.status_code, during.status_code, after.status_code) == (409, 303, 409)


async def test_a_deputy_from_another_department_has_the_leads_rights_there_while_the_lead_is_away_and_no_longer(
    office: Office,
) -> None:
    lead, deputy = await office.officer("lanh-dao", lead=True), await office.officer("thay", department=OTHER)
    async with office.browser(await coordinator(office)) as boss:
        assert (await saves(boss, office, lead="lanh-dao", deputy="thay")).status_code == 303
    helper = await office.officer("lan")
    inquiry = await office.given_inquiry(to=OWN, state="in_progress", by=helper)
    async with office.browser(deputy) as browser, office.browser(lead) as boss:
        before = await browser.see(f"/desk/inquiries/{inquiry.number}")
        await boss.post("/desk/away", until="2026-12-31")
        listed = shown(await browser.see("/desk"))
        during = await browser.press(inquiry, "answer", text="Trả lời thay lãnh đạo.")
        await boss.post("/desk/away")
        after = await browser.see(f"/desk/inquiries/{inquiry.number}")
    assert (before.status_code, during.status_code, after.status_code) == (404, 303, 404)
    assert inquiry.number in listed
    assert "Đang thay lãnh đạo vắng mặt" in listed


async def test_a_deputy_from_another_department_reads_the_notices_to_the_lead_they_stand_in_for(office: Office) -> None:
    deputy = await office.officer("thay", department=OTHER)
    async with office.browser(await coordinator(office)) as boss:
        await saves(boss, office, deputy="thay")
    inquiry = await office.given_inquiry(to=OWN)
    office.clock.advance(timedelta(days=30))  # past every rung of the response clock
    await office.core.sweeper.run()
    async with office.browser(deputy) as browser:
        assert inquiry.number in shown(await browser.see("/desk"))
        await browser.post("/desk/notices/seen", up_to=str(2**62))
    assert await office.unseen(OWN, "lead") == []


async def test_a_deputy_must_be_somebody_who_deals_with_inquiries(office: Office) -> None:
    await office.officer("bien-tap", role="editor", department=None)
    async with office.browser(await coordinator(office)) as browser:
        assert (await saves(browser, office, deputy="bien-tap")).status_code == 422


async def test_the_lead_must_work_for_the_department(office: Office) -> None:
    await office.officer("nguoi-khac", department=OTHER)
    async with office.browser(await coordinator(office)) as browser:
        assert (await saves(browser, office, lead="nguoi-khac")).status_code == 422


@pytest.mark.parametrize("until", ["2020-01-01", "hôm nào đó", "9999-12-31"])
async def test_an_absence_that_cannot_be_is_explained(office: Office, until: str) -> None:
    async with office.browser(await office.officer("lan")) as browser:
        assert (await browser.post("/desk/away", until=until)).status_code == 422
