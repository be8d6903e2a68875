"""What officers do with an inquiry, each through its form, and what they are told when it cannot be done."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.body_limit import BodyTooLarge
from bot.desk.forms import FILES, FORM_BYTES
from storage import deliveries
from tests.office import COORDINATING, OTHER, OWN, Office, shown

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


async def test_the_coordinator_routes_in_one_tap_to_a_candidate(office: Office) -> None:
    inquiry = await office.given_inquiry(candidates=(OTHER, OWN))
    async with office.browser(await office.officer("hoa", role="coordinator", department=COORDINATING)) as browser:
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        assert page.text.index(f'name="department" value="{OTHER}"') < page.text.index(f'name="department" value="{OWN}"')
        answer = await browser.press(inquiry, "route", department=OTHER)
    assert answer.headers["location"] == f"/desk/inquiries/{inquiry.number}?done=route"
    after = await office.look(inquiry)
    assert (after.state, after.department_id, after.routed_by) == ("routed", OTHER, "coordinator")


async def test_an_officers_answer_goes_to_the_enterprise(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        assert (await browser.press(inquiry, "answer", text="Đề nghị nộp bổ sung vận đơn.")).status_code == 303
        page = await browser.see(f"/desk/inquiries/{inquiry.number}?done=answer")
    assert "Câu trả lời đang được gửi" in shown(page)
    assert (await office.look(inquiry)).state == "answered"
    assert "Đề nghị nộp bổ sung vận đơn." in (await office.told(inquiry))[-1]


async def test_taking_releasing_asking_back_and_deferring(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        await browser.press(inquiry, "take")
        inquiry = await office.look(inquiry)
        assert (inquiry.state, inquiry.officer_name) == ("in_progress", "Cán bộ lan")
        await browser.press(inquiry, "release")
        assert (await office.look(inquiry)).officer_id is None
        await browser.press(await office.look(inquiry), "ask_back", text="Xin gửi số tờ khai.")
        assert (await office.look(inquiry)).state == "waiting_for_enterprise"
    assert "Xin gửi số tờ khai." in (await office.told(inquiry))[-1]


async def test_a_deferral_is_typed_in_local_time(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    until = (office.clock.now() + timedelta(days=3)).astimezone(HANOI).replace(second=0, microsecond=0)
    async with office.browser(await office.officer("lan")) as browser:
        await browser.press(inquiry, "defer", reason="Bão làm mất điện.", until=until.strftime("%Y-%m-%dT%H:%M"))
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
    assert (await office.look(inquiry)).deferred_until == until
    assert until.strftime("%H:%M %d/%m") in shown(page)
    assert "Bão làm mất điện." in (await office.told(inquiry))[-1]


async def test_a_transfer_leads_back_to_the_list_since_the_inquiry_is_anothers_now(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.press(inquiry, "transfer", department=OTHER, reason="Thuộc pháp chế.")
        assert answer.headers["location"] == "/desk?done=transfer"
        assert (await browser.see(f"/desk/inquiries/{inquiry.number}")).status_code == 404
    assert (await office.look(inquiry)).department_id == OTHER


async def test_escalating_goes_to_the_level_above(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        await browser.press(inquiry, "escalate", reason="Vượt thẩm quyền.")
    above = office.core.knowledge.directory.escalation_target(OWN)
    after = await office.look(inquiry)
    assert (after.state, after.department_id) == ("escalated", above.id)


async def test_closing_an_answered_inquiry_needs_no_reason_and_an_unanswered_one_does(office: Office) -> None:
    lan = await office.officer("lan")
    answered = await office.given_inquiry(to=OWN, state="answered", by=lan)
    unanswered = await office.given_inquiry(to=OWN)
    async with office.browser(lan) as browser:
        assert (await browser.press(answered, "close")).status_code == 303
        refused = await browser.press(unanswered, "close")
    assert refused.status_code == 422
    assert "Cần nêu lý do" in shown(refused)
    assert (await office.look(answered)).state == "closed"
    assert (await office.look(unanswered)).state == "routed"


async def test_an_internal_note_is_for_officers_only(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        await browser.press(inquiry, "note", text="Doanh nghiệp này hay hỏi lại.")
        assert "Doanh nghiệp này hay hỏi lại." in shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
    assert not any("hay hỏi lại" in text for text in await office.told(inquiry))


# Two at once


async def test_of_two_officers_who_take_at_once_one_has_it_and_the_other_is_told_who(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    lan, minh = await office.officer("lan"), await office.officer("minh")
    async with office.browser(lan) as hers, office.browser(minh) as his:
        answers = await asyncio.gather(hers.press(inquiry, "take"), his.press(inquiry, "take"))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    told = shown(next(answer for answer in answers if answer.status_code == 409))
    assert f"{(await office.look(inquiry)).officer_name} đã nhận xử lý" in told


async def test_the_second_answer_is_not_sent_and_its_text_is_kept(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    lan, minh = await office.officer("lan"), await office.officer("minh", lead=True)
    async with office.browser(lan) as hers, office.browser(minh) as his:
        await hers.press(inquiry, "answer", text="Câu trả lời của Lan.")
        second = await his.press(inquiry, "answer", text="Câu trả lời <của> Minh.")
        assert second.status_code == 409
        assert "vừa có thay đổi" in shown(second)
        assert "Cán bộ lan trả lời doanh nghiệp." in shown(second)
        assert "Câu trả lời &lt;của&gt; Minh.</textarea>" in second.text
        assert len(await office.told(inquiry)) == 1
        again = await his.press(await office.look(inquiry), "answer", text="Câu trả lời của Minh.")
    assert again.status_code == 303


async def test_an_answer_is_not_sent_past_what_the_enterprise_wrote_meanwhile(office: Office) -> None:
    asker = await office.asker()
    inquiry = await office.given_inquiry(to=OWN, asker=asker)
    async with office.browser(await office.officer("lan")) as browser:
        await office.given_file(inquiry, asker, name="to-khai.pdf", content=b"x")
        answer = await browser.press(inquiry, "answer", text="Đề nghị gửi tờ khai.")
    assert answer.status_code == 409
    assert "Chị Mai bổ sung thông tin." in shown(answer)
    assert await office.told(inquiry) == []


async def test_pressed_twice_is_sent_once(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        answers = await asyncio.gather(*(browser.press(inquiry, "answer", text="Một lần.") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert len(await office.told(inquiry)) == 1


async def test_taking_twice_tells_the_enterprise_once(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        for _ in range(2):
            assert (await browser.press(inquiry, "take")).status_code == 303
    assert len(await office.told(inquiry)) == 1


async def test_what_was_typed_is_not_lost_when_the_inquiry_has_gone_elsewhere(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    lan, lead = await office.officer("lan"), await office.officer("truong", lead=True)
    async with office.browser(lan) as hers, office.browser(lead) as his:
        await his.press(inquiry, "transfer", department=OTHER, reason="Thuộc pháp chế.")
        answer = await hers.press(inquiry, "answer", text="Bản thảo dài của Lan.")
    assert answer.status_code == 404
    assert "Bản thảo dài của Lan." in shown(answer)
    assert "chuyển sang đơn vị khác" in shown(answer)


async def test_what_a_colleague_has_in_hand_can_be_noted_but_not_answered(office: Office) -> None:
    lan, minh = await office.officer("lan"), await office.officer("minh")
    inquiry = await office.given_inquiry(to=OWN, state="in_progress", by=lan)
    async with office.browser(minh) as browser:
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        assert 'data-action="answer"' not in page.text
        assert "Cán bộ lan đang xử lý" in shown(page)
        refused = await browser.press(inquiry, "answer", text="Tôi trả lời thay.")
        assert refused.status_code == 409
        assert (await browser.press(inquiry, "note", text="Gọi lại chiều nay.")).status_code == 303
    assert (await office.look(inquiry)).state == "in_progress"


# What cannot be


@pytest.mark.parametrize(
    ("action", "fields", "status", "words"),
    [
        ("answer", {"text": " \n\t "}, 422, "nhập nội dung"),
        ("answer", {"text": "ă" * 8001}, 422, "8001 ký tự"),
        ("ask_back", {"text": ""}, 422, "nhập nội dung"),
        ("defer", {"reason": "", "until": "2026-12-01T09:00"}, 422, "Cần nêu lý do"),
        ("defer", {"reason": "Vì bão.", "until": "2026-11-16T08:00"}, 422, "phải ở tương lai"),
        ("defer", {"reason": "Vì bão.", "until": "0001-01-01T00:00"}, 422, "Không đọc được thời điểm"),
        ("defer", {"reason": "Vì bão.", "until": "ngày mai"}, 422, "Không đọc được thời điểm"),
        ("defer", {"reason": "Vì bão.", "until": "9999-12-31T23:59"}, 422, "tối đa 366 ngày"),
        ("transfer", {"reason": "Nhầm.", "department": "phong-khong-co"}, 422, "Không có đơn vị"),
        ("transfer", {"reason": "Nhầm.", "department": "tchq"}, 422, "không nhận yêu cầu"),
        ("transfer", {"reason": "Nhầm.", "department": OWN}, 422, "đang ở"),
        ("transfer", {"reason": " ", "department": OTHER}, 422, "Cần nêu lý do"),
        ("escalate", {"reason": ""}, 422, "Cần nêu lý do"),
        ("route", {"department": OTHER}, 403, "không được phép"),
        ("release", {}, 409, "không thể: trả lại đơn vị"),
        ("note", {"text": ""}, 422, "nhập nội dung"),
        ("explode", {}, 404, "Không có trang"),
    ],
)
async def test_what_cannot_be_done_is_said_in_words_and_changes_nothing(
    office: Office, action: str, fields: dict[str, str], status: int, words: str
) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.press(inquiry, action, **fields)
    assert answer.status_code == status
    assert words in shown(answer)
    assert await office.look(inquiry) == inquiry
    assert await office.said(inquiry) == []


async def test_a_refused_form_keeps_what_was_typed(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.press(inquiry, "transfer", reason="Lý do đã gõ công phu.", department="phong-khong-co")
    assert "Lý do đã gõ công phu.</textarea>" in answer.text


@pytest.mark.parametrize("number", ["YC-2026-999999", "x" * 300, "%00", "1 OR 1=1", "YC-2026-000001'"])
async def test_an_inquiry_that_is_not_there_is_a_plain_404(office: Office, number: str) -> None:
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.see(f"/desk/inquiries/{number}")
    assert answer.status_code == 404


async def test_a_huge_form_is_refused_before_it_is_read_to_the_end(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.press(inquiry, "note", text="a" * (FORM_BYTES + 1))
        many = await browser.press(inquiry, "note", text="a", **{f"f{n}": "x" for n in range(100)})
    assert answer.status_code == 413
    assert "quá lớn" in shown(answer)
    assert many.status_code in (303, 400)
    assert all(kind != "note" or len(text) < 2 for kind, text in await office.said(inquiry))


async def test_control_characters_do_not_reach_the_enterprise(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        await browser.press(inquiry, "answer", text="Dòng một\r\nDòng hai\x00\x1b[31m")
    assert (await office.said(inquiry))[-1] == ("answer", "Dòng một\nDòng hai[31m")


# Files


async def test_files_go_with_the_answer_and_stand_beside_it(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    files = [("files", ("../../công văn.pdf", b"%PDF-1.7 ...", "application/pdf"))]
    async with office.browser(await office.officer("lan")) as browser:
        assert (await browser.press(inquiry, "answer", text="Xem công văn.", files=files)).status_code == 303
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        assert "công văn.pdf" in shown(page)
        kept = (await office.files_of(inquiry))[0]
        download = await browser.see(f"/desk/files/{kept['id']}")
    assert download.content == b"%PDF-1.7 ..."
    assert kept["name"] == "công văn.pdf"


async def test_files_go_with_a_question_to_the_enterprise_too(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    files = [("files", ("mẫu.pdf", b"%PDF-1.7 " + b"x" * FORM_BYTES, "application/pdf"))]
    async with office.browser(await office.officer("lan")) as browser:
        assert (await browser.press(inquiry, "ask_back", text="Xin điền mẫu kèm theo.", files=files)).status_code == 303
        assert "mẫu.pdf" in shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
    [kept] = await office.files_of(inquiry)
    async with office.core.database.read() as uow:
        sent = (await deliveries.of_inquiry(uow, inquiry.id))[-1]["content"]
    assert "Xin điền mẫu kèm theo." in sent["text"]
    assert [file["sha256"] for file in sent["files"]] == [kept["sha256"]]


async def test_too_many_files_are_refused(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    files = [("files", (f"{n}.txt", b"x", "text/plain")) for n in range(FILES + 1)]
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.press(inquiry, "answer", text="Nhiều tệp.", files=files)
    assert answer.status_code == 422
    assert (await office.look(inquiry)).state == "routed"


async def test_a_file_is_saved_never_shown_whatever_it_claims_to_be(office: Office) -> None:
    asker = await office.asker()
    inquiry = await office.given_inquiry(to=OWN, asker=asker)
    await office.given_file(inquiry, asker, name='a"\r\nX-Evil: 1; .html', content=b"<script>alert(1)</script>")
    file = (await office.files_of(inquiry))[0]
    async with office.browser(await office.officer("lan")) as browser:
        answer = await browser.see(f"/desk/files/{file['id']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "x-evil" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_is_only_for_those_who_may_read_its_inquiry(office: Office) -> None:
    asker = await office.asker()
    inquiry = await office.given_inquiry(to=OWN, asker=asker)
    await office.given_file(inquiry, asker, name="to-khai.pdf", content=b"x")
    address = f"/desk/files/{(await office.files_of(inquiry))[0]['id']}"
    statuses = {}
    people = {
        "lan": await office.officer("lan"),
        "vinh": await office.officer("vinh", department=OTHER),
        "hoa": await office.officer("hoa", role="coordinator", department=COORDINATING),
        "sua": await office.officer("sua", role="editor", department=OWN),
    }
    for login, officer in people.items():
        async with office.browser(officer) as browser:
            statuses[login] = (await browser.see(address)).status_code
    async with office.visitor() as client:
        statuses["nobody"] = (await client.get(address)).status_code
    assert statuses == {"lan": 200, "vinh": 404, "hoa": 200, "sua": 404, "nobody": 303}


@pytest.mark.parametrize("file", ["0", "9" * 19, "9" * 30, "-1", "x", "..%2f..%2fetc%2fpasswd"])
async def test_a_file_that_is_not_there_is_a_plain_404(office: Office, file: str) -> None:
    async with office.browser(await office.officer("lan")) as browser:
        assert (await browser.see(f"/desk/files/{file}")).status_code == 404


def test_the_limit_says_how_much_was_allowed() -> None:
    assert BodyTooLarge(5).most == 5
