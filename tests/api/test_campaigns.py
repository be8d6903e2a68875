"""Campaigns and audiences through the API: what another system sees and does."""

from typing import Any

import httpx

from tests.office import OWN, Office

CONTENT: dict[str, Any] = {
    "kind": "risk_alert",
    "risk": "supply_chain",
    "title": "Niêm phong giả",
    "text_vi": "Đã phát hiện niêm phong giả.",
    "text_en": "False seals have been found.",
    "audience": {"membership": ["member"]},
    "urgent": True,
}


async def drafted(office: Office, **more: Any) -> dict[str, Any]:
    async with office.program(role="editor") as api:
        answer = await api.post("/campaigns", json={**CONTENT, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_whole_life_of_a_campaign(office: Office) -> None:
    await office.asker(member=True)
    draft = await drafted(office)
    path = f"/campaigns/{draft['number']}"
    async with office.program(role="approver") as api:
        plan = await done(await api.get(f"{path}/plan"))
        assert (plan["reachable"], plan["channels"][0]["channel"]) == (1, "webchat")
        approved = await done(await api.post(f"{path}/approve", json={"revision": draft["revision"]}))
        assert (approved["state"], len(approved["text_hash"])) == ("approved", 64)
        scheduled = await done(await api.post(f"{path}/schedule", json={"revision": approved["revision"]}))
        assert scheduled["plan"]["reachable"] == 1
        await office.core.outreach.runner.run()
        assert (await done(await api.get(f"{path}/progress")))["left"] == 1
        assert (await done(await api.post(f"{path}/pause")))["state"] == "paused"
        assert (await done(await api.post(f"{path}/resume")))["state"] == "sending"
        people = (await done(await api.get(f"{path}/recipients")))["items"]
        assert [each["state"] for each in people] == ["held"]
        assert (await done(await api.post(f"{path}/cancel")))["state"] == "cancelled"
        refused = await api.post(f"{path}/resume")
        assert (refused.status_code, refused.json()["code"]) == (409, "campaign.not_in_state")
        steps = [each["action"] for each in (await done(await api.get(f"{path}/steps")))["items"]]
    assert steps == ["create", "approve", "schedule", "release", "pause", "resume", "cancel"]


async def test_a_change_that_was_not_read_is_not_overlooked(office: Office) -> None:
    draft = await drafted(office)
    async with office.program(role="editor") as api:
        changed = await api.put(f"/campaigns/{draft['id']}", json={**CONTENT, "title": "Khác", "revision": 1})
        assert (changed.status_code, changed.json()["revision"]) == (200, 2)
        late = await api.put(f"/campaigns/{draft['id']}", json={**CONTENT, "revision": 1})
    assert (late.status_code, late.json()["code"]) == (409, "campaign.moved_on")


async def test_an_audience_is_counted_kept_and_changed(office: Office) -> None:
    await office.asker(member=True, tax_code="0100233488")
    async with office.program() as api:
        look = await done(await api.post("/audiences/count", json={"tax_codes": ["0100233488", "0100109106"]}))
        assert (look["reachable"], look["unreachable"]) == (1, {"unknown_tax_code": 1})
        made = await api.post("/audiences", json={"name": "Dệt may", "filter": {"sectors": ["Dệt may"]}})
        assert made.status_code == 201
        kept = made.json()
        changed = await api.put(f"/audiences/{kept['id']}", json={"name": "Dệt may 2", "filter": {"hs_chapters": ["61"]}})
        assert changed.json()["filter"] == {"hs_chapters": ["61"]}
        assert (await done(await api.get(f"/audiences/{kept['id']}/look")))["people"] == 0
        assert [each["name"] for each in (await done(await api.get("/audiences")))["items"]] == ["Dệt may 2"]
        wrong = await api.post("/audiences/count", json={"tax_codes": ["123"]})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "audience.filter_wrong")


async def test_an_officer_sees_campaigns_but_neither_writes_them_nor_looks_through_enterprises(office: Office) -> None:
    draft = await drafted(office)
    async with office.program(role="officer", department=OWN) as api:
        assert (await api.get("/campaigns")).status_code == 200
        assert (await api.post("/campaigns", json=CONTENT)).status_code == 403
        assert (await api.post(f"/campaigns/{draft['id']}/approve", json={"revision": 1})).status_code == 403
        assert (await api.post("/audiences/count", json={})).status_code == 403
    async with office.program(role="special_team") as api:
        assert (await api.get("/campaigns")).status_code == 403
