"""After the closing: groups of opinions are corrected and answered one by one, then the outcome is published."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.clock import Clock
from bot.consultation import errors, permissions
from bot.consultation.consultations import SUBJECT, move
from bot.consultation.grouping import propose, title_of
from bot.consultation.states import Event, State
from bot.escalation.actors import Actor
from storage import asking, positions
from storage import consultations as stored
from storage.consultations import ConsultationRow
from storage.database import Database
from storage.positions import GroupRow, Voiced
from storage.unit_of_work import UnitOfWork

TELL = "tell_outcome"
_REASON_AT_MOST = 8000


class Response(StrEnum):
    ACCEPTED = "accepted"
    PARTLY = "partly"
    NOT_ACCEPTED = "not_accepted"


@dataclass(frozen=True)
class Answered:
    """A group with the opinions in it."""

    group: GroupRow
    voices: list[Voiced]

    def names(self, person: str | None = None) -> list[str]:
        """Return who said it. person: written in place of the name of somebody who spoke for no enterprise."""
        return list(dict.fromkeys(each.enterprise_name or person or each.contact_name for each in self.voices))


async def grouped(uow: UnitOfWork, consultation_id: int) -> list[Answered]:
    """Return the groups in the order of the draft, each with its opinions, members first."""
    voices = await positions.voiced(uow, consultation_id)
    by_group: dict[int | None, list[Voiced]] = {}
    for each in voices:
        by_group.setdefault(each.opinion.group_id, []).append(each)
    rows = await positions.groups(uow, consultation_id)
    return [Answered(row, by_group[row.id]) for row in rows if row.id in by_group]


async def group_anew(database: Database, clock: Clock, consultation_id: int) -> int:
    """Propose groups of a consultation that has closed, where that has not been done; return how many there are."""
    async with database.read() as uow:
        row = await stored.by_id(uow, consultation_id)
        voices = await positions.voiced(uow, consultation_id)
    if row is None or row.state != State.CLOSED or row.grouped_at is not None:
        return 0
    # Comparing thousands of comments takes seconds: nobody's transaction waits for it.
    proposed = await asyncio.to_thread(propose, voices)

    async def work(uow: UnitOfWork) -> int:
        now = clock.now()
        if not await stored.change(uow, row, grouped_at=now, updated_at=now):
            return 0
        for each in proposed:
            group_id = positions.add_group(uow, row.id, unit=each.unit, title=each.title)
            await positions.move_opinions(uow, row.id, each.opinions, group_id)
        stored.note(uow, row.id, "group", "", now, groups=len(proposed), opinions=len(voices))
        return len(proposed)

    return await database.write(work)


class Responding:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def _working(self, uow: UnitOfWork, row: ConsultationRow, actor: Actor) -> list[Answered]:
        permissions.check_prepares(actor)
        if row.state != State.CLOSED:
            raise errors.MovedOn(state=row.state)
        return await grouped(uow, row.id)

    async def move(
        self, uow: UnitOfWork, row: ConsultationRow, opinion_ids: Sequence[int], to_group: int | None, actor: Actor
    ) -> int:
        """Put opinions into another group, or into one of their own (None); return the group's id.

        A group that loses its last opinion is gone. Raises MayNot, MovedOn, GroupUnknown.
        """
        found = await self._working(uow, row, actor)
        voices = {each.opinion.id: each for answered in found for each in answered.voices}
        moved = [voices[each] for each in dict.fromkeys(opinion_ids) if each in voices]
        if not moved or (to_group is not None and to_group not in {each.group.id for each in found}):
            raise errors.GroupUnknown()
        if to_group is None:
            opinion = moved[0].opinion
            to_group = positions.add_group(uow, row.id, unit=opinion.unit, title=title_of(opinion.text))
        await positions.move_opinions(uow, row.id, [each.opinion.id for each in moved], to_group)
        await positions.drop_empty_groups(uow, row.id)
        stored.note(uow, row.id, "move", actor.name, self._clock.now(), opinions=[each.opinion.id for each in moved])
        return to_group

    async def merge(self, uow: UnitOfWork, row: ConsultationRow, group_id: int, into: int, actor: Actor) -> None:
        """Put a whole group into another, whose response then holds for both. Raises MayNot, MovedOn, GroupUnknown."""
        known = {each.group.id for each in await self._working(uow, row, actor)}
        if group_id == into or not {group_id, into} <= known:
            raise errors.GroupUnknown()
        await positions.move_all(uow, row.id, from_group=group_id, to_group=into)
        await positions.drop_empty_groups(uow, row.id)
        stored.note(uow, row.id, "merge", actor.name, self._clock.now(), group=group_id, into=into)

    async def respond(
        self,
        uow: UnitOfWork,
        row: ConsultationRow,
        group_id: int,
        response: str,
        reason: str,
        actor: Actor,
        *,
        title: str = "",
    ) -> None:
        """Say of a group whether it is accepted, and why; title: a better name for it.

        Raises MayNot, MovedOn, GroupUnknown, ResponseWrong or ReasonMissing.
        """
        found = {each.group.id: each.group for each in await self._working(uow, row, actor)}
        if group_id not in found:
            raise errors.GroupUnknown()
        if response not in set(Response):
            raise errors.ResponseWrong(response=response[:40])
        reason = reason.strip()
        if not reason:
            raise errors.ReasonMissing()
        if len(reason) > _REASON_AT_MOST:
            raise errors.FieldTooLong(field="reason", most=_REASON_AT_MOST)
        now = self._clock.now()
        values = {"response": response, "reason": reason, "responded_by": actor.name, "responded_at": now}
        named = " ".join(title.split())[:300] or found[group_id].title
        await positions.change_group(uow, row.id, group_id, title=named, **values)
        stored.note(uow, row.id, "respond_group", actor.name, now, group=group_id, response=response)

    async def finish(
        self, uow: UnitOfWork, row: ConsultationRow, actor: Actor, *, conclusion_vi: str = "", conclusion_en: str = ""
    ) -> None:
        """Say that every group is answered. Raises MayNot, MovedOn or ResponsesMissing."""
        found = await self._working(uow, row, actor)
        if row.grouped_at is None:
            raise errors.MovedOn(state=row.state)
        missing = [each.group for each in found if each.group.response is None]
        if missing:
            raise errors.ResponsesMissing(count=len(missing), first=missing[0].title)
        conclusions = {"conclusion_vi": conclusion_vi.strip(), "conclusion_en": conclusion_en.strip()}
        for name, text in conclusions.items():
            if len(text) > _REASON_AT_MOST:
                raise errors.FieldTooLong(field=name, most=_REASON_AT_MOST)
        now = self._clock.now()
        values: dict[str, Any] = {"responder_name": actor.name, "responded_at": now, **conclusions}
        await move(uow, row, Event.RESPOND, actor.name, now, **values)

    async def rework(self, uow: UnitOfWork, row: ConsultationRow, actor: Actor) -> None:
        """Open the responses again before they are published. Raises MayNot or MovedOn."""
        permissions.check_prepares(actor)
        await move(uow, row, Event.REWORK, actor.name, self._clock.now(), responded_at=None)

    async def publish(self, uow: UnitOfWork, row: ConsultationRow, actor: Actor) -> None:
        """Publish the outcome, and have everybody told who took part. Raises MayNot or MovedOn."""
        if not permissions.may_decide(actor):
            raise errors.MayNot()
        now = self._clock.now()
        await move(uow, row, Event.PUBLISH, actor.name, now, publisher_name=actor.name, published_at=now)
        await asking.set_due(uow, subject=SUBJECT, subject_id=row.id, moments={TELL: now})
