"""The directory as it is changed at the desk: over the file, the same in every process, each change with who and when.

Changes stand in the database and not in the file: an editor's comments and a read-only disk stay as they are, replicas agree,
and to undo is to say what held before (docs/decisions/0007).
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot import signals
from bot.clock import Clock
from bot.errors import HelpdeskError
from bot.escalation.actors import Actor, Role
from bot.escalation.errors import RoleNotEnough
from bot.knowledge.directory import Department
from bot.knowledge.files.overlay import Fault, changed, faults, fields_of
from bot.knowledge.service import Knowledge
from bot.signals import Signals
from storage import directory_changes as stored
from storage import officers
from storage.database import Database
from storage.ids import new_id
from storage.officers import OfficerRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 64


class DepartmentFaulty(HelpdeskError):
    """What was typed cannot stand. `faults` says where. Params: count."""

    code = "directory.faulty"
    status = 422

    def __init__(self, found: Sequence[Fault]) -> None:
        super().__init__(count=len(found))
        self.faults = tuple(found)


class DepartmentChanged(HelpdeskError):
    """Somebody else changed it since the page was shown. Params: department."""

    code = "directory.changed"


class NothingToUndo(HelpdeskError):
    """There is no such change, or a later one of the department stands on it."""

    code = "directory.nothing_to_undo"


class DirectoryDesk:
    def __init__(self, database: Database, knowledge: Knowledge, clock: Clock, live: Signals) -> None:
        self._database = database
        self._knowledge = knowledge
        self._clock = clock
        self._live = live
        self._seen = 0
        self._following = asyncio.Lock()

    async def follow(self) -> bool:
        """Take over what was changed since the last look, in whichever process; say whether there was something."""
        async with self._following:
            async with self._database.read() as uow:
                newest = await stored.newest(uow)
                if newest == self._seen:
                    return False
                overlays = await stored.overlays(uow)
            left_out = await asyncio.to_thread(self._knowledge.revise, overlays)
            self._seen = newest
            for department_id in left_out:
                log.warning("directory.change_left_out", department=department_id)
            log.info("directory.changed_at_desk", departments=len(overlays))
            return True

    async def history(self, department_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the changes of a department, newest first."""
        async with self._database.read() as uow:
            return [dict(row) for row in await stored.history(uow, department_id)]

    async def save(self, department_id: str, fields: Mapping[str, Any], actor: Actor, *, seen: int, new: bool = False) -> bool:
        """Change a department, or add a new one; False where nothing is different. seen: the revision shown, 0 for none.

        Raises RoleNotEnough, DepartmentFaulty or DepartmentChanged; then nothing has changed.
        """
        _check(actor)
        there = self._knowledge.directory.get(department_id)
        if new and there is not None:
            raise DepartmentFaulty([Fault("id", "id_taken", department_id)])
        base = there or Department(department_id, "", "")
        made = changed(base, fields)
        found = self._faults(made, is_new=there is None)
        changes = {name: value for name, value in fields_of(made).items() if there is None or value != fields_of(base)[name]}
        if not changes:
            return False

        async def work(uow: UnitOfWork) -> None:
            wrong = [*found, *await _wrong_people(uow, made)]
            if wrong:
                raise DepartmentFaulty(wrong)
            before = {} if there is None else {name: fields_of(base)[name] for name in changes}
            await self._write(uow, department_id, before, changes, actor, seen=seen, undoes=None)

        await self._database.write(work)
        await self.follow()
        self._live.publish(signals.DESK)
        return True

    async def undo(self, department_id: str, change_id: int, actor: Actor) -> None:
        """Put back what the newest change of a department changed. Raises RoleNotEnough, NothingToUndo or DepartmentFaulty."""
        _check(actor)
        rows = await self.history(department_id)
        newest = rows[0] if rows else None
        if newest is None or newest["id"] != change_id:
            raise NothingToUndo()
        there = self._knowledge.directory.get(department_id)
        if newest["before"] and there is not None:
            wrong = self._faults(changed(there, newest["before"]), is_new=False)
            if wrong:
                raise DepartmentFaulty(wrong)

        async def work(uow: UnitOfWork) -> None:
            before, after = newest["after"], newest["before"]
            await self._write(uow, department_id, before, after, actor, seen=newest["revision"], undoes=change_id)

        await self._database.write(work)
        await self.follow()
        self._live.publish(signals.DESK)

    def _faults(self, made: Department, *, is_new: bool) -> list[Fault]:
        directory = {each.id: each for each in self._knowledge.directory}
        found = []
        if is_new and (not _ID.fullmatch(made.id) or len(made.id) > _LONGEST_ID):
            found.append(Fault("id", "id", made.id))
        return [*found, *faults(made, {**directory, made.id: made}, self._knowledge.working_time.others)]

    async def _write(
        self,
        uow: UnitOfWork,
        department_id: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        actor: Actor,
        *,
        seen: int,
        undoes: int | None,
    ) -> None:
        rows = await stored.history(uow, department_id)
        revision = rows[0]["revision"] if rows else 0
        if revision != seen:
            raise DepartmentChanged(department=department_id)
        overlay = dict(rows[0]["overlay"]) if rows else {}
        if undoes is not None:
            # What held before: of this desk's own making, or the file's where nothing is left over it.
            overlay = dict(rows[1]["overlay"]) if len(rows) > 1 else {}
        else:
            overlay |= after
        written = await stored.add(
            uow,
            id=new_id(),
            department_id=department_id,
            revision=revision + 1,
            at=self._clock.now(),
            actor_id=actor.id,
            actor_name=actor.name,
            before=dict(before),
            after=dict(after),
            overlay=overlay,
            undoes=undoes,
        )
        if not written:
            raise DepartmentChanged(department=department_id)


def _check(actor: Actor) -> None:
    if actor.role not in (Role.COORDINATOR, Role.ADMINISTRATOR):
        raise RoleNotEnough(action="directory")


async def _wrong_people(uow: UnitOfWork, made: Department) -> list[Fault]:
    """Say which of the lead and the deputy cannot be it."""
    wrong = []
    for field in ("lead", "deputy"):
        login = getattr(made, field)
        if login is None:
            continue
        row = await officers.by_login(uow, login)
        if row is None or not row.active or not _may_be(field, row, made.id):
            wrong.append(Fault(field, "officer" if field == "lead" else "deputy", login))
    if made.deputy is not None and made.deputy == made.lead:
        wrong.append(Fault("deputy", "same_person", made.deputy))
    return wrong


def _may_be(field: str, row: OfficerRow, department_id: str) -> bool:
    """The lead works for the department; a deputy may be any officer, who then may work there while the lead is away."""
    deputy = field == "deputy" and row.role == Role.OFFICER
    return deputy or row.role in (Role.COORDINATOR, Role.ADMINISTRATOR) or row.department_id == department_id
