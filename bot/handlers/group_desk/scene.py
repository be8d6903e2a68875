"""One turn of an officer in a topic: who acts, on which inquiry, and how they are answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.access.standing import officer_now
from bot.clock import Clock
from bot.delivery.ledger import BY_HAND
from bot.escalation.actors import Actor
from bot.escalation.inquiries import Inquiries
from bot.handlers.group_desk.events import GroupMessage, GroupPress
from bot.knowledge.directory import Directory
from bot.knowledge.service import Knowledge
from bot.topics.groups import Groups
from bot.topics.topics import Topics
from bot.topics.words import Words
from storage import inquiries as stored
from storage import officer_accounts, topic_posts
from storage.desk_groups import GroupRow
from storage.inquiries import InquiryRecord
from storage.officers import OfficerRow
from storage.topic_posts import PostRow
from storage.topics import TopicRow
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class GroupServices:
    """What the officers' conversation may call."""

    inquiries: Inquiries
    knowledge: Knowledge
    topics: Topics
    groups: Groups
    clock: Clock

    @property
    def words(self) -> Words:
        return self.topics.words

    @property
    def directory(self) -> Directory:
        return self.knowledge.directory


@dataclass
class Scene:
    """A turn in the topic of an inquiry, by an officer who may act on it."""

    services: GroupServices
    uow: UnitOfWork
    event: GroupMessage | GroupPress | None
    """none where it is a file that came, not something the officer just did"""
    group: GroupRow
    topic: TopicRow
    inquiry: InquiryRecord
    actor: Actor

    @property
    def words(self) -> Words:
        return self.services.words

    @property
    def inquiries(self) -> Inquiries:
        return self.services.inquiries

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    @property
    def officer_id(self) -> int:
        assert self.actor.id is not None
        return self.actor.id

    def say(self, key: str, **params: Any) -> str:
        return self.words.say(key, **params)

    def post(self, kind: str, content: dict[str, Any], *, waits: bool = False, silent: bool = False, **values: Any) -> int:
        """Put a message of ours into the topic, in answer to this officer."""
        self.uow.after_commit(self.services.topics.wake)
        return topic_posts.add(
            self.uow,
            group_id=self.group.id,
            topic_id=self.topic.id,
            kind=kind,
            content=content,
            now=self.now,
            priority=0,
            officer_id=self.officer_id,
            waits=waits,
            silent=silent,
            **values,
        )

    def show(self, post: PostRow, content: dict[str, Any], **values: Any) -> None:
        """Have a message of ours say something else."""
        self.uow.after_commit(self.services.topics.wake)
        topic_posts.change(self.uow, post, content=content, due_at=self.now, **values)

    async def to_pass_on(self) -> str:
        """Return what an officer must do so that the enterprise hears of what was just done; empty where it has a chat."""
        to = await self.inquiries.answers_go_to(self.uow, self.inquiry)
        return self.say("topic.by_hand", channel=self.words.named("channel", to.channel)) if to.channel in BY_HAND else ""

    async def waiting(self, kind: str | None = None) -> PostRow | None:
        """Return what waits for this officer in the topic: the newest, of that kind."""
        found = await topic_posts.open_of(self.uow, self.topic.id, self.officer_id)
        return next((post for post in found if kind in (None, post.kind)), None)

    async def newest_message(self, kind: str) -> int | None:
        """Return the id of what was last written about the inquiry by this officer, of that kind."""
        rows = await stored.messages(self.uow, self.inquiry.id)
        ids = [row["id"] for row in rows if row["kind"] == kind and row["author_id"] == self.officer_id]
        return ids[-1] if ids else None


async def actor_of(services: GroupServices, uow: UnitOfWork, channel: str, person: str | None) -> Actor | None:
    """Return who the person is; none for whoever is no officer, or is none any more."""
    row = await officer_accounts.officer_of(uow, channel, person) if person is not None else None
    return await acting_now(services, uow, row) if row is not None and row.active else None


async def acting_now(services: GroupServices, uow: UnitOfWork, row: OfficerRow) -> Actor:
    """Return the officer with the rights that they have at this moment, also in their lead's place."""
    return (await officer_now(uow, row, services.directory, services.clock.now())).actor
