"""What a worker does next in a group, and what is recorded of it: one step is one call of the platform."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.topics import digests, reminders
from bot.topics.groups import Groups
from bot.topics.topics import Topics
from storage import desk_groups, topic_posts, topics
from storage.database import Database
from storage.desk_groups import GroupRow
from storage.models import Topic, TopicPost
from storage.topic_posts import PostRow
from storage.topics import TopicRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

GRACE = timedelta(seconds=20)
"""how long we wait to be told of a topic that we asked for and heard no answer about, before we ask again. Telegram's server
tells a bot of topics that it opened itself, but its documentation promises nothing: an inquiry gets its topic either way"""
LEASE = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(minutes=5)
_TRIES_AT_MOST = 12


@dataclass(frozen=True)
class Open:
    topic: TopicRow


@dataclass(frozen=True)
class Rename:
    topic: TopicRow


@dataclass(frozen=True)
class Shut:
    """Close the topic, or open it again, as `topic.closed` says."""

    topic: TopicRow


@dataclass(frozen=True)
class DeleteTopic:
    post: PostRow
    thread_id: int


@dataclass(frozen=True)
class Say:
    """Send the post, edit it, or delete it. thread_id: none in the group's general topic."""

    post: PostRow
    thread_id: int | None

    @property
    def gone(self) -> bool:
        return bool(self.post.content.get("gone"))


@dataclass(frozen=True)
class Fetch:
    """Bring the content of a file that an officer sent."""

    post: PostRow
    reference: str
    name: str


Step = Open | Rename | Shut | DeleteTopic | Say | Fetch


