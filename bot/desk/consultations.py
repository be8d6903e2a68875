"""Consultations at the desk: drafted, approved by a second person, watched while they are open, answered, published."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from bot.consultation import errors, permissions
from bot.consultation.consultations import MEMBERS_FIRST_H, REMIND_DAYS, Wanted, units_from
from bot.consultation.draft_text import FILE_BYTES
from bot.consultation.proof import ConsultationProofs
from bot.consultation.questions import read_questions
from bot.desk import errors as desk_errors
from bot.desk.campaign_forms import filter_of
from bot.desk.consultation_page import id_of, render
from bot.desk.forms import moment
from bot.desk.proofs import proof
from bot.desk.uploads import shown_name
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.outreach.errors import AudienceNotFound
from storage import audiences, positions
from storage import consultations as stored
from storage.consultations import ConsultationRow
from storage.unit_of_work import UnitOfWork


async def listed(visit: Visit) -> Response:
    return await _list(visit)


async def _list(visit: Visit, *, error: HelpdeskError | None = None) -> Response:
    permissions.check_reads(visit.officer.actor)
    async with visit.desk.database.read() as uow:
        rows = await stored.listed(uow)
        counts = {row.id: await positions.counts(uow, row.id) for row in rows if row.opened_at is not None}
    return visit.page(
        "consultations.html",
        error.status if error is not None else 200,
        rows=rows,
        counts=counts,
        may_prepare=permissions.may_prepare(visit.officer.actor),
        typed=visit.form.values,
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
    )


async def create(visit: Visit) -> Response:
    async def work(uow: UnitOfWork) -> int:
        wanted = Wanted(title_vi=visit.form.get("title_vi"), audience={"membership": ["member"]})
        return (await visit.desk.consultations.create(uow, wanted, visit.officer.actor)).id

    try:
        consultation_id = await visit.desk.database.write(work)
    except HelpdeskError as error:
        return await _list(visit, error=error)
    return visit.see(f"/desk/consultations/{consultation_id}?done=created")


async def show(visit: Visit) -> Response:
    return await render(visit)


async def _wanted(visit: Visit, uow: UnitOfWork) -> Wanted:
    """Read the form of the draft. Raises DateUnreadable, DateTooFar, or as `audience_of`."""
    form, desk = visit.form, visit.desk

    def at(name: str) -> datetime | None:
        return moment(form, name, desk.catalogue.timezone, desk.now) if form.get(name) else None

    hours = form.get("members_first_h").strip()
    days = [int(each) for each in form.get("remind_days").replace(",", " ").split() if each.isascii() and each.isdigit()]
    return Wanted(
        title_vi=form.get("title_vi"),
        title_en=form.get("title_en"),
        summary_vi=form.get("summary_vi"),
        summary_en=form.get("summary_en"),
        issuer=form.get("issuer"),
        audience=await audience_of(visit, uow),
        members_first_h=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 6 else MEMBERS_FIRST_H,
        remind_days=days or ([] if form.get("remind_days").strip() in ("-", "0") else REMIND_DAYS),
        opens_at=at("opens_at"),
        closes_at=at("closes_at"),
    )


async def audience_of(visit: Visit, uow: UnitOfWork) -> dict[str, Any]:
    """Return the saved audience that was chosen, else the filter as it was typed. Raises AudienceNotFound or FilterWrong."""
    if not (chosen := visit.form.get("saved").strip()):
        return filter_of(visit.form).to_json()
    saved = await audiences.saved(uow, visit.form.number("saved") or 0)
    if saved is None:
        raise AudienceNotFound(audience=chosen[:80])
    return saved.filter.to_json()


Act = Callable[[Visit, UnitOfWork, ConsultationRow], Awaitable[None]]


async def _save(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    await visit.desk.consultations.edit(uow, row, await _wanted(visit, uow), visit.officer.actor)


async def _questions(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    questions = read_questions(visit.form.get("questions"))
    await visit.desk.consultations.set_questions(uow, row, questions, visit.officer.actor)


async def _approve(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    await visit.desk.consultations.approve(uow, row, visit.officer.actor)


async def _withdraw(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    await visit.desk.consultations.withdraw(uow, row, visit.officer.actor)


async def _cancel(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    await visit.desk.consultations.cancel(uow, row, visit.officer.actor, reason=visit.form.get("reason"))


async def _extend(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    until = moment(visit.form, "closes_at", visit.desk.catalogue.timezone, visit.desk.now)
    await visit.desk.consultations.extend(uow, row, until, visit.officer.actor)


async def _finish(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    typed = {name: visit.form.get(name) for name in ("conclusion_vi", "conclusion_en")}
    await visit.desk.responding.finish(uow, row, visit.officer.actor, **typed)


async def _rework(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    await visit.desk.responding.rework(uow, row, visit.officer.actor)


async def _publish(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
    await visit.desk.responding.publish(uow, row, visit.officer.actor)


_ACTIONS: dict[str, Act] = {
    "save": _save,
    "questions": _questions,
    "approve": _approve,
    "withdraw": _withdraw,
    "cancel": _cancel,
    "extend": _extend,
    "finish": _finish,
    "rework": _rework,
    "publish": _publish,
}


async def do(visit: Visit, act: Act) -> None:
    """Act on the consultation as the page showed it. Raises MovedOn where it has changed since."""

    async def work(uow: UnitOfWork) -> None:
        row = await visit.desk.consultations.find(uow, id_of(visit))
        if row.revision != visit.form.number("revision"):
            raise errors.MovedOn(state=row.state)
        await act(visit, uow, row)

    await visit.desk.database.write(work)


async def act(visit: Visit) -> Response:
    """Do what was pressed, or show the page again with what stood in the way and what was typed."""
    action = visit.request.path_params["action"]
    if action not in _ACTIONS:
        raise desk_errors.PageNotFound()
    try:
        await do(visit, _ACTIONS[action])
    except errors.ConsultationNotFound:
        raise
    except HelpdeskError as error:
        return await render(visit, error=error, tried=action)
    return visit.see(f"/desk/consultations/{id_of(visit)}?done={action}")


async def report(visit: Visit) -> Response:
    """Who was asked, reminded and told of the end, and when, as a file to be kept."""
    permissions.check_reads(visit.officer.actor)
    async with visit.desk.database.read() as uow:
        row = await visit.desk.consultations.find(uow, id_of(visit))
    return await proof(visit, ConsultationProofs(visit.desk.database, visit.desk.catalogue), row, row.number)


async def text(visit: Visit) -> Response:
    """Take the draft's text: a file, or what was pasted."""
    try:
        name, raw = "dan-vao.txt", visit.form.get("text").encode()
        if visit.form.files:
            file = visit.form.files[0]
            name, raw = shown_name(file.filename or ""), await file.read(FILE_BYTES + 1)
            if len(raw) > FILE_BYTES:
                raise desk_errors.FormTooLarge(most=FILE_BYTES // (1024 * 1024))
        if not raw.strip():
            raise errors.NoArticle()
        units = units_from(name, raw)

        async def put(visit: Visit, uow: UnitOfWork, row: ConsultationRow) -> None:
            await visit.desk.consultations.set_text(uow, row, units, visit.officer.actor)

        await do(visit, put)
    except errors.ConsultationNotFound:
        raise
    except HelpdeskError as error:
        return await render(visit, error=error, tried="text")
    return visit.see(f"/desk/consultations/{id_of(visit)}?done=text")
