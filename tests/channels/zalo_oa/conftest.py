"""A helpdesk whose channel is our Official Account, in front of a loopback Zalo: real pipeline, real ledger, real sender."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Core, build_core
from bot.channels.alarms import Alarms
from bot.channels.downloads import Downloads
from bot.channels.numbered import NumberedMenus
from bot.channels.standing import Standings
from bot.channels.zalo_oa.account import OaAccount
from bot.channels.zalo_oa.channel import LIMITS, ZaloOaChannel
from bot.channels.zalo_oa.webhook import PATH
from bot.delivery.ledger import Priority, Recipient
from bot.delivery.message import Attachment, Message
from bot.delivery.sender import Sender
from bot.delivery.transport import Transport
from bot.knowledge.service import Knowledge
from bot.settings import Settings
from storage.models import Base, ChannelAccount, Delivery, OfficerNotice
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.serving import served
from tests.clock import ManualClock
from tests.handlers.conftest import small_knowledge  # noqa: F401
from tests.peers.zalo_oa import Person, ZaloPeer

KEY = b"a key of the tests"


class Desk:
    """Our side, and what the tests ask of it."""

    def __init__(self, core: Core, zalo: ZaloPeer, clock: ManualClock) -> None:
        self.core = core
        self.zalo = zalo
        self.clock = clock
        self.sender: Sender
        self.channel: ZaloOaChannel
        self.transports: dict[str, Transport] = {}

    def account(self, **changed: Any) -> OaAccount:
        platform = self.zalo.platform
        settings: dict[str, Any] = {
            "app_id": platform.app_id,
            "app_secret": platform.app_secret,
            "oa_secret": platform.oa_secret,
            "oa_id": platform.oa_id,
            "api_url": self.zalo.url,
            "business_url": self.zalo.url,
            "oauth_url": self.zalo.url,
            "refresh_token": changed.pop("refresh_token", "") or platform.grant().refresh,
            "verifier": "v" * 43,
            "public_url": "https://bot.example",
        }
        return OaAccount(**(settings | changed))

    def make(self, account: OaAccount, *, owner: str = "one", **changed: Any) -> ZaloOaChannel:
        core, clock = self.core, self.clock
        downloads = Downloads(core.files, core.catalogue, clock, key=KEY, base_url="https://bot.example")
        settings: dict[str, Any] = {
            "database": core.database,
            "files": core.files,
            "standings": Standings(core.database, clock),
            "elsewhere": core.inquiries,
            "alarms": Alarms(core.database, clock, core.signals),
            "menus": NumberedMenus(core.database),
            "downloads": downloads,
            "catalogue": core.catalogue,
            "clock": clock,
            "owner": owner,
            "key": KEY,
            "may_keep": core.pipeline.may_be_kept,
            "limits": replace(LIMITS, per_second=0, per_chat=0),
            "media_hosts": [self.zalo.url],
            "look_every": 3600.0,
            "event_look_every": 3600.0,
        }
        return ZaloOaChannel(account, **(settings | changed))

    async def restarts(self) -> None:
        """Send on with a sender that remembers no pause: pauses are kept in real seconds, and the tests' clock has jumped."""
        await self.sender.stop()
        self.sender = Sender(self.core.database, self.transports, self.clock, self.core.owner)
        self.core.outbox.connect(self.sender)
        await self.sender.start()
        await self.settled()

    async def settled(self) -> None:
        """Return once everything that is due has been tried."""
        for _ in range(3):
            await self.sender.idle()
            while rows := await self.core.database.write(self.sender._claim):
                self.sender.accept(rows)
                await self.sender.idle()
        assert self.channel._receiver is not None
        await self.channel._receiver.settled()

    async def rows(self, model: type[Base] = Delivery) -> list[dict[str, Any]]:
        table = table_of(model)
        async with self.core.database.read() as uow:
            return [dict(row) for row in await uow.rows(select(table).order_by(table.c.id))]

    async def alarms(self) -> list[str]:
        return [
            row["text_key"].removeprefix("officer.channel.")
            for row in await self.rows(OfficerNotice)
            if row["inquiry_id"] is None
        ]

    async def to(self, person: Person) -> Recipient:
        table = table_of(ChannelAccount)
        async with self.core.database.read() as uow:
            row = await uow.row(select(table).where(table.c.external_id == person.id))
        assert row is not None
        return Recipient(row["id"], row["channel"], row["external_id"])

    async def tells(self, person: Person, text: str, *, priority: Priority = Priority.ALERT, **message: Any) -> dict[str, Any]:
        """Write something to a person and have it sent; return its row of the ledger."""
        to = await self.to(person)

        async def work(uow: UnitOfWork) -> int:
            said = Message(text, **message)
            return self.core.ledger.add(uow, to, said, kind="notice", priority=priority)

        row_id = await self.core.database.write(work)
        await self.settled()
        return next(row for row in await self.rows() if row["id"] == row_id)

    async def keep(self, content: bytes, name: str, media_type: str) -> Attachment:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        sha256, _ = await self.core.files.keep(chunks(), at_most=50_000_000)
        return Attachment(sha256, name, media_type)


@pytest.fixture
async def zalo(clock: ManualClock) -> AsyncIterator[ZaloPeer]:
    async with ZaloPeer(clock) as peer:
        yield peer


@pytest.fixture
def account_changes() -> dict[str, Any]:
    """What a test file wants to be different in the account's settings."""
    return {}


@pytest.fixture
def beside() -> Sequence[Transport]:
    """Other channels of the same helpdesk."""
    return ()


@pytest.fixture
async def desk(
    tmp_path: Path,
    clock: ManualClock,
    sqlite_url: str,
    small_knowledge: Knowledge,  # noqa: F811
    zalo: ZaloPeer,
    account_changes: dict[str, Any],
    beside: Sequence[Transport],
) -> AsyncIterator[Desk]:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=sqlite_url, secret_key="a-key-for-tests-only")
    core = build_core(settings, clock=clock, knowledge=small_knowledge)
    opened = Desk(core, zalo, clock)
    opened.channel = opened.make(opened.account(**account_changes))
    opened.transports = {each.name: each for each in (opened.channel, *beside)}
    opened.sender = Sender(core.database, opened.transports, clock, core.owner)
    core.outbox.connect(opened.sender)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(core.database.close)
        address = await stack.enter_async_context(served(opened.channel.routes()))
        zalo.webhook = address + PATH
        await opened.sender.start()
        stack.push_async_callback(lambda: opened.sender.stop())
        await opened.channel.start(core.pipeline.take)
        stack.push_async_callback(opened.channel.stop)
        yield opened
