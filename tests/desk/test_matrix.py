"""Role by action, in one's own department and in another: who can do what, walked from end to end."""

import pytest

from tests.office import COORDINATING, OTHER, OWN, Office

STATE_FOR = {
    "route": "awaiting_routing",
    "take": "routed",
    "release": "in_progress",
    "answer": "routed",
    "ask_back": "routed",
    "defer": "routed",
    "transfer": "routed",
    "escalate": "routed",
    "close": "routed",
    "note": "routed",
}
FIELDS = {
    "route": {"department": OWN},
    "answer": {"text": "Đã xem xét."},
    "ask_back": {"text": "Xin gửi tờ khai."},
    "defer": {"reason": "Chờ giám định.", "until": "2026-11-20T09:00"},
    "transfer": {"department": COORDINATING, "reason": "Nhầm đơn vị."},
    "escalate": {"reason": "Vượt thẩm quyền."},
    "close": {"reason": "Doanh nghiệp rút câu hỏi."},
    "note": {"text": "Lưu ý."},
}
ROLES = ("officer", "lead", "coordinator", "administrator", "editor", "approver", "special_team")


def may(role: str, action: str, own: bool) -> bool:
    if role in ("coordinator", "administrator"):
        return True
    return role in ("officer", "lead") and own and action != "route"


@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
@pytest.mark.parametrize("action", STATE_FOR)
@pytest.mark.parametrize("role", ROLES)
async def test_who_may_do_what(office: Office, role: str, action: str, own: bool) -> None:
    department = OWN if own else OTHER
    helper = await office.officer("helper", department=department)
    unrouted = action == "route"
    inquiry = await office.given_inquiry(
        to=None if unrouted else department, state=STATE_FOR[action], by=None if unrouted else helper
    )
    if action == "release":
        actor = await _officer(office, "lead" if role == "officer" else role)  # what is in a colleague's hands: for the lead
    else:
        actor = await _officer(office, role)
    async with office.browser(actor) as browser:
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        answer = await browser.press(inquiry, action, **FIELDS.get(action, {}))
    expected = may(role, action, own)
    visible = role in ("coordinator", "administrator") or (own and not unrouted and role in ("officer", "lead"))
    assert page.status_code == (200 if visible else 404)
    assert answer.status_code == (303 if expected else 404 if not visible else 403)
    offered = f'data-action="{action}"' in page.text
    assert offered == (expected and visible and not (action == "take" and inquiry.officer_id))
    if not expected:
        assert await office.look(inquiry) == inquiry


async def _officer(office: Office, role: str):  # type: ignore[no-untyped-def]
    lead = role == "lead"
    return await office.officer("tested", role="officer" if lead else role, department=OWN, lead=lead)
