"""What people want to be told, and when."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.app import make_site
from bot.public.routes import routes
from bot.subscriptions.errors import HoursWrong, MustBeTold, TopicUnknown
from bot.subscriptions.hours import Hours
from bot.subscriptions.quiet import QuietHours
from bot.subscriptions.subscriptions import SPANS, Subscriptions
from storage.models import ChannelAccount
from storage.subscriptions import TimesRow
from storage.unit_of_work import table_of
from tests.consultation.conftest import Asking
from tests.handlers.conftest import Person

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
AT_ANY_HOUR = Hours(QuietHours(time(0), time(0), HANOI))


async def contact_of(asking: Asking, person: Person) -> int:
    account = table_of(ChannelAccount)
    async with asking.helpdesk.core.database.read() as uow:
        found: int = await uow.scalar(select(account.c.contact_id).where(account.c.external_id == person.external_id))
    return found


async def allowed(asking: Asking, topic: str, *people: Person) -> list[bool]:
    ids = [await contact_of(asking, each) for each in people]
    async with asking.helpdesk.core.database.read() as uow:
        found = await asking.helpdesk.core.services.subscriptions.allows(uow, ids, topic)
    return [each in found for each in ids]


async def test_everything_is_told_until_somebody_says_otherwise(asking: Asking, lan: Person, hung: Person) -> None:
    assert await allowed(asking, "newsletter", lan, hung) == [True, True]
    await lan.says("/subscriptions")
    await lan.presses("Tắt: Bản tin")
    assert "✗ Bản tin" in lan.last
    assert await allowed(asking, "newsletter", lan, hung) == [False, True]
    await lan.presses("Nhận: Bản tin")
    assert await allowed(asking, "newsletter", lan, hung) == [True, True]


async def test_a_member_cannot_switch_off_what_the_law_owes_them(asking: Asking, lan: Person) -> None:
    assert "● Cảnh báo rủi ro: luôn nhận" in await lan.says("/subscriptions")
    assert "Tắt: Cảnh báo rủi ro" not in [button.label for button in lan.buttons]
    assert "1761/QĐ-TCHQ Điều 7" in await lan.acts("sub:risk_alert:0")
    assert await allowed(asking, "risk_alert", lan) == [True]


async def test_a_guest_can_and_is_told_again_once_they_are_a_member(asking: Asking) -> None:
    guest = asking.helpdesk.person("Tú")
    await guest.says("/subscriptions")
    await guest.presses("Tắt: Cảnh báo rủi ro")
    assert await allowed(asking, "risk_alert", guest) == [False]
    await guest.says(await asking.helpdesk.invite("Công ty Mới"))
    assert await allowed(asking, "risk_alert", guest) == [True]


@pytest.mark.parametrize("action", ["sub", "sub:x:1", "sub:newsletter", "sub_at:x", "sub_at"])
async def test_a_button_of_any_make_is_answered(asking: Asking, lan: Person, action: str) -> None:
    heard = len(lan.heard)
    await lan.acts(action)
    assert len(lan.heard) == heard + 1
    assert "trục trặc" not in lan.last


async def test_hours_are_chosen_with_one_press(asking: Asking, lan: Person) -> None:
    await lan.says("/subscriptions")
    await lan.presses("Chọn giờ")
    assert "Giờ hành chính" in await lan.presses("Giờ hành chính")
    contact = await contact_of(asking, lan)
    asking.helpdesk.clock.set(datetime(2026, 11, 20, 11, 0, tzinfo=UTC))  # Friday, 18 o'clock in Hà Nội
    async with asking.helpdesk.core.database.read() as uow:
        waits = await asking.helpdesk.core.services.subscriptions.not_before(uow, [contact])
    assert waits == {contact: datetime(2026, 11, 23, 1, 0, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("span", "now", "opens"),
    [
        ("any", "2026-11-21T03:00", "2026-11-21T03:00"),
        ("office", "2026-11-20T07:59", "2026-11-20T08:00"),
        ("office", "2026-11-20T09:30", "2026-11-20T09:30"),
        ("office", "2026-11-20T17:00", "2026-11-23T08:00"),
        ("evening", "2026-11-21T22:00", "2026-11-22T18:00"),
    ],
)
def test_the_next_moment_in_these_hours(span: str, now: str, opens: str) -> None:
    moment, expected = (datetime.fromisoformat(each).replace(tzinfo=HANOI) for each in (now, opens))
    assert AT_ANY_HOUR.opening(SPANS[span], moment.astimezone(UTC)) == expected


@pytest.mark.parametrize(
    ("chosen", "now", "opens", "closes"),
    [
        (TimesRow(18, 24, False), "2026-11-20T12:00", "2026-11-20T18:00", "2026-11-20T21:00"),
        (TimesRow(0, 9, False), "2026-11-20T12:00", "2026-11-21T07:00", "2026-11-21T09:00"),
        (TimesRow(0, 9, True), "2026-11-20T12:00", "2026-11-23T07:00", "2026-11-23T09:00"),
        (TimesRow(8, 17, True), "2026-11-20T12:00", "2026-11-20T12:00", "2026-11-20T17:00"),
        (TimesRow(21, 23, False), "2026-11-20T12:00", "2026-11-20T12:00", "2026-11-20T21:00"),
        (TimesRow(21, 23, False), "2026-11-20T22:00", "2026-11-21T07:00", "2026-11-21T21:00"),
    ],
)
def test_chosen_hours_count_outside_the_quiet_ones_and_not_at_all_where_the_two_never_meet(
    chosen: TimesRow, now: str, opens: str, closes: str
) -> None:
    hours = Hours(QuietHours(time(21), time(7), HANOI))
    at, first, last = (datetime.fromisoformat(each).replace(tzinfo=HANOI) for each in (now, opens, closes))
    assert hours.stretch(chosen, at.astimezone(UTC)) == (first, last)


async def test_hours_that_are_no_span_and_topics_that_are_none_are_refused(asking: Asking, lan: Person) -> None:
    subscriptions: Subscriptions = asking.helpdesk.core.services.subscriptions
    contact = await contact_of(asking, lan)
    with pytest.raises(HoursWrong):
        await asking.write(lambda uow: subscriptions.set_times(uow, contact, TimesRow(9, 9, working_days=False)))
    with pytest.raises(TopicUnknown):
        await asking.write(lambda uow: subscriptions.choose(uow, contact, "x", wanted=True, member=True))
    with pytest.raises(MustBeTold):
        await asking.write(lambda uow: subscriptions.choose(uow, contact, "policy_update", wanted=False, member=True))


async def test_the_same_is_chosen_on_the_web(asking: Asking, lan: Person) -> None:
    await lan.says("/subscriptions")
    await lan.presses("Chọn trên trang web")
    link = re.search(r"/l/[\w-]{43}", lan.last)
    assert link is not None
    transport = httpx.ASGITransport(app=Starlette(routes=routes(make_site(asking.helpdesk.core))))
    headers = {"Origin": "http://public.test"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://public.test", follow_redirects=True, headers=headers
    ) as browser:
        page = await browser.post(link[0])
        csrf = re.search(r'name="csrf" value="(\w+)"', page.text)
        assert csrf is not None
        assert "Lấy ý kiến doanh nghiệp" not in page.text
        wanted = {"csrf": csrf[1], "topic_survey": "1", "from_hour": "9", "until_hour": "11"}
        assert "Đã lưu" in (await browser.post("/my/subscriptions", data=wanted)).text
        wrong = await browser.post("/my/subscriptions", data=wanted | {"from_hour": "12"})
        assert wrong.status_code == 422
        assert (await browser.get("/my/consultation")).status_code == 401
    assert await allowed(asking, "survey", lan) == [True]
    assert await allowed(asking, "event", lan) == [False]
    assert await allowed(asking, "policy_update", lan) == [True]


async def test_who_chose_hours_is_asked_in_them_and_once(asking: Asking, lan: Person, hung: Person) -> None:
    await lan.says("/subscriptions")
    await lan.presses("Chọn giờ")
    await lan.presses("Buổi tối")
    consultation = await asking.opened()  # at 10 o'clock
    assert "Kính mời" in hung.last
    assert "Kính mời" not in lan.last
    asking.helpdesk.clock.set(datetime(2026, 11, 16, 11, 0, tzinfo=UTC))  # 18 o'clock
    await asking.sweep()
    await asking.sweep()
    for person in (lan, hung):
        assert len([each for each in person.heard if "Kính mời" in each.text]) == 1
    assert (await asking.row(consultation)).state == "open"
