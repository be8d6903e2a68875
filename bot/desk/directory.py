"""The directory of departments: read by everybody at the desk, changed by coordinators and administrators, with its history."""

import math
from collections import defaultdict
from typing import Any

from starlette.responses import Response

from bot.desk.errors import PageNotFound
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.knowledge.directory import Department
from bot.knowledge.files.loading import LEVELS
from bot.knowledge.files.overlay import changed, fields_of
from bot.learning.directory import DepartmentFaulty

COMPETENCES = 8
_NEW = "new"
_LONGEST = 300


async def show(visit: Visit) -> Response:
    """All departments, by level and under whom they stand."""
    directory = visit.desk.knowledge.directory
    below: dict[str | None, list[Department]] = defaultdict(list)
    for each in directory:
        below[each.parent].append(each)

    def tree(parent: str | None, depth: int) -> list[tuple[int, Department]]:
        return [row for each in below[parent] for row in ((depth, each), *tree(each.id, depth + 1))]

    return visit.page("directory.html", rows=tree(None, 0), may_change=visit.officer.actor.sees_all)


async def department(visit: Visit) -> Response:
    return await _render(visit, visit.request.path_params["department"])


async def save(visit: Visit) -> Response:
    department_id = visit.request.path_params["department"]
    new = department_id == _NEW
    if new:
        department_id = visit.form.get("id").strip()
    elif department_id not in visit.desk.knowledge.directory:
        raise PageNotFound()
    seen = visit.form.number("seen") or 0
    try:
        different = await visit.desk.directory.save(department_id, typed(visit), visit.officer.actor, seen=seen, new=new)
    except HelpdeskError as error:
        return await _render(visit, _NEW if new else department_id, error=error)
    return visit.see(f"/desk/directory/{department_id}?done={'save' if different else 'same'}")


async def undo(visit: Visit) -> Response:
    department_id = visit.request.path_params["department"]
    try:
        await visit.desk.directory.undo(department_id, visit.form.number("change") or 0, visit.officer.actor)
    except HelpdeskError as error:
        return await _render(visit, department_id, error=error)
    if department_id not in visit.desk.knowledge.directory:
        return visit.see("/desk/directory?done=undo")
    return visit.see(f"/desk/directory/{department_id}?done=undo")


async def _render(visit: Visit, department_id: str, *, error: HelpdeskError | None = None) -> Response:
    desk = visit.desk
    new = department_id == _NEW
    there = Department(_NEW, "", "", level=LEVELS[1]) if new else desk.knowledge.directory.get(department_id)
    if there is None or (new and not visit.officer.actor.sees_all):
        raise PageNotFound()
    history = [] if new else await desk.directory.history(department_id)
    fields = fields_of(changed(there, typed(visit)) if error is not None else there)
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "department.html",
        error.status if error is not None else 200,
        department=there,
        new=new,
        typed_id=visit.form.get("id"),
        fields=fields,
        spare=range(max(1, min(2, COMPETENCES - len(fields["competences"])))),
        history=history,
        revision=history[0]["revision"] if history else 0,
        levels=LEVELS,
        others=[each for each in desk.knowledge.directory if each.id != department_id],
        calendars=list(desk.knowledge.working_time.others),
        may_change=visit.officer.actor.sees_all,
        error=visit.words.error(error) if error is not None else "",
        wrong=_wrong(visit, error) if error is not None else {},
        done=visit.words.named("directory_done", done) if done in ("save", "same", "undo") and error is None else "",
    )


def _wrong(visit: Visit, error: HelpdeskError) -> dict[str, str]:
    """Return what is wrong with each field, in sentences."""
    if not isinstance(error, DepartmentFaulty):
        return visit.wrong(error)
    said: dict[str, list[str]] = defaultdict(list)
    for fault in error.faults:
        said[fault.field].append(visit.words.say(f"directory.fault.{fault.code}", given=fault.given))
    return {field: " ".join(sentences) for field, sentences in said.items()}


def typed(visit: Visit) -> dict[str, Any]:
    """Read the form into the fields of a department."""

    def line(name: str) -> str:
        return " ".join(visit.form.get(name).split())[:_LONGEST]

    def many(name: str, separator: str) -> list[str]:
        return list(dict.fromkeys(found for each in visit.form.get(name).split(separator) if (found := " ".join(each.split()))))

    competences = [
        {
            "name": line(f"competence_{place}"),
            "name_en": line(f"competence_en_{place}"),
            "keywords": many(f"keywords_{place}", ","),
            "examples": many(f"examples_{place}", "\n"),
        }
        for place in range(COMPETENCES)
    ]
    return {
        **{name: line(name) for name in ("name", "name_en", "level")},
        **{name: line(name) or None for name in ("parent", "region", "lead", "deputy", "telegram_group", "calendar")},
        "short_names": many("short_names", ","),
        "accepts_inquiries": visit.form.get("accepts_inquiries") == "yes",
        "telegram_confirm": visit.form.get("telegram_at_once") != "yes",
        "response_target_h": _hours(line("response_target_h")),
        "competences": [each for each in competences if any(each.values())],
    }


def _hours(text: str) -> float:
    """Return working hours; 0, which is refused, for what is none."""
    try:
        hours = float(text.replace(",", "."))
    except ValueError:
        return 0.0
    return hours if math.isfinite(hours) and 0 <= hours <= 100_000 else 0.0
