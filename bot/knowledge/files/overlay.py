"""Departments as they were changed at the desk, over the file: fields as plain values, checked like the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.knowledge.directory import Competence, Department, Directory
from bot.knowledge.files.loading import LEVELS

LONGEST_TARGET_H = 1000
_TEXTS = ("name", "name_en", "level")
_OPTIONAL = ("parent", "region", "lead", "deputy", "telegram_group", "calendar")


@dataclass(frozen=True, slots=True)
class Fault:
    """What stands in the way of a department. code: the words are `directory.fault.<code>`."""

    field: str
    code: str
    given: str = ""


def fields_of(department: Department) -> dict[str, Any]:
    """Return what can be changed at the desk, as JSON keeps it. Which unit coordinates is the file's to say."""
    return {
        **{name: getattr(department, name) for name in (*_TEXTS, *_OPTIONAL)},
        "short_names": list(department.short_names),
        "accepts_inquiries": department.accepts_inquiries,
        "telegram_confirm": department.telegram_confirm,
        "response_target_h": department.response_target / timedelta(hours=1),
        "competences": [
            {"name": each.name, "name_en": each.name_en, "keywords": list(each.keywords), "examples": list(each.examples)}
            for each in department.competences
        ],
    }


def changed(department: Department, fields: Mapping[str, Any]) -> Department:
    """Return the department with these fields in place of its own."""
    known = fields_of(department) | dict(fields)
    return replace(
        department,
        **{name: known[name] for name in (*_TEXTS, *_OPTIONAL)},
        short_names=tuple(known["short_names"]),
        accepts_inquiries=known["accepts_inquiries"],
        telegram_confirm=known["telegram_confirm"],
        response_target=timedelta(hours=known["response_target_h"]),
        competences=tuple(
            Competence(each["name"], each["name_en"], tuple(each["keywords"]), tuple(each["examples"]))
            for each in known["competences"]
        ),
    )


def faults(department: Department, directory: Mapping[str, Department], calendars: Collection[str]) -> list[Fault]:
    """Return what is wrong with a department among these others, in the order of the form."""
    found = [Fault(name, "missing") for name in ("name", "name_en") if not getattr(department, name).strip()]
    for other in directory.values():
        if other.id != department.id and other.name == department.name:
            found.append(Fault("name", "name_taken", other.id))
    if department.level not in LEVELS:
        found.append(Fault("level", "level", department.level))
    if department.parent is not None and department.parent not in directory:
        found.append(Fault("parent", "parent", department.parent))
    above, seen = department.parent, {department.id}
    while above is not None and above in directory and above not in seen:
        seen.add(above)
        above = directory[above].parent
    if above is not None and above in seen:
        found.append(Fault("parent", "circle", above))
    if not 0 < department.response_target / timedelta(hours=1) <= LONGEST_TARGET_H:
        found.append(Fault("response_target_h", "target"))
    if department.coordinating and not department.accepts_inquiries:
        found.append(Fault("accepts_inquiries", "coordinating"))
    if department.calendar is not None and department.calendar not in calendars:
        found.append(Fault("calendar", "calendar", department.calendar))
    if any(not each.name or not each.name_en for each in department.competences):
        found.append(Fault("competences", "competence_name"))
    return found


def over(
    departments: Iterable[Department], overlays: Mapping[str, Mapping[str, Any]], calendars: Collection[str]
) -> tuple[Directory, list[str]]:
    """Return the directory with the changes over the file, and the ids of those that no longer fit and were left out.

    The file may have moved on since the desk changed it: a change that would break it counts for nothing until somebody looks.
    """
    result = {each.id: each for each in departments}
    left_out = []
    for department_id, fields in overlays.items():
        base = result.get(department_id, Department(department_id, "", ""))
        try:
            made = changed(base, fields)
        except (KeyError, TypeError, ValueError):  # written by another version
            left_out.append(department_id)
            continue
        if faults(made, {**result, department_id: made} | _to_come(overlays, result), calendars):
            left_out.append(department_id)
        else:
            result[department_id] = made
    orphans = [each.id for each in result.values() if each.parent is not None and each.parent not in result]
    for department_id in orphans:
        left_out.append(department_id)
        del result[department_id]
    return Directory(result.values()), left_out


def _to_come(overlays: Mapping[str, Mapping[str, Any]], there: Mapping[str, Department]) -> dict[str, Department]:
    """Return what the desk added and is yet to be put in, so that one may stand above another whatever the order."""
    return {each: Department(each, each, each) for each in overlays if each not in there}
