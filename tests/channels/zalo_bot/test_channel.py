"""A person on Zalo's Bot Platform and the whole helpdesk behind it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.app import build_core
from bot.channels.alarms import Alarms
from bot.channels.downloads import Downloads
from bot.channels.numbered import NumberedMenus
from bot.channels.zalo_bot.channel import ZaloBotChannel, month_of
from bot.channels.zalo_bot.webhook import PATH
from bot.delivery.ledger import Priority, Recipient
from bot.delivery.message import Attachment, Message
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits, TryLater, Unreachable
from bot.knowledge.service import Knowledge
from bot.outreach.drafts import Draft
from bot.outreach.plan import ChannelPlan
from bot.settings import Settings
from storage.models import ChannelAccount, Inquiry, WaitingEvent
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.crowd import given_crowd
from tests.channels.serving import served
from tests.clock import ManualClock
from tests.handlers.conftest import KNOWN, STUCK, small_knowledge  # noqa: F401
from tests.outreach.conftest import AUTHOR
from tests.peers.zalo_bot import TOKEN, ZaloBotPeer


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloBotPeer]:
    async with ZaloBotPeer() as peer:
        yield peer


@pytest.fixture
async def desk(
    tmp_path: Path,
    clock: ManualClock,
    sqlite_url: str,
    small_knowledge: Knowledge,  # noqa: F811
    zalo: ZaloBotPeer,
) -> AsyncIterator[Any]:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=sqlite_url, secret_key="a-key-for-tests-only")
    core = build_core(settings, clock=clock, knowledge=small_knowledge)
    downloads = Downloads(core.files, core.catalogue, clock, key=b"a key of the tests", base_url="https://bot.example")
    channel = ZaloBotChannel(
        token=TOKEN,
        api_url=zalo.url,
        mode="webhook",
        database=core.database,
        alarms=Alarms(core.database, clock, core.signals),
        menus=NumberedMenus(core.database),
        downloads=downloads,
        catalogue=core.catalogue,
        clock=clock,
        may_keep=core.pipeline.may_be_kept,
        key=b"a key of the tests",
        limits=Limits(),
        public_url="https://bot.example",
        webhook_secret="secret-of-ours",
        media_hosts=[zalo.url],
        event_look_every=3600.0,
    )
    sender = Sender(core.database, {channel.name: channel}, clock, core.owner)
    core.outbox.connect(sender)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(core.database.close)
        address = await stack.enter_async_context(served([*channel.routes(), *downloads.routes()]))
        zalo.reach = address + PATH
        await sender.start()
        stack.push_async_callback(sender.stop)
        await channel.start(core.pipeline.take)
        stack.push_async_callback(channel.stop)
        await channel._errands.settled()  # the webhook is registered
        yield SimpleNamespace(core=core, channel=channel, sender=sender, address=address, clock=clock)


async def count(desk: Any, model: Any) -> int:
    async with desk.core.database.read() as uow:
        return len(await uow.rows(table_of(model).select()))


async def test_a_conversation_with_numbers(desk: Any, zalo: ZaloBotPeer) -> None:
    lan = zalo.person("Lan")
    assert await lan.says("/start") == 200
    await desk.sender.idle()
    await lan.chooses("Tiếng Việt")
    await desk.sender.idle()
    assert "Lan" in lan.last
    await lan.says(KNOWN)
    await desk.sender.idle()
    assert "Điều 3 khoản 1 điểm c" in lan.last
    assert lan.typing


async def test_the_secret_is_asked_for_and_a_repetition_changes_nothing(desk: Any, zalo: ZaloBotPeer) -> None:
    lan = zalo.person("Lan")
    assert await lan.says(STUCK, secret="wrong") == 403
    assert await count(desk, Inquiry) == 0
    assert await lan.says(STUCK) == 200
    assert await zalo.again() == 200
    assert await lan.says("xin chào", bare=True) == 200
    assert await count(desk, Inquiry) == 1


async def test_what_zalo_withholds_is_answered_politely_and_an_unknown_event_is_kept(desk: Any, zalo: ZaloBotPeer) -> None:
    lan = zalo.person("Lan")
    await lan.sends_unsupported()
    await desk.sender.idle()
    assert lan.heard
    assert await lan._does("message.someday.received", {}) == 200
    assert await count(desk, WaitingEvent) == 1


async def test_a_file_is_a_link_to_a_page_that_ends_and_cannot_be_guessed(desk: Any, zalo: ZaloBotPeer) -> None:
    lan = zalo.person("Lan")
    name = 'biên bản "1".xlsx'

    async def content() -> AsyncIterator[bytes]:
        yield b"the content"

    sha256, _ = await desk.core.files.keep(content(), at_most=1000)
    await desk.channel.send(lan.id, Message("Kèm tệp", files=(Attachment(sha256, name, "application/x"),)), delivery_id=1)
    link = lan.last.split()[-1]
    assert link.startswith("https://bot.example/files/")
    page_path = link.removeprefix("https://bot.example")
    async with httpx.AsyncClient(base_url=desk.address) as web:
        page = await web.get(page_path)
        assert page.status_code == 200
        assert "biên bản &quot;1&quot;.xlsx" in page.text
        file = await web.get(page_path + "/content")
        assert file.content == b"the content"
        assert file.headers["content-disposition"].startswith("attachment")
        assert file.headers["x-content-type-options"] == "nosniff"
        assert (await web.get(page_path + "/picture")).status_code == 410, "it is no picture"
        body, _, mark = page_path.removeprefix("/files/").partition(".")
        for forged in (f"{body}.{'A' * len(mark)}", f"{body[:-2]}AA.{mark}", body, f"{body}.", "..", "%2e%2e", "é.é"):
            assert (await web.get(f"/files/{forged}")).status_code == 404, forged
        desk.clock.advance(timedelta(days=15))
        assert (await web.get(page_path)).status_code == 410
        assert (await web.get(page_path + "/content")).status_code == 410


async def test_errors_are_told_apart(desk: Any, zalo: ZaloBotPeer) -> None:
    lan = zalo.person("Lan")
    for code, words, expected in (
        (429, "too many", TryLater),
        (500, "internal", TryLater),
        (401, "Unauthorized", TryLater),
        (403, "bot was blocked by the user", Unreachable),
    ):
        zalo.faults.append({"method": "sendMessage", "error_code": code, "description": words})
        with pytest.raises(expected) as raised:
            await desk.channel.send(lan.id, Message("x"), delivery_id=code)
        assert TOKEN not in str(raised.value)


async def test_a_long_text_goes_in_pieces_of_2000_and_goes_on_after_the_last_one(desk: Any, zalo: ZaloBotPeer) -> None:
    lan = zalo.person("Lan")
    text = "Một câu không dài lắm. " * 250
    zalo.faults += [{"method": "sendPhoto", "error_code": 500, "description": "x"}]
    await desk.channel.send(lan.id, Message(text), delivery_id=7)
    assert all(len(each["text"]) <= 2000 for each in lan.heard)
    assert " ".join(each["text"] for each in lan.heard) == text.strip()


async def test_pictures_come_from_zalos_hosts_only(desk: Any, zalo: ZaloBotPeer) -> None:
    allowed = zalo.host("a.jpg", b"jpeg")
    assert b"".join([chunk async for chunk in desk.channel.fetch(allowed)]) == b"jpeg"
    media = desk.channel._media
    for foreign in ("http://127.0.0.1:1/x", "https://zdn.vn.evil.example/x", "file:///etc/passwd", "https://u:p@zdn.vn/x"):
        assert not media.allows(foreign), foreign


async def test_doctor_is_content_with_what_works(desk: Any, zalo: ZaloBotPeer) -> None:
    assert await desk.channel.problems() == []
    zalo.faults.append({"method": "getMe", "error_code": 401, "description": "Unauthorized"})
    assert "ZALO_BOT_TOKEN" in (await desk.channel.problems())[0]


async def planned(desk: Any) -> ChannelPlan:
    outreach = desk.core.outreach
    outreach.carriers.connect({desk.channel.name: desk.channel})
    draft = Draft(kind="policy_update", title="Biểu mẫu mới", text_vi="Từ mai dùng mẫu mới.", text_en="New form.")
    plan = await outreach.planner.plan(await outreach.campaigns.create(draft, AUTHOR))
    (found,) = plan.channels
    return found


async def test_a_plan_says_whom_the_bot_reaches_and_what_is_left_of_the_month_by_our_own_count(
    desk: Any, zalo: ZaloBotPeer
) -> None:
    ids = [zalo.person(f"P{each}").id for each in range(5)]
    now = desk.clock.now()
    await given_crowd(desk.core.database, {each: ["zalo_bot"] for each in ids}, now=now, active_at=now - timedelta(days=300))
    desk.channel._per_month = 6
    found = await planned(desk)
    assert (found.people, found.left, found.short, found.outside, found.cost) == (5, 6, 0, 0, 0)
    assert found.wrote_first
    assert found.own_count
    await told(desk, ids[:1])
    desk.clock.advance(timedelta(days=40))
    await told(desk, ids[:3])
    found = await planned(desk)
    ends = month_of(desk.clock.now())[1]
    assert (found.left, found.short, found.left_until) == (3, 2, ends), "what went out last month counts no more"


async def test_a_bot_without_a_quota_has_none_in_the_plan(desk: Any) -> None:
    now = desk.clock.now()
    await given_crowd(desk.core.database, {"1": ["zalo_bot"]}, now=now, active_at=now)
    desk.channel._per_month = 0
    found = await planned(desk)
    assert (found.left, found.own_count, found.wrote_first) == (None, False, True)


def test_the_month_is_that_of_viet_nam() -> None:
    late = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    assert month_of(late) == (datetime(2026, 12, 31, 17, tzinfo=UTC), datetime(2027, 1, 31, 17, tzinfo=UTC))


async def told(desk: Any, people: Sequence[str]) -> None:
    accounts = table_of(ChannelAccount)

    async def work(uow: UnitOfWork) -> None:
        for row in await uow.rows(accounts.select().where(accounts.c.external_id.in_(people))):
            to = Recipient(row["id"], row["channel"], row["external_id"])
            desk.core.ledger.add(uow, to, Message("x"), kind="reply", priority=Priority.REPLY)

    await desk.core.database.write(work)
    await desk.sender.idle()
