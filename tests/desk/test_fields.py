"""A mistake is said beside the field that it is about, that field is in focus, and nothing stands above the page."""

import re

import httpx
import pytest

from bot.desk.forms import Form
from bot.desk.mistakes import field_of
from bot.escalation.errors import DateUnreadable, ReasonMissing, TakenByOther
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
