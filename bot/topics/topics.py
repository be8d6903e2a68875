"""Which topics there are, and what each shall show. Nothing here talks to a platform: a change of an inquiry leaves a row, the
row is looked at, what the group shall show is written down, and a worker brings the platform there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import signals
from bot.clock import Clock
from bot.escalation.states import WITH_A_DEPARTMENT, State
from bot.knowledge.directory import Directory
from bot.signals import Signals
from bot.topics import cards, news, reminders, titles
from bot.topics.words import Words
from storage import desk_groups, queue, topic_posts, topics
from storage import inquiries as stored
from storage.database import Database
from storage.desk_groups import GroupRow
from storage.inquiries import InquiryRecord
from storage.models import Topic
from storage.queue import Queued
from storage.topics import TopicRow
from storage.unit_of_work import UnitOfWork

_AT_ONCE = 50
"""inquiries that are looked at in one transaction"""
_CHECK_EVERY = timedelta(minutes=10)
"""an open topic about which nothing happens is looked for this often, at the most: nobody tells us that it was deleted"""
OPENS_IN = WITH_A_DEPARTMENT | {State.AWAITING_ROUTING}
"""states in which a topic is opened; one that is there already stays with its inquiry to the end"""


def card_key(topic_id: int) -> str:
    return f"card:{topic_id}"


class Topics:
    def __init__(
        self, database: Database, *, directory: Callable[[], Directory], words: Words, clock: Clock, live: Signals
    ) -> None:
        self._database = database
        self._directory = directory
        self.words = words
        self._clock = clock
        self._live = live
        self._missing = True
        """a department may have been given a group since the last look, also before this process began"""

    # What changed

    def changed(self, uow: UnitOfWork, inquiry: InquiryRecord) -> None:
        """Called with every change of an inquiry, in its transaction: costs a row, and only where people have it."""
        if inquiry.department_id is not None or inquiry.state == State.AWAITING_ROUTING:
            self.note(uow, inquiry.id)

    def note(self, uow: UnitOfWork, inquiry_id: int) -> None:
        """Have the inquiry's topics looked at."""
        topics.changed(uow, inquiry_id)
        uow.after_commit(self.wake)

    def wake(self) -> None:
        """Tell the worker that there is something to do."""
        self._live.publish(signals.TOPICS)

    async def settle(self) -> int:
        """Look at what changed, and at titles whose time has come; return how many inquiries that were."""
        async with self._database.read() as uow:
            if not await topics.something_changed(uow, self._clock.now()):
                return 0
        done = 0
        while True:
            looked = await self._database.write(self._settle_some)
            done += looked
            if looked < _AT_ONCE:
                return done

    async def _settle_some(self, uow: UnitOfWork) -> int:
        ids = await topics.take_changes(uow, _AT_ONCE)
        ids += [each for each in await topics.to_look_at(uow, self._clock.now(), _AT_ONCE - len(ids)) if each not in ids]
        for inquiry_id in ids:
            await self.look(uow, inquiry_id)
        return len(ids)

    def look_for_missing(self) -> None:
        """A department was given a group: what it has already must come there."""
        self._missing = True
        self.wake()

    async def find_missing(self) -> int:
        """Have inquiries looked at that have no topic in the group of their department; return how many those are."""
        if not self._missing:
            return 0
        self._missing = False
        coordinating = self._directory().coordinating.id
        after, found = 0, 0
        while True:
            async with self._database.read() as uow:
                ids = await topics.without_topic(
                    uow, OPENS_IN, unrouted=State.AWAITING_ROUTING, coordinating=coordinating, after=after, limit=_AT_ONCE
                )
            if not ids:
                return found
            after, found = ids[-1], found + len(ids)

            async def work(uow: UnitOfWork, ids: list[int] = ids) -> None:
                for inquiry_id in ids:
                    topics.changed(uow, inquiry_id)

            await self._database.write(work)

    async def check_some(self) -> int:
        """Have of each group the open topic looked for that was not seen for the longest time; return how many those are."""
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> int:
            found = await topics.unseen_longest(uow, before=now - _CHECK_EVERY)
            for topic in found:
                topics.change(uow, topic, shown_title=None, checked_at=now, due_at=now)
            return len(found)

        return await self._database.write(work)

    # What a topic shall show

    async def look(self, uow: UnitOfWork, inquiry_id: int) -> None:
        """Write down what the groups shall show of an inquiry as it is now."""
        found = await queue.with_enterprise(uow, inquiry_id=inquiry_id)
        if found is None:
            return
        group = await self._group_of(uow, found.inquiry)
        known = await topics.of_inquiry(uow, inquiry_id)
        here = next((each for each in known if group is not None and each.group_id == group.id), None)
        for topic in known:
            if topic is not here:
                await self._leave(uow, topic, found)
        if group is not None and here is None and State(found.inquiry.state) in OPENS_IN:
            topic_id = topics.add(uow, inquiry_id=inquiry_id, group_id=group.id, title="", now=self._clock.now())
            here = await topics.by_id(uow, topic_id)
        if here is not None:
            await self._show(uow, here, found)
            uow.after_commit(self.wake)

    async def _group_of(self, uow: UnitOfWork, inquiry: InquiryRecord) -> GroupRow | None:
        department_id = inquiry.department_id
        if department_id is None and inquiry.state == State.AWAITING_ROUTING:
            department_id = self._directory().coordinating.id
        return await desk_groups.of_department(uow, department_id) if department_id is not None else None

    async def _leave(self, uow: UnitOfWork, topic: TopicRow, found: Queued) -> None:
        """The inquiry is with another group, or with none: this topic says so and is closed."""
        department = found.inquiry.department_name
        title = titles.moved(self.words, found, department)
        self._set(uow, topic, title.text, closed=True, look_at=None, urgent_at=None)
        if topic.thread_id is not None:
            await self._card(uow, topic, found, elsewhere=department or self.words.say("desk.no_department"))
            await self._remind(uow, topic, found.inquiry, here=())

    async def _show(self, uow: UnitOfWork, topic: TopicRow, found: Queued) -> None:
        title = titles.title(self.words, found, self._clock.now())
        closed = State(found.inquiry.state) is State.CLOSED
        told = await news.tell(uow, self.words, topic, found, now=self._clock.now())
        self._set(
            uow, topic, title.text, closed=closed, look_at=title.changes_at, urgent_at=found.inquiry.due_at, told_up_to=told
        )
        await self._card(uow, topic, found)
        await self._remind(uow, topic, found.inquiry, here=await desk_groups.departments_in(uow, topic.group_id))

    async def _remind(self, uow: UnitOfWork, topic: TopicRow, inquiry: InquiryRecord, *, here: Sequence[str]) -> None:
        head = self._directory().coordinating.id in here
        await reminders.show(uow, self.words, topic, inquiry, here=here, head=head, now=self._clock.now())

    def _set(self, uow: UnitOfWork, topic: TopicRow, title: str, *, closed: bool, **values: Any) -> None:
        opens = topic.thread_id is None and not closed
        differs = topic.thread_id is not None and (title != topic.shown_title or closed != topic.shown_closed)
        due = (topic.due_at or self._clock.now()) if opens or differs else None
        changes = {"title": title, "closed": closed, "due_at": due, **values}
        if any(getattr(topic, name) != value for name, value in changes.items()):
            topics.change(uow, topic, **changes)

    async def _card(self, uow: UnitOfWork, topic: TopicRow, found: Queued, elsewhere: str | None = None) -> None:
        person = await stored.recipient(uow, found.inquiry.account_id)
        files = len(await stored.files(uow, found.inquiry.id))
        content = cards.card(
            self.words, found, self._directory(), contact=person.contact_name, files=files, elsewhere=elsewhere
        )
        post = await topic_posts.by_key(uow, card_key(topic.id))
        data = {"seen": found.inquiry.history_length}
        if post is None:
            topic_posts.add(
                uow,
                group_id=topic.group_id,
                topic_id=topic.id,
                kind="card",
                content=content,
                now=self._clock.now(),
                key=card_key(topic.id),
                data=data,
            )
        elif content != post.content or data != post.data:
            topic_posts.change(uow, post, content=content, data=data, due_at=self._clock.now())

    # What happens to topics by other hands

    async def lost(self, uow: UnitOfWork, topic: TopicRow) -> None:
        """Somebody deleted the topic: it is opened again, with everything that was said, unless the inquiry is closed."""
        topics.change(
            uow,
            topic,
            thread_id=None,
            shown_title=None,
            shown_closed=False,
            told_up_to=0,
            opening_at=None,
            due_at=None if topic.closed else self._clock.now(),
        )
        await topic_posts.forget_places(uow, topic.id, now=self._clock.now())
        self.note(uow, topic.inquiry_id)

    async def opened_elsewhere(self, uow: UnitOfWork, group: GroupRow, thread_id: int, name: str) -> None:
        """The platform tells that a topic of ours was opened. It is the one that we asked for and did not hear of any more
        (a kill, a lost answer); where the inquiry has another topic by now, this one is deleted again."""
        topic = await self.named(uow, group, name)
        if topic is None or topic.thread_id == thread_id:
            return
        now = self._clock.now()
        if topic.thread_id is None and topic.opening_at is not None:
            self.adopt(uow, topic, thread_id, name, now)
        else:
            await self.delete_extra(uow, group.id, thread_id)
        uow.after_commit(self.wake)

    async def named(self, uow: UnitOfWork, group: GroupRow, name: str) -> TopicRow | None:
        """Return the topic of the inquiry whose number stands in the name."""
        number = next((word for word in name.split() if word.startswith("YC-")), None)
        return await topics.by_number(uow, group.id, number) if number is not None else None

    async def delete_extra(self, uow: UnitOfWork, group_id: int, thread_id: int) -> None:
        """Have a second topic of an inquiry deleted, however often we are told of it."""
        key = f"extra:{group_id}:{thread_id}"
        if await topic_posts.by_key(uow, key) is None:
            content = {"delete_topic": thread_id}
            topic_posts.add(uow, group_id=group_id, kind="extra", content=content, now=self._clock.now(), priority=2, key=key)

    def adopt(self, uow: UnitOfWork, topic: TopicRow, thread_id: int, name: str, now: datetime) -> None:
        """Take note that this is the inquiry's topic."""
        differs = topic.title != name or topic.closed
        uow.update(
            Topic,
            topic.id,
            thread_id=thread_id,
            shown_title=name,
            shown_closed=False,
            opening_at=None,
            checked_at=now,
            attempts=0,
            error=None,
            due_at=now if differs else None,
        )

    async def closed_by_hand(self, uow: UnitOfWork, topic: TopicRow, *, closed: bool) -> None:
        """Somebody closed or reopened the topic itself: it follows its inquiry, not the other way round."""
        due = self._clock.now() if closed != topic.closed else None
        topics.change(uow, topic, shown_closed=closed, due_at=topic.due_at or due)
        uow.after_commit(self.wake)
