"""One inquiry: what was said, what the bot made of it, the clocks, the history, the actions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from bot.desk import reach
from bot.desk.cases import notices_for
from bot.desk.clocks import countdown
from bot.desk.errors import NotHere
from bot.desk.knowledge import Applying, applying
from bot.desk.visit import Visit
from bot.desk.words import Words
from bot.errors import HelpdeskError
from bot.escalation.actors import ActorKind
from bot.escalation.allowed import allowed, held_by_other
from bot.knowledge.directory import Department, Directory
from storage import deliveries, queue
from storage import inquiries as stored
from storage.inquiries import InquiryRecord
from storage.queue import Queued
from storage.unit_of_work import UnitOfWork

DONE = (
    "route",
    "take",
    "release",
    "answer",
    "ask_back",
    "defer",
    "transfer",
    "escalate",
    "close",
    "note",
    "review",
    "reopen",
    "told_by_hand",
    "record_reply",
)


@dataclass(frozen=True)
class Said:
    """Something in the conversation. `side`: enterprise, bot, officer, note."""

    side: str
    kind: str
    author: str
    at: datetime
    text: str
    files: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Choice:
    """A department to route to in one tap, with how sure the bot is."""

    department: Department
    percent: int
    reason: str
    like: Sequence[str]


async def here(uow: UnitOfWork, visit: Visit, number: str) -> Queued:
    """Return the inquiry if it is among those that the officer may see. Raises NotHere."""
    found = await queue.with_enterprise(uow, number=number) if len(number) <= 20 else None
    if found is None or not visit.officer.actor.works_on(found.inquiry.department_id):
        raise NotHere(number=number[:20])
    return found


async def show(visit: Visit) -> Response:
    return await render(visit, visit.request.path_params["number"])


async def render(
    visit: Visit, number: str, *, error: HelpdeskError | None = None, action: str = "", seen: int | None = None
) -> Response:
    """Show the inquiry as it is now. With an error: what was typed in the form of `action` stays in it, and what has
    happened since the history had `seen` rows is listed beside the error."""
    desk, actor, words = visit.desk, visit.officer.actor, visit.words
    async with desk.database.read() as uow:
        found = await here(uow, visit, number)
        inquiry = found.inquiry
        messages = await stored.messages(uow, inquiry.id)
        files = await stored.files(uow, inquiry.id)
        history = await stored.history(uow, inquiry.id)
        sent = await deliveries.of_inquiry(uow, inquiry.id)
        person = await stored.recipient(uow, inquiry.account_id)
        reached = await reach.of_answer(uow, desk, inquiry) if person.unreachable is None else None
        intake = await desk.intakes.of(uow, inquiry.id)
        notices = await notices_for(uow, visit, inquiry_id=inquiry.id)
    knowledge = await applying(desk, inquiry.text, inquiry.entry_id)
    done = visit.request.query_params.get("done", "")
    directory = desk.knowledge.directory
    return visit.page(
        "case.html",
        error.status if error is not None else 200,
        found=found,
        inquiry=inquiry,
        clock=countdown(inquiry, desk.now),
        conversation=_conversation(words, inquiry, [*map(dict, messages)], [*map(dict, files)], person.contact_name),
        history=history,
        meanwhile=[row for row in history if row["seq"] > seen] if error and seen is not None else [],
        deliveries=sent,
        person=person,
        reach=reached,
        intake=intake,
        knowledge=knowledge,
        choices=_choices(visit, inquiry, knowledge),
        departments=[each for each in directory.accepting() if each.id != inquiry.department_id],
        above=_above(directory, inquiry.department_id),
        allowed=allowed(inquiry, actor),
        held_by_other=held_by_other(inquiry, actor),
        mine=inquiry.officer_id == visit.officer.id,
        typed=visit.form.values if error else {},
        tried=action,
        error=words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
        done=words.named("done", done) if done in DONE and not error else "",
        zone=str(desk.catalogue.timezone),
        **notices,
    )


def _above(directory: Directory, department_id: str | None) -> Department | None:
    return directory.escalation_target(department_id) if department_id is not None and department_id in directory else None


def _choices(visit: Visit, inquiry: InquiryRecord, knowledge: Applying) -> list[Choice]:
    """The best candidates as they were when the question came, each with its reason."""
    directory, choices = visit.desk.knowledge.directory, []
    reasons = {guess.department.id: guess.reason for guess in knowledge.departments}
    for candidate in inquiry.candidates[:3]:
        department = directory.get(candidate["id"])
        if department is not None and department.accepts_inquiries and department.id != inquiry.department_id:
            percent = round(100 * candidate["probability"])
            reason = candidate.get("reason") or reasons.get(department.id, "")
            choices.append(Choice(department, percent, reason, candidate.get("like", ())))
    return choices


def _conversation(
    words: Words,
    inquiry: InquiryRecord,
    messages: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]],
    contact_name: str,
) -> list[Said]:
    by_message: dict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    for file in files:
        by_message[file["message_id"]].append(file)
    person = contact_name or words.say("desk.actor.enterprise")
    said = [Said("enterprise", "question", person, inquiry.received_at, inquiry.text, by_message.pop(None, []))]
    for message in messages:
        side = _side(message)
        author = person if side == "enterprise" else words.actor(message["author"], message["author_name"])
        said.append(Said(side, message["kind"], author, message["at"], message["text"], by_message.pop(message["id"], [])))
    return said


def _side(message: Mapping[str, Any]) -> str:
    if message["kind"] == "note":
        return "note"
    sides = {ActorKind.ENTERPRISE: "enterprise", ActorKind.BOT: "bot"}
    return sides.get(message["author"], "officer")
