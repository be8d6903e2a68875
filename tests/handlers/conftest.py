"""A helpdesk as people meet it: the real pipeline over a real database and a small knowledge base of its own, with a
channel that keeps what it was given to send.

    person = helpdesk.person("Lan")
    await person.says("Tờ khai luồng đỏ bị kẹt")
    await person.presses("Bổ sung")
    person.heard[-1].text
"""

import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import Core, build_core
from bot.delivery.message import Button, Message
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from bot.escalation.actors import Actor, ActorKind, Role
from bot.escalation.keeping import IncomingFile
from bot.handlers.incoming import Incoming
from bot.knowledge.service import Knowledge
from bot.membership import enterprises
from bot.settings import Settings
from storage import inquiries as stored
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import Base, ChannelAccount, Delivery, Inquiry, Officer
from storage.unit_of_work import UnitOfWork, table_of
from tests.clock import ManualClock

CHANNELS = ("telegram", "webchat", "zalo_oa", "zalo_bot")
"""the conversations are the same on all of them; a channel that comes later is added here (see `test_every_channel.py`)"""
KEEPS_A_COPY = frozenset({"webchat"})

KNOWN = "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?"
"""answered by the small knowledge base"""
UNSURE = "tham gia chương trình"
"""met with three suggestions"""
STUCK = "Tờ khai luồng đỏ của công ty tôi bị kẹt ở cảng Cát Lái chưa kiểm hóa"
"""goes to an officer of a department that is plainly competent"""
NOBODYS = "Công chức đầu mối phụ trách biên bản ghi nhớ của công ty tôi là ai?"
"""for guests: goes to an officer, and no department is plainly competent"""
REPORT = "cán bộ hải quan ở cảng vòi tiền 5 triệu mới cho thông quan"
INVESTIGATED = "công ty em đang bị điều tra, nhờ hải quan tư vấn giúp"
TAX_CODE = "0100233488"


class FakeChannel:
    """A platform that takes everything."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.limits = Limits()
        self.sent: dict[str, list[Message]] = {}
        self.ids: dict[str, Message] = {}
        """what was sent, by the id that the platform gave it"""

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        self.sent.setdefault(recipient, []).append(message)
        self.ids[str(delivery_id)] = message
        return str(delivery_id)

    async def fetch(self, reference: str) -> AsyncIterator[bytes]:
        yield reference.encode()


class Person:
    def __init__(self, helpdesk: "Helpdesk", name: str, *, app_language: str | None) -> None:
        self._helpdesk = helpdesk
        self.name = name
        self.external_id = f"{name}-{next(helpdesk.counter)}"
        self._app_language = app_language

    @property
    def heard(self) -> list[Message]:
        return self._helpdesk.channel.sent.get(self.external_id, [])

    @property
    def last(self) -> str:
        return self.heard[-1].text

    @property
    def buttons(self) -> list[Button]:
        """The buttons of the newest message."""
        return [button for row in self.heard[-1].buttons for button in row]

    async def says(self, text: str = "", *files: IncomingFile, event_id: str = "", replies_to: str | None = None) -> str:
        """Send a message; return what came back, the newest message."""
        return await self._takes(text=text, files=files, event_id=event_id, replies_to=replies_to)

    async def replies(self, text: str, *files: IncomingFile, to: str) -> str:
        """Reply to the newest message that holds these words."""
        ids = self._helpdesk.channel.ids
        message_id = next(each for each in reversed(ids) if to in ids[each].text and ids[each] in self.heard)
        return await self.says(text, *files, replies_to=message_id)

    async def sends(self, *names: str, text: str = "", size: int = 1000) -> str:
        return await self.says(text, *(self._helpdesk.file(name, size=size) for name in names))

    async def presses(self, label: str) -> str:
        """Press the newest button whose label holds these words."""
        for message in reversed(self.heard):
            for row in message.buttons:
                for button in row:
                    if label.lower() in button.label.lower():
                        return await self.acts(button.action)
        raise AssertionError(f"nobody offered {label!r}; the last message was {self.heard[-1:]}")

    async def acts(self, action: str) -> str:
        """Send a button's action, also one that nobody offered."""
        return await self._takes(action=action)

    async def _takes(
        self,
        *,
        text: str = "",
        action: str = "",
        files: tuple[IncomingFile, ...] = (),
        event_id: str = "",
        replies_to: str | None = None,
    ) -> str:
        incoming = Incoming(
            channel=self._helpdesk.channel.name,
            event_id=event_id or f"event-{next(self._helpdesk.counter)}",
            external_id=self.external_id,
            received_at=self._helpdesk.clock.now(),
            text=text,
            action=action,
            files=files,
            name=self.name,
            language=self._app_language,
            keep_copy=self._helpdesk.channel.name in KEEPS_A_COPY,
            replies_to=replies_to,
        )
        await self._helpdesk.core.pipeline.take(incoming)
        await self._helpdesk.settled()
        return self.heard[-1].text if self.heard else ""

    async def inquiries(self) -> list[InquiryRecord]:
        """Return what this person has asked, oldest first."""
        async with self._helpdesk.core.database.read() as uow:
            account = table_of(ChannelAccount)
            contact = await uow.scalar(select(account.c.contact_id).where(account.c.external_id == self.external_id))
            found = await stored.of_contact(uow, contact, limit=1000) if contact is not None else []
        return sorted(found, key=lambda each: each.id)

    async def inquiry(self) -> InquiryRecord:
        return (await self.inquiries())[-1]

    async def step(self) -> str | None:
        async with self._helpdesk.core.database.read() as uow:
            account = table_of(ChannelAccount)
            found: str | None = await uow.scalar(select(account.c.step).where(account.c.external_id == self.external_id))
        return found


