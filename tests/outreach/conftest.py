"""Enterprises with people who can be told something, a sender in front of a platform that keeps what it was sent, and the
officers who write and approve campaigns."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Core
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from bot.escalation.actors import Actor, ActorKind, Role
from bot.knowledge.service import Knowledge
from bot.outreach.drafts import Draft
from storage import campaigns as stored
from storage import waves
from storage.audiences import AudienceFilter
from storage.campaigns import CampaignRow
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Delivery, Enterprise, EnterpriseChapter
from storage.unit_of_work import UnitOfWork, table_of
from tests.clock import ManualClock
from tests.delivery.conftest import Platform
from tests.office import Office
from tests.office_fixtures import office, shipped_knowledge

__all__ = ["office", "shipped_knowledge"]

AUTHOR = Actor(ActorKind.OFFICER, 1, "Chị Hà", Role.EDITOR)
APPROVER = Actor(ActorKind.OFFICER, 2, "Anh Nam", Role.APPROVER)


class Programme:
    """The helpdesk with its campaigns; `telegram` and `zalo_oa` are platforms of the tests."""

    def __init__(self, office: Office, telegram: Platform, zalo: Platform) -> None:
        self.office = office
        self.core: Core = office.core
        self.clock: ManualClock = office.clock
        self.telegram, self.zalo = telegram, zalo
        self.zalo.name = "zalo_oa"
        transports = {"telegram": telegram, "zalo_oa": zalo}
        opening = self.core.services.subscriptions.hours.opening
        self.sender = Sender(self.core.database, transports, self.clock, "sender", opening)
        self.core.outbox.connect(self.sender)
        self.campaigns = self.core.outreach.campaigns
        self.people: dict[str, int] = {}

    async def enterprise(
        self, name: str, *contacts: str, channels: tuple[str, ...] = ("telegram",), language: str = "vi", **fields: Any
    ) -> int:
        """An enterprise with contacts, each with an account on every channel, called as they are."""
        enterprise_id, now = new_id(), self.clock.now()
        chapters = fields.pop("hs_chapters", ())
        values = {"tax_code": f"{enterprise_id % 10**10:010d}", "membership": "member", **fields}
        self.people |= {person: new_id() for person in contacts}

        async def work(uow: UnitOfWork) -> None:
            uow.insert(Enterprise, id=enterprise_id, name=name, created_at=now, **values)
            for chapter in chapters:
                uow.insert(EnterpriseChapter, enterprise_id=enterprise_id, chapter=chapter)
            for person in contacts:
                contact = self.people[person]
                uow.insert(Contact, id=contact, name=person, enterprise_id=enterprise_id, language=language, created_at=now)
                for channel in channels:
                    uow.insert(
                        ChannelAccount,
                        id=new_id(),
                        contact_id=contact,
                        channel=channel,
                        external_id=person,
                        step_data={},
                        created_at=now,
                    )

        await self.core.database.write(work)
        return enterprise_id

    async def many(self, amount: int) -> None:
        await self.enterprise("Công ty Đông Người", *(f"p{n:05d}" for n in range(amount)))

    def draft(self, **values: Any) -> Draft:
        given = {"kind": "policy_update", "title": "Biểu mẫu mới", "text_vi": "Từ mai dùng mẫu mới.", "text_en": "New form."}
        return Draft(**{**given, "audience": AudienceFilter(), **values})

    async def approved(self, **values: Any) -> CampaignRow:
        row = await self.campaigns.create(self.draft(**values), AUTHOR)
        return await self.campaigns.approve(row.id, APPROVER, seen=row.revision)

    async def released(self, **values: Any) -> CampaignRow:
        """Approved, released, and its rows written; nothing is sent yet."""
        row = await self.approved(**values)
        await self.campaigns.schedule(row.id, None, APPROVER, seen=row.revision)
        await self.run()
        return await self.look(row)

    async def sent(self, **values: Any) -> CampaignRow:
        """Gone out to its end."""
        row = await self.released(**values)
        await self.deliver()
        return await self.look(row)

    async def run(self) -> None:
        await self.core.outreach.runner.run()

    async def deliver(self) -> None:
        """Let the recall window pass, and send until nothing is left to send."""
        self.clock.advance(timedelta(seconds=61))
        await self.sender.start()
        await self.settled()
        await self.sender.stop()
        await self.run()

    async def settled(self) -> None:
        """Wait until the ledger has nothing that is still to be sent; a retry's time comes as it is waited for."""
        for _ in range(500):
            open_rows = [row for row in await self.rows() if row["state"] in ("held", "queued", "sending")]
            if not open_rows:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"still open: {[(row['recipient'], row['state'], row['error']) for row in open_rows]}")

    async def until(self, *states: str) -> None:
        """Wait until the ledger's rows are in these states."""
        for _ in range(500):
            if (found := sorted(row["state"] for row in await self.rows())) == sorted(states):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(found)

    async def look(self, row: CampaignRow) -> CampaignRow:
        async with self.core.database.read() as uow:
            found = await stored.by_id(uow, row.id)
        assert found is not None
        return found

    async def rows(self) -> list[Any]:
        async with self.core.database.read() as uow:
            return list(await uow.rows(select(table_of(Delivery)).order_by(Delivery.id)))

    async def states(self) -> dict[str, str]:
        """What became of each person's row, by whom it is for."""
        return {row["recipient"]: row["state"] for row in await self.rows()}

    async def waves(self, row: CampaignRow) -> list[str]:
        async with self.core.database.read() as uow:
            return [each.purpose for each in await waves.of_campaign(uow, row.id)]


@pytest.fixture
async def programme(office: Office) -> AsyncIterator[Programme]:
    made = Programme(office, Platform(Limits(in_flight=20)), Platform(Limits(in_flight=20)))
    yield made
    await made.sender.stop()


@pytest.fixture
def knowledge(shipped_knowledge: Knowledge) -> Knowledge:
    return shipped_knowledge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
