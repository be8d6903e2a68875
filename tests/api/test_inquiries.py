"""The API: what a program sees and does with inquiries."""

from datetime import timedelta

import pytest

from tests.office import OTHER, OWN, Office


async def test_an_inquiry_carries_what_the_contract_names(office: Office) -> None:
    asker = await office.asker(member=True, company="Công ty Hoàng Gia", tax_code="0100233488")
    inquiry = await office.given_inquiry(to=OWN, asker=asker)
    async with office.program() as api:
        found = (await api.get(f"/inquiries/{inquiry.number}")).json()
        assert (await api.get(f"/inquiries/{inquiry.id}")).json() == found
    assert found["number"] == inquiry.number
    assert found["state"] == "routed"
    assert found["department"] == office.core.knowledge.directory[OWN].name
    assert found["department_id"] == OWN
    assert found["routed_by"] == "bot"
    assert found["enterprise"] == {"name": "Công ty Hoàng Gia", "tax_code": "0100233488", "verified": True}
    assert (found["channel"], found["language"], found["priority"]) == ("webchat", "vi", 0)
    for name in ("received_at", "routing_due_at", "routed_at", "response_due_at"):
        assert found[name].endswith("Z"), name
    for name in ("text", "officer", "answered_at", "closed_at", "decision", "citations", "rating"):
        assert name in found


async def test_what_a_guest_says_of_themselves_is_not_verified(office: Office) -> None:
    inquiry = await office.given_inquiry(asker=await office.asker(company="Cty An Phát", tax_code="0314409058"))
    async with office.program() as api:
        found = (await api.get(f"/inquiries/{inquiry.number}")).json()
    assert found["enterprise"] == {"name": "Cty An Phát", "tax_code": "0314409058", "verified": False}


