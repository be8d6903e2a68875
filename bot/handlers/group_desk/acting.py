"""What an officer does in a topic: buttons and commands, which are the same, and words."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.escalation.states import Event, State
from bot.handlers.group_desk import correcting, dialogs, drafts, panels
from bot.handlers.group_desk.commands import Command
from bot.handlers.group_desk.events import Answer, GroupMessage, GroupPress
from bot.handlers.group_desk.panels import Found
from bot.handlers.group_desk.scene import GroupServices, Scene, acting_now
from bot.topics import buttons
from bot.topics.errors import DraftGone, NotYourDraft
from bot.topics.words import cut
from storage import desk_groups, officers, topic_posts, topics
from storage import inquiries as stored
from storage.topic_posts import PostRow
from storage.unit_of_work import UnitOfWork

_BY_DIALOG = tuple(dialogs.STEPS)
_Tap = Callable[[Scene, PostRow], Awaitable[Answer]]
_TAPS: dict[str, _Tap] = {
    "send": drafts.send,
    "ask": drafts.send_as_question,
    "note": drafts.keep_as_note,
    "drop": drafts.drop,
}
_CHOICES = ("to", "in", "stop")


async def on_press(scene: Scene, press: GroupPress, found: Found) -> Answer | None:
    """`k:<verb>:<inquiry>[:<value>]` on a card, `d:<verb>:<post>[:<value>]` on what waits for its officer."""
    sort, verb, number, value = (press.action.split(":") + [""] * 4)[:4]
    if not number.isascii() or not number.isdigit():
        return Answer(scene.say("topic.button_old"))
    if sort == "k" and int(number) == scene.inquiry.id:
        return await _do(scene, verb, value, found)
    if sort == "d":
        return await _tap(scene, int(number), verb, value)
    return Answer(scene.say("topic.button_old"))


async def _do(scene: Scene, verb: str, value: str, found: Found) -> Answer | None:
    if verb == Event.ROUTE and not value:
        return await dialogs.begin(scene, verb)
    if verb == Event.ROUTE:
        department = buttons.marked(scene.services.directory, value)
        if department is None:
            return Answer(scene.say("topic.button_old"))
        await scene.inquiries.route(scene.uow, scene.inquiry, department.id, scene.actor, by="coordinator")
        return Answer(scene.say("desk.done.route"))
    if verb == Event.TAKE:
        await scene.inquiries.take(scene.uow, scene.inquiry, scene.actor)
        return Answer(scene.say("topic.taken", number=scene.inquiry.number))
    if verb == Event.RELEASE:
        await scene.inquiries.release(scene.uow, scene.inquiry, scene.actor)
        return Answer(scene.say("desk.done.release"))
    if verb == buttons.SEEN:
        seen = await scene.inquiries.reminders_seen(scene.uow, scene.inquiry, scene.actor)
        return Answer(scene.say("topic.seen" if seen else "topic.seen_none"))
    if verb in _BY_DIALOG:
        return await dialogs.begin(scene, verb, value)
    if verb in buttons.PANELS:
        await panels.show(scene, verb, found)
        return None
    return Answer(scene.say("topic.button_old"))


async def _tap(scene: Scene, post_id: int, verb: str, value: str) -> Answer | None:
    post = await topic_posts.by_id(scene.uow, post_id)
    if post is None or post.topic_id != scene.topic.id or not post.open:
        raise DraftGone()
    if post.officer_id != scene.officer_id:
        owner = await officers.by_id(scene.uow, post.officer_id) if post.officer_id is not None else None
        raise NotYourDraft(officer=owner.name if owner is not None else "")
    if post.kind == "answer" and verb in _TAPS:
        return await _TAPS[verb](scene, post)
    if post.kind == "dialog" and verb in _CHOICES:
        return await dialogs.on_choice(scene, post, verb, value)
    return Answer(scene.say("topic.button_old"))


async def on_message(scene: Scene, message: GroupMessage, command: Command | None, found: Found) -> None:
    """Words, files and commands, and what was corrected of them."""
    if message.edited:
        await correcting.on_edit(scene, message)
    elif command is not None:
        await _command(scene, message, command, found)
    elif not message.usable:
        _remark(scene, message, scene.say("topic.unusable"))
    elif message.text.lstrip().startswith("//"):
        await drafts.on_note(scene, message.text.lstrip()[2:])
    else:
        dialog = await scene.waiting("dialog")
        if dialog is not None and message.files:
            # No step takes files: they wait for a tap of their own. A question that is asked back with files is that whole.
            dialogs.leave_to_draft(scene, dialog)
            await drafts.on_words(scene, look_first=True)
        elif dialog is not None and message.text.strip():
            await dialogs.on_text(scene, dialog, message.text)
        else:
            await drafts.on_words(scene)


async def _command(scene: Scene, message: GroupMessage, command: Command, found: Found) -> None:
    if not command.name:
        _remark(scene, message, scene.say("topic.command_unknown"))
    elif command.name == "answer":
        if command.argument or message.files:
            await drafts.on_words(scene, command.argument)
        else:
            _remark(scene, message, scene.say("topic.answer_how"))
    elif command.name == Event.ASK_BACK and message.files:
        await drafts.on_words(scene, command.argument, look_first=True)
    elif command.name == "note":
        await drafts.on_note(scene, command.argument)
    elif command.name == Event.ROUTE or (command.name == Event.TRANSFER and scene.inquiry.state == State.AWAITING_ROUTING):
        await dialogs.begin(scene, Event.ROUTE, command.argument)
    else:
        answer = await _do(scene, command.name, command.argument, found)
        # A command has no answer that only its writer sees: what came of it shows on the card, and in a sign at the message.
        if answer is not None:
            scene.post("note", {"react": "👍", "to": message.message_id})


def _remark(scene: Scene, message: GroupMessage, text: str) -> None:
    scene.post("remark", {"text": text}, reply_to=message.message_id)


async def on_file(
    services: GroupServices,
    uow: UnitOfWork,
    post_id: int,
    reference: str,
    values: dict[str, Any],
    problem: str | None = None,
) -> None:
    """A file of a reply that waits has come, or will not. problem: why the reply cannot go out any more."""
    post = await topic_posts.by_id(uow, post_id)
    if post is None or post.topic_id is None or post.officer_id is None:
        return
    parts = [
        {**part, "files": [file | values if file["reference"] == reference else file for file in part["files"]]}
        for part in post.data["parts"]
    ]
    data = {**post.data, "parts": parts}
    topic = await topics.by_id(uow, post.topic_id)
    group = await desk_groups.by_id(uow, post.group_id)
    row = await officers.by_id(uow, post.officer_id)
    inquiry = await stored.by_id(uow, topic.inquiry_id) if topic is not None else None
    if topic is None or group is None or row is None or inquiry is None:
        return
    scene = Scene(services, uow, None, group, topic, inquiry, await acting_now(services, uow, row))
    if not post.open:
        topic_posts.change(uow, post, data=data)
    elif problem is not None:
        drafts.refresh(scene, post, {**data, "state": drafts.WAITS})
        scene.post("remark", {"text": cut(problem, 1000)}, reply_to=post.reply_to)
    elif data["state"] == drafts.SENDING and not drafts.coming(data):
        await drafts.go_on_sending(scene, replace(post, data=data))
    else:
        drafts.refresh(scene, post, data)
