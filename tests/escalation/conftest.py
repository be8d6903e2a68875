"""A helpdesk without channels: the services over a real database, and short ways to say what a test is about."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.delivery.ledger import Ledger, Outbox
from bot.escalation.actors import Actor, ActorKind, Role
from bot.escalation.calendar import Calendars
from bot.escalation.history import Chain
from bot.escalation.inquiries import Inquiries
from bot.escalation.keeping import Asker, Candidate
from bot.escalation.ladder import Ladder
from bot.escalation.notices import Notices
from bot.escalation.sweeps import Sweeper
from bot.knowledge.directory import Department, Directory
from bot.knowledge.files.working_hours import WorkingTime
from bot.locales.catalogue import LANGUAGES
from bot.signals import Signals
from storage import inquiries as stored
from storage.database import Database
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import ChannelAccount, Contact, Delivery, Officer, OfficerNotice
from storage.unit_of_work import UnitOfWork, table_of
from tests.clock import ManualClock

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

DIRECTORY = Directory(
    [
        Department("tchq", "Tổng cục Hải quan", "General Department", accepts_inquiries=False),
        Department("cuc-qlrr", "Cục Quản lý rủi ro", "Risk Management", parent="tchq", coordinating=True),
        Department("cuc-kiem-dinh", "Cục Kiểm định hải quan", "Goods Verification", parent="tchq"),
        Department("chi-cuc", "Chi cục Hải quan", "Sub-department", parent="cuc-kiem-dinh", response_target=timedelta(hours=8)),
    ]
)


WORKING_TIME = WorkingTime()


class EchoCatalogue:
    """Says the key and the values, so that a test reads what was meant, not how it is put."""

    def say(self, key: str, language: str, **params: Any) -> str:
        return f"[{language}] {key} " + " ".join(f"{name}={value}" for name, value in sorted(params.items()))


@dataclass
class Desk:
    """What the tests act on. Each act is a transaction of its own, as at the real desk."""

    database: Database
    clock: ManualClock
    inquiries: Inquiries
    sweeper: Sweeper
    chain: Chain
    asker: Asker

    async def act(self, act: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        return await self.database.write(lambda uow: act(uow, *args, **kwargs))

    async def given_inquiry(self, *, candidates: tuple[str, ...] = (), to: str | None = None) -> InquiryRecord:
        """A question that the bot handed to people; with `to`, routed there by the bot."""
        listed = [Candidate(each, DIRECTORY[each].name, 0.5) for each in candidates]

        async def ask(uow: UnitOfWork) -> InquiryRecord:
            inquiry = await self.inquiries.receive(uow, self.asker, "Mã HS của mặt hàng này là gì?")
            inquiry = await self.inquiries.ask_officer(uow, inquiry, candidates=listed, actor=BOT)
            if to is not None:
                inquiry = await self.inquiries.route(uow, inquiry, to, BOT, by="bot", tell=False)
            return inquiry

        return await self.database.write(ask)

    async def look(self, inquiry: InquiryRecord) -> InquiryRecord:
        async with self.database.read() as uow:
            found = await stored.by_id(uow, inquiry.id)
        assert found is not None
        return found

    async def told(self) -> list[str]:
        """What was written to the ledger for the enterprise, oldest first."""
        async with self.database.read() as uow:
            rows = await uow.rows(select(table_of(Delivery)).order_by(Delivery.id))
        return [row["content"]["text"] for row in rows]

    async def notices(self) -> list[tuple[str, str]]:
        """(audience, text key) of what officers are shown, oldest first."""
        async with self.database.read() as uow:
            rows = await uow.rows(select(table_of(OfficerNotice)).order_by(OfficerNotice.id))
        return [(row["audience"], row["text_key"]) for row in rows]

    async def history(self, inquiry: InquiryRecord) -> list[str]:
        async with self.database.read() as uow:
            return [row["event"] for row in await stored.history(uow, inquiry.id)]

    def another_asker(self) -> Asker:
        return replace(self.asker, contact_id=self.asker.contact_id + 1)


BOT = Actor(ActorKind.BOT, name="bot")


def make_services(
    database: Database,
    clock: ManualClock,
    *,
    directory: Directory = DIRECTORY,
    working_time: WorkingTime = WORKING_TIME,
    ahead: timedelta = timedelta(),
) -> tuple[Inquiries, Sweeper, Chain]:
    """The services as a process has them; a second call is a second process."""
    chain = Chain(b"a key of the tests, long enough")
    ledger = Ledger(clock, "tests", Outbox())
    notices = Notices(ledger, EchoCatalogue(), clock, LANGUAGES[0])  # type: ignore[arg-type]
    calendars, live = Calendars(HANOI, lambda: working_time), Signals()
    inquiries = Inquiries(
        directory=lambda: directory,
        notices=notices,
        chain=chain,
        calendars=calendars,
        clock=clock,
        routing_deadline=timedelta(hours=24),
        live=live,
    )
    ladder = Ladder(inquiries=inquiries, notices=notices, calendars=calendars, clock=clock, live=live)
    return inquiries, Sweeper(database, inquiries, ladder, clock, ahead=ahead), chain


def officer(id: int, department: str, *, lead: bool = False, role: Role = Role.OFFICER) -> Actor:
    return Actor(ActorKind.OFFICER, id, f"officer {id}", role, department, lead)


LAN = officer(1, "cuc-kiem-dinh")
MINH = officer(2, "cuc-kiem-dinh")
LEAD = officer(3, "cuc-kiem-dinh", lead=True)
OTHER = officer(4, "chi-cuc")
COORDINATOR = officer(5, "cuc-qlrr", role=Role.COORDINATOR)


@pytest.fixture
async def desk(database: Database, clock: ManualClock) -> Desk:
    return await open_desk(database, clock)


async def open_desk(database: Database, clock: ManualClock) -> Desk:
    """Put the people of the tests into an empty database, and return the desk over it."""
    contact_id, account_id = new_id(), new_id()

    async def people(uow: UnitOfWork) -> None:
        uow.insert(Contact, id=contact_id, name="Lan", language="vi", created_at=clock.now())
        uow.insert(
            ChannelAccount,
            id=account_id,
            contact_id=contact_id,
            channel="webchat",
            external_id="lan",
            step_data={},
            created_at=clock.now(),
        )
        for each in (LAN, MINH, LEAD, OTHER, COORDINATOR):
            uow.insert(
                Officer,
                id=each.id,
                login=each.name,
                name=each.name,
                role=str(each.role),
                department_id=each.department_id,
                lead=each.lead,
                password_hash="",
                must_change_password=False,
                active=True,
                failed_sign_ins=0,
                created_at=clock.now(),
            )

    await database.write(people)
    inquiries, sweeper, chain = make_services(database, clock)
    asker = Asker(contact_id, account_id, "webchat", "vi", "Lan")
    return Desk(database, clock, inquiries, sweeper, chain, asker)
