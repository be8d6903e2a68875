"""Writing down what came by telephone, e-mail or letter, and the receipt that is read out or printed."""

from dataclasses import replace
from datetime import UTC, datetime

from starlette.responses import Response

from bot.delivery.ledger import BY_HAND
from bot.desk.case import here
from bot.desk.errors import NotHere
from bot.desk.uploads import keep_files
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.escalation.deferrals import moment_of
from bot.escalation.errors import DateUnreadable, RoleNotEnough
from bot.escalation.keeping import IncomingFile
from bot.intake.recording import RECORDS, Enterprise, Given, Recorded
from bot.membership.errors import TaxCodeWrong
from bot.membership.tax_codes import tax_code as checked_tax_code
from storage import inquiries as stored
from storage import queue
from storage.ids import read_id
from storage.unit_of_work import UnitOfWork

NO_CHAT = "none"
"""what the form says where the officer chose to pass everything on by hand"""


async def form(visit: Visit) -> Response:
    _check(visit)
    return await _render(visit)


async def record(visit: Visit) -> Response:
    """Look the enterprise up, or keep what was written down; on a mistake the form comes back as it was."""
    _check(visit)
    try:
        given = _given(visit)
        enterprise = await _enterprise(visit, given.tax_code)
        choose = given.verified and enterprise is not None and enterprise.chats and not visit.form.get("account")
        if visit.form.get("do") == "look_up" or choose:
            return await _render(visit, enterprise=enterprise, looked_up=bool(given.tax_code.strip()))
        recorded = await _record(visit, given)
    except HelpdeskError as error:
        return await _render(visit, error=error)
    told = "told" if recorded.told else "by_hand"
    return visit.see(f"/desk/intake/{recorded.inquiry.number}?done={told}")


async def _record(visit: Visit, given: Given) -> Recorded:
    intakes, actor = visit.desk.intakes, visit.officer.actor
    given = intakes.tidied(given, actor)
    verdict = await intakes.read(given)  # before a file is kept: of a report nothing may be
    files = tuple(IncomingFile.at_desk(each) for each in await keep_files(visit))

    async def work(uow: UnitOfWork) -> Recorded:
        return await intakes.record(uow, replace(given, files=files), verdict, actor)

    return await visit.desk.database.write(work)


def _given(visit: Visit) -> Given:
    typed, desk = visit.form.get, visit.desk
    when = typed("received_at").strip()
    try:
        received_at = moment_of(datetime.fromisoformat(when), desk.catalogue.timezone, desk.now) if when else desk.now
    except ValueError:
        raise DateUnreadable(given=when[:40]) from None
    return Given(
        means=typed("means"),
        text=typed("text"),
        received_at=received_at.astimezone(UTC),
        person=typed("person"),
        reach=typed("reach"),
        tax_code=typed("tax_code"),
        company=typed("company"),
        verified=typed("verified") == "yes",
        language=typed("language"),
        account_id=read_id(typed("account")) if typed("account") != NO_CHAT else None,
        department_id=typed("department"),
    )


async def _enterprise(visit: Visit, tax_code: str) -> Enterprise | None:
    if not tax_code.strip():
        return None
    async with visit.desk.database.read() as uow:
        return await visit.desk.intakes.enterprise(uow, checked_tax_code(tax_code))


async def _render(
    visit: Visit, *, error: HelpdeskError | None = None, enterprise: Enterprise | None = None, looked_up: bool = False
) -> Response:
    desk = visit.desk
    if error is not None:
        try:
            enterprise = await _enterprise(visit, visit.form.get("tax_code"))
        except TaxCodeWrong:
            enterprise = None
    local = desk.now.astimezone(desk.catalogue.timezone)
    return visit.page(
        "intake.html",
        error.status if error is not None else 200,
        typed=visit.form.values,
        means=BY_HAND,
        enterprise=enterprise,
        looked_up=looked_up,
        no_chat=NO_CHAT,
        departments=desk.knowledge.directory.accepting() if visit.officer.actor.sees_all else (),
        received=visit.form.get("received_at") or local.strftime("%Y-%m-%dT%H:%M"),
        latest=local.strftime("%Y-%m-%dT%H:%M"),
        zone=str(desk.catalogue.timezone),
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
    )


def _check(visit: Visit) -> None:
    if visit.officer.actor.role not in RECORDS:
        raise RoleNotEnough(action="record")


async def receipt(visit: Visit) -> Response:
    """Number and code, for whoever wrote it down and whoever works on it, also after it went to another department."""
    _check(visit)
    number, desk = visit.request.path_params["number"][:20], visit.desk
    async with desk.database.read() as uow:
        found = await queue.with_enterprise(uow, number=number)
        intake = await desk.intakes.of(uow, found.inquiry.id) if found is not None else None
    if found is None or intake is None:
        raise NotHere(number=number)
    works_on = visit.officer.actor.works_on(found.inquiry.department_id)
    if not works_on and intake.recorded_by != visit.officer.id:
        raise NotHere(number=number)
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "receipt.html",
        found=found,
        inquiry=found.inquiry,
        intake=intake,
        code=desk.tracking.of(number),
        link=desk.tracking.link(number, found.inquiry.language),
        works_on=works_on,
        done=visit.words.named("recorded", done) if done in ("told", "by_hand") else "",
    )


async def told(visit: Visit) -> Response:
    """A message that waits at the desk has been passed on by hand."""
    number = visit.request.path_params["number"]
    delivery_id = visit.form.number("delivery")

    async def work(uow: UnitOfWork) -> None:
        found = await here(uow, visit, number)
        inquiry = await stored.by_id(uow, found.inquiry.id)
        assert inquiry is not None
        await visit.desk.intakes.told_by_hand(uow, inquiry, delivery_id or 0, visit.officer.actor)

    await visit.desk.database.write(work)
    return visit.see(f"/desk/inquiries/{number}?done=told_by_hand")