class Helpdesk:
    def __init__(self, core: Core, channel: FakeChannel, clock: ManualClock) -> None:
        self.core = core
        self.channel = channel
        self.clock = clock
        self.counter = itertools.count(1)
        self.sender = Sender(core.database, {channel.name: channel}, clock, core.owner)
        core.outbox.connect(self.sender)
        self.officer = Actor(ActorKind.OFFICER, new_id(), "Trần Minh", Role.COORDINATOR, "dau-moi", lead=True)

    async def open(self) -> None:
        await self.core.database.write(self._add_officer)
        await self.sender.start()

    async def _add_officer(self, uow: UnitOfWork) -> None:
        uow.insert(
            Officer,
            id=self.officer.id,
            login="minh",
            name=self.officer.name,
            role=str(self.officer.role),
            department_id=self.officer.department_id,
            lead=True,
            password_hash="-",
            must_change_password=False,
            active=True,
            failed_sign_ins=0,
            created_at=self.clock.now(),
        )

    async def close(self) -> None:
        await self.sender.stop()
        await self.core.database.close()

    async def settled(self) -> None:
        """Wait until everything that is due has been sent."""
        waiting = select(func.count()).select_from(Delivery).where(Delivery.next_attempt_at.is_not(None))
        await self.sender.idle()
        async with self.core.database.read() as uow:
            assert await uow.scalar(waiting) == 0
        await self.sender.idle()

    def person(self, name: str = "Lan", *, app_language: str | None = None) -> Person:
        return Person(self, name, app_language=app_language)

    def file(self, name: str, *, size: int = 1000) -> IncomingFile:
        return IncomingFile(self.channel.name, f"ref-{name}", name, "application/pdf", size)

    async def invite(self, company: str = "Công ty Bình Minh", *, tax_code: str = TAX_CODE, membership: str = "member") -> str:
        """Return an invitation code of the enterprise."""

        async def work(uow: UnitOfWork) -> str:
            enterprise = await enterprises.find_or_add(
                uow, tax_code=tax_code, name=company, membership=membership, now=self.clock.now()
            )
            await uow.flush()
            return self.core.services.invitations.create(uow, enterprise)

        return await self.core.database.write(work)

    # The authority's side

    async def answers(self, person: Person, text: str = "Đã kiểm hóa xong, mời doanh nghiệp đến nhận hàng.") -> str:
        return await self._acts(person, "answer", text, self.officer)

    async def asks_back(self, person: Person, text: str = "Xin cho biết số tờ khai.", *, number: str = "") -> str:
        return await self._acts(person, "ask_back", text, self.officer, number=number)

    async def closes(self, person: Person, reason: str = "") -> str:
        return await self._acts(person, "close", self.officer, reason=reason)

    async def routes(self, person: Person, department: str) -> str:
        return await self._acts(person, "route", department, self.officer, by="coordinator")

    async def _acts(self, person: Person, act: str, *arguments: object, number: str = "", **named: object) -> str:
        inquiries = await person.inquiries()
        chosen = next((each for each in inquiries if each.number == number), inquiries[-1])

        async def work(uow: UnitOfWork) -> None:
            inquiry = await stored.by_id(uow, chosen.id)
            await getattr(self.core.inquiries, act)(uow, inquiry, *arguments, **named)

        await self.core.database.write(work)
        await self.settled()
        return person.last

    # What the database holds

    async def count(self, model: type[Base]) -> int:
        async with self.core.database.read() as uow:
            found: int = await uow.scalar(select(func.count()).select_from(table_of(model)))
        return found

    async def all_inquiries(self) -> list[InquiryRecord]:
        async with self.core.database.read() as uow:
            return [stored.as_record(row) for row in await uow.rows(select(table_of(Inquiry)))]

    async def histories_hold(self) -> bool:
        """Say whether every inquiry stands where its history says, and every history is a whole chain."""
        async with self.core.database.read() as uow:
            for inquiry in [stored.as_record(row) for row in await uow.rows(select(table_of(Inquiry)))]:
                rows = await stored.history(uow, inquiry.id)
                if self.core.chain.faults(inquiry, rows) or rows[-1]["to_state"] != inquiry.state:
                    return False
        return True

    async def holds_nothing_of(self, text: str) -> bool:
        """Say whether no column of any table holds the text."""
        async with self.core.database.read() as uow:
            for table in Base.metadata.sorted_tables:
                if any(text in str(value) for row in await uow.rows(select(table)) for value in row.values()):
                    return False
        return True


@pytest.fixture(scope="session")
def small_knowledge() -> Iterator[Knowledge]:
    """Read once: no test changes it."""
    knowledge = Knowledge.load(Path(__file__).parent / "knowledge", today=date(2026, 11, 16))
    yield knowledge
    knowledge.close()


@pytest.fixture
def channel() -> str:
    """The channel on which a test runs; `test_every_channel.py` puts all of them in its place."""
    return "webchat"


@pytest.fixture
async def helpdesk(
    channel: str, tmp_path: Path, clock: ManualClock, sqlite_url: str, small_knowledge: Knowledge
) -> AsyncIterator[Helpdesk]:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=sqlite_url,
        hotline_contact="Đội đặc nhiệm, 024 0000 0000",
        secret_key="a-key-for-tests-only",
    )
    opened = Helpdesk(build_core(settings, clock=clock, knowledge=small_knowledge), FakeChannel(channel), clock)
    await opened.open()
    yield opened
    await opened.close()
