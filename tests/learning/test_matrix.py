"""Role by page and action of the knowledge base: who can do what."""

import pytest

from bot.learning.errors import DraftNotFound, MayNotDecide
from tests.learning.curating import COMPLETE, answered_inquiry, drafts_of, fields_of, press, proposed
from tests.office import OWN, Office, shown

ROLES = ("officer", "lead", "coordinator", "administrator", "editor", "approver", "special_team")
CURATORS = ("coordinator", "administrator", "editor", "approver")


async def _officer(office: Office, role: str, login: str = "tested"):  # type: ignore[no-untyped-def]
    lead = role == "lead"
    return await office.officer(login, role="officer" if lead else role, department=OWN, lead=lead)


@pytest.mark.parametrize("role", ROLES)
async def test_who_sees_what_of_the_knowledge_page(office: Office, role: str) -> None:
    async with office.browser(await _officer(office, role)) as browser:
        page = await browser.see("/desk/knowledge")
        home = await browser.see("/desk")
    assert page.status_code == (404 if role == "special_team" else 200)
    assert ('id="gaps"' in page.text) == (role in CURATORS)
    assert ('id="endings"' in page.text) == (role in CURATORS)
    assert ('id="figures"' in page.text) == (role in CURATORS)
    assert ('href="/desk/knowledge"' in home.text) == (role != "special_team")


@pytest.mark.parametrize("role", ROLES)
async def test_who_makes_a_draft_of_an_answer(office: Office, role: str) -> None:
    inquiry = await answered_inquiry(office, await office.officer("who-answered"))
    async with office.browser(await _officer(office, role)) as browser:
        sent = await browser.post(f"/desk/inquiries/{inquiry.number}/draft")
    assert sent.status_code == (303 if role in ("officer", "lead", "coordinator", "administrator") else 404)


@pytest.mark.parametrize("role", ROLES)
async def test_who_makes_a_draft_of_questions_asked_in_vain(office: Office, role: str) -> None:
    async with office.browser(await _officer(office, role)) as browser:
        sent = await browser.post("/desk/knowledge/drafts", question_0="Mở tờ khai quá cảnh ở đâu?", language="vi")
    assert sent.status_code == (303 if role in CURATORS else 403)


@pytest.mark.parametrize("action", ["save", "propose", "approve", "reject"])
@pytest.mark.parametrize("role", ROLES)
async def test_who_may_do_what_with_the_proposal_of_another(office: Office, role: str, action: str) -> None:
    author = await office.officer("author")
    row = await proposed(office, author.actor)
    fields = {"save": fields_of(COMPLETE), "propose": fields_of(COMPLETE), "reject": {"reason": "Chưa rõ."}}
    async with office.browser(await _officer(office, role)) as browser:
        page = await browser.see(f"/desk/knowledge/drafts/{row.id}")
        sent = await press(browser, row.id, action, **fields.get(action, {}))
    allowed = role in CURATORS
    assert page.status_code == (200 if allowed else 404)
    assert sent.status_code == (303 if allowed else 404), shown(sent)
    assert (f'data-action="{action}"' in page.text or f"/{action}" in page.text) == allowed
    if not allowed:
        assert (await drafts_of(office).see(row.id, author.actor)) == row


@pytest.mark.parametrize("role", ["officer", "lead", "special_team"])
async def test_the_service_itself_refuses_who_may_not_decide(office: Office, role: str) -> None:
    author = await office.officer("author")
    row = await proposed(office, author.actor)
    other = await _officer(office, role)
    with pytest.raises(DraftNotFound):
        await drafts_of(office).approve(row.id, row.revision, other.actor)
    with pytest.raises(MayNotDecide):
        await drafts_of(office).approve(row.id, row.revision, author.actor)
    with pytest.raises(MayNotDecide):
        await drafts_of(office).reject(row.id, row.revision, "x", author.actor)


async def test_an_officer_who_is_the_author_is_not_offered_the_approval(office: Office) -> None:
    author = await office.officer("author")
    row = await proposed(office, author.actor)
    async with office.browser(author) as browser:
        page = await browser.see(f"/desk/knowledge/drafts/{row.id}")
    assert 'data-action="approve"' not in page.text


async def test_a_form_without_the_sessions_secret_does_nothing(office: Office) -> None:
    author, hoa = await office.officer("author"), await office.officer("hoa", role="approver", department=None)
    row = await proposed(office, author.actor)
    async with office.browser(hoa) as browser:
        sent = await browser.client.post(f"/desk/knowledge/drafts/{row.id}/approve", data={"revision": str(row.revision)})
    assert sent.status_code == 403
    assert (await drafts_of(office).see(row.id, hoa.actor)).state == "proposed"
