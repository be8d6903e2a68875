"""A consultation that is drafted, approved, and asked of people who are there in a chat."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.consultation.consultations import Wanted, Whole, units_from
from bot.consultation.questions import read_questions
from bot.consultation.responding import Responding
from bot.escalation.actors import Actor, ActorKind, Role
from storage.consultations import ConsultationRow
from storage.unit_of_work import UnitOfWork
from tests.handlers.conftest import Helpdesk, Person, channel, helpdesk, small_knowledge

__all__ = ["channel", "helpdesk", "small_knowledge"]

DRAFT = """
QUYẾT ĐỊNH
Về việc ban hành quy trình kiểm tra sau thông quan

Điều 1. Phạm vi điều chỉnh
Quyết định này quy định việc kiểm tra hồ sơ tại trụ sở cơ quan hải quan.

Điều 2. Thời hạn kiểm tra
1. Thời hạn kiểm tra tối đa là 10 ngày làm việc.
2. Trường hợp phức tạp được gia hạn một lần, gồm:
a) Hồ sơ có từ 50 tờ khai trở lên;
b) Doanh nghiệp xin giải trình thêm.

Điều 3. Hiệu lực
Quyết định này có hiệu lực từ ngày 01/01/2027.
"""
QUESTIONS = """
[chọn] Doanh nghiệp muốn nhận kết luận bằng cách nào? | How would you like to get the result?
- Bản giấy | On paper
- Bản điện tử | Electronically
[thang] Thời hạn 10 ngày là hợp lý | Ten days are reasonable
[tự do] Doanh nghiệp đề xuất gì thêm? | What else do you propose?
"""
AUTHOR = Actor(ActorKind.OFFICER, 101, "Nguyễn Soạn", Role.EDITOR)
APPROVER = Actor(ActorKind.OFFICER, 102, "Lê Duyệt", Role.APPROVER)


@dataclass
class Asking:
    """The authority's side of consultations."""

    helpdesk: Helpdesk
    responding: Responding = field(init=False)

    def __post_init__(self) -> None:
        self.responding = Responding(self.helpdesk.clock)

    @property
    def now(self) -> datetime:
        return self.helpdesk.clock.now()

    async def write(self, act: Any) -> Any:
        return await self.helpdesk.core.database.write(act)

    def wanted(self, **changed: Any) -> Wanted:
        values: dict[str, Any] = {
            "title_vi": "Dự thảo quy trình kiểm tra sau thông quan",
            "title_en": "Draft procedure of post-clearance audit",
            "issuer": "Cục Kiểm tra sau thông quan",
            "audience": {"membership": ["member"]},
            "members_first_h": 0,
            "opens_at": self.now + timedelta(hours=1),
            "closes_at": self.now + timedelta(days=10),
        }
        return Wanted(**(values | changed))

    async def drafted(self, text: str | None = DRAFT, questions: str = QUESTIONS, **changed: Any) -> int:
        """A draft by AUTHOR; return its id."""
        consultations = self.helpdesk.core.consultations

        async def work(uow: UnitOfWork) -> int:
            row = await consultations.create(uow, self.wanted(**changed), AUTHOR)
            if text is not None:
                await consultations.set_text(uow, row, units_from("du-thao.txt", text.encode()), AUTHOR)
                row = await consultations.find(uow, row.id)
            if questions:
                await consultations.set_questions(uow, row, read_questions(questions), AUTHOR)
            return row.id

        found: int = await self.write(work)
        return found

    async def approve(self, consultation_id: int, actor: Actor = APPROVER) -> None:
        consultations = self.helpdesk.core.consultations

        async def work(uow: UnitOfWork) -> None:
            await consultations.approve(uow, await consultations.find(uow, consultation_id), actor)

        await self.write(work)

    async def opened(self, **changed: Any) -> int:
        """An approved consultation whose opening has come and whose audience has been asked."""
        consultation_id = await self.drafted(**changed)
        await self.approve(consultation_id)
        await self.passes(timedelta(hours=1))
        return consultation_id

    async def passes(self, time: timedelta) -> None:
        """Let time pass, and have what fell due be done."""
        self.helpdesk.clock.advance(time)
        await self.sweep()

    async def sweep(self) -> int:
        done = await self.helpdesk.core.consultation_sweeper.run()
        await self.helpdesk.settled()
        return done

    async def close(self, consultation_id: int) -> None:
        await self.passes((await self.row(consultation_id)).closes_at - self.now)  # type: ignore[operator]

    async def row(self, consultation_id: int) -> ConsultationRow:
        return (await self.whole(consultation_id)).row

    async def whole(self, consultation_id: int) -> Whole:
        async with self.helpdesk.core.database.read() as uow:
            return await self.helpdesk.core.consultations.whole(uow, consultation_id)

    async def member(self, name: str, company: str, tax_code: str) -> Person:
        """Somebody who has joined the enterprise, with an open chat."""
        person = self.helpdesk.person(name)
        await person.says(await self.helpdesk.invite(company, tax_code=tax_code))
        return person

    async def does(self, consultation_id: int, act: str, *arguments: Any, actor: Actor = AUTHOR, **named: Any) -> Any:
        """Work on the responses."""

        async def work(uow: UnitOfWork) -> Any:
            row = await self.helpdesk.core.consultations.find(uow, consultation_id)
            return await getattr(self.responding, act)(uow, row, *arguments, actor, **named)

        return await self.write(work)


@pytest.fixture
def asking(helpdesk: Helpdesk) -> Asking:
    return Asking(helpdesk)


@pytest.fixture
async def lan(asking: Asking) -> Person:
    return await asking.member("Lan", "Công ty Bình Minh", "0100233488")


@pytest.fixture
async def hung(asking: Asking) -> Person:
    return await asking.member("Hùng", "Công ty Sao Mai", "0100109106")
