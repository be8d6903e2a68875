"""The same by a program."""

from tests.intake.test_desk import REPORT, TAX_CODE, TEXT, all_inquiries, member_with_chat, the_inquiry
from tests.office import OWN, Office

BODY = {"means": "email", "text": TEXT, "person": "Chị Hoa", "reach": "hoa@example.com"}


async def test_a_program_records_what_came_by_e_mail_and_gets_number_and_code(office: Office) -> None:
    async with office.program() as program:
        answer = await program.post("/inquiries", json={**BODY, "received_at": office.clock.now().isoformat()})
    said = answer.json()
    assert answer.status_code == 201
    assert said["tracking_code"] == office.core.tracking.of(said["inquiry"]["number"])
    assert (said["told"], said["inquiry"]["channel"]) == (False, "email")


async def test_sent_twice_with_the_same_key_it_is_recorded_once(office: Office) -> None:
    async with office.program() as program:
        answers = [await program.post("/inquiries", json=BODY, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    await the_inquiry(office)


async def test_a_verified_enterprise_is_told_on_its_chat(office: Office) -> None:
    account = await member_with_chat(office)
    async with office.program() as program:
        answer = await program.post("/inquiries", json={**BODY, "tax_code": TAX_CODE, "verified": True})
    assert answer.json()["told"] is True
    assert (await the_inquiry(office)).account_id == account


async def test_a_coordinators_program_routes_at_once_and_an_officers_does_not(office: Office) -> None:
    async with office.program() as program:
        routed = await program.post("/inquiries", json={**BODY, "department": OWN})
    async with office.program(role="officer", department=OWN) as program:
        refused = await program.post("/inquiries", json={**BODY, "department": OWN})
    assert routed.json()["inquiry"]["routed_by"] == "coordinator"
    assert refused.status_code == 403


async def test_a_report_is_refused_with_its_code(office: Office) -> None:
    async with office.program() as program:
        answer = await program.post("/inquiries", json={**BODY, "text": REPORT})
    assert (answer.status_code, answer.json()["code"]) == (422, "intake.is_report")
    assert await all_inquiries(office) == []


async def test_files_are_put_to_it(office: Office) -> None:
    async with office.program() as program:
        number = (await program.post("/inquiries", json=BODY)).json()["inquiry"]["number"]
        files = [("files", ("../to-khai.pdf", b"%PDF-" + b"x" * 400_000, "application/pdf"))]
        answer = await program.post(f"/inquiries/{number}/files", files=files)
        again = await program.post(f"/inquiries/{number}/files", files=files)
        messages = (await program.get(f"/inquiries/{number}/messages")).json()["items"]
    assert (answer.status_code, again.status_code) == (200, 200)
    assert [file["name"] for file in messages[0]["files"]] == ["to-khai.pdf"]


async def test_files_of_somebody_elses_inquiry_are_not_even_read(office: Office) -> None:
    inquiry = await office.given_inquiry(to="vu-phap-che")
    async with office.program(role="officer", department=OWN) as program:
        answer = await program.post(f"/inquiries/{inquiry.number}/files", files=[("files", ("a.txt", b"a", "text/plain"))])
    assert answer.status_code == 404
    assert await office.files_of(inquiry) == []
