"""Consultations and surveys over the API."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.service import Knowledge
from tests.clock import ManualClock
from tests.consultation.conftest import DRAFT
from tests.office import Office, open_office
from tests.office_fixtures import shipped_knowledge

__all__ = ["shipped_knowledge"]


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path, clock: ManualClock, shipped_knowledge: Knowledge) -> AsyncIterator[Office]:
    opened = open_office(sqlite_url, tmp_path, clock, shipped_knowledge)
    yield opened
    await opened.core.database.close()


def body(office: Office, **changed: Any) -> dict[str, Any]:
    opens = office.clock.now() + timedelta(hours=1)
    values: dict[str, Any] = {
        "title_vi": "Dự thảo quy trình",
        "issuer": "Cục Kiểm tra sau thông quan",
        "audience": {"membership": ["member"]},
        "members_first_h": 0,
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(days=10)).isoformat(),
        "text": DRAFT,
        "questions": [{"kind": "scale", "text_vi": "Hợp lý?"}],
    }
    return values | changed


async def test_a_consultation_is_prepared_and_approved_by_another(office: Office) -> None:
    await office.asker(member=True)
    async with office.program(role="editor") as editor, office.program(role="approver") as approver:
        made = await editor.post("/consultations", json=body(office))
        assert (made.status_code, made.json()["state"], len(made.json()["units"])) == (201, "draft", 5)
        number = made.json()["number"]
        refused = await editor.post(f"/consultations/{number}/approve")
        assert (refused.status_code, refused.json()["code"]) == (403, "consultation.role")
        approved = await approver.post(f"/consultations/{number}/approve")
        assert (approved.status_code, approved.json()["state"]) == (200, "approved")
        again = await approver.post(f"/consultations/{number}/approve")
        assert again.json()["code"] == "consultation.moved_on"
        listed = (await editor.get("/consultations?state=approved")).json()
        assert [each["number"] for each in listed["items"]] == [number]
        office.clock.advance(timedelta(hours=1))
        await office.core.consultation_sweeper.run()
        found = (await editor.get(f"/consultations/{number}")).json()
        assert (found["state"], found["counts"]["asked_enterprises"]) == ("open", 1)
        assert (await editor.get(f"/consultations/{number}/groups")).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"closes_at": "2026-11-16T03:00:00Z"}, "consultation.closes_before_opening"),
        ({"text": ""}, "consultation.no_article"),
        ({"audience": {"tax_codes": ["0100109106"]}}, "consultation.audience_empty"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_what_to_mend(office: Office, changed: dict[str, Any], code: str) -> None:
    await office.asker(member=True)
    async with office.program(role="editor") as editor, office.program(role="coordinator") as coordinator:
        number = (await editor.post("/consultations", json=body(office, **changed))).json()["number"]
        refused = await coordinator.post(f"/consultations/{number}/approve")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["detail"]


async def test_whoever_wrote_it_does_not_approve_it(office: Office) -> None:
    await office.asker(member=True)
    async with office.program(role="coordinator") as coordinator:
        number = (await coordinator.post("/consultations", json=body(office))).json()["number"]
        refused = await coordinator.post(f"/consultations/{number}/approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "consultation.same_person")


@pytest.mark.parametrize("role", ["special_team", "officer"])
async def test_each_role_does_no_more_than_it_may(office: Office, role: str) -> None:
    async with office.program(role=role, department="cuc-gsql" if role == "officer" else None) as program:
        made = await program.post("/consultations", json=body(office))
        assert made.status_code == 403
        assert (await program.get("/consultations")).status_code == (200 if role == "officer" else 403)
        assert (await program.get("/surveys")).status_code == (200 if role == "officer" else 403)


@pytest.mark.parametrize("key", ["x", "1", "LYK-2026-9999", "99999999999999999999"])
async def test_what_is_not_there_is_not_found(office: Office, key: str) -> None:
    async with office.program() as program:
        for path in (f"/consultations/{key}", f"/consultations/{key}/groups", f"/surveys/{key}", f"/surveys/{key}/results"):
            assert (await program.get(path)).status_code == 404
        assert (await program.post(f"/consultations/{key}/publish")).status_code == 404


async def test_wrong_input_is_named(office: Office) -> None:
    async with office.program() as program:
        for changed in ({"text": "không có điều nào"}, {"questions": [{"kind": "choice", "text_vi": "?"}]}, {"title_vi": " "},
                        {"audience": {"nothing": ["x"]}}, {"audience": {"tax_codes": ["1"]}}, {"opens_at": "x"}):  # fmt: skip
            answer = await program.post("/consultations", json=body(office, **changed))
            assert answer.status_code == 422, changed
            assert answer.json()["detail"]


async def test_a_survey_is_prepared_approved_and_read(office: Office) -> None:
    await office.asker(member=True)
    given = body(office, anonymous=True, repeats_months=6)
    for name in ("issuer", "members_first_h", "text"):
        del given[name]
    async with office.program(role="editor") as editor, office.program(role="coordinator") as coordinator:
        made = (await editor.post("/surveys", json=given)).json()
        approved = await coordinator.post(f"/surveys/{made['id']}/approve")
        assert approved.json()["state"] == "approved"
        office.clock.advance(timedelta(hours=1))
        await office.core.survey_sweeper.run()
        found = (await editor.get(f"/surveys/{made['id']}/results")).json()
    assert (found["asked"], found["goal"], found["results"][0]["hidden"]) == (1, 0.8, True)
