"""Linking a group with a department, from within the group."""

from bot.handlers.group_desk.commands import Command
from bot.handlers.group_desk.events import GroupMessage
from bot.handlers.group_desk.scene import GroupServices, actor_of
from bot.topics.errors import GroupNotYours
from storage import desk_groups, topic_posts, topics
from storage.unit_of_work import UnitOfWork

COMMANDS = ("link", "unlink", "help")


async def on_command(services: GroupServices, uow: UnitOfWork, message: GroupMessage, command: Command) -> None:
    """`/link [department]` by a coordinator, an administrator or the department's lead; `/unlink`; `/help` by any officer."""
    place, words = message.place, services.words
    actor = await actor_of(services, uow, place.channel, message.person)
    known = await desk_groups.by_chat(uow, place.channel, place.chat)
    if actor is None and known is None:
        return  # some group into which somebody added us: nobody there has anything to do with us
    if actor is None:
        raise GroupNotYours(department="")
    if command.name == "link":
        department = await services.groups.link(
            uow, chat=place.chat, title=place.title, forum=place.forum, given=command.argument, actor=actor
        )
        text = words.say("topic.linked", department=department.name_in(words.language))
        uow.after_commit(services.topics.look_for_missing)
    elif command.name == "unlink":
        names = await services.groups.unlink(uow, chat=place.chat, actor=actor)
        text = words.say("topic.unlinked" if names else "topic.unlinked_none", departments=", ".join(names))
    else:
        text = words.say("topic.help")
    group = await desk_groups.keep(uow, channel=place.channel, chat=place.chat, title=place.title, now=services.clock.now())
    here = await topics.by_thread(uow, group.id, place.thread) if place.thread is not None else None
    topic_posts.add(
        uow,
        group_id=group.id,
        topic_id=here.id if here is not None else None,
        kind="remark",
        content={"text": text},
        now=services.clock.now(),
        priority=0,
        reply_to=message.message_id,
    )
    uow.after_commit(services.topics.wake)
