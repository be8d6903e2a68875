"""/inquiries: what there is, and what can be done with it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from bot.api import reading, shapes
from bot.api.caller import CaseWorker
from bot.api.errors import StateUnknown
from bot.api.once import Once, Repeatable, write_once
from bot.clock import Clock
from bot.escalation.actors import Actor
from bot.escalation.allowed import scope_of
from bot.escalation.deferrals import moment_of
from bot.escalation.errors import DepartmentUnknown, InquiryNotFound
from bot.escalation.inquiries import Inquiries
from bot.escalation.states import State
from bot.handlers.pipeline import readable
from bot.knowledge.directory import Directory
from bot.locales.catalogue import Catalogue
from storage import deliveries, queue
from storage import inquiries as stored
from storage.database import Database
from storage.ids import read_id
from storage.inquiries import InquiryRecord
from storage.queue import Queued, Wanted
from storage.unit_of_work import UnitOfWork

Key = Annotated[str, Path(max_length=40, description="the number (YC-2026-000123) or the id")]
Act = Callable[[UnitOfWork, InquiryRecord], Awaitable[InquiryRecord]]


class InquiriesApi:
    def __init__(self, *, database: Database, inquiries: Inquiries, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._inquiries = inquiries
        self._catalogue = catalogue
        self._clock = clock

    def router(self) -> APIRouter:
        router = APIRouter(tags=["inquiries"])
        get, post = router.get, router.post
        get("/inquiries", response_model=shapes.Page[shapes.InquiryShape])(self.list)
        get("/inquiries/{id}", response_model=shapes.InquiryShape)(self.one)
        get("/inquiries/{id}/messages", response_model=shapes.Page[shapes.MessageShape])(self.messages)
        get("/inquiries/{id}/history", response_model=shapes.Page[shapes.HistoryShape])(self.history)
        get("/inquiries/{id}/deliveries", response_model=shapes.Page[shapes.DeliveryShape])(self.deliveries)
        get("/deliveries", response_model=shapes.Page[shapes.DeliveryShape], tags=["deliveries"])(self.deliveries_of)
        actions: tuple[Callable[..., Any], ...] = (
            self.route,
            self.take,
            self.release,
            self.answer,
            self.ask_back,
            self.defer,
            self.transfer,
            self.escalate,
            self.close,
            self.note,
            self.review,
            self.reopen,
            self.record_reply,
        )
        for action in actions:
            post(_path(action), response_model=shapes.InquiryShape)(action)
        return router

    # Reading

    async def list(
        self,
        caller: CaseWorker,
        state: Annotated[str | None, Query(max_length=200, description="one state, or several with commas between")] = None,
        department: Annotated[str | None, Query(max_length=200, description="id or Vietnamese name")] = None,
        q: reading.Search = "",
        limit: reading.Limit = 50,
        cursor: reading.Cursor = None,
    ) -> Any:
        """Return the inquiries that the caller may see, in the order of receipt, newest first."""
        wanted = Wanted(
            scope_of(caller),
            states=_states(state),
            department_id=self._department(department) if department else None,
            text=readable(q).strip(),
        )
        async with self._database.read() as uow:
            rows = await queue.page_by_receipt(uow, wanted, before=reading.before(cursor), limit=limit + 1)
        return reading.page(rows, limit, lambda row: reading.inquiry(row, caller), lambda row: row.inquiry.id)

    async def one(self, caller: CaseWorker, id: Key) -> Any:
        async with self._database.read() as uow:
            return reading.inquiry(await self._find(uow, caller, id), caller)

    async def messages(self, caller: CaseWorker, id: Key) -> Any:
        """Return the conversation, oldest first; it begins with the question. Notes are internal."""
        async with self._database.read() as uow:
            found = (await self._find(uow, caller, id)).inquiry
            rows = await stored.messages(uow, found.id)
            files = await stored.files(uow, found.id)
            person = await stored.recipient(uow, found.account_id)
        by_message: dict[int | None, list[Any]] = defaultdict(list)
        for file in files:
            by_message[file["message_id"]].append(file)
        question = {
            "id": None,
            "kind": "question",
            "author": "enterprise",
            "author_name": person.contact_name,
            "text": found.text,
            "at": found.received_at,
        }
        items = [reading.message(question, by_message[None])]
        items += [reading.message(row, by_message[row["id"]]) for row in map(dict, rows)]
        return {"items": items, "next": None}

    async def history(self, caller: CaseWorker, id: Key) -> Any:
        """Return what happened to it, oldest first, each row with the hash that chains it to the one before."""
        async with self._database.read() as uow:
            found = await self._find(uow, caller, id)
            rows = await stored.history(uow, found.inquiry.id)
        return {"items": [reading.history(row) for row in map(dict, rows)], "next": None}

    async def deliveries(self, caller: CaseWorker, id: Key) -> Any:
        """Return the messages to the enterprise about it, oldest first, and what became of each."""
        async with self._database.read() as uow:
            found = await self._find(uow, caller, id)
            rows = await deliveries.of_inquiry(uow, found.inquiry.id)
        return {"items": [reading.delivery(row, found.inquiry.number) for row in map(dict, rows)], "next": None}

    async def deliveries_of(
        self, caller: CaseWorker, inquiry: Annotated[str, Query(max_length=40, description="number or id")]
    ) -> Any:
        """The same as /inquiries/{id}/deliveries."""
        return await self.deliveries(caller, inquiry)

    # Acting

    async def route(self, caller: CaseWorker, id: Key, body: shapes.ToDepartment, repeat: Once) -> Any:
        """Hand it to the department that is competent; for the coordinator."""
        to = self._department(body.department)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.route(uow, it, to, caller, by="coordinator"))

    async def take(self, caller: CaseWorker, id: Key, repeat: Once) -> Any:
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.take(uow, it, caller))

    async def release(self, caller: CaseWorker, id: Key, repeat: Once) -> Any:
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.release(uow, it, caller))

    async def answer(self, caller: CaseWorker, id: Key, body: shapes.Text, repeat: Once) -> Any:
        """Answer the enterprise in its own chat."""
        text = readable(body.text)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.answer(uow, it, text, caller))

    async def ask_back(self, caller: CaseWorker, id: Key, body: shapes.Text, repeat: Once) -> Any:
        """Ask the enterprise for something; the response clock stands still until it replies."""
        text = readable(body.text)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.ask_back(uow, it, text, caller))

    async def defer(self, caller: CaseWorker, id: Key, body: shapes.Deferral, repeat: Once) -> Any:
        """Say why it cannot be answered in time, and by when it will be; the enterprise is told both."""
        reason = readable(body.reason)
        until = moment_of(body.until, self._catalogue.timezone, self._clock.now())
        return await self._act(
            caller, id, repeat, lambda uow, it: self._inquiries.defer(uow, it, reason=reason, until=until, actor=caller)
        )

    async def transfer(self, caller: CaseWorker, id: Key, body: shapes.Transfer, repeat: Once) -> Any:
        """Hand it to another department, which starts its own response clock."""
        to, reason = self._department(body.department), readable(body.reason)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.transfer(uow, it, to, reason, caller))

    async def escalate(self, caller: CaseWorker, id: Key, body: shapes.Reason, repeat: Once) -> Any:
        """To the level above."""
        reason = readable(body.reason)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.escalate(uow, it, reason, caller))

    async def close(self, caller: CaseWorker, id: Key, repeat: Once, body: shapes.Closing | None = None) -> Any:
        """Close it; without an answer this needs a reason, which the enterprise is told."""
        reason = readable(body.reason) if body else ""
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.close(uow, it, caller, reason=reason))

    async def note(self, caller: CaseWorker, id: Key, body: shapes.Text, repeat: Once) -> Any:
        """Write an internal note, which the enterprise never sees."""
        text = readable(body.text)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.note(uow, it, text, caller))

    async def review(self, caller: CaseWorker, id: Key, body: shapes.Text, repeat: Once) -> Any:
        """Answer the enterprise about its bad rating, for a lead; the clock of the rating ends."""
        text = readable(body.text)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.review(uow, it, text, caller))

    async def reopen(self, caller: CaseWorker, id: Key, body: shapes.Reason, repeat: Once) -> Any:
        """Open it again, for a lead; the enterprise is told the reason."""
        reason = readable(body.reason)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.open_again(uow, it, reason, caller))

    async def record_reply(self, caller: CaseWorker, id: Key, body: shapes.Text, repeat: Once) -> Any:
        """Write down what an enterprise that is reached by telephone, e-mail or letter has replied or added."""
        text = readable(body.text)
        return await self._act(caller, id, repeat, lambda uow, it: self._inquiries.record_reply(uow, it, text, caller))

    async def _act(self, caller: Actor, key: str, asked: Repeatable | None, act: Act) -> shapes.InquiryShape:
        async def change(uow: UnitOfWork) -> shapes.InquiryShape:
            found = await self._find(uow, caller, key)
            after = await act(uow, found.inquiry)
            queued = Queued(after, 0, found.enterprise_name, found.tax_code, found.membership)
            return reading.inquiry(queued, caller)

        return await write_once(self._database, asked, self._clock, shapes.InquiryShape, change)

    async def _find(self, uow: UnitOfWork, caller: Actor, key: str) -> Queued:
        return await find(uow, caller, key)

    def _department(self, name: str) -> str:
        return department_named(self._inquiries.directory, name)


async def find(uow: UnitOfWork, caller: Actor, key: str) -> Queued:
    """Return the inquiry; one that the caller may not see is not there. Raises InquiryNotFound."""
    inquiry_id = read_id(key)
    if inquiry_id is not None:
        found = await queue.with_enterprise(uow, inquiry_id=inquiry_id)
    else:
        found = await queue.with_enterprise(uow, number=readable(key).strip().upper())
    if found is None or not caller.works_on(found.inquiry.department_id):
        raise InquiryNotFound(number=readable(key)[:40])
    return found


def department_named(directory: Directory, name: str) -> str:
    """Return the id of a department given by its id or its Vietnamese name. Raises DepartmentUnknown."""
    wanted = readable(name).strip().casefold()
    for each in directory:
        if wanted in (each.id.casefold(), each.name.casefold()):
            return each.id
    raise DepartmentUnknown(department=readable(name).strip()[:80])


def _path(action: Callable[..., Any]) -> str:
    return f"/inquiries/{{id}}/{action.__name__.replace('_', '-')}"


def _states(text: str | None) -> tuple[str, ...] | None:
    if not text:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(State):
            raise StateUnknown(state=readable(name)[:40])
    return tuple(names)
