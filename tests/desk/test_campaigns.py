"""Campaigns at the desk: written, counted, approved by a second person, released; and who may do what."""

import io
from datetime import timedelta

import pytest
from openpyxl import Workbook

from storage import channel_accounts
from storage.unit_of_work import AccountKey
from tests.office import Office, shown

FIELDS = {
    "kind": "policy_update",
    "title": "Biểu mẫu mới",
    "text_vi": "Từ mai dùng mẫu mới.",
    "text_en": "New form from tomorrow.",
    "membership_member": "yes",
}


async def write(office: Office, login: str = "ha", role: str = "editor", **fields: str) -> str:
    """A draft; returns its number."""
    author = await office.officer(login, role=role, department=None)
    async with office.browser(author) as browser:
        answer = await browser.post("/desk/campaigns", **{**FIELDS, **fields})
    assert answer.status_code == 303, shown(answer)
    return answer.headers["location"].split("/")[-1].split("?")[0]


async def test_a_campaign_goes_from_the_form_through_a_second_person_to_its_release(office: Office) -> None:
    asker = await office.asker(member=True)
    key = AccountKey("webchat", str(asker.account_id))
    await office.core.database.write(lambda uow: channel_accounts.gave_phone(uow, key, "84912345678"))
    number = await write(office)
    approver = await office.officer("nam", role="approver", department=None)
    async with office.browser(approver) as browser:
        page = await browser.see(f"/desk/campaigns/{number}")
        assert "1 người nhận" in shown(page)
        assert 'data-action="approve"' in page.text
        await browser.post(f"/desk/campaigns/{number}/approve", revision="1")
        await browser.post(f"/desk/campaigns/{number}/schedule", revision="2", at="")
        await office.core.outreach.runner.run()
        page = await browser.see(f"/desk/campaigns/{number}")
        assert "Đang gửi" in shown(page)
        assert "0 / 1" in shown(page)
        people = await browser.see(f"/desk/campaigns/{number}/recipients")
        assert "Chị Mai" in shown(people)
        assert 'href="tel:+84912345678"' in people.text
    async with office.browser(await office.officer("binh", role="officer")) as browser:
        people = await browser.see(f"/desk/campaigns/{number}/recipients")
        assert "Chị Mai" in shown(people)
        assert "84912345678" not in people.text


async def test_the_author_is_told_that_somebody_else_approves(office: Office) -> None:
    await office.asker(member=True)
    number = await write(office, role="coordinator")
    async with office.browser(await office.officers.find("ha")) as browser:
        page = await browser.see(f"/desk/campaigns/{number}")
        assert 'data-action="approve"' not in page.text
        refused = await browser.post(f"/desk/campaigns/{number}/approve", revision="1")
    assert refused.status_code == 403
    assert "không tự phê duyệt được" in shown(refused)


async def test_what_is_wrong_is_said_and_what_was_typed_stays(office: Office) -> None:
    author = await office.officer("ha", role="editor", department=None)
    async with office.browser(author) as browser:
        answer = await browser.post("/desk/campaigns", **{**FIELDS, "text_en": "x" * 5000})
        assert answer.status_code == 422
        assert "5" in shown(answer)
        assert "Từ mai dùng mẫu mới." in answer.text
        answer = await browser.post("/desk/campaigns", **{**FIELDS, "text_vi": "Xem <b>ngay."})
        assert "<b>" in shown(answer)
        answer = await browser.post("/desk/campaigns", **{**FIELDS, "kind": "event"})
        assert "Thời điểm sự kiện" in shown(answer).replace("thời điểm", "Thời điểm")
        late = (office.clock.now() - timedelta(days=1)).isoformat()
        answer = await browser.post("/desk/campaigns", **{**FIELDS, "acknowledge": "yes", "ack_due_at": late})
        assert answer.status_code == 422
        answer = await browser.post("/desk/campaigns", **{**FIELDS, "hs_chapters": "abc"})
        assert answer.status_code == 422


