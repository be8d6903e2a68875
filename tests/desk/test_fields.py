"""A mistake is said beside the field that it is about, that field is in focus, and nothing stands above the page."""

import re

import httpx
import pytest

from bot.desk.forms import Form
from bot.desk.mistakes import field_of
from bot.escalation.actors import Actor, ActorKind, Role
from bot.escalation.errors import DateUnreadable, ReasonMissing, TakenByOther
from storage.audiences import AudienceFilter
from tests.office import COORDINATING, OWN, PASSWORD, Browser, Office

_MARKED = re.compile(
    r'<(?:input|select|textarea)[^>]*name="(\w+)"[^>]*aria-invalid="true" aria-describedby="wrong-(\w+)" autofocus'
)
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def fields_marked(page: httpx.Response) -> list[str]:
    """Return the fields that are marked, each of which must have its sentence beside it."""
    found = []
    for name, described in _MARKED.findall(page.text):
        assert name == described
        assert re.search(rf'<small class="fault" id="wrong-{name}">[^<]{{10,}}</small>', page.text)
        found.append(name)
    return found


@pytest.mark.parametrize(
    ("action", "fields", "marked"),
    [
        ("answer", {"text": " "}, "text"),
        ("defer", {"reason": " ", "until": "2026-12-01T09:00"}, "reason"),
        ("defer", {"reason": "Chờ giám định", "until": "2020-01-01T09:00"}, "until"),
        ("defer", {"reason": "Chờ giám định", "until": "mai"}, "until"),
        ("transfer", {"department": OWN, "reason": "Không thuộc thẩm quyền"}, "department"),
    ],
)
async def test_a_mistake_in_an_action_stands_in_the_form_of_that_action_alone(
    office: Office, action: str, fields: dict[str, str], marked: str
) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        page = await browser.press(inquiry, action, **fields)
    assert page.status_code == 422
    assert fields_marked(page) == [marked]
    assert 'id="error"' not in page.text


