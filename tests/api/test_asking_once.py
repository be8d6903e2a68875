"""Idempotency-Key for consultations and surveys: what a program sends again is carried out once."""

from typing import Any

import pytest

from tests.office import Office

KEY = {"Idempotency-Key": "7f3e-0001"}
SURVEY: dict[str, Any] = {
    "title_vi": "Khảo sát",
    "questions": [{"kind": "scale", "text_vi": "Mức hài lòng?", "text_en": "How satisfied?"}],
}
CONSULTATION: dict[str, Any] = {"title_vi": "Dự thảo", "text": "Điều 1. Phạm vi\nQuy định này áp dụng cho doanh nghiệp."}


@pytest.mark.parametrize(("path", "body"), [("/surveys", SURVEY), ("/consultations", CONSULTATION)])
async def test_a_draft_that_is_sent_again_is_made_once(office: Office, path: str, body: dict[str, Any]) -> None:
    async with office.program(role="editor") as api:
        answers = [await api.post(path, json=body, headers=KEY) for _ in range(2)]
        listed = (await api.get(path)).json()["items"]
    assert [each.status_code for each in answers] == [201, 201], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert len(listed) == 1


@pytest.mark.parametrize(("path", "body"), [("/surveys", SURVEY), ("/consultations", CONSULTATION)])
async def test_an_action_that_is_sent_again_is_told_the_same(office: Office, path: str, body: dict[str, Any]) -> None:
    async with office.program(role="editor") as api:
        made = (await api.post(path, json=body)).json()
        answers = [await api.post(f"{path}/{made['id']}/cancel", headers=KEY) for _ in range(2)]
        another = await api.post(f"{path}/{made['id']}/edit", json=body, headers=KEY)
    assert [each.status_code for each in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert another.status_code == 422
