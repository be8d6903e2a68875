"""/surveys: drafted, approved and read by other systems; answers are given in the chat and on the page alone."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path

from bot.api import asking_shapes as shapes
from bot.api import reading
from bot.api.caller import Caller
from bot.api.once import Once, Repeatable, write_once
from bot.api.shapes import Page
from bot.clock import Clock
from bot.consultation import permissions
from bot.consultation.questions import checked
from bot.escalation.deferrals import moment_of
from bot.handlers.pipeline import readable
from bot.locales.catalogue import Catalogue
from bot.outreach.audiences import read_filter
from bot.surveys.results import GOAL, outcome
from bot.surveys.surveys import Surveys, Wanted
from storage import surveys as stored
from storage.database import Database
from storage.ids import read_id
from storage.surveys import SurveyRow
from storage.unit_of_work import UnitOfWork

Key = Annotated[str, Path(max_length=40, description="the id")]


class SurveysApi:
    def __init__(self, *, database: Database, catalogue: Catalogue, clock: Clock, default_language: str) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._surveys = Surveys(clock, default_language=default_language)

    def router(self) -> APIRouter:
        router = APIRouter(tags=["surveys"])
        get, post = router.get, router.post
        get("/surveys", response_model=Page[shapes.SurveyShape])(self.list)
        post("/surveys", response_model=shapes.SurveyShape, status_code=201)(self.create)
        get("/surveys/{id}", response_model=shapes.SurveyShape)(self.one)
        get("/surveys/{id}/results", response_model=shapes.SurveyResults)(self.results)
        actions: tuple[Callable[..., Any], ...] = (self.edit, self.approve, self.withdraw, self.cancel)
        for action in actions:
            post(f"/surveys/{{id}}/{action.__name__}", response_model=shapes.SurveyShape)(action)
        return router

    async def list(self, caller: Caller, limit: reading.Limit = 50, cursor: reading.Cursor = None) -> Any:
        """Return the surveys, the newest first."""
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            rows = await stored.listed(uow, before=reading.before(cursor), limit=limit + 1)
        return reading.page(rows, limit, _shape, lambda row: row.id)

    async def one(self, caller: Caller, id: Key) -> Any:
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            return _shape(await self._surveys.find(uow, read_id(id)))

    async def results(self, caller: Caller, id: Key) -> Any:
        """Return who took part as numbers, and the answers: of an anonymous survey once it has closed, of five or more."""
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            found = await outcome(uow, await self._surveys.find(uow, read_id(id)))
        return {
            **vars(found.turnout),
            "satisfied": found.satisfied,
            "goal": GOAL,
            "results": [
                {
                    "question": each.question.text_vi,
                    "kind": each.question.kind,
                    "hidden": each.hidden,
                    "answered": 0 if each.hidden else each.answered,
                    "counts": dict(each.lines("vi")),
                    "mean": each.mean,
                    "satisfied": each.satisfied,
                    "texts": list(each.texts),
                }
                for each in found.results
            ],
        }

    async def create(self, caller: Caller, body: shapes.SurveyBody, repeat: Once) -> Any:
        """Begin a draft."""
        wanted = self._wanted(body)

        async def make(uow: UnitOfWork) -> Any:
            return await self._surveys.create(uow, wanted, caller)

        return await self._once(repeat, make)

    async def edit(self, caller: Caller, id: Key, body: shapes.SurveyBody, repeat: Once) -> Any:
        """Change a draft: every field is put in place of the former one."""
        wanted = self._wanted(body)
        return await self._act(id, repeat, lambda uow, row: self._surveys.edit(uow, row, wanted, caller))

    async def approve(self, caller: Caller, id: Key, repeat: Once) -> Any:
        """Let it go out at its opening; for somebody who did not write on it."""
        return await self._act(id, repeat, lambda uow, row: self._surveys.approve(uow, row, caller))

    async def withdraw(self, caller: Caller, id: Key, repeat: Once) -> Any:
        return await self._act(id, repeat, lambda uow, row: self._surveys.withdraw(uow, row, caller))

    async def cancel(self, caller: Caller, id: Key, repeat: Once) -> Any:
        return await self._act(id, repeat, lambda uow, row: self._surveys.cancel(uow, row, caller))

    async def _act(self, key: str, repeat: Repeatable | None, act: Callable[[UnitOfWork, SurveyRow], Awaitable[Any]]) -> Any:
        async def change(uow: UnitOfWork) -> SurveyRow:
            row = await self._surveys.find(uow, read_id(key))
            await act(uow, row)
            return await self._surveys.find(uow, row.id)

        return await self._once(repeat, change)

    async def _once(self, repeat: Repeatable | None, change: Callable[[UnitOfWork], Awaitable[SurveyRow]]) -> Any:
        async def act(uow: UnitOfWork) -> shapes.SurveyShape:
            return shapes.SurveyShape.model_validate(_shape(await change(uow)))

        return await write_once(self._database, repeat, self._clock, shapes.SurveyShape, act)

    def _wanted(self, body: shapes.SurveyBody) -> Wanted:
        def moment(at: datetime | None) -> datetime | None:
            return moment_of(at, self._catalogue.timezone, self._clock.now()) if at is not None else None

        return Wanted(
            title_vi=readable(body.title_vi),
            title_en=readable(body.title_en),
            intro_vi=readable(body.intro_vi),
            intro_en=readable(body.intro_en),
            anonymous=body.anonymous,
            questions=checked([each.model_dump() for each in body.questions]),
            audience=read_filter(body.audience).to_json(),
            opens_at=moment(body.opens_at),
            closes_at=moment(body.closes_at),
            repeats_months=body.repeats_months,
        )


def _shape(row: SurveyRow) -> dict[str, Any]:
    return {
        **vars(row),
        "id": str(row.id),
        "series": str(row.series_id),
        "author": row.author_name,
        "approver": row.approver_name,
    }
