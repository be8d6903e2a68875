"""Audiences on the desk, and the tables from which enterprises are taken over."""

import tempfile
from pathlib import Path

from starlette.responses import Response

from bot.desk import campaign_forms as forms
from bot.desk.errors import FormUnreadable
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.escalation.actors import Role
from bot.membership.enterprise_import import EnterpriseImport, Report
from bot.membership.profile import HEADINGS
from bot.outreach import permissions
from bot.outreach.audiences import Look
from bot.outreach.errors import MayNotCampaign
from storage.audiences import Saved

MAY_IMPORT = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
_PROBLEMS_SHOWN = 200
_CHUNK = 64 * 1024


async def show(visit: Visit) -> Response:
    """The saved audiences; `?audience=` opens one in the form and counts it."""
    permissions.check_writes(visit.officer.actor)
    service = visit.desk.outreach.audiences
    if chosen := visit.request.query_params.get("audience", ""):
        saved = await service.find(chosen)
        values = {**forms.filter_values(saved.filter), "name": saved.name}
        return await _page(visit, values, saved=saved, look=await service.look(saved.filter))
    return await _page(visit, {})


async def act(visit: Visit) -> Response:
    """Count what was typed, or keep it under a name."""
    permissions.check_writes(visit.officer.actor)
    service = visit.desk.outreach.audiences
    chosen = visit.form.get("audience")
    saved = await service.find(chosen) if chosen else None
    try:
        wanted = forms.filter_of(visit.form)
        if visit.form.get("do") != "save":
            return await _page(visit, visit.form.values, saved=saved, look=await service.look(wanted))
        kept = await service.save(visit.form.get("name"), wanted, visit.officer.actor, audience_id=saved.id if saved else None)
    except HelpdeskError as error:
        return await _page(visit, visit.form.values, saved=saved, error=error)
    return visit.see(f"/desk/audiences?audience={kept.id}&done=saved")


async def _page(
    visit: Visit,
    values: dict[str, str],
    *,
    saved: Saved | None = None,
    look: Look | None = None,
    error: HelpdeskError | None = None,
) -> Response:
    service = visit.desk.outreach.audiences
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "audiences.html",
        error.status if error is not None else 200,
        values=values,
        chosen=saved,
        look=look,
        known=await service.known_values(),
        audiences=await service.listed(),
        levels=forms.LEVELS,
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
        done=visit.words.named("campaign_done", "saved") if done == "saved" else "",
    )


async def show_import(visit: Visit) -> Response:
    return _import_page(visit)


async def take_over(visit: Visit) -> Response:
    """Read the table that was sent: only say what would become of it, or take it over."""
    _check_imports(visit)
    if not visit.form.files:
        raise FormUnreadable()
    dry_run = visit.form.get("do") != "import"
    file = visit.form.files[0]
    ending = ".csv" if (file.filename or "").lower().endswith(".csv") else ".xlsx"
    with tempfile.NamedTemporaryFile(suffix=ending) as copy:
        while chunk := await file.read(_CHUNK):
            copy.write(chunk)
        copy.flush()
        service = EnterpriseImport(visit.desk.database, visit.desk.clock)
        try:
            report = await service.run(Path(copy.name), dry_run=dry_run)
        except HelpdeskError as error:
            return _import_page(visit, error=error)
    return _import_page(visit, report=report, dry_run=dry_run, name=file.filename or "")


def _check_imports(visit: Visit) -> None:
    if visit.officer.actor.role not in MAY_IMPORT:
        raise MayNotCampaign(role=str(visit.officer.actor.role))


def _import_page(
    visit: Visit,
    *,
    report: Report | None = None,
    dry_run: bool = False,
    name: str = "",
    error: HelpdeskError | None = None,
) -> Response:
    _check_imports(visit)
    return visit.page(
        "enterprises.html",
        error.status if error is not None else 200,
        report=report,
        shown=_PROBLEMS_SHOWN,
        dry_run=dry_run,
        name=name,
        headings=[words[0] for words in HEADINGS.values()],
        error=visit.words.error(error) if error is not None else "",
    )
