"""Idempotency-Key: a request that a program sends again has the effect of one, and is told the same."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.housekeeping import forget_old_requests
from storage.models import ApiRequest
from storage.unit_of_work import table_of
from tests.clock import ManualClock
from tests.office import OTHER, OWN, QUESTION, Office, open_office

TEXT = {"text": "Đề nghị gửi tờ khai đến chi cục."}
KEY = {"Idempotency-Key": "b5c1f3b2-0001"}


async def keys_of(office: Office) -> int:
    async with office.core.database.read() as uow:
        count: int = await uow.scalar(select(func.count()).select_from(table_of(ApiRequest)))
    return count


async def test_an_answer_sent_again_reaches_the_enterprise_once_and_is_told_the_same(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    before = len(await office.told(inquiry))
    async with office.program() as api:
        first = await api.post(f"/inquiries/{inquiry.number}/answer", json=TEXT, headers=KEY)
        office.clock.set(office.clock.now() + timedelta(minutes=5))
        again = await api.post(f"/inquiries/{inquiry.number}/answer", json=TEXT, headers=KEY)
    assert first.status_code == again.status_code == 200
    assert again.json() == first.json()
    assert len(await office.told(inquiry)) == before + 1
    assert [kind for kind, _ in await office.said(inquiry)].count("answer") == 1


async def test_without_a_key_or_with_another_one_it_is_said_again(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        for headers in ({}, {}, KEY, {"Idempotency-Key": "another"}):
            assert (await api.post(f"/inquiries/{inquiry.number}/note", json=TEXT, headers=headers)).status_code == 200
    assert len(await office.said(inquiry)) == 4


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("take", None),
        ("release", None),
        ("answer", TEXT),
        ("ask-back", TEXT),
        ("defer", {"reason": "Chờ giám định.", "until": "2026-12-01T09:00:00+07:00"}),
        ("transfer", {"department": OTHER, "reason": "Thuộc Vụ Pháp chế."}),
        ("escalate", {"reason": "Vượt thẩm quyền."}),
        ("close", {"reason": "Doanh nghiệp rút yêu cầu."}),
        ("note", TEXT),
    ],
)
async def test_every_action_is_repeatable(office: Office, action: str, body: dict[str, str] | None) -> None:
    lan = await office.officer("lan")
    inquiry = await office.given_inquiry(to=OWN, state="in_progress" if action == "release" else None, by=lan)
    async with office.program() as api:
        path = f"/inquiries/{inquiry.number}/{action}"
        first = await api.post(path, json=body, headers=KEY)
        length = (await office.look(inquiry)).history_length
        again = await api.post(path, json=body, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert again.json() == first.json()
    assert (await office.look(inquiry)).history_length == length


async def test_routing_is_repeatable(office: Office) -> None:
    inquiry = await office.given_inquiry()
    async with office.program() as api:
        answers = [
            await api.post(f"/inquiries/{inquiry.number}/route", json={"department": OWN}, headers=KEY) for _ in range(2)
        ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["routed_by"] == "coordinator"


async def test_the_same_key_for_another_request_is_refused_and_changes_nothing(office: Office) -> None:
    inquiry, other = await office.given_inquiry(to=OWN), await office.given_inquiry(to=OWN)
    async with office.program() as api:
        await api.post(f"/inquiries/{inquiry.number}/note", json=TEXT, headers=KEY)
        for path, body in (
            (f"/inquiries/{inquiry.number}/note", {"text": "Khác."}),
            (f"/inquiries/{inquiry.number}/answer", TEXT),
            (f"/inquiries/{other.number}/note", TEXT),
        ):
            refused = await api.post(path, json=body, headers=KEY)
            assert (refused.status_code, refused.json()["code"]) == (422, "api.key_reused")
    assert len(await office.said(inquiry)) == 1
    assert await office.said(other) == []


async def test_spaces_and_the_order_of_fields_make_no_other_request(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    path, json_type = f"/inquiries/{inquiry.number}/transfer", {"Content-Type": "application/json"}
    bodies = (f'{{"department": "{OTHER}", "reason": "x"}}', f'{{"reason":"x",  "department":"{OTHER}"}}')
    async with office.program() as api:
        answers = [await api.post(path, content=body, headers=KEY | json_type) for body in bodies]
    assert [each.status_code for each in answers] == [200, 200]


async def test_a_key_belongs_to_its_token(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    for _ in range(2):
        async with office.program() as api:
            assert (await api.post(f"/inquiries/{inquiry.number}/note", json=TEXT, headers=KEY)).status_code == 200
    assert len(await office.said(inquiry)) == 2


async def test_a_request_that_was_refused_keeps_no_key(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        path = f"/inquiries/{inquiry.number}/transfer"
        refused = await api.post(path, json={"department": OWN, "reason": "x"}, headers=KEY)
        assert refused.status_code >= 400
        assert await keys_of(office) == 0
        assert (await api.post(path, json={"department": OTHER, "reason": "x"}, headers=KEY)).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "khoá".encode()])
async def test_a_key_that_is_none_is_refused(office: Office, key: str | bytes) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        answer = await api.post(f"/inquiries/{inquiry.number}/take", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "api.invalid")
    assert (await office.look(inquiry)).state == "routed"


async def test_a_body_that_an_action_does_not_read_is_no_reason_to_fail(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        path = f"/inquiries/{inquiry.number}/take"
        answers = [await api.post(path, content=b"[" * 100_000, headers=KEY) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]


async def test_keys_are_forgotten_after_a_week(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        await api.post(f"/inquiries/{inquiry.number}/note", json=TEXT, headers=KEY)
    for days, left in ((7, 1), (8, 0)):
        now = office.clock.now() + timedelta(days=days)
        await office.core.database.write(lambda uow, now=now: forget_old_requests(uow, now))  # type: ignore[misc]
        assert await keys_of(office) == left


async def test_sent_to_two_processes_at_once_it_is_done_once(
    postgresql_url: str, tmp_path: Path, clock: ManualClock, office: Office
) -> None:
    offices = [open_office(postgresql_url, tmp_path / name, clock, office.core.knowledge) for name in ("one", "two")]
    try:
        one, other = offices
        inquiry = await one.given_inquiry(to=OWN, text=QUESTION)
        async with one.program() as api, other.visitor() as client:
            address = f"/inquiries/{inquiry.number}/answer"
            headers = KEY | {"Authorization": api.headers["authorization"]}
            answers = await asyncio.gather(
                *(api.post(address, json=TEXT, headers=headers) for _ in range(5)),
                *(client.post(f"/api/v1{address}", json=TEXT, headers=headers) for _ in range(5)),
            )
        assert {each.status_code for each in answers} == {200}
        assert len({each.text for each in answers}) == 1
        assert [kind for kind, _ in await one.said(inquiry)].count("answer") == 1
    finally:
        for each in offices:
            await each.core.database.close()


async def test_the_description_names_the_key_at_every_action(office: Office) -> None:
    async with office.visitor() as client:
        paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    actions = [path for path in paths if path.startswith("/inquiries/{id}/") and "post" in paths[path]]
    actions.remove("/inquiries/{id}/files")  # the same file twice is one file, whatever the header says
    assert len(actions) >= 10
    for path in actions:
        found = [each for each in paths[path]["post"]["parameters"] if each["in"] == "header"]
        assert [each["name"].lower() for each in found] == ["idempotency-key"], path
        assert "kept for a week" in found[0]["description"]
