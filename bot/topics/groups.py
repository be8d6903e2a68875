"""Which group is a department's: from the directory file, or linked in the group itself.

What was linked in a group goes before the file until the file itself says something new: whoever acted last is right. A group
that gets another id (it became a supergroup) stays the department's, whatever the file still says.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.escalation.actors import Actor
from bot.escalation.ladder import Level, reached
from bot.escalation.notices import Notices
from bot.escalation.standing_in import posts_now
from bot.knowledge.directory import Department, Directory
from bot.topics import errors
from storage import clocks, desk_groups, inquiries, topics
from storage.database import Database
from storage.desk_groups import GroupRow
from storage.topics import TopicRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_TRY_AGAIN = timedelta(minutes=15)
"""how long a group with a problem is left alone, where nobody tells us that it was mended"""


class Groups:
    """channel: the messenger on which the groups are."""

    def __init__(
        self, database: Database, *, channel: str, directory: Callable[[], Directory], notices: Notices, clock: Clock
    ) -> None:
        self._database = database
        self.channel = channel
        self._directory = directory
        self._notices = notices
        self._clock = clock
        self._taken_over: Directory | None = None

    async def take_over_directory(self) -> bool:
        """Read the groups that the directory names; True where a department has another group than before."""
        directory = self._directory()
        if directory is self._taken_over:
            return False
        changed = await self._database.write(lambda uow: self._take_over(uow, directory))
        self._taken_over = directory
        return changed

    async def _take_over(self, uow: UnitOfWork, directory: Directory) -> bool:
        known = {row["department_id"]: row for row in await desk_groups.linked(uow)}
        changed = False
        for department in directory:
            row, named = known.get(department.id), department.telegram_group
            if named == (row["configured"] if row else None):
                continue
            if named is None:
                assert row is not None
                if row["source"] == "file":
                    changed |= await desk_groups.take_away(uow, department.id)
                else:
                    group_id, by = row["group_id"], row["set_by"]
                    await self._give(uow, department.id, group_id, source="command", configured=None, by=by)
            else:
                group = await desk_groups.keep(uow, channel=self.channel, chat=named, title="", now=self._clock.now())
                await self._give(uow, department.id, group.id, source="file", configured=named, by=None)
                changed = True
        return changed

    async def _give(
        self, uow: UnitOfWork, department_id: str, group_id: int, *, source: str, configured: str | None, by: str | None
    ) -> None:
        await desk_groups.give(
            uow, department_id, group_id, source=source, configured=configured, set_by=by, now=self._clock.now()
        )

    # By command, in the group

    async def link(self, uow: UnitOfWork, *, chat: str, title: str, forum: bool, given: str, actor: Actor) -> Department:
        """Make this chat the group of a department (id, name or short name; empty: the officer's own).

        Raises GroupDepartmentUnknown, GroupNotYours or GroupNoForum.
        """
        department = self._meant(given, actor)
        if not may_link(actor, department.id):
            raise errors.GroupNotYours(department=department.name)
        if not forum:
            raise errors.GroupNoForum()
        now = self._clock.now()
        group = await desk_groups.keep(uow, channel=self.channel, chat=chat, title=title, now=now)
        await desk_groups.rest(uow, group.id, until=None)
        await self._give(uow, department.id, group.id, source="command", configured=department.telegram_group, by=actor.name)
        log.info("topics.group_linked", department=department.id, group=group.id, officer=actor.id)
        return department

    async def unlink(self, uow: UnitOfWork, *, chat: str, actor: Actor) -> list[str]:
        """Let the chat be nobody's group any more; return the names of the departments whose it was."""
        group = await desk_groups.by_chat(uow, self.channel, chat)
        names = []
        for department_id in await desk_groups.departments_in(uow, group.id) if group else ():
            department = self._directory().get(department_id)
            if not may_link(actor, department_id):
                raise errors.GroupNotYours(department=department.name if department else department_id)
            await desk_groups.take_away(uow, department_id)
            names.append(department.name if department else department_id)
        return names

    def _meant(self, given: str, actor: Actor) -> Department:
        directory = self._directory()
        wanted = " ".join(given.split()).casefold()
        if not wanted and actor.department_id is not None and (own := directory.get(actor.department_id)) is not None:
            return own
        found = [each for each in directory if wanted in _names(each)]
        if len(found) != 1:
            known = ", ".join(each.id for each in directory.accepting()[:20])
            raise errors.GroupDepartmentUnknown(given=given[:60], known=known)
        return found[0]

    # What happens to a group

    async def trouble(self, uow: UnitOfWork, group: GroupRow, problem: str) -> None:
        """Nothing can be done in the group: the leads of its departments are told, once until it is mended. The inquiries
        stay on the web desk, and come into the group as soon as it works again."""
        now = self._clock.now()
        await desk_groups.rest(uow, group.id, until=now + _TRY_AGAIN, problem=problem)
        if group.problem == problem:
            return
        log.warning("topics.group_in_trouble", group=group.id, problem=problem)
        posts = posts_now(await clocks.posts(uow, now), self._directory())
        for department_id in await desk_groups.departments_in(uow, group.id):
            self._notices.tell_department(
                uow,
                f"officer.group_{problem}",
                audience=reached(Level.LEAD, department_id, posts),
                department_id=department_id,
                once=f"group:{group.id}:{department_id}:{problem}:{int(now.timestamp())}",
                group=group.title or group.chat,
            )

    async def may_have_twin(self, uow: UnitOfWork, topic: TopicRow, asked_at: datetime) -> None:
        """The platform was asked for this topic and nobody heard whether it opened it; it is asked again. An empty second topic
        may stand in the group: the officers are told, once for each such request."""
        group, inquiry = await desk_groups.by_id(uow, topic.group_id), await inquiries.by_id(uow, topic.inquiry_id)
        if group is None or inquiry is None:
            return
        log.warning("topics.opening_cut_off", topic=topic.id, group=group.id, asked_at=str(asked_at))
        for department_id in await desk_groups.departments_in(uow, group.id):
            self._notices.tell_department(
                uow,
                "officer.topic_twin",
                audience="officer",
                department_id=department_id,
                once=f"topic_twin:{department_id}:{topic.id}:{int(asked_at.timestamp())}",
                group=group.title or group.chat,
                number=inquiry.number,
            )

    async def well(self, uow: UnitOfWork, group: GroupRow) -> None:
        """The group works again: everything in it is looked at."""
        if group.problem is not None:
            log.info("topics.group_is_well", group=group.id)
            await desk_groups.rest(uow, group.id, until=None)
            await topics.look_again_in(uow, group.id, self._clock.now())

    async def rest(self, uow: UnitOfWork, group: GroupRow, until: datetime) -> None:
        """The platform wants to be left alone until then."""
        await desk_groups.rest(uow, group.id, until=until, problem=group.problem)

    async def moved(self, uow: UnitOfWork, old: str, new: str) -> None:
        """The group has another id on its platform."""
        await desk_groups.move(uow, channel=self.channel, old=old, new=new)


def may_link(actor: Actor, department_id: str) -> bool:
    return actor.leads(department_id)


def _names(department: Department) -> set[str]:
    names = (department.id, department.name, department.name_en, *department.short_names)
    return {" ".join(name.split()).casefold() for name in names}
