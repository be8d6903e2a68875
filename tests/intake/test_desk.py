"""What came by telephone, e-mail or letter runs the same clocks, from its receipt."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.access.officers import Officer
from storage import clocks, deliveries
from storage import inquiries as stored
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import Base, ChannelAccount, Contact, Enterprise, Inquiry
from storage.unit_of_work import UnitOfWork, table_of
from tests.office import COORDINATING, OTHER, OWN, Browser, Office, shown

HOUR = timedelta(hours=1)
TEXT = "Doanh nghiệp gọi điện hỏi việc tờ khai bị chuyển luồng đỏ ba ngày nay chưa kiểm hóa xong."
REPORT = "cán bộ hải quan ở cảng vòi tiền 5 triệu mới cho thông quan"
TAX_CODE = "0100233488"


async def records(browser: Browser, files: object = None, **fields: str) -> httpx.Response:
    given = {"means": "phone", "person": "Chị Hoa", "reach": "0912 345 678", "text": TEXT, "do": "record", **fields}
    from bot.access.sessions import csrf_of

    return await browser.client.post("/desk/intake", data={"csrf": csrf_of(browser.token), **given}, files=files)


async def the_inquiry(office: Office) -> InquiryRecord:
    (found,) = await all_inquiries(office)
    return found


async def all_inquiries(office: Office) -> list[InquiryRecord]:
    async with office.core.database.read() as uow:
        return [stored.as_record(row) for row in await uow.rows(select(table_of(Inquiry)))]


async def member_with_chat(office: Office) -> int:
    """An enterprise with a memorandum whose contact is on Telegram; returns the chat's account."""
    enterprise_id, contact_id, account_id = new_id(), new_id(), new_id()

    async def add(uow: UnitOfWork) -> None:
        now = office.clock.now()
        uow.insert(
            Enterprise, id=enterprise_id, tax_code=TAX_CODE, name="Công ty Bình Minh", membership="member", created_at=now
        )
        uow.insert(Contact, id=contact_id, enterprise_id=enterprise_id, name="Anh Nam", language="en", created_at=now)
        uow.insert(
            ChannelAccount,
            id=account_id,
            contact_id=contact_id,
            channel="telegram",
            external_id="77",
            step_data={},
            created_at=now,
        )

    await office.core.database.write(add)
    return account_id


@pytest.fixture
async def lan(office: Office) -> Officer:
    return await office.officer("lan")


async def test_it_becomes_an_inquiry_whose_clock_runs_from_the_receipt(office: Office, lan: Officer) -> None:
    received = office.clock.now() - 5 * HOUR
    local = received.astimezone(office.core.catalogue.timezone).strftime("%Y-%m-%dT%H:%M")
    async with office.browser(lan) as browser:
        answer = await records(browser, received_at=local)
    inquiry = await the_inquiry(office)
    assert answer.status_code == 303
    assert inquiry.received_at == received.replace(second=0, microsecond=0)
    assert inquiry.routing_due_at == inquiry.received_at + 24 * HOUR
    assert (inquiry.channel, inquiry.text) == ("phone", TEXT)


async def test_what_was_received_long_before_it_is_typed_is_routed_at_the_next_look_and_marked_late(
    office: Office, lan: Officer
) -> None:
    received = (office.clock.now() - 30 * HOUR).astimezone(office.core.catalogue.timezone)
    unclear = "Nội dung công văn số 12 của công ty"
    async with office.browser(lan) as browser:
        await records(browser, text=unclear, means="letter", received_at=received.strftime("%Y-%m-%dT%H:%M"))
    await office.core.sweeper.run()
    inquiry = await the_inquiry(office)
    async with office.core.database.read() as uow:
        rungs = await clocks.rungs(uow, inquiry.id)
    assert inquiry.routed_by in ("auto", "bot")
    assert inquiry.department_id is not None
    if inquiry.routed_by == "auto":
        assert all(rung["late_s"] > 0 for rung in rungs if rung["clock"] == "routing")


