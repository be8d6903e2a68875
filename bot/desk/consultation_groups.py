"""After a consultation: groups of opinions at the desk, their responses, and the table as a file."""

from starlette.responses import Response

from bot.consultation import errors, permissions
from bot.consultation.summary import summary
from bot.desk import errors as desk_errors
from bot.desk.consultation_page import id_of, render
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from storage.ids import read_id
from storage.unit_of_work import UnitOfWork

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def act(visit: Visit) -> Response:
    """`move`, `merge` or `respond`, of one group."""
    desk, form, actor = visit.desk, visit.form, visit.officer.actor
    action = visit.request.path_params["action"]
    if action not in ("move", "merge", "respond"):
        raise desk_errors.PageNotFound()

    async def work(uow: UnitOfWork) -> None:
        whole = await desk.consultations.whole(uow, id_of(visit))
        groups = (await summary(uow, whole)).groups
        group_id = form.number("group") or 0
        if action == "respond":
            await desk.responding.respond(
                uow, whole.row, group_id, form.get("response"), form.get("reason"), actor, title=form.get("title")
            )
            return
        typed = form.get("to").strip()
        number = read_id(typed) if typed else None
        if (typed or action == "merge") and (number is None or not 1 <= number <= len(groups)):
            raise errors.GroupUnknown(field="to")
        target = groups[number - 1].group.id if number else None
        if action == "merge":
            await desk.responding.merge(uow, whole.row, group_id, target or 0, actor)
            return
        chosen = [read_id(name.removeprefix("op_")) or 0 for name in form.values if name.startswith("op_")]
        await desk.responding.move(uow, whole.row, chosen, target, actor)

    try:
        await desk.database.write(work)
    except errors.ConsultationNotFound:
        raise
    except HelpdeskError as error:
        return await render(visit, error=error, tried=f"{action}-{form.get('group')}")
    back = "&only=open" if form.get("only") == "open" else ""
    return visit.see(f"/desk/consultations/{id_of(visit)}?done={action}&page={form.number('page') or 1}{back}#groups")


async def table(visit: Visit) -> Response:
    """The table of opinions with responses, as docx or xlsx."""
    ending = visit.request.path_params["ending"]
    permissions.check_reads(visit.officer.actor)
    if ending not in _TYPES:
        raise desk_errors.PageNotFound()
    async with visit.desk.database.read() as uow:
        found = await summary(uow, await visit.desk.consultations.whole(uow, id_of(visit)))
    content = visit.desk.tables.word(found) if ending == "docx" else visit.desk.tables.excel(found)
    name = f"tong-hop-y-kien-{found.whole.row.number}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=_TYPES[ending], headers=headers)
