"""When we may write: the window that opens with what a person does, what it costs, and what happens outside it."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels.zalo_oa import zbs
from bot.channels.zalo_oa.channel import WINDOW
from bot.delivery.message import Message
from bot.delivery.transport import Limits, Transport
from storage.ids import new_id
from storage.models import ChannelAccount, OfficerNotice
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.zalo_oa.conftest import Desk
from tests.handlers.conftest import KNOWN
from tests.peers.zalo_oa import Person, ZaloPeer

DAY = timedelta(days=1)


class Elsewhere:
    """Another channel of the same person, without a window."""

    name = "telegram"
    limits = Limits()

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        self.sent.append(message)
        return str(delivery_id)

    async def fetch(self, reference: str) -> AsyncIterator[bytes]:
        yield b""


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def beside(elsewhere: Elsewhere) -> Sequence[Transport]:
    return [elsewhere]


@pytest.fixture
def account_changes() -> dict[str, Any]:
    return {"templates": {"answered": zbs.parse("283746: ma={number}; don_vi={department}")}}


@pytest.fixture
async def lan(desk: Desk, zalo: ZaloPeer) -> Person:
    person = zalo.person("Lan")
    await person.says(KNOWN)
    await desk.settled()
    person.heard.clear()
    return person


async def test_within_48_hours_it_is_free_and_until_7_days_it_costs(desk: Desk, lan: Person, zalo: ZaloPeer) -> None:
    quota = zalo.platform.quota
    assert (await desk.tells(lan, "trong 48 giờ"))["state"] == "sent"
    assert zalo.platform.quota == quota
    desk.clock.advance(3 * DAY)
    now = desk.clock.now()
    assert WINDOW.at(now - 3 * DAY, now).price == 55
    assert (await desk.tells(lan, "sau 48 giờ"))["state"] == "sent"
    assert zalo.platform.quota == quota - 1


async def test_outside_the_window_it_waits_and_goes_out_when_the_person_writes(desk: Desk, lan: Person) -> None:
    desk.clock.advance(8 * DAY)
    row = await desk.tells(lan, "tin chờ")
    assert (row["state"], lan.heard) == ("waiting", [])
    assert "7 days" in row["error"]
    await lan.says("alo")
    await desk.settled()
    assert "tin chờ" in [heard.text for heard in lan.heard]
    assert (await desk.rows())[-1]["state"] == "sent"


async def test_a_template_tells_them_that_an_answer_waits(desk: Desk, lan: Person, zalo: ZaloPeer) -> None:
    zalo.template("283746", ma=20, don_vi=10)
    desk.clock.advance(8 * DAY)
    facts = (("number", "YC-2026-000001"), ("department", "Cục Giám sát quản lý về hải quan"))
    row = await desk.tells(lan, "câu trả lời", purpose="answered", facts=facts)
    assert row["state"] == "waiting"
    assert row["error"].startswith("template:")
    assert [(each.template, each.data) for each in lan.heard] == [("283746", {"ma": "YC-2026-000001", "don_vi": "Cục Giám s"})]
    await lan.says("xin chào")
    await desk.settled()
    assert "câu trả lời" in [heard.text for heard in lan.heard]


async def test_who_takes_no_template_by_id_is_told_by_phone(desk: Desk, lan: Person, zalo: ZaloPeer) -> None:
    zalo.template("283746", ma=20, don_vi=10)
    await lan.submits("Nguyễn Thị Lan", "0912345678")
    await desk.settled()
    lan.state.takes_templates = False
    desk.clock.advance(8 * DAY)
    lan.heard.clear()
    await desk.tells(lan, "câu trả lời", purpose="answered", facts=(("number", "YC-2026-000001"),))
    assert [each.by_phone for each in lan.heard] == [True]


@pytest.mark.parametrize("broken", ["unknown", "not approved"])
async def test_a_template_that_cannot_be_used_is_told_at_the_desk_and_nothing_is_lost(
    desk: Desk, lan: Person, zalo: ZaloPeer, broken: str
) -> None:
    if broken == "not approved":
        zalo.template("283746", ma=20, don_vi=10).approved = False
    desk.clock.advance(8 * DAY)
    row = await desk.tells(lan, "câu trả lời", purpose="answered")
    assert row["state"] == "waiting"
    assert "template" in await desk.alarms()


async def test_another_channel_of_the_person_comes_before_a_template(
    desk: Desk, lan: Person, zalo: ZaloPeer, elsewhere: Elsewhere
) -> None:
    zalo.template("283746", ma=20, don_vi=10)
    accounts = table_of(ChannelAccount)

    async def link(uow: UnitOfWork) -> None:
        theirs = (await desk.to(lan)).account_id
        contact = await uow.scalar(accounts.select().with_only_columns(accounts.c.contact_id).where(accounts.c.id == theirs))
        uow.insert(
            ChannelAccount,
            id=new_id(),
            contact_id=contact,
            channel="telegram",
            external_id="42",
            step_data={},
            created_at=desk.clock.now(),
        )

    await desk.core.database.write(link)
    desk.clock.advance(8 * DAY)
    row = await desk.tells(lan, "câu trả lời", purpose="answered")
    assert (row["state"], row["channel"]) == ("sent", "telegram")
    assert [each.text for each in elsewhere.sent] == ["câu trả lời"]
    assert lan.heard == []


async def test_zalos_own_word_counts_where_we_believed_the_window_open(desk: Desk, lan: Person) -> None:
    lan.state.last_interaction = desk.clock.now() - 9 * DAY
    row = await desk.tells(lan, "tin chờ")
    assert row["state"] == "waiting"
    assert "-230" in row["error"]
    await lan.says("alo")
    await desk.settled()
    assert "tin chờ" in [heard.text for heard in lan.heard]


async def test_what_is_free_goes_out_though_the_quota_is_used_up(desk: Desk, lan: Person, zalo: ZaloPeer) -> None:
    zalo.platform.quota = 0
    other = zalo.person("Minh")
    await other.says(KNOWN)
    await desk.settled()
    desk.clock.advance(3 * DAY)
    await other.says("alo")
    await desk.settled()
    row = await desk.tells(lan, "tốn phí")
    assert row["state"] == "queued"
    assert row["next_attempt_at"].hour == 17, "five past midnight in Viet Nam"
    assert "quota" in await desk.alarms()
    assert (await desk.tells(other, "không tốn phí"))["state"] == "sent"
    calls = len(zalo.calls)
    await desk.tells(lan, "tốn phí nữa")
    assert zalo.calls[calls:].count("/v3.0/oa/message/cs") == 0, "a message that needs quota is not even tried"
    zalo.platform.quota = 10
    desk.clock.advance(DAY)
    await desk.restarts()
    assert [each.text for each in lan.heard] == ["tốn phí", "tốn phí nữa"]


async def test_the_alarm_is_seen_once_a_day(desk: Desk, lan: Person, zalo: ZaloPeer) -> None:
    zalo.fails("/message/cs", times=99, error=-320)
    await desk.tells(lan, "một")
    await desk.core.database.write(lambda uow: uow.execute(update(table_of(OfficerNotice)).values(seen_at=None)))
    await desk.restarts()
    assert (await desk.alarms()).count("account") == 1
