"""What a survey does by itself: it opens and asks, reminds once, closes."""

from datetime import datetime
from functools import partial

from bot.clock import Clock
from bot.consultation.rounds import AT_ONCE, do_what_is_due, settle, write_to_all
from bot.delivery.message import Button, Message
from bot.locales.catalogue import Catalogue
from bot.subscriptions.telling import Step, Telling
from bot.subscriptions.topics import Topic
from bot.surveys.surveys import REMIND, SUBJECT, Surveys
from storage import asking, audiences
from storage import surveys as stored
from storage.asking import DueRow
from storage.audiences import AudienceFilter, Person
from storage.database import Database
from storage.surveys import ParticipantRow, SurveyRow
from storage.unit_of_work import UnitOfWork

KIND = "survey"


class SurveySweeper:
    def __init__(self, database: Database, clock: Clock, surveys: Surveys, telling: Telling, catalogue: Catalogue) -> None:
        self._database = database
        self._clock = clock
        self._surveys = surveys
        self._telling = telling
        self._catalogue = catalogue

    async def run(self) -> int:
        """Do everything that is due; return how many things that were."""
        return await do_what_is_due(self._database, self._clock, SUBJECT, self._act)

    async def _act(self, due: DueRow) -> int:
        later: datetime | None = None
        if due.kind == "close":
            await self._database.write(partial(self._close, due=due))
        else:
            if due.kind == "open":
                await self._database.write(partial(self._open, due=due))
            write_to = self._ask if due.kind == "open" else self._remind
            async with self._database.read() as uow:
                row = await stored.by_id(uow, due.subject_id)
            if row is not None and row.state == "open":
                later = await write_to_all(self._database, partial(write_to, row=row))
                if later is not None and (row.closes_at is None or later >= row.closes_at):
                    later = None  # what comes after the closing is of no use to anybody
        return await settle(self._database, self._clock, due, later)

    async def _open(self, uow: UnitOfWork, due: DueRow) -> None:
        if not await asking.hold_due(uow, due.id):
            return
        row = await stored.by_id(uow, due.subject_id)
        if row is None or row.state != "approved":
            return
        if row.closes_at is not None and row.closes_at <= self._clock.now():
            await self._surveys.missed(uow, row)
        else:
            await self._surveys.open(uow, row)

    async def _close(self, uow: UnitOfWork, due: DueRow) -> None:
        row = await stored.by_id(uow, due.subject_id)
        if await asking.hold_due(uow, due.id) and row is not None and row.state == "open":
            await self._surveys.close(uow, row)

    async def _ask(self, uow: UnitOfWork, after: int, row: SurveyRow) -> Step:
        language = self._telling.default_language
        wanted = AudienceFilter.from_json(row.audience)
        people = await audiences.page(uow, wanted, after=after, limit=AT_ONCE, default_language=language)
        if not people:
            return Step(None)
        # All of these are written at once, in the order of their ids: nothing of a row says when its person answered.
        rows = [ParticipantRow(each.contact_id, each.membership == "member", each.account_id is None, 0) for each in people]
        await stored.ask(uow, row.id, rows)
        later = await self._tell(uow, row, people, "survey.asked", "ask")
        return Step(people[-1].contact_id, later)

    async def _remind(self, uow: UnitOfWork, after: int, row: SurveyRow) -> Step:
        ids = await stored.unfinished(uow, row.id, questions=len(row.questions), after=after, limit=AT_ONCE)
        if not ids:
            return Step(None)
        people = await audiences.people(uow, ids, channels=(), default_language=self._telling.default_language)
        later = await self._tell(uow, row, people, "survey.remind", REMIND)
        return Step(ids[-1], later)

    async def _tell(self, uow: UnitOfWork, row: SurveyRow, people: list[Person], key: str, once: str) -> datetime | None:
        say = self._catalogue.say

        def write(_person: Person, language: str) -> Message:
            promise = "survey.promise_anonymous" if row.anonymous else "survey.promise_named"
            text = say(
                key,
                language,
                title=row.title(language),
                intro=row.intro(language),
                promise=say(promise, language),
                count=len(row.questions),
                due=row.closes_at,
            )
            buttons = (
                (Button(say("survey.button.start", language), f"sv:{row.id}"),),
                (Button(say("survey.button.web", language), f"sv_web:{row.id}"),),
            )
            return Message(text, buttons, deadline=row.closes_at)

        told = await self._telling.tell(uow, people, write, key=f"survey:{row.id}:{once}", kind=KIND, topic=Topic.SURVEY)
        return told.later
