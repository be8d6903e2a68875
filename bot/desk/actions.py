"""What an officer does with an inquiry: one form an action, one transaction each.

A form carries the length of the history that its page showed. If something happened since, an answer that was written
without knowing of it is not sent: the officer is told what happened, and finds their text as they left it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from bot.delivery.message import Attachment
from bot.desk import errors
from bot.desk.case import here, render
from bot.desk.forms import moment
from bot.desk.uploads import keep_files
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.escalation.inquiries import Inquiries
from storage.inquiries import InquiryRecord
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Press:
    """An action that somebody pressed, within its transaction."""

    visit: Visit
    uow: UnitOfWork
    inquiry: InquiryRecord
    files: tuple[Attachment, ...]

    @property
    def inquiries(self) -> Inquiries:
        return self.visit.desk.inquiries

    def typed(self, name: str) -> str:
        return self.visit.form.get(name)

    async def route(self) -> InquiryRecord:
        actor = self.visit.officer.actor
        return await self.inquiries.route(self.uow, self.inquiry, self.typed("department"), actor, by="coordinator")

    async def take(self) -> InquiryRecord:
        return await self.inquiries.take(self.uow, self.inquiry, self.visit.officer.actor)

    async def release(self) -> InquiryRecord:
        return await self.inquiries.release(self.uow, self.inquiry, self.visit.officer.actor)

    async def answer(self) -> InquiryRecord:
        actor = self.visit.officer.actor
        return await self.inquiries.answer(self.uow, self.inquiry, self.typed("text"), actor, self.files)

    async def ask_back(self) -> InquiryRecord:
        actor = self.visit.officer.actor
        return await self.inquiries.ask_back(self.uow, self.inquiry, self.typed("text"), actor, self.files)

    async def defer(self) -> InquiryRecord:
        desk = self.visit.desk
        until = moment(self.visit.form, "until", desk.catalogue.timezone, desk.now)
        actor = self.visit.officer.actor
        return await self.inquiries.defer(self.uow, self.inquiry, reason=self.typed("reason"), until=until, actor=actor)

    async def transfer(self) -> InquiryRecord:
        department, reason = self.typed("department"), self.typed("reason")
        return await self.inquiries.transfer(self.uow, self.inquiry, department, reason, self.visit.officer.actor)

    async def escalate(self) -> InquiryRecord:
        return await self.inquiries.escalate(self.uow, self.inquiry, self.typed("reason"), self.visit.officer.actor)

    async def close(self) -> InquiryRecord:
        actor = self.visit.officer.actor
        return await self.inquiries.close(self.uow, self.inquiry, actor, reason=self.typed("reason"))

    async def note(self) -> InquiryRecord:
        return await self.inquiries.note(self.uow, self.inquiry, self.typed("text"), self.visit.officer.actor)

    async def review(self) -> InquiryRecord:
        return await self.inquiries.review(self.uow, self.inquiry, self.typed("text"), self.visit.officer.actor)

    async def record_reply(self) -> InquiryRecord:
        return await self.inquiries.record_reply(self.uow, self.inquiry, self.typed("text"), self.visit.officer.actor)

    async def reopen(self) -> InquiryRecord:
        return await self.inquiries.open_again(self.uow, self.inquiry, self.typed("reason"), self.visit.officer.actor)


_ACTIONS: dict[str, Callable[[Press], Awaitable[InquiryRecord]]] = {
    "route": Press.route,
    "take": Press.take,
    "release": Press.release,
    "answer": Press.answer,
    "ask_back": Press.ask_back,
    "defer": Press.defer,
    "transfer": Press.transfer,
    "escalate": Press.escalate,
    "close": Press.close,
    "note": Press.note,
    "review": Press.review,
    "record_reply": Press.record_reply,
    "reopen": Press.reopen,
}
WITH_FILES = ("answer", "ask_back")
"""actions whose form may bring files, for the enterprise"""
_WHATEVER_HAPPENED = frozenset({"note", "take", "release", "record_reply"})
"""actions that mean the same whatever happened since the page was shown; the state machine refuses what no longer fits"""


async def act(visit: Visit) -> Response:
    """Do what was pressed, or show the page again with what stood in the way and what was typed."""
    number, action = visit.request.path_params["number"], visit.request.url.path.rpartition("/")[2].replace("-", "_")
    seen = visit.form.number("seen")
    if action not in _ACTIONS:
        raise errors.PageNotFound()
    try:
        after = await _do(visit, number, action, seen)
    except errors.NotHere as error:
        return visit.problem(error, typed=visit.form.get("text") or visit.form.get("reason"))
    except HelpdeskError as error:
        return await _explain(visit, number, action, seen, error)
    if not visit.officer.actor.works_on(after.department_id):
        return visit.see(f"/desk?done={action}")
    return visit.see(f"/desk/inquiries/{after.number}?done={action}")


async def _do(visit: Visit, number: str, action: str, seen: int | None) -> InquiryRecord:
    async with visit.desk.database.read() as uow:
        await here(uow, visit, number)  # nobody leaves files with an inquiry that is not theirs
    files = await keep_files(visit) if action in WITH_FILES else ()

    async def work(uow: UnitOfWork) -> InquiryRecord:
        inquiry = (await here(uow, visit, number)).inquiry
        if action not in _WHATEVER_HAPPENED and seen is not None and seen != inquiry.history_length:
            raise errors.ChangedMeanwhile(number=inquiry.number)
        return await _ACTIONS[action](Press(visit, uow, inquiry, files))

    return await visit.desk.database.write(work)


async def _explain(visit: Visit, number: str, action: str, seen: int | None, error: HelpdeskError) -> Response:
    try:
        return await render(visit, number, error=error, action=action, seen=seen)
    except errors.NotHere as gone:
        return visit.problem(gone, typed=visit.form.get("text") or visit.form.get("reason"))