async def test_the_officer_reads_number_and_code_out_where_there_is_no_chat(office: Office, lan: Officer) -> None:
    async with office.browser(lan) as browser:
        answer = await records(browser)
        page = shown(await browser.see(answer.headers["location"]))
    inquiry = await the_inquiry(office)
    assert inquiry.number in page
    assert office.core.tracking.of(inquiry.number) in page
    assert "Chị Hoa · 0912 345 678" in page


async def test_the_receipt_is_for_whoever_wrote_it_down_and_whoever_works_on_it(office: Office, lan: Officer) -> None:
    stranger = await office.officer("minh", department=COORDINATING)
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(boss) as browser:
        await records(browser, department=OTHER)
    number = (await the_inquiry(office)).number
    for officer, status in ((boss, 200), (stranger, 404), (lan, 404)):
        async with office.browser(officer) as browser:
            assert (await browser.see(f"/desk/intake/{number}")).status_code == status


async def test_a_verified_enterprise_with_a_chat_is_told_there_in_its_language_and_comes_first_as_a_member(
    office: Office, lan: Officer
) -> None:
    account = await member_with_chat(office)
    async with office.browser(lan) as browser:
        chosen = await records(browser, tax_code=TAX_CODE, verified="yes")
        assert "Anh Nam" in shown(chosen)  # asked first, where it shall be told
        assert await all_inquiries(office) == []
        answer = await records(browser, tax_code=TAX_CODE, verified="yes", account=str(account))
    inquiry = await the_inquiry(office)
    (told,) = await office.told(inquiry)
    assert answer.headers["location"].endswith("done=told")
    assert (inquiry.priority, inquiry.account_id) == (0, account)
    assert inquiry.number in told
    assert office.core.tracking.of(inquiry.number) in told
    assert "Tracking code" in told


async def test_who_is_not_verified_is_told_nothing_on_the_enterprises_chat_and_is_no_member(
    office: Office, lan: Officer
) -> None:
    account = await member_with_chat(office)
    async with office.browser(lan) as browser:
        refused = await records(browser, tax_code=TAX_CODE, account=str(account))
        await records(browser, tax_code=TAX_CODE, company="Tự xưng Bình Minh")
    inquiry = await the_inquiry(office)
    assert refused.status_code == 422
    assert (inquiry.priority, inquiry.enterprise_id, inquiry.claimed_tax_code) == (1, None, TAX_CODE)
    assert inquiry.account_id != account


async def test_the_chat_of_another_enterprise_cannot_be_chosen(office: Office, lan: Officer) -> None:
    await member_with_chat(office)
    other = await office.asker(member=True, tax_code="0109999999")
    async with office.browser(lan) as browser:
        refused = await records(browser, tax_code=TAX_CODE, verified="yes", account=str(other.account_id))
    assert refused.status_code == 422
    assert await all_inquiries(office) == []


async def test_what_the_enterprise_is_told_later_waits_for_an_officer_who_passes_it_on(office: Office, lan: Officer) -> None:
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(boss) as browser:
        await records(browser, department=OWN)
    inquiry = await the_inquiry(office)
    async with office.browser(lan) as browser:
        await browser.press(inquiry, "answer", text="Đã kiểm hóa xong, mời đến nhận hàng.")
        (row,) = await sent(office, inquiry)
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        passed = await browser.post(f"/desk/inquiries/{inquiry.number}/told-by-hand", delivery=str(row["id"]))
        again = await browser.post(f"/desk/inquiries/{inquiry.number}/told-by-hand", delivery=str(row["id"]))
    assert row["state"] == "by_hand"
    assert "Cán bộ cần báo" in shown(page)
    assert "officer.tell_by_hand" in await office.unseen(OWN, "officer")
    assert (passed.status_code, again.status_code) == (303, 409)
    assert [each["state"] for each in await sent(office, inquiry)] == ["sent"]


async def sent(office: Office, inquiry: InquiryRecord) -> list:  # type: ignore[type-arg]
    async with office.core.database.read() as uow:
        return list(await deliveries.of_inquiry(uow, inquiry.id))


async def test_a_message_of_another_inquiry_cannot_be_marked_as_passed_on(office: Office, lan: Officer) -> None:
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(boss) as browser:
        await records(browser, department=OWN)
        recorded = await the_inquiry(office)
        await browser.press(recorded, "answer", text="Xong.")
        (row,) = await sent(office, recorded)
        other = await office.given_inquiry(to=OWN)
        answer = await browser.post(f"/desk/inquiries/{other.number}/told-by-hand", delivery=str(row["id"]))
    assert answer.status_code == 409
    assert [each["state"] for each in await sent(office, recorded)] == ["by_hand"]