def shown(content: dict[str, Any]) -> str:
    """Return a digest of what a post says."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Steps:
    """One for each process. owner: marks the groups that this process writes to."""

    def __init__(self, database: Database, topics: Topics, groups: Groups, clock: Clock, owner: str) -> None:
        self._database = database
        self._topics = topics
        self._groups = groups
        self._clock = clock
        self._owner = owner
        self._started_at = clock.now()

    async def claim(self) -> list[GroupRow]:
        """Return the groups in which this process shall go on; nobody else does until it lets go of them."""
        now = self._clock.now()
        async with self._database.read() as uow:
            if not await desk_groups.something_due(uow, now):
                return []
        sole = self._database.is_sqlite
        return await self._database.write(
            lambda uow: desk_groups.claim(
                uow, channel=self._groups.channel, owner=self._owner, now=now, lease_until=now + LEASE, sole=sole
            )
        )

    async def keep(self, group: GroupRow) -> bool:
        until = self._clock.now() + LEASE
        return await self._database.write(lambda uow: desk_groups.extend(uow, group.id, owner=self._owner, until=until))

    async def release(self, group: GroupRow, level: float) -> None:
        now = self._clock.now()
        await self._database.write(lambda uow: desk_groups.release(uow, group.id, owner=self._owner, level=level, now=now))

    async def next(self, group_id: int) -> tuple[GroupRow, Step] | None:
        """Return what is to be done next in the group: what waits for an officer, then what was said, then topics, and what
        the clocks tell again last."""
        now = self._clock.now()
        await self._database.write(lambda uow: digests.keep(uow, self._topics.words, group_id, now))
        async with self._database.read() as uow:
            group = await desk_groups.by_id(uow, group_id)
            if group is None or (group.retry_at is not None and group.retry_at > now):
                return None
            post = await topic_posts.next_due(uow, group_id, now, before=reminders.PRIORITY)
            if post is None and (due := await topics.next_due(uow, group_id, now)) is not None:
                return group, _of_topic(due)
            post = post or await topic_posts.next_due(uow, group_id, now)
            if post is None:
                return None
            topic = await topics.by_id(uow, post.topic_id) if post.topic_id is not None else None
        return group, _of_post(post, topic)

    # What came of it

    async def may_open(self, topic: TopicRow) -> bool:
        """Write down that the platform is asked to open the topic; False while an earlier request may still be answered by
        what the platform tells us, for an inquiry should not have two topics. Where nothing is told, it may get an empty second
        one: the inquiry does not wait for that, and its department is told to look."""
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> bool:
            fresh = await topics.by_id(uow, topic.id)
            if fresh is None or fresh.thread_id is not None or fresh.due_at is None:
                return False
            if fresh.opening_at is not None:
                until = max(fresh.opening_at, self._started_at) + GRACE
                if now < until:
                    uow.update(Topic, topic.id, due_at=until)
                    return False
                await self._groups.may_have_twin(uow, fresh, fresh.opening_at)
            uow.update(Topic, topic.id, opening_at=now)
            return True

        return await self._database.write(work)

    async def not_opened(self, topic: TopicRow) -> None:
        """The platform said that it did not: nothing needs to be waited for."""

        async def work(uow: UnitOfWork) -> None:
            uow.update(Topic, topic.id, opening_at=None)

        await self._database.write(work)

    async def opened(self, topic: TopicRow, thread_id: int) -> None:
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> None:
            fresh = await topics.by_id(uow, topic.id)
            if fresh is None:
                return
            if fresh.thread_id is None:
                self._topics.adopt(uow, fresh, thread_id, topic.title, now)
            elif fresh.thread_id != thread_id:
                await self._topics.delete_extra(uow, topic.group_id, thread_id)

        await self._database.write(work)

    async def renamed(self, topic: TopicRow) -> None:
        await self._of_topic(topic, shown_title=topic.title)

    async def shut(self, topic: TopicRow) -> None:
        await self._of_topic(topic, shown_closed=topic.closed)

    async def _of_topic(self, topic: TopicRow, **values: Any) -> None:
        now = self._clock.now()
        after = replace(topic, **values)
        done = after.title == after.shown_title and after.closed == after.shown_closed

        async def work(uow: UnitOfWork) -> None:
            uow.update(Topic, topic.id, checked_at=now, attempts=0, error=None, **values)
            if done:
                await uow.change(Topic, topic.id, seen={"revision": topic.revision}, due_at=None)

        await self._database.write(work)

    async def said(self, post: PostRow, message_id: int | None) -> None:
        """The post says what it shall, as it was read. message_id: where it stands; none when it is gone."""

        async def work(uow: UnitOfWork) -> None:
            uow.update(TopicPost, post.id, message_id=message_id, shown=shown(post.content), attempts=0, error=None)
            await uow.change(TopicPost, post.id, seen={"revision": post.revision}, due_at=None)

        await self._database.write(work)

    async def message_gone(self, post: PostRow) -> None:
        """Somebody deleted the message: the card is sent again, all else is over."""

        async def work(uow: UnitOfWork) -> None:
            again = post.kind in ("card", "digest") or post.open
            due = self._clock.now() if again else None
            topic_posts.change(uow, post, message_id=None, shown=None, due_at=due)

        await self._database.write(work)

    async def topic_gone(self, topic_id: int | None) -> None:
        """Somebody deleted the topic."""

        async def work(uow: UnitOfWork) -> None:
            topic = await topics.by_id(uow, topic_id) if topic_id is not None else None
            if topic is not None:
                log.info("topics.topic_was_deleted", topic=topic.id)
                await self._topics.lost(uow, topic)

        await self._database.write(work)

    async def trouble(self, group: GroupRow, problem: str) -> None:
        await self._database.write(lambda uow: self._groups.trouble(uow, group, problem))

    async def works(self, group: GroupRow) -> None:
        """A call succeeded: whatever was wrong with the group is mended."""
        if group.problem is not None:
            await self._database.write(lambda uow: self._groups.well(uow, group))

    async def rest(self, group: GroupRow, seconds: float) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._database.write(lambda uow: self._groups.rest(uow, group, until))

    async def moved(self, group: GroupRow, new: str) -> None:
        await self._database.write(lambda uow: self._groups.moved(uow, group.chat, new))

    async def later(self, step: Step, reason: str) -> None:
        """It could not be done now."""
        topic = step.topic if isinstance(step, Open | Rename | Shut) else None
        row = topic or step.post  # type: ignore[union-attr]
        wait = min(_LONGEST_WAIT, timedelta(seconds=2 ** min(row.attempts, 10)))
        values: dict[str, Any] = {"attempts": row.attempts + 1, "error": reason[:300], "due_at": self._clock.now() + wait}
        if row.attempts >= _TRIES_AT_MOST and topic is None:
            await self.refused(step, reason)
            return

        async def work(uow: UnitOfWork) -> None:
            uow.update(Topic if topic is not None else TopicPost, row.id, **values)

        await self._database.write(work)

    async def refused(self, step: Step, reason: str) -> None:
        """The platform will never take it: it is given up until it shall say something else."""
        log.error("topics.refused", step=type(step).__name__, reason=reason[:200])
        topic = step.topic if isinstance(step, Open | Rename | Shut) else None
        row = topic or step.post  # type: ignore[union-attr]
        values: dict[str, Any] = {"error": reason[:300], "due_at": None}

        async def work(uow: UnitOfWork) -> None:
            uow.update(Topic if topic is not None else TopicPost, row.id, **values)

        await self._database.write(work)


def _of_post(post: PostRow, topic: TopicRow | None) -> Step:
    if "delete_topic" in post.content:
        return DeleteTopic(post, post.content["delete_topic"])
    for part in post.data.get("parts", ()):
        for file in part.get("files", ()):
            if not file.get("sha256") and not file.get("failed"):
                return Fetch(post, file["reference"], file["name"])
    return Say(post, topic.thread_id if topic is not None else None)


def _of_topic(topic: TopicRow) -> Step:
    if topic.thread_id is None:
        return Open(topic)
    # A title is changed while the topic is open: a closed one would be shown as changed by its last message.
    if topic.title != topic.shown_title:
        return Rename(topic)
    return Shut(topic)
