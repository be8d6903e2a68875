"""What an officer may do at this moment: a lead's deputy has the lead's rights while the lead is away, on every desk."""

from dataclasses import replace
from datetime import datetime

from bot.access.officers import Officer, officer_of
from bot.escalation.standing_in import leads
from bot.knowledge.directory import Directory
from storage import clocks
from storage.officers import OfficerRow
from storage.unit_of_work import UnitOfWork


async def officer_now(uow: UnitOfWork, row: OfficerRow, directory: Directory | None, now: datetime) -> Officer:
    """Return the officer, as the lead where they lead their department now, also in somebody's place."""
    officer = officer_of(row)
    department = directory.get(row.department_id) if directory is not None else None
    if row.lead or directory is None or department is None or row.login not in (department.lead, department.deputy):
        return officer
    present = await clocks.posts(uow, now)
    return replace(officer, lead=leads(row.login, row.department_id, lead=row.lead, present=present, directory=directory))
