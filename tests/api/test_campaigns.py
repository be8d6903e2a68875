"""Campaigns and audiences through the API: what another system sees and does."""

from typing import Any

import httpx
import pytest

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


KEY = {"Idempotency-Key": "5d1c-0001"}


@pytest.mark.parametrize(("path", "body"), [("/campaigns", CONTENT), ("/audiences", {"name": "Dệt may"})])
async def test_what_is_made_and_sent_again_is_made_once(office: Office, path: str, body: dict[str, Any]) -> None:
    async with office.program(role="editor") as api:
        answers = [await api.post(path, json=body, headers=KEY) for _ in range(2)]
        listed = (await api.get(path)).json()["items"]
    assert [each.status_code for each in answers] == [201, 201], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert len(listed) == 1


async def test_every_step_of_a_campaign_that_is_sent_again_is_told_the_same(office: Office) -> None:
    await office.asker(member=True)
    async with office.program(role="coordinator") as api:
        await api.post("/audiences", json={"name": "thử", "filter": {"membership": ["member"]}})
    draft = await drafted(office)

    async def twice(action: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        path, key = f"/campaigns/{draft['id']}/{action}", {"Idempotency-Key": f"key-{action}"}
        answers = [await api.post(path, json=body, headers=key) for _ in range(2)]
        assert answers[0].status_code == answers[1].status_code < 300, (action, answers[0].text)
        assert answers[0].json() == answers[1].json(), action
        found: dict[str, Any] = answers[0].json()
        return found

    async with office.program(role="approver") as api:
        assert (await twice("trial", {"panel": "thử"})) == {"amount": 1}
        approved = await twice("approve", {"revision": draft["revision"]})
        await twice("schedule", {"revision": approved["revision"]})
        await office.core.outreach.runner.run()
        await twice("pause")
        await twice("resume")
        assert (await twice("send-again", {"states": ["refused"]})) == {"amount": 0}
        await twice("correct", {"text_vi": "Sửa lại.", "text_en": "Corrected."})
        await twice("cancel")
        steps = [each["action"] for each in (await api.get(f"/campaigns/{draft['id']}/steps")).json()["items"]]
        kept = await api.get("/campaigns")
    assert steps == [
        "create", "trial", "approve", "schedule", "release", "pause", "resume", "send_again", "correct", "cancel",
    ]  # fmt: skip
    assert len(kept.json()["items"]) == 2


async def test_a_step_that_was_refused_keeps_no_key_and_changes_nothing(office: Office) -> None:
    draft = await drafted(office)
    async with office.program(role="approver") as api:
        path = f"/campaigns/{draft['id']}/approve"
        nobody = await api.post(path, json={"revision": draft["revision"]}, headers=KEY)
        assert nobody.status_code >= 400
        await office.asker(member=True)
        approved = await api.post(path, json={"revision": draft["revision"]}, headers=KEY)
    assert approved.json()["state"] == "approved"


async def test_files_are_put_to_a_draft_and_taken_out_of_it(office: Office) -> None:
    draft = await drafted(office)
    files = [("files", ("../../Mẫu 01.pdf", b"%PDF-1.7 1", "text/html")), ("files", ("b.xlsx", b"PK", "x/y"))]
    async with office.program(role="editor") as api:
        path = f"/campaigns/{draft['id']}/files"
        put = await done(await api.post(path, files=files))
        assert (put["files"][0]["name"], put["files"][0]["media_type"]) == ("Mẫu 01.pdf", "application/pdf")
        again = await done(await api.post(path, files=files))
        assert (again["files"], again["revision"]) == (put["files"], put["revision"])
        left = await done(await api.delete(f"{path}/{put['files'][0]['sha256']}"))
        assert [each["name"] for each in left["files"]] == ["b.xlsx"]
        changed = await api.put(f"/campaigns/{draft['id']}", json={**CONTENT, "revision": left["revision"]})
        assert changed.json()["files"] == left["files"]
        many = [("files", (f"{number}.txt", b"%d" % number, "text/plain")) for number in range(5)]
        refused = await api.post(path, files=many)
        assert (refused.status_code, refused.json()["code"]) == (422, "campaign.too_many_files")


async def test_a_file_that_is_too_large_or_not_for_this_role_is_refused(office: Office) -> None:
    draft = await drafted(office)
    path = f"/campaigns/{draft['id']}/files"
    async with office.program(role="officer", department=OWN) as api:
        assert (await api.post(path, files=[("files", ("a.txt", b"a", "text/plain"))])).status_code == 403
    async with office.program(role="editor") as api:
        large = [("files", ("to.bin", b"x" * (20 * 1024 * 1024 + 1), "x/y"))]
        refused = await api.post(path, files=large)
        assert (refused.status_code, refused.json()["code"]) == (413, "campaign.file_too_large")


async def test_files_that_are_added_after_the_approval_are_approved_again(office: Office) -> None:
    await office.asker(member=True)
    draft = await drafted(office)
    async with office.program(role="approver") as api:
        await done(await api.post(f"/campaigns/{draft['id']}/approve", json={"revision": draft["revision"]}))
    async with office.program(role="editor") as api:
        put = await done(await api.post(f"/campaigns/{draft['id']}/files", files=[("files", ("a.txt", b"a", "text/plain"))]))
    assert (put["state"], put["approved_by"], put["text_hash"]) == ("draft", None, None)


async def test_the_description_names_the_key_at_every_step(office: Office) -> None:
    async with office.visitor() as client:
        paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    steps = [path for path in paths if path.startswith(("/campaigns", "/audiences")) and "post" in paths[path]]
    # the same file twice is one file, and counting changes nothing
    steps = [path for path in steps if path not in ("/campaigns/{id}/files", "/audiences/count")]
    assert len(steps) >= 11
    for path in steps:
        found = [each["name"].lower() for each in paths[path]["post"]["parameters"] if each["in"] == "header"]
        assert found == ["idempotency-key"], path
