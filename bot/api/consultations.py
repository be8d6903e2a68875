"""/consultations: drafted, approved, watched, answered and published by other systems; each by its id or number."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from bot.api import asking_shapes as shapes
from bot.api import reading
from bot.api.caller import Caller
from bot.api.errors import StateUnknown
from bot.api.once import Once, Repeatable, write_once
from bot.api.shapes import Page
from bot.clock import Clock
from bot.consultation import errors, permissions
from bot.consultation.consultations import Consultations, Wanted, Whole, units_from
from bot.consultation.proof import ConsultationProofs
from bot.consultation.questions import checked
from bot.consultation.responding import Responding
from bot.consultation.states import State, possible
from bot.consultation.summary import summary
from bot.escalation.deferrals import moment_of
from bot.handlers.pipeline import readable
from bot.locales.catalogue import Catalogue
from bot.outreach import proof_files
from bot.outreach.audiences import read_filter
from storage import consultations as stored
from storage.consultations import ConsultationRow, QuestionRow
from storage.database import Database
from storage.ids import read_id
from storage.unit_of_work import UnitOfWork

Key = Annotated[str, Path(max_length=40, description="the number (LYK-2026-0001) or the id")]
Act = Callable[[UnitOfWork, ConsultationRow], Awaitable[Any]]


class ConsultationsApi:
    def __init__(self, *, database: Database, catalogue: Catalogue, clock: Clock, default_language: str) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._consultations = Consultations(clock, default_language=default_language)
        self._responding = Responding(clock)
        self._proofs = ConsultationProofs(database, catalogue)
        self._language = default_language

    def router(self) -> APIRouter:
        router = APIRouter(tags=["consultations"])
        get, post = router.get, router.post
        get("/consultations", response_model=Page[shapes.ConsultationShape])(self.list)
        post("/consultations", response_model=shapes.ConsultationWhole, status_code=201)(self.create)
        get("/consultations/{id}", response_model=shapes.ConsultationWhole)(self.one)
        get("/consultations/{id}/groups", response_model=Page[shapes.GroupShape])(self.groups)
        get("/consultations/{id}/report.{ending}", response_class=Response, responses=reading.FILE)(self.report)
        get("/consultations/{id}/answers", response_model=Page[shapes.TallyShape])(self.answers)
        actions: tuple[Callable[..., Any], ...] = (
            self.edit,
            self.text,
            self.questions,
            self.approve,
            self.withdraw,
            self.cancel,
            self.extend,
            self.respond,
            self.merge,
            self.move,
            self.finish,
            self.rework,
            self.publish,
        )
        for action in actions:
            post(f"/consultations/{{id}}/{action.__name__}", response_model=shapes.ConsultationWhole)(action)
        return router

    # Reading

    async def list(
        self,
        caller: Caller,
        state: Annotated[str | None, Query(max_length=200, description="one state, or several with commas between")] = None,
        limit: reading.Limit = 50,
        cursor: reading.Cursor = None,
    ) -> Any:
        """Return the consultations, the newest first."""
        permissions.check_reads(caller)
        states = [name.strip() for name in state.split(",") if name.strip()] if state else None
        for name in states or ():
            if name not in set(State):
                raise StateUnknown(state=readable(name)[:40])
        async with self._database.read() as uow:
            rows = await stored.listed(uow, states=states, before=reading.before(cursor), limit=limit + 1)
        return reading.page(rows, limit, _shape, lambda row: row.id)

    async def one(self, caller: Caller, id: Key) -> Any:
        """Return a consultation with its articles, its questions and the numbers of what came back."""
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            return await self._whole(uow, await self._find(uow, id))

    async def groups(self, caller: Caller, id: Key) -> Any:
        """Return the groups of like opinions with their responses, in the order of the draft."""
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            row = await self._find(uow, id)
            found = await summary(uow, await self._consultations.whole(uow, row.id))
        items = [
            {
                "id": str(each.group.id),
                "place": found.place(each.group.unit),
                "title": each.group.title,
                "response": each.group.response,
                "reason": each.group.reason,
                "opinions": [
                    {
                        "id": str(voice.opinion.id),
                        "place": found.place(voice.opinion.unit),
                        "text": voice.opinion.text,
                        "enterprise": voice.enterprise_name,
                        "tax_code": voice.tax_code,
                        "contact": voice.contact_name,
                        "member": voice.member,
                    }
                    for voice in each.voices
                ],
            }
            for each in found.groups
        ]
        return {"items": items, "next": None}

    async def answers(self, caller: Caller, id: Key) -> Any:
        """Return what was answered to each question by the positions that stand."""
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            row = await self._find(uow, id)
            found = await summary(uow, await self._consultations.whole(uow, row.id))
        items = [
            {
                "question": each.question.text_vi,
                "kind": each.question.kind,
                "answered": each.answered,
                "counts": {} if each.question.kind == "text" else dict(each.lines("vi")),
            }
            for each in found.tallies
        ]
        return {"items": items, "next": None}

    async def report(self, caller: Caller, id: Key, ending: reading.Ending) -> Response:
        """Return the proof as a file: who was asked, reminded and told of the end, when and where."""
        permissions.check_reads(caller)
        async with self._database.read() as uow:
            row = await self._find(uow, id)
        more = partial(self._catalogue.say, "proof.more", self._language)
        content = await proof_files.file(self._proofs, row, self._language, kind=ending, more=more)
        return Response(content, media_type="application/octet-stream")

    # Preparing

    async def create(self, caller: Caller, body: shapes.NewConsultation, repeat: Once) -> Any:
        """Begin a draft."""
        units = units_from("text.txt", readable(body.text).encode()) if body.text else []
        questions = _questions(body.questions)

        async def make(uow: UnitOfWork) -> ConsultationRow:
            row = await self._consultations.create(uow, self._wanted(body), caller)
            if units:
                await self._consultations.set_text(uow, row, units, caller)
                row = await self._consultations.find(uow, row.id)
            if questions:
                await self._consultations.set_questions(uow, row, questions, caller)
            return row

        return await self._once(repeat, make)

    async def edit(self, caller: Caller, id: Key, body: shapes.ConsultationBody, repeat: Once) -> Any:
        """Change what a draft says of itself: every field is put in place of the former one."""
        wanted = self._wanted(body)
        return await self._act(id, repeat, lambda uow, row: self._consultations.edit(uow, row, wanted, caller))

    async def text(self, caller: Caller, id: Key, body: shapes.DraftText, repeat: Once) -> Any:
        """Put a text in place of the draft's former one; articles and clauses are found in it."""
        units = units_from("text.txt", readable(body.text).encode())
        return await self._act(id, repeat, lambda uow, row: self._consultations.set_text(uow, row, units, caller))

    async def questions(self, caller: Caller, id: Key, body: shapes.Questions, repeat: Once) -> Any:
        """Put these questions in place of the former ones."""
        questions = _questions(body.questions)
        return await self._act(id, repeat, lambda uow, row: self._consultations.set_questions(uow, row, questions, caller))

    async def approve(self, caller: Caller, id: Key, repeat: Once) -> Any:
        """Let it go out at its opening; for somebody who did not write on it."""
        return await self._act(id, repeat, lambda uow, row: self._consultations.approve(uow, row, caller))

    async def withdraw(self, caller: Caller, id: Key, repeat: Once) -> Any:
        """Take an approved one back to a draft before it opens."""
        return await self._act(id, repeat, lambda uow, row: self._consultations.withdraw(uow, row, caller))

    async def cancel(self, caller: Caller, id: Key, repeat: Once, body: shapes.Cancellation | None = None) -> Any:
        """Give it up; once it is open with a reason, which everybody is told who was asked."""
        reason = readable(body.reason) if body else ""
        return await self._act(id, repeat, lambda uow, row: self._consultations.cancel(uow, row, caller, reason=reason))

    async def extend(self, caller: Caller, id: Key, body: shapes.Extension, repeat: Once) -> Any:
        """Give more time while it is open."""
        until = self._moment(body.closes_at)
        assert until is not None
        return await self._act(id, repeat, lambda uow, row: self._consultations.extend(uow, row, until, caller))

    # Answering

    async def respond(self, caller: Caller, id: Key, body: shapes.GroupResponse, repeat: Once) -> Any:
        """Say of a group whether it is accepted, and why."""
        group, reason, title = read_id(body.group) or 0, readable(body.reason), readable(body.title)
        return await self._act(
            id, repeat, lambda uow, row: self._responding.respond(uow, row, group, body.response, reason, caller, title=title)
        )

    async def merge(self, caller: Caller, id: Key, body: shapes.Merge, repeat: Once) -> Any:
        """Put a whole group into another."""
        group, into = read_id(body.group) or 0, read_id(body.into) or 0
        return await self._act(id, repeat, lambda uow, row: self._responding.merge(uow, row, group, into, caller))

    async def move(self, caller: Caller, id: Key, body: shapes.Move, repeat: Once) -> Any:
        """Put opinions into another group, or into a new one."""
        opinions = [read_id(each) or 0 for each in body.opinions]
        to = None if body.to is None else read_id(body.to) or 0
        return await self._act(id, repeat, lambda uow, row: self._responding.move(uow, row, opinions, to, caller))

    async def finish(self, caller: Caller, id: Key, repeat: Once, body: shapes.Conclusion | None = None) -> Any:
        """Say that every group is answered."""
        texts = {"conclusion_vi": readable(body.conclusion_vi), "conclusion_en": readable(body.conclusion_en)} if body else {}
        return await self._act(id, repeat, lambda uow, row: self._responding.finish(uow, row, caller, **texts))

    async def rework(self, caller: Caller, id: Key, repeat: Once) -> Any:
        """Open the responses again before they are published."""
        return await self._act(id, repeat, lambda uow, row: self._responding.rework(uow, row, caller))

    async def publish(self, caller: Caller, id: Key, repeat: Once) -> Any:
        """Publish the outcome; everybody who took part is told what became of their comments."""
        return await self._act(id, repeat, lambda uow, row: self._responding.publish(uow, row, caller))

    # Inside

    async def _act(self, key: str, repeat: Repeatable | None, act: Act) -> Any:
        async def change(uow: UnitOfWork) -> ConsultationRow:
            row = await self._find(uow, key)
            await act(uow, row)
            return row

        return await self._once(repeat, change)

    async def _once(self, repeat: Repeatable | None, change: Callable[[UnitOfWork], Awaitable[ConsultationRow]]) -> Any:
        async def act(uow: UnitOfWork) -> shapes.ConsultationWhole:
            row = await change(uow)
            whole = await self._whole(uow, await self._consultations.find(uow, row.id))
            return shapes.ConsultationWhole.model_validate(whole)

        return await write_once(self._database, repeat, self._clock, shapes.ConsultationWhole, act)

    async def _find(self, uow: UnitOfWork, key: str) -> ConsultationRow:
        consultation_id = read_id(key)
        if consultation_id is not None:
            return await self._consultations.find(uow, consultation_id)
        row = await stored.by_number(uow, readable(key).strip().upper())
        if row is None:
            raise errors.ConsultationNotFound()
        return row

    async def _whole(self, uow: UnitOfWork, row: ConsultationRow) -> dict[str, Any]:
        whole: Whole = await self._consultations.whole(uow, row.id)
        found = await summary(uow, whole)
        return {
            **_shape(row),
            "cancel_reason": await stored.cancel_reason(uow, row.id) if row.state == State.CANCELLED else "",
            "units": [vars(unit) for unit in whole.units],
            "questions": [vars(question) for question in whole.questions],
            "counts": {
                "asked_contacts": found.asked.contacts,
                "asked_enterprises": found.asked.enterprises,
                "unreachable": found.asked.unreachable,
                "positions": found.counts.positions,
                "member_positions": found.counts.members,
                "opinions": found.counts.opinions,
                "unsent": found.counts.unsent,
            },
        }

    def _moment(self, at: datetime | None) -> datetime | None:
        return moment_of(at, self._catalogue.timezone, self._clock.now()) if at is not None else None

    def _wanted(self, body: shapes.ConsultationBody) -> Wanted:
        texts = {name: readable(getattr(body, name)) for name in ("title_vi", "title_en", "summary_vi", "summary_en", "issuer")}
        return Wanted(
            **texts,
            audience=read_filter(body.audience).to_json(),
            members_first_h=body.members_first_h,
            remind_days=body.remind_days,
            opens_at=self._moment(body.opens_at),
            closes_at=self._moment(body.closes_at),
        )


def _questions(given: Any) -> list[QuestionRow]:
    return checked([each.model_dump() for each in given])


def _shape(row: ConsultationRow) -> dict[str, Any]:
    return {
        **vars(row),
        "id": str(row.id),
        "author": row.author_name,
        "approver": row.approver_name,
        "actions": sorted(str(event) for event in possible(row.state) - {"open", "close"}),
    }
