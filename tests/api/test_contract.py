"""The API's edges: who is let in, what is refused, the other lists, and its own description of itself."""

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from bot import health
from bot.api.application import BODY_BYTES
from storage.database import Database
from tests.office import COORDINATING, OWN, Office


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}])
async def test_without_a_token_that_holds_there_is_nothing(office: Office, header: dict[str, str]) -> None:
    async with office.visitor() as client:
        answer = await client.get("/api/v1/inquiries", headers=header)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "api.unauthorized"


async def test_an_expired_or_revoked_token_is_none(office: Office) -> None:
    end = office.clock.now() + timedelta(hours=1)
    _, ends = await office.tokens.create(role="coordinator", name="x", expires_at=end)
    token, revoked = await office.tokens.create(role="coordinator", name="y")
    await office.tokens.revoke(token.id)
    office.clock.set(end)
    async with office.visitor() as client:
        for secret in (ends, revoked):
            answer = await client.get("/api/v1/inquiries", headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/officers", "/enterprises", "/contacts"])
@pytest.mark.parametrize(
    ("role", "status"), [("coordinator", 200), ("administrator", 200), ("officer", 403), ("editor", 403), ("approver", 403)]
)
async def test_lists_of_people_are_for_coordinators_and_administrators(
    office: Office, path: str, role: str, status: int
) -> None:
    async with office.program(role=role, department=OWN if role == "officer" else None) as api:
        answer = await api.get(path)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "api.forbidden"


async def test_officers_are_listed_without_their_passwords(office: Office) -> None:
    await office.officer("lan")
    async with office.program() as api:
        page = (await api.get("/officers")).json()
    assert [item["login"] for item in page["items"]] == ["lan"]
    assert "password" not in str(page)


async def test_enterprises_and_contacts_are_listed(office: Office) -> None:
    await office.asker(member=True, company="Công ty Hoàng Gia", tax_code="0100233488")
    async with office.program() as api:
        enterprise = (await api.get("/enterprises", params={"q": "0100233488"})).json()["items"][0]
        contacts = (await api.get("/contacts", params={"enterprise": enterprise["id"]})).json()["items"]
        assert (await api.get("/contacts", params={"enterprise": "x"})).status_code == 422
    assert enterprise["name"] == "Công ty Hoàng Gia"
    assert contacts[0]["enterprise"]["tax_code"] == "0100233488"


async def test_departments_come_from_the_directory_and_entries_from_the_knowledge_base(office: Office) -> None:
    async with office.program(role="officer", department=OWN) as api:
        departments = (await api.get("/departments")).json()["items"]
        page = (await api.get("/entries", params={"limit": 5})).json()
        following = (await api.get("/entries", params={"limit": 5, "cursor": page["next"]})).json()
    assert next(each for each in departments if each["coordinating"])["id"] == COORDINATING
    assert len(page["items"]) == 5
    assert all(item["citations"] for item in page["items"])
    assert not {item["id"] for item in page["items"]} & {item["id"] for item in following["items"]}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=" + "9" * 19, "state=nowhere", "department=nowhere"]
)
async def test_a_wrong_query_is_refused_with_what_is_wrong(office: Office, query: str) -> None:
    async with office.program() as api:
        answer = await api.get(f"/inquiries?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["YC-2026-999999", "0", "9" * 19, "9" * 40, "-1", "%00", "6%0A7", "x' OR 1=1"])
async def test_an_inquiry_that_is_not_there_is_a_problem_404(office: Office, key: str) -> None:
    async with office.program() as api:
        answer = await api.get(f"/inquiries/{key}")
    assert (answer.status_code, answer.json()["code"]) == (404, "inquiry.not_found")


async def test_unknown_addresses_and_methods_are_problems_too(office: Office) -> None:
    async with office.program() as api:
        missing, method = await api.get("/nowhere"), await api.put("/inquiries")
    assert (missing.status_code, missing.json()["code"]) == (404, "api.not_found")
    assert (method.status_code, method.json()["code"]) == (405, "api.method_not_allowed")
    assert "GET" in method.headers["allow"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b'"x"', b'{"text": "\\ud800"}', b"null"])
async def test_a_malformed_body_is_refused(office: Office, body: bytes) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        headers = {"Content-Type": "application/json"}
        answer = await api.post(f"/inquiries/{inquiry.number}/answer", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert await office.look(inquiry) == inquiry


async def test_a_huge_body_is_refused(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.program() as api:
        answer = await api.post(f"/inquiries/{inquiry.number}/answer", json={"text": "a" * BODY_BYTES})
    assert (answer.status_code, answer.json()["code"]) == (413, "api.too_large")
    assert await office.look(inquiry) == inquiry


async def test_details_are_in_the_language_that_is_asked_for(office: Office) -> None:
    async with office.program() as api:
        vietnamese = (await api.get("/inquiries/x")).json()["detail"]
        english = (await api.get("/inquiries/x", headers={"Accept-Language": "en-GB"})).json()["detail"]
    assert vietnamese.startswith("Không tìm thấy")
    assert english.startswith("There is no inquiry")


async def test_the_description_names_its_own_place(office: Office) -> None:
    async with office.visitor() as client:
        answer: httpx.Response = await client.get("/api/v1/openapi.json")
    description = answer.json()
    assert description["servers"] == [{"url": "/api/v1"}]
    assert "/inquiries/{id}/ask-back" in description["paths"]


# For whoever watches over the process


async def test_alive_and_ready(office: Office) -> None:
    async with office.visitor() as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).json()["ready"] is True
        assert "donghanh_turns_total" in (await client.get("/metrics")).text


async def test_not_ready_while_the_clocks_stand_still(office: Office) -> None:
    office.swept.append(office.clock.now())
    office.clock.advance(timedelta(minutes=5))
    async with office.visitor() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "knowledge": True, "sweeps": False}


async def test_not_ready_without_the_database(office: Office) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")  # no server listens on port 1
    watched = health.routes(
        database=away, knowledge=office.core.knowledge, clock=office.clock, last_sweep=lambda: None, sweep_interval=15
    )
    transport = httpx.ASGITransport(app=Starlette(routes=watched))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        answer = await client.get("/readyz")
    await away.close()
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": False, "knowledge": True, "sweeps": True}
