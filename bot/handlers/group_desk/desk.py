"""The officers' desk in groups: whatever happens there comes in here, and each event has its effect once.

Only an officer who is linked, is at work and belongs to the department can do anything. Everybody else in the group may read;
what they write and press does nothing, and they are told so once.
"""

import traceback
from dataclasses import replace
from typing import Any

import structlog

from bot.errors import HelpdeskError
from bot.escalation.errors import InquiryNotYours
from bot.handlers.group_desk import acting, linking
from bot.handlers.group_desk.commands import command_of
from bot.handlers.group_desk.events import (
    Answer,
    GroupEvent,
    GroupMessage,
    GroupMoved,
    GroupPress,
    GroupStanding,
    TopicOpened,
    TopicShut,
)
from bot.handlers.group_desk.panels import Found, look_up
from bot.handlers.group_desk.scene import GroupServices, Scene, actor_of
from bot.handlers.pipeline import readable
from bot.topics.buttons import PANELS
from storage import desk_groups, topic_posts, topics
from storage import inquiries as stored
from storage.database import Database, Turning
from storage.desk_groups import GroupRow
from storage.inquiries import InquiryRecord
from storage.topics import TopicRow
from storage.unit_of_work import AccountKey, UnitOfWork

log = structlog.get_logger()


class GroupDesk:
    """Takes what happens in groups. bot_name: what a command is addressed to where it names a bot; known once it is asked."""

    def __init__(self, database: Database, services: GroupServices) -> None:
        self._database = database
        self.services = services
        self.bot_name: str | None = None

    async def take(self, event: GroupEvent) -> Answer | None:
        """Take an event to its end: when this returns, everything that follows from it is committed. Returns what whoever
        pressed a button reads at once."""
        if isinstance(event, GroupMessage):
            event = replace(event, text=readable(event.text), name=readable(event.name))
        found = await self._look_up(event)
        try:
            return await self._once(event, lambda uow: self._act(uow, event, found))
        except HelpdeskError as error:
            log.info("group_desk.refused", code=error.code, event_id=event.event.event_id)
            words = self.services.words.error(error)
            return await self._once(event, lambda uow: self._explain(uow, event, words))
        except Exception as error:  # noqa: BLE001 - whatever it was, the officer is told, and the next event is taken
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            log.error("group_desk.failed", event_id=event.event.event_id, error=kind, traceback=where)
            words = self.services.words.say("topic.failed")
            return await self._once(event, lambda uow: self._explain(uow, event, words))

    async def _once(self, event: GroupEvent, act: Any) -> Answer | None:
        async def work(uow: UnitOfWork) -> Answer | None:
            if not uow.is_new(event.event):
                return None
            answer: Answer | None = await act(uow)
            return answer

        # What happens in one group is taken in order, like what one person does.
        account = AccountKey(event.place.channel, f"group:{event.place.chat}")
        return await self._database.write(work, turning=Turning(event.event, account, event.received_at))

    async def _look_up(self, event: GroupEvent) -> Found:
        """Look up what a panel shows before the turn, for somebody who may see it."""
        panel, inquiry_id = _panel_wanted(event, self.bot_name)
        if panel is None:
            return Found()
        async with self._database.read() as uow:
            here = await self._here(uow, event)
            actor = (
                await actor_of(self.services, uow, event.place.channel, event.person)
                if isinstance(event, (GroupMessage, GroupPress))
                else None
            )
            inquiry = await stored.by_id(uow, inquiry_id) if inquiry_id is not None else (here[2] if here else None)
        if here is None or inquiry is None or actor is None or not actor.works_on(inquiry.department_id):
            return Found()
        return await look_up(self.services, self._database, panel, inquiry)

    async def _act(self, uow: UnitOfWork, event: GroupEvent, found: Found) -> Answer | None:
        groups, place = self.services.groups, event.place
        if isinstance(event, GroupMoved):
            await groups.moved(uow, place.chat, event.new)
            return None
        if isinstance(event, GroupMessage) and not event.edited:
            command = command_of(event, self.bot_name)
            if command is not None and command.name in linking.COMMANDS:
                await linking.on_command(self.services, uow, event, command)
                return None
        group = await desk_groups.by_chat(uow, place.channel, place.chat)
        if group is None:
            return Answer(self.services.words.say("topic.button_old")) if isinstance(event, GroupPress) else None
        match event:
            case GroupStanding():
                await (groups.well(uow, group) if event.problem is None else groups.trouble(uow, group, event.problem))
                uow.after_commit(self.services.topics.wake)
            case TopicOpened():
                assert place.thread is not None
                await self.services.topics.opened_elsewhere(uow, group, place.thread, event.name)
            case TopicShut():
                topic = await topics.by_thread(uow, group.id, place.thread) if place.thread is not None else None
                if topic is not None:
                    await self.services.topics.closed_by_hand(uow, topic, closed=event.closed)
            case GroupMessage() | GroupPress():
                return await self._by_person(uow, event, group, found)
        return None

    async def _by_person(
        self, uow: UnitOfWork, event: GroupMessage | GroupPress, group: GroupRow, found: Found
    ) -> Answer | None:
        here = await self._here(uow, event)
        if here is None and isinstance(event, GroupMessage) and event.opened is not None:
            here = await self._in_unknown_topic(uow, event, group, event.opened)
        if here is None:
            return Answer(self.services.words.say("topic.button_old")) if isinstance(event, GroupPress) else None
        _, topic, inquiry = here
        actor = await actor_of(self.services, uow, event.place.channel, event.person)
        if actor is None or not any(actor.works_on(each) for each in await self._departments(uow, group, inquiry)):
            return await self._stranger(uow, event, group, topic)
        if not actor.works_on(inquiry.department_id or self.services.directory.coordinating.id):
            raise InquiryNotYours(number=inquiry.number)
        scene = Scene(self.services, uow, event, group, topic, inquiry, actor)
        if isinstance(event, GroupPress):
            return await acting.on_press(scene, event, found)
        await acting.on_message(scene, event, command_of(event, self.bot_name), found)
        return None

    async def _departments(self, uow: UnitOfWork, group: GroupRow, inquiry: InquiryRecord) -> list[str]:
        return [*await desk_groups.departments_in(uow, group.id), inquiry.department_id or ""]

    async def _here(self, uow: UnitOfWork, event: GroupEvent) -> tuple[GroupRow, TopicRow, InquiryRecord] | None:
        """Return the group, the topic and the inquiry that the event is about; none outside of topics of ours."""
        place = event.place
        group = await desk_groups.by_chat(uow, place.channel, place.chat)
        if group is None or place.thread is None:
            return None
        topic = await topics.by_thread(uow, group.id, place.thread)
        inquiry = await stored.by_id(uow, topic.inquiry_id) if topic is not None else None
        return (group, topic, inquiry) if topic is not None and inquiry is not None else None

    async def _in_unknown_topic(
        self, uow: UnitOfWork, event: GroupMessage, group: GroupRow, name: str
    ) -> tuple[GroupRow, TopicRow, InquiryRecord] | None:
        """Somebody writes in a topic that we opened without hearing of it (a kill, a lost answer). It becomes the inquiry's,
        or, where that has another by now, goes away; then the words are shown in the right one, for they went nowhere."""
        services, place = self.services, event.place
        assert place.thread is not None
        await services.topics.opened_elsewhere(uow, group, place.thread, name)
        here = await self._here(uow, event)
        topic = await services.topics.named(uow, group, name)
        if here is not None or topic is None or event.edited:
            return here
        said = event.text or ", ".join(file.name for file in event.files) or "…"
        topic_posts.add(
            uow,
            group_id=group.id,
            topic_id=topic.id,
            kind="remark",
            content={"text": services.words.say("topic.twin", name=event.name, text=said)},
            now=services.clock.now(),
            priority=0,
        )
        return None

    async def _stranger(
        self, uow: UnitOfWork, event: GroupMessage | GroupPress, group: GroupRow, topic: TopicRow
    ) -> Answer | None:
        """Their words do nothing. Whoever pressed reads why; whoever wrote is told once, without a sound."""
        words = self.services.words
        hidden = event.person is None
        if isinstance(event, GroupPress):
            return Answer(words.say("topic.stranger_press"), alert=True)
        key = f"stranger:{group.id}:{event.person or 'hidden'}"
        if event.edited or await topic_posts.by_key(uow, key) is not None:
            return None
        text = words.say("topic.hidden" if hidden else "topic.stranger", name=event.name)
        topic_posts.add(
            uow,
            group_id=group.id,
            topic_id=topic.id,
            kind="remark",
            content={"text": text, "silent": True},
            now=self.services.clock.now(),
            priority=0,
            reply_to=event.message_id,
            key=key,
        )
        uow.after_commit(self.services.topics.wake)
        return None

    async def _explain(self, uow: UnitOfWork, event: GroupEvent, text: str) -> Answer | None:
        """Say what is wrong and how to mend it: to whoever pressed, at once; in the topic, to whoever wrote."""
        if isinstance(event, GroupPress):
            return Answer(text, alert=True)
        if not isinstance(event, GroupMessage):
            return None
        place, now = event.place, self.services.clock.now()
        group = await desk_groups.by_chat(uow, place.channel, place.chat)
        if group is None:
            # Somebody tried to link a group that is nobody's yet: it is kept, so that we can answer there.
            group = await desk_groups.keep(uow, channel=place.channel, chat=place.chat, title=place.title, now=now)
        topic = await topics.by_thread(uow, group.id, place.thread) if place.thread is not None else None
        topic_posts.add(
            uow,
            group_id=group.id,
            topic_id=topic.id if topic is not None else None,
            kind="remark",
            content={"text": text},
            now=now,
            priority=0,
            reply_to=event.message_id,
        )
        uow.after_commit(self.services.topics.wake)
        return None

    # What the worker brought

    async def file_came(self, post_id: int, reference: str, sha256: str, size: int) -> None:
        """The content of a file that an officer sent is here; a reply that waited only for this goes out."""
        await self._of_file(post_id, reference, {"sha256": sha256, "size": size})

    async def file_failed(self, post_id: int, reference: str, reason: str) -> None:
        """It will not come. reason: too_large, lost."""
        await self._of_file(post_id, reference, {"failed": reason})

    async def _of_file(self, post_id: int, reference: str, values: dict[str, Any]) -> None:
        try:
            await self._database.write(lambda uow: acting.on_file(self.services, uow, post_id, reference, values))
        except HelpdeskError as error:  # somebody was quicker than the file
            words = self.services.words.error(error)
            await self._database.write(
                lambda uow: acting.on_file(self.services, uow, post_id, reference, values, problem=words)
            )


def _panel_wanted(event: GroupEvent, bot_name: str | None) -> tuple[str | None, int | None]:
    if isinstance(event, GroupPress):
        verb, _, rest = event.action.removeprefix("k:").partition(":")
        return (verb, int(rest)) if event.action.startswith("k:") and verb in PANELS and rest.isdigit() else (None, None)
    if isinstance(event, GroupMessage) and not event.edited:
        command = command_of(event, bot_name)
        return (command.name, None) if command is not None and command.name in PANELS else (None, None)
    return None, None