async def test_an_attachment_that_is_too_large_is_refused_with_what_to_do(office: Office) -> None:
    from tests.office import csrf_of

    author = await office.officer("ha", role="editor", department=None)
    async with office.browser(author) as browser:
        answer = await browser.client.post(
            "/desk/campaigns",
            data={"csrf": csrf_of(browser.token), **FIELDS},
            files={"files": ("to.pdf", io.BytesIO(b"0" * (21 * 1024 * 1024)), "application/pdf")},
        )
    assert answer.status_code == 413
    assert "20 MB" in shown(answer)


async def test_an_audience_that_matches_nobody_is_not_approved(office: Office) -> None:
    number = await write(office)
    approver = await office.officer("nam", role="approver", department=None)
    async with office.browser(approver) as browser:
        refused = await browser.post(f"/desk/campaigns/{number}/approve", revision="1")
    assert refused.status_code == 422
    assert "Không gửi được tới ai" in shown(refused)


@pytest.mark.parametrize(
    ("role", "list_status", "write_status", "approve_status"),
    [
        ("officer", 200, 403, 403),
        ("editor", 200, 303, 403),
        ("approver", 200, 303, 303),
        ("coordinator", 200, 303, 303),
        ("administrator", 200, 303, 303),
        ("special_team", 403, 403, 403),
    ],
)
async def test_who_may_do_what(office: Office, role: str, list_status: int, write_status: int, approve_status: int) -> None:
    await office.asker(member=True)
    number = await write(office)
    actor = await office.officer("tested", role=role, department="cuc-gsql" if role == "officer" else None)
    async with office.browser(actor) as browser:
        assert (await browser.see("/desk/campaigns")).status_code == list_status
        assert (await browser.see(f"/desk/campaigns/{number}")).status_code == list_status
        assert (await browser.see(f"/desk/campaigns/{number}/recipients")).status_code == list_status
        approved = await browser.post(f"/desk/campaigns/{number}/approve", revision="1")
        assert approved.status_code == approve_status
        written = await browser.post("/desk/campaigns", **FIELDS)
        assert (303 if written.status_code == 303 else 403) == write_status
        audiences = await browser.see("/desk/audiences")
        assert audiences.status_code == (200 if write_status == 303 else 403)


async def test_an_audience_is_counted_and_kept(office: Office) -> None:
    await office.asker(member=True, company="Công ty An Phát", tax_code="0100233488")
    author = await office.officer("ha", role="editor", department=None)
    async with office.browser(author) as browser:
        counted = await browser.post("/desk/audiences", do="count", tax_codes="0100233488, 0100109106")
        assert "Công ty An Phát" in shown(counted)
        assert "mã số thuế chưa có trong hệ thống" in shown(counted)
        kept = await browser.post("/desk/audiences", do="save", name="Thử", tax_codes="0100233488")
        page = await browser.see(kept.headers["location"])
        assert "0100233488" in page.text
        again = await browser.post("/desk/audiences", do="save", name="Thử", tax_codes="0100233488")
        assert again.status_code == 409


async def test_a_table_of_enterprises_is_tried_and_taken_over(office: Office) -> None:
    from tests.office import csrf_of

    book = Workbook()
    assert book.active is not None
    for row in (["MST", "Tên"], ["0100233488", "An <b>Phát</b>"], ["12", "Sai"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    coordinator = await office.officer("mai", role="coordinator", department=None)
    async with office.browser(coordinator) as browser:

        async def send(do: str) -> str:
            answer = await browser.client.post(
                "/desk/enterprises",
                data={"csrf": csrf_of(browser.token), "do": do},
                files={"file": ("bang.xlsx", content.getvalue())},
            )
            return shown(answer)

        tried = await send("try")
        assert "2 dòng: 1 thêm mới, 0 cập nhật, 0 giữ nguyên, 1 bị trả lại" in tried
        assert "Dòng 3, cột MST" in tried
        assert "1 thêm mới" in await send("import")
        assert "0 thêm mới" in await send("import")
        assert (await browser.post("/desk/enterprises", do="import")).status_code == 400
