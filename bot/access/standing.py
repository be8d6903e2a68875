"""What an officer may do at this moment: a lead's deputy has the lead's rights while the lead is away, on every desk."""

from dataclasses import replace
from datetime import datetime

from bot.access.officers import Officer, officer_of
from bot.escalation.standing_in import led_by
from bot.knowledge.directory import Directory
from storage import clocks
from storage.officers import OfficerRow
from storage.unit_of_work import UnitOfWork


async def officer_now(uow: UnitOfWork, row: OfficerRow, directory: Directory | None, now: datetime) -> Officer:
    """Return the officer, as the lead of the departments that they lead now, also in somebody's place and elsewhere."""
    officer = officer_of(row)
    if directory is None:
        return officer
    # Who is there matters for deputies alone; nobody else is looked up for.
    present = await clocks.posts(uow, now) if any(each.deputy == row.login for each in directory) else frozenset()
    led = led_by(row.login, row.department_id, lead=row.lead, present=present, directory=directory)
    return replace(officer, lead=row.lead or row.department_id in led, stands_in_for=led - {row.department_id})