async def test_a_reply_that_comes_by_telephone_starts_the_clock_again(office: Office, lan: Officer) -> None:
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(boss) as browser:
        await records(browser, department=OWN)
    async with office.browser(lan) as browser:
        await browser.press(await the_inquiry(office), "ask_back", text="Xin cho biết số tờ khai.")
        assert (await the_inquiry(office)).state == "waiting_for_enterprise"
        await browser.press(await the_inquiry(office), "record_reply", text="Số tờ khai 1045.")
    inquiry = await the_inquiry(office)
    assert (inquiry.state, inquiry.response_left_s) == ("in_progress", None)


async def test_an_officer_cannot_write_replies_in_the_name_of_somebody_who_has_a_chat(office: Office, lan: Officer) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(lan) as browser:
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        answer = await browser.press(inquiry, "record_reply", text="Tôi đồng ý.")
    assert 'data-action="record_reply"' not in page.text
    assert answer.status_code == 409


async def test_a_report_of_misconduct_is_refused_and_nothing_of_it_is_kept(office: Office, lan: Officer) -> None:
    files = [("files", ("bang-chung.txt", b"bang chung mat", "text/plain"))]
    async with office.browser(lan) as browser:
        answer = await records(browser, files=files, text=REPORT)
    assert answer.status_code == 422
    assert "Đội đặc nhiệm" in shown(answer)
    async with office.core.database.read() as uow:
        for table in Base.metadata.sorted_tables:
            assert not any("vòi tiền" in str(value) for row in await uow.rows(select(table)) for value in row.values())
    assert not [path for path in office.core.settings.files_dir.rglob("*") if path.is_file()]


async def test_files_stand_beside_the_question(office: Office, lan: Officer) -> None:
    files = [("files", ("to-khai.pdf", b"%PDF-1", "application/pdf"))]
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(boss) as browser:
        await records(browser, files=files, department=OWN)
        page = await browser.see(f"/desk/inquiries/{(await the_inquiry(office)).number}")
    assert "to-khai.pdf" in shown(page)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "  "}, "nhập nội dung"),
        ({"person": " "}, "người liên hệ"),
        ({"means": "pigeon"}, "pigeon"),
        ({"received_at": "2031-01-01T09:00"}, ""),
        ({"received_at": "2020-01-01T09:00"}, "quá 60 ngày"),
        ({"received_at": "hôm qua"}, "hôm qua"),
        ({"tax_code": "123"}, ""),
        ({"department": "nowhere"}, ""),
    ],
)
async def test_a_mistake_is_explained_and_what_was_typed_stays(office: Office, fields: dict[str, str], says: str) -> None:
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(boss) as browser:
        answer = await records(browser, **fields)
    assert answer.status_code == 422
    assert says in shown(answer)
    assert "text" in fields or TEXT in shown(answer)
    assert await all_inquiries(office) == []


@pytest.mark.parametrize("role", ["editor", "approver", "special_team"])
async def test_roles_that_work_on_no_inquiries_record_none(office: Office, role: str) -> None:
    officer = await office.officer("khac", role=role, department=None)
    async with office.browser(officer) as browser:
        assert (await browser.see("/desk/intake")).status_code == 403
        assert (await records(browser)).status_code == 403
    assert await all_inquiries(office) == []


async def test_only_the_coordinator_may_say_where_it_goes(office: Office, lan: Officer) -> None:
    async with office.browser(lan) as browser:
        assert (await records(browser, department=OWN)).status_code == 403


async def test_the_history_of_what_was_recorded_is_in_order_and_names_the_officer(office: Office, lan: Officer) -> None:
    async with office.browser(lan) as browser:
        await records(browser)
    inquiry = await the_inquiry(office)
    async with office.core.database.read() as uow:
        rows = await stored.history(uow, inquiry.id)
    assert rows[0]["actor_name"] == lan.name
    assert office.core.chain.faults(inquiry, rows) == []
