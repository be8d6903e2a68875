"""A survey that is drafted, approved, asked and closed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.consultation.questions import read_questions
from bot.escalation.actors import Actor
from bot.surveys.results import Outcome, outcome
from bot.surveys.surveys import Surveys, Wanted
from storage import surveys as stored
from storage.surveys import SurveyRow
from storage.unit_of_work import UnitOfWork
from tests.consultation.conftest import APPROVER, AUTHOR, Asking, asking
from tests.handlers.conftest import Person, channel, helpdesk, small_knowledge

__all__ = ["asking", "channel", "helpdesk", "small_knowledge"]

QUESTIONS = """
[thang] Hài lòng với chương trình? | Satisfied?
[chọn] Lợi ích? | Benefit?
- Nhanh | Fast
- Rẻ | Cheap
[tự do] Cần cải thiện gì? | What should improve?
"""


@dataclass
class Polling:
    asking: Asking

    @property
    def surveys(self) -> Surveys:
        return self.asking.helpdesk.core.services.surveys

    async def drafted(self, **changed: Any) -> int:
        now = self.asking.now
        values: dict[str, Any] = {
            "title_vi": "Khảo sát hài lòng",
            "questions": read_questions(QUESTIONS),
            "audience": {"membership": ["member"]},
            "opens_at": now + timedelta(hours=1),
            "closes_at": now + timedelta(days=10),
        }

        async def work(uow: UnitOfWork) -> int:
            return (await self.surveys.create(uow, Wanted(**(values | changed)), AUTHOR)).id

        found: int = await self.asking.write(work)
        return found

    async def approve(self, survey: int, actor: Actor = APPROVER) -> None:
        async def work(uow: UnitOfWork) -> None:
            await self.surveys.approve(uow, await self.surveys.find(uow, survey), actor)

        await self.asking.write(work)

    async def opened(self, **changed: Any) -> int:
        survey = await self.drafted(**changed)
        await self.approve(survey)
        await self.passes(timedelta(hours=1))
        return survey

    async def passes(self, time: timedelta) -> None:
        self.asking.helpdesk.clock.advance(time)
        await self.asking.helpdesk.core.survey_sweeper.run()
        await self.asking.helpdesk.settled()

    async def row(self, survey: int) -> SurveyRow:
        async with self.asking.helpdesk.core.database.read() as uow:
            return await self.surveys.find(uow, survey)

    async def outcome(self, survey: int) -> Outcome:
        async with self.asking.helpdesk.core.database.read() as uow:
            return await outcome(uow, await self.surveys.find(uow, survey))

    async def all(self) -> list[SurveyRow]:
        async with self.asking.helpdesk.core.database.read() as uow:
            return await stored.listed(uow)

    async def members(self, count: int) -> list[Person]:
        """So many people of one enterprise."""
        return [await self.asking.member(f"Người {place}", "Công ty Bình Minh", "0100233488") for place in range(count)]


async def answers(person: Person, stars: int, benefit: str = "Nhanh", text: str = "") -> None:
    await person.presses("Trả lời ngay")
    await person.presses(str(stars))
    await person.presses(benefit)
    await (person.says(text) if text else person.presses("Bỏ qua"))


@pytest.fixture
def polling(asking: Asking) -> Polling:
    return Polling(asking)
