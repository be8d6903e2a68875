"""Before an officer answers, the page says how the answer would reach the person, on any channel that has a window."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.delivery.transport import Limits, Window
from storage import deliveries
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import ChannelAccount, Delivery
from storage.unit_of_work import UnitOfWork, table_of
from tests.delivery.conftest import Platform
from tests.office import OWN, Office, shown

HOUR = timedelta(hours=1)
WINDOW = Window(free=48 * HOUR, paid=168 * HOUR, price=55)


def given_window(office: Office, *templates: str) -> None:
    platform, other = Platform(Limits(window=WINDOW, templates=frozenset(templates))), Platform(Limits())
    office.core.outreach.carriers.connect({"webchat": platform, "telegram": other})


async def given_last_words(office: Office, inquiry: InquiryRecord, ago: timedelta | None) -> None:
    accounts = table_of(ChannelAccount)
    at = office.clock.now() - ago if ago is not None else None
    change = update(accounts).where(accounts.c.id == inquiry.account_id).values(active_at=at)
    await office.core.database.write(lambda uow: uow.execute(change))


async def seen_page(office: Office, inquiry: InquiryRecord, language: str = "vi") -> str:
    async with office.browser(await office.officer(f"lan{new_id()}")) as browser:
        browser.client.cookies.set("donghanh_desk_language", language)
        return shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))


@pytest.mark.parametrize(
    ("ago", "vi", "en"),
    [
        (HOUR, "miễn phí đến", "is free until"),
        (50 * HOUR, "mất 55 đ mỗi tin, được đến", "costs 55 đ a message, until"),
        (200 * HOUR, "chờ đến khi doanh nghiệp nhắn lại. Nếu gấp, xin gọi điện", "If it is urgent, please call"),
        (None, "Đã quá hạn nhắn tin", "Outside the time"),
    ],
)
async def test_the_officer_sees_what_an_answer_costs_and_until_when(
    office: Office, ago: timedelta | None, vi: str, en: str
) -> None:
    given_window(office)
    inquiry = await office.given_inquiry(to=OWN)
    await given_last_words(office, inquiry, ago)
    assert vi in await seen_page(office, inquiry)
    assert en in await seen_page(office, inquiry, "en")


async def test_outside_the_window_another_channel_comes_before_the_template(office: Office) -> None:
    given_window(office, "answered")
    inquiry = await office.given_inquiry(to=OWN)
    await given_last_words(office, inquiry, None)
    assert "tin báo theo mẫu đã duyệt" in await seen_page(office, inquiry)

    async def link(uow: UnitOfWork) -> None:
        accounts = table_of(ChannelAccount)
        contact = await uow.scalar(
            accounts.select().with_only_columns(accounts.c.contact_id).where(accounts.c.id == inquiry.account_id)
        )
        named = {"contact_id": contact, "channel": "telegram", "external_id": "42", "step_data": {}}
        uow.insert(ChannelAccount, id=new_id(), **named, created_at=office.clock.now(), unreachable=None)

    await office.core.database.write(link)
    await given_last_words(office, inquiry, HOUR)
    assert "miễn phí đến" in await seen_page(office, inquiry)
    await given_last_words(office, inquiry, 200 * HOUR)
    assert "câu trả lời sẽ đi qua Telegram" in await seen_page(office, inquiry)


async def test_a_channel_without_a_window_says_nothing_of_it(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN)
    assert 'id="reach"' not in await seen_page(office, inquiry)


async def test_the_page_says_when_an_answer_arrived_and_was_seen(office: Office) -> None:
    inquiry = await office.given_inquiry(to=OWN, state="in_progress", by=await office.officer("minh"))
    rows = table_of(Delivery)

    async def sent(uow: UnitOfWork) -> None:
        await uow.execute(update(rows).where(rows.c.inquiry_id == inquiry.id).values(state="sent", platform_message_id="m-1"))

    await office.core.database.write(sent)
    for kind, words in (("received", "đã đến máy"), ("seen", "đã xem")):
        now = office.clock.now()
        await office.core.database.write(
            lambda uow, kind=kind, now=now: deliveries.receipt(uow, channel="webchat", ids=["m-1"], kind=kind, at=now)
        )
        assert words in await seen_page(office, inquiry)