async def test_a_list_is_read_to_its_end_with_the_cursor(office: Office) -> None:
    asker = await office.asker()
    made = [(await office.given_inquiry(to=OWN, asker=asker)).number for _ in range(7)]
    seen, cursor = [], None
    async with office.program() as api:
        while True:
            page = (await api.get("/inquiries", params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
            seen += [item["number"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == made[::-1]


async def test_lists_are_filtered_by_state_department_and_text(office: Office) -> None:
    one, two = await office.given_inquiry(to=OWN, text="Mã HS của máy in"), await office.given_inquiry(to=OTHER)
    three = await office.given_inquiry()
    name = office.core.knowledge.directory[OTHER].name
    async with office.program() as api:

        async def numbers(**params: str) -> set[str]:
            return {item["number"] for item in (await api.get("/inquiries", params=params)).json()["items"]}

        assert await numbers(state="awaiting_routing") == {three.number}
        assert await numbers(state="routed,awaiting_routing") == {one.number, two.number, three.number}
        assert await numbers(department=OTHER) == await numbers(department=name) == {two.number}
        assert await numbers(q="mã hs") == {one.number}


async def test_the_whole_way_from_routing_to_closing(office: Office) -> None:
    inquiry = await office.given_inquiry()
    path = f"/inquiries/{inquiry.number}"
    until = (office.clock.now() + timedelta(days=2)).isoformat()
    async with office.program() as api:
        steps = [
            ("route", {"department": office.core.knowledge.directory[OTHER].name}, "routed"),
            ("transfer", {"department": OWN, "reason": "Thuộc giám sát."}, "routed"),
            ("take", None, "in_progress"),
            ("release", None, "routed"),
            ("ask-back", {"text": "Xin gửi tờ khai."}, "waiting_for_enterprise"),
            ("note", {"text": "Đã gọi."}, "waiting_for_enterprise"),
            ("answer", {"text": "Đề nghị nộp hồ sơ."}, "answered"),
            ("close", None, "closed"),
        ]
        for action, body, state in steps:
            answer = await api.post(f"{path}/{action}", json=body)
            assert answer.status_code == 200, answer.text
            assert answer.json()["state"] == state
        messages = (await api.get(f"{path}/messages")).json()["items"]
        assert [each["kind"] for each in messages] == ["question", "ask_back", "note", "answer"]
        history = (await api.get(f"{path}/history")).json()["items"]
        assert [each["seq"] for each in history] == list(range(1, len(history) + 1))
        deliveries = (await api.get(f"{path}/deliveries")).json()["items"]
        assert any("Đề nghị nộp hồ sơ." in each["text"] for each in deliveries)
        assert (await api.get("/deliveries", params={"inquiry": inquiry.number})).json()["items"] == deliveries
        deferred = await office.given_inquiry(to=OWN)
        answer = await api.post(f"/inquiries/{deferred.number}/defer", json={"reason": "Chờ giám định.", "until": until})
        assert answer.json()["state"] == "deferred"
        escalated = await office.given_inquiry(to=OWN)
        answer = await api.post(f"/inquiries/{escalated.number}/escalate", json={"reason": "Vượt thẩm quyền."})
        assert answer.json()["state"] == "escalated"


async def test_a_token_that_takes_an_inquiry_is_named_as_who_has_it(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program(role="officer", department=OWN) as api:
        for _ in range(2):
            taken = await api.post(f"/inquiries/{inquiry.number}/take")
            assert taken.json()["officer"] == "chương trình"
    assert len(await office.told(inquiry)) == 1


async def test_a_departments_token_sees_and_does_only_what_is_its_departments(office: Office) -> None:
    own, other = await office.given_inquiry(to=OWN), await office.given_inquiry(to=OTHER)
    async with office.program(role="officer", department=OWN) as api:
        assert [item["number"] for item in (await api.get("/inquiries")).json()["items"]] == [own.number]
        for path in ("", "/messages", "/history", "/deliveries"):
            assert (await api.get(f"/inquiries/{other.number}{path}")).status_code == 404
        answer = await api.post(f"/inquiries/{other.number}/answer", json={"text": "Không phải việc của tôi."})
        assert answer.status_code == 404
        refused = await api.post(f"/inquiries/{own.number}/route", json={"department": OTHER})
        assert (refused.status_code, refused.json()["code"]) == (403, "role.not_enough")
    assert await office.look(other) == other


@pytest.mark.parametrize("role", ["editor", "approver", "special_team"])
async def test_roles_that_work_on_no_inquiry_are_told_so(office: Office, role: str) -> None:
    inquiry = await office.given_inquiry()
    async with office.program(role=role) as api:
        for path in ("/inquiries", f"/inquiries/{inquiry.number}"):
            assert (await api.get(path)).status_code == 403
        assert (await api.get("/entries")).status_code == 200


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("route", {"department": "phòng không có"}, 422, "department.unknown"),
        ("route", {}, 422, "api.invalid"),
        ("answer", {"text": "Trước khi phân công."}, 409, "inquiry.not_possible"),
        ("answer", {"text": ""}, 422, "api.invalid"),
        ("answer", {"text": "  "}, 422, "api.invalid"),
        ("answer", {"text": "\x00\x01"}, 422, "text.missing"),
        ("answer", {"text": 5}, 422, "api.invalid"),
        ("defer", {"reason": "Vì bão.", "until": "hôm qua"}, 422, "api.invalid"),
        ("defer", {"reason": "Vì bão.", "until": "2020-01-01T00:00:00Z"}, 422, "date.not_ahead"),
        ("defer", {"reason": "Vì bão.", "until": "9999-12-31T23:59:59Z"}, 422, "date.too_far"),
        ("close", {}, 409, "inquiry.not_possible"),
    ],
)
async def test_what_cannot_be_done_is_a_problem_with_a_stable_code_and_changes_nothing(
    office: Office, action: str, body: dict[str, object], status: int, code: str
) -> None:
    inquiry = await office.given_inquiry() if action != "defer" else await office.given_inquiry(to=OWN)
    if action == "close":
        body = {"reason": "Không cần nữa."}
    async with office.program() as api:
        answer = await api.post(f"/inquiries/{inquiry.number}/{action}", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert {"type", "title", "status", "code", "detail"} <= problem.keys()
    assert await office.look(inquiry) == inquiry


async def test_a_local_date_without_an_offset_is_taken_in_the_operators_zone(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        body = {"reason": "Chờ giám định.", "until": "2026-11-20T09:00"}
        answer = await api.post(f"/inquiries/{inquiry.number}/defer", json=body)
    assert answer.json()["deferred_until"] == "2026-11-20T02:00:00Z"
