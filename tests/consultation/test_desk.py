"""The officers' pages of consultations, surveys and subscriptions."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.consultation.taking_part import Voice
from bot.desk.campaign_forms import filter_values
from bot.escalation.actors import Actor, ActorKind, Role
from bot.knowledge.service import Knowledge
from storage import consultations, surveys
from storage.audiences import AudienceFilter
from storage.unit_of_work import UnitOfWork
from tests.clock import ManualClock
from tests.consultation.conftest import DRAFT
from tests.office import Browser, Office, open_office, shown
from tests.office_fixtures import shipped_knowledge

__all__ = ["shipped_knowledge"]

FILE = {"file": ("du-thao.txt", DRAFT.encode(), "text/plain")}


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path, clock: ManualClock, shipped_knowledge: Knowledge) -> AsyncIterator[Office]:
    opened = open_office(sqlite_url, tmp_path, clock, shipped_knowledge)
    yield opened
    await opened.core.database.close()


def field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, shown(page)
    return found[1]


async def made(browser: Browser, kind: str = "consultations", **fields: str) -> str:
    """Begin a draft; return the address of its page."""
    answer = await browser.post(f"/desk/{kind}", **({"title_vi": "Dự thảo"} | fields))
    return answer.headers["location"].split("?")[0]


async def press(browser: Browser, address: str, action: str, **fields: str) -> httpx.Response:
    revision = field(await browser.see(address), "revision")
    return await browser.post(f"{address}/{action}", **({"revision": revision} | fields))


def local(office: Office, ahead: timedelta) -> str:
    return (office.clock.now() + ahead).astimezone(office.core.settings.zone).strftime("%Y-%m-%dT%H:%M")


def what(office: Office) -> dict[str, str]:
    return {
        "title_vi": "Dự thảo quy trình",
        "issuer": "Cục Kiểm tra",
        "members_first_h": "0",
        "membership_member": "1",
        "opens_at": local(office, timedelta(hours=1)),
        "closes_at": local(office, timedelta(days=3)),
    }


async def test_a_draft_says_what_is_still_to_be_mended(office: Office) -> None:
    editor = await office.officer("soan", role="editor", department=None)
    async with office.browser(editor) as browser:
        page = shown(await browser.see(await made(browser)))
    for words in ("Chưa có đơn vị chủ trì", "Chưa có điều, khoản nào", "Chưa có thời điểm mở", "Không có ai trong nhóm"):
        assert words in page


async def test_a_file_is_read_and_a_wrong_one_refused(office: Office) -> None:
    editor = await office.officer("soan", role="editor", department=None)
    async with office.browser(editor) as browser:
        address = await made(browser)
        page = await browser.see(address)
        data = {"csrf": field(page, "csrf"), "revision": field(page, "revision")}
        taken = await browser.client.post(f"{address}/text", data=data, files=FILE)
        assert taken.status_code == 303
        assert "Điều, khoản (5)" in shown(await browser.see(address))
        stale = await browser.client.post(f"{address}/text", data=data, files=FILE)
        assert stale.status_code == 409
        data["revision"] = field(await browser.see(address), "revision")
        for name, content, words in (
            ("x.exe", b"MZ", "Không đọc được"),
            ("x.docx", b"PK\x03\x04", "Không đọc được"),
            ("x.txt", "chỉ là tin".encode(), "no article"),
            ("x.txt", b"", "Chưa có điều, khoản"),
        ):
            refused = await browser.client.post(f"{address}/text", data=data, files={"file": (name, content, "text/plain")})
            assert refused.status_code == 422
            assert words in shown(refused)
        assert "Điều, khoản (5)" in shown(await browser.see(address))


async def test_what_was_typed_stays_when_it_is_refused(office: Office) -> None:
    editor = await office.officer("soan", role="editor", department=None)
    async with office.browser(editor) as browser:
        address = await made(browser)
        refused = await press(browser, address, "save", **what(office) | {"opens_at": "khi nào rảnh", "issuer": "Cục Đã Gõ"})
        assert (refused.status_code, "Cục Đã Gõ" in refused.text) == (422, True)
        codes = await press(browser, address, "save", **what(office) | {"tax_codes": "0100233488, 12"})
        assert (codes.status_code, "12" in shown(codes)) == (422, True)
        questions = await press(browser, address, "questions", questions="[chọn] Một phương án?\n- a")
        assert (questions.status_code, "Một phương án?" in questions.text) == (422, True)


@pytest.mark.parametrize("kind", ["consultations", "surveys"])
async def test_everything_that_an_audience_can_be_chosen_by_can_be_chosen_here(office: Office, kind: str) -> None:
    editor = await office.officer("soan", role="editor", department=None)
    wanted = AudienceFilter(
        membership=("member", "withdrawn"),
        compliance_levels=(1, 3),
        regions=("Huế",),
        sectors=("Dệt may",),
        kinds=("FDI",),
        hs_chapters=("09", "62"),
        languages=("en",),
        channels=("telegram",),
        tax_codes=("0100233488",),
        contacts=(7,),
    )
    assert all(vars(wanted).values())
    typed = filter_values(wanted)
    saved = await office.core.outreach.audiences.save("Dệt may", wanted, Actor(ActorKind.OFFICER, 9, "Thu", Role.EDITOR))
    async with office.browser(editor) as browser:
        for given in (typed, {"saved": str(saved.id)}):
            address = await made(browser, kind)
            assert (await press(browser, address, "save", title_vi="Dự thảo", **given)).status_code == 303
            table = consultations if kind == "consultations" else surveys
            async with office.core.database.read() as uow:
                row = await table.by_id(uow, int(address.rpartition("/")[2]))
            assert row is not None
            assert AudienceFilter.from_json(row.audience) == wanted
            page = (await browser.see(address)).text
            assert ">0100233488</textarea>" in page
            for name in typed.keys() - {"tax_codes"}:
                ticked = " checked" if typed[name] == "yes" else ""
                assert f'name="{name}" value="{typed[name]}"{ticked}' in page


async def opened(office: Office, browser: Browser, approver: Browser) -> str:
    await office.asker(member=True)
    address = await made(browser)
    page = await browser.see(address)
    data = {"csrf": field(page, "csrf"), "revision": field(page, "revision")}
    await browser.client.post(f"{address}/text", data=data, files=FILE)
    await press(browser, address, "save", **what(office))
    answer = await press(approver, address, "approve")
    assert answer.status_code == 303, shown(answer)
    office.clock.advance(timedelta(hours=1))
    await office.core.consultation_sweeper.run()
    return address


async def test_opinions_are_moved_and_groups_merged_by_their_numbers(office: Office) -> None:
    asker = await office.asker(member=True)
    editor = await office.officer("soan", role="editor", department=None)
    approver = await office.officer("duyet", role="approver", department=None)
    async with office.browser(editor) as browser, office.browser(approver) as decides:
        address = await opened(office, browser, decides)
        consultation = int(address.rpartition("/")[2])

        async def say(uow: UnitOfWork) -> None:
            taking_part = office.core.services.taking_part
            voice = Voice(asker.contact_id, "Mai", "webchat", asker.enterprise_id, "Công ty Một", "0100233488", True)
            for text in ("Nên bỏ khoản này <script>", "Cần thêm thời gian", "Đồng ý hoàn toàn với quy định"):
                await taking_part.comment(uow, consultation, voice, unit=3, text=text)
            await taking_part.hand_in(uow, consultation, voice)

        await office.core.database.write(say)
        office.clock.advance(timedelta(days=3))
        await office.core.consultation_sweeper.run()
        session = await office.sessions.start(editor)
        browser = Browser(browser.client, session.token)
        browser.client.cookies.set("donghanh_desk", session.token)
        page = await browser.see(address)
        assert "Nhóm ý kiến: 3" in page.text
        assert "<script>" not in page.text.split("<main")[1]
        groups = re.findall(r'groups/respond".*?name="group" value="(\d+)"', page.text, re.DOTALL)
        opinion = re.findall(r'name="op_(\d+)"', page.text)
        assert (await browser.post(f"{address}/groups/merge", group=groups[2], to="1")).status_code == 303
        assert "Nhóm ý kiến: 2" in (await browser.see(address)).text
        for wrong in ("3", "0", "x", ""):
            refused = await browser.post(f"{address}/groups/merge", group=groups[1], to=wrong)
            assert (refused.status_code, refused.text.count('id="wrong-to"')) == (404, 1)
        typed = {"response": "partly", "reason": " ", "title": "Tên khác"}
        refused = await browser.post(f"{address}/groups/respond", group=groups[0], **typed)
        assert (refused.status_code, refused.text.count('id="wrong-reason"')) == (422, 1)
        assert 'value="Tên khác"' in refused.text
        gone = await browser.post(f"{address}/groups/merge", group="7", to="1")
        assert (gone.status_code, 'id="error"' in gone.text) == (404, True)
        moved = await browser.post(f"{address}/groups/move", group=groups[0], **{f"op_{opinion[2]}": "1"})
        assert moved.status_code == 303
        assert "Nhóm ý kiến: 3" in (await browser.see(address)).text
        none = await browser.post(f"{address}/groups/move", group=groups[0], to="1")
        assert none.status_code == 404
        early = await press(browser, address, "finish")
        assert "Còn 3 nhóm ý kiến chưa có trả lời" in shown(early)


@pytest.mark.parametrize("path", ["/desk/consultations", "/desk/surveys", "/desk/surveys/satisfaction.xlsx"])
async def test_the_special_team_and_strangers_have_no_business_here(office: Office, path: str) -> None:
    special = await office.officer("dac-nhiem", role="special_team", department=None)
    async with office.browser(special) as browser, office.visitor() as visitor:
        assert (await browser.see(path)).status_code == 403
        assert (await visitor.get(path)).status_code == 303


async def test_an_officer_of_a_department_reads_and_changes_nothing(office: Office) -> None:
    editor, officer = await office.officer("soan", role="editor", department=None), await office.officer("can-bo")
    async with office.browser(editor) as browser, office.browser(officer) as reads:
        for kind in ("consultations", "surveys"):
            address = await made(browser, kind)
            assert (await reads.see(address)).status_code == 200
            revision = field(await browser.see(address), "revision")
            assert (await reads.post(f"{address}/save", revision=revision, **what(office))).status_code == 403
            assert (await reads.post(f"{address}/approve", revision=revision)).status_code == 403
            assert (await reads.post(f"/desk/{kind}", title_vi="x")).status_code == 403
            assert (await reads.see(f"/desk/{kind}/99")).status_code == 404
            assert (await reads.see(f"/desk/{kind}/x")).status_code == 404


async def test_a_survey_is_made_of_the_template_approved_by_another_and_read(office: Office) -> None:
    await office.asker(member=True)
    editor = await office.officer("soan", role="editor", department=None)
    approver = await office.officer("duyet", role="coordinator", department=None)
    async with office.browser(editor) as browser, office.browser(approver) as decides:
        address = await made(browser, "surveys", title_vi="", template="programme")
        page = await browser.see(address)
        assert "Nhìn chung, Quý doanh nghiệp hài lòng" in page.text
        questions = "[thang] Hài lòng?\n[tự do] Gì nữa?"
        fields = what(office) | {"anonymous": "1", "repeats_months": "6", "questions": questions}
        assert (await press(browser, address, "save", **fields)).status_code == 303
        assert (await press(decides, address, "approve")).status_code == 303
        office.clock.advance(timedelta(hours=1))
        await office.core.survey_sweeper.run()
        page = await decides.see(address)
        assert "Được hỏi: 1." in shown(page)
        assert "Kết quả hiển thị sau khi khảo sát kết thúc" in page.text
        assert (await decides.see(f"{address}/results.xlsx")).status_code == 200
        listed = await decides.see("/desk/surveys")
        assert "Đăng ký nhận tin" in listed.text
        assert (await decides.see("/desk/surveys/satisfaction.xlsx")).status_code == 200