async def test_what_is_about_no_field_stands_above_the_page(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    async with office.browser(await office.officer("lan")) as browser:
        page = await browser.press(inquiry, "answer", seen=0, text="Trả lời")
    assert fields_marked(page) == []
    assert 'id="error"' in page.text


@pytest.mark.parametrize(
    ("changed", "marked"),
    [
        ({"person": " "}, "person"),
        ({"text": " "}, "text"),
        ({"tax_code": "12"}, "tax_code"),
        ({"received_at": "hôm qua"}, "received_at"),
    ],
)
async def test_a_mistake_in_what_is_written_down_stands_beside_its_field(
    office: Office, changed: dict[str, str], marked: str
) -> None:
    given = {"means": "phone", "person": "Chị Hoa", "text": "Tờ khai bị chuyển luồng đỏ.", "do": "record"}
    async with office.browser(await office.officer("lan")) as browser:
        page = await browser.post("/desk/intake", **(given | changed))
    assert fields_marked(page) == [marked]


async def test_mistakes_in_a_department_stand_beside_each_of_its_fields(office: Office) -> None:
    chief = await office.officer("truong", role="coordinator", department=COORDINATING)
    async with office.browser(chief) as browser:
        page = await browser.post(
            "/desk/directory/new", id="phong-moi", name="", name_en="New", level="?", response_target_h="0"
        )
    assert fields_marked(page) == ["name", "level", "response_target_h"]
    assert 'id="error"' not in page.text


@pytest.mark.parametrize(
    ("changed", "marked"),
    [
        ({"title": " "}, "title"),
        ({"text_vi": "Xem <b>ngay."}, "text_vi"),
        ({"text_en": "x" * 5000}, "text_en"),
        ({"links": "Mẫu | tệp"}, "links"),
        ({"entries": "khong-co"}, "entries"),
        ({"reminders": "sớm"}, "reminders"),
        ({"kind": "risk_alert"}, "risk"),
        ({"kind": "event"}, "event_at"),
        ({"acknowledge": "yes", "ack_due_at": "mai"}, "ack_due_at"),
        ({"hs_chapters": "abc"}, "hs_chapters"),
        ({"tax_codes": "12"}, "tax_codes"),
        ({"saved_audience": "77"}, "saved_audience"),
    ],
)
async def test_a_mistake_in_a_campaign_stands_beside_its_field(office: Office, changed: dict[str, str], marked: str) -> None:
    given = {"kind": "policy_update", "title": "Mẫu mới", "text_vi": "Từ mai.", "text_en": "From tomorrow.", "risk": ""}
    empty = dict.fromkeys(("links", "entries", "reminders", "event_at", "ack_due_at"), "")
    await _audience(office)
    async with office.browser(await office.officer("ha", role="editor", department=None)) as browser:
        page = await browser.post("/desk/campaigns", **(empty | given | changed))
    assert fields_marked(page) == [marked]
    assert 'id="error"' not in page.text


async def _audience(office: Office) -> str:
    editor = Actor(ActorKind.OFFICER, 90, "Chị Thu", Role.EDITOR)
    return str((await office.core.outreach.audiences.save("tổ thử", AudienceFilter(regions=("Huế",)), editor)).id)


async def test_a_mistake_in_an_action_on_a_campaign_stands_in_its_form(office: Office) -> None:
    await office.asker(member=True)
    panel = await _audience(office)
    coordinator = await office.officer("ha", role="coordinator", department=None)
    approver = await office.officer("nam", role="approver", department=None)
    fields = {"kind": "policy_update", "title": "Mẫu mới", "text_vi": "Từ mai.", "text_en": "From tomorrow."}
    async with office.browser(coordinator) as browser, office.browser(approver) as decides:
        address = (await browser.post("/desk/campaigns", **fields)).headers["location"].split("?")[0]
        assert fields_marked(await browser.post(f"{address}/trial", panel=panel)) == ["panel"]
        assert (await decides.post(f"{address}/approve", revision="1")).status_code == 303
        page = await decides.post(f"{address}/schedule", revision="2", at="2020-01-01T09:00")
        assert fields_marked(page) == ["at"]
        assert 'value="2020-01-01T09:00"' in page.text


async def test_a_mistake_in_an_audience_stands_beside_its_field(office: Office) -> None:
    async with office.browser(await office.officer("ha", role="editor", department=None)) as browser:
        assert fields_marked(await browser.post("/desk/audiences", do="save", name=" ")) == ["name"]
        assert fields_marked(await browser.post("/desk/audiences", do="count", name="", contacts="ai đó")) == ["contacts"]


@pytest.mark.parametrize(
    ("kind", "changed", "marked"),
    [
        ("consultations", {"title_vi": " "}, "title_vi"),
        ("consultations", {"issuer": "x" * 400}, "issuer"),
        ("consultations", {"opens_at": "mai"}, "opens_at"),
        ("consultations", {"closes_at": "2999-01-01T09:00"}, "closes_at"),
        ("consultations", {"hs_chapters": "abc"}, "hs_chapters"),
        ("consultations", {"saved": "77"}, "saved"),
        ("surveys", {"title_vi": " "}, "title_vi"),
        ("surveys", {"questions": "Hài lòng?"}, "questions"),
        ("surveys", {"closes_at": "mai"}, "closes_at"),
        ("surveys", {"tax_codes": "12"}, "tax_codes"),
    ],
)
async def test_a_mistake_in_what_enterprises_are_asked_stands_beside_its_field(
    office: Office, kind: str, changed: dict[str, str], marked: str
) -> None:
    await _audience(office)
    async with office.browser(await office.officer("ha", role="editor", department=None)) as browser:
        assert fields_marked(await browser.post(f"/desk/{kind}", title_vi=" ")) == ["title_vi"]
        address = (await browser.post(f"/desk/{kind}", title_vi="Dự thảo")).headers["location"].split("?")[0]
        page = await browser.post(f"{address}/save", **({"title_vi": "Dự thảo", "revision": "1"} | changed))
    assert fields_marked(page) == [marked]
    assert 'id="error"' not in page.text


async def test_a_mistake_in_the_text_or_the_questions_of_a_consultation_stands_beside_them_and_they_stay(
    office: Office,
) -> None:
    async with office.browser(await office.officer("ha", role="editor", department=None)) as browser:
        address = (await browser.post("/desk/consultations", title_vi="Dự thảo")).headers["location"].split("?")[0]
        page = await browser.post(f"{address}/text", revision="1", text="Chưa thành điều khoản nào")
        assert (fields_marked(page), "Chưa thành điều khoản nào" in page.text) == (["text"], True)
        page = await browser.post(f"{address}/questions", revision="1", questions="Vì sao?")
        assert (fields_marked(page), "Vì sao?" in page.text) == (["questions"], True)


async def test_mistakes_in_a_draft_of_an_answer_stand_beside_each_of_its_fields(office: Office) -> None:
    async with office.browser(await office.officer("ha", role="editor", department=None)) as browser:
        begun = await browser.post("/desk/knowledge/drafts", question_0="Mẫu nào?", language="vi")
        address = begun.headers["location"].split("?")[0]
        revision = re.search(r'name="revision" value="(\d+)"', (await browser.see(address)).text)
        assert revision is not None
        typed = {"entry_id": "Sai Mã", "valid_from": "mai", "vi_question": "Mẫu nào?", "vi_answer": "Mẫu số 1."}
        page = await browser.post(f"{address}/propose", revision=revision[1], **typed)
        assert {"entry_id", "department", "valid_from", "vi_paraphrases", "citations"} <= set(fields_marked(page))
        assert 'id="error"' not in page.text
        revision = re.search(r'name="revision" value="(\d+)"', (await browser.see(address)).text)
        assert revision is not None
        assert fields_marked(await browser.post(f"{address}/reject", revision=revision[1], reason=" ")) == ["reason"]


async def _password(browser: Browser, **given: str) -> list[str]:
    return fields_marked(await browser.post("/desk/password", **({"old": PASSWORD, "new": "a", "again": "a"} | given)))


async def test_a_mistake_with_a_password_stands_beside_the_one_that_is_wrong(office: Office) -> None:
    async with office.browser(await office.officer("lan")) as browser:
        assert await _password(browser) == ["new"]
        assert await _password(browser, again="b") == ["again"]
        assert await _password(browser, old="không phải", new=PASSWORD * 2, again=PASSWORD * 2) == ["old"]
    async with office.visitor() as client:
        csrf = _CSRF.search((await client.get("/desk/sign-in")).text)
        assert csrf is not None
        fields = {"csrf": csrf[1], "login": "lan", "password": "sai"}
        assert fields_marked(await client.post("/desk/sign-in", data=fields)) == ["password"]


def test_an_error_belongs_to_the_first_field_that_the_form_has() -> None:
    assert field_of(ReasonMissing(), Form({"reason": ""})) == "reason"
    assert field_of(DateUnreadable(given="x"), Form({"received_at": "x"})) == "received_at"
    assert field_of(DateUnreadable(given="x"), Form({"text": "x"})) is None
    assert field_of(TakenByOther(number="YC-1", officer="Lan"), Form({"text": "x"})) is None
