"""An officer's words on their way to the enterprise: what they write in the topic waits for one tap of theirs, or goes at once
where the department wants it so. What they correct afterwards follows."""

from dataclasses import asdict
from typing import Any

from bot.delivery.message import Attachment
from bot.escalation import errors as escalation
from bot.escalation.allowed import held_by_other
from bot.escalation.keeping import IncomingFile
from bot.escalation.states import Event, State, can
from bot.handlers.group_desk.events import Answer, GroupMessage
from bot.handlers.group_desk.scene import Scene
from bot.handlers.sent_files import FILE_AT_MOST
from bot.topics.buttons import button
from bot.topics.errors import FilesComing
from bot.topics.words import cut
from storage import topic_posts
from storage.topic_posts import PostRow

_PREVIEW = 300
SENT, WAITS, SENDING, DROPPED = "sent", "waits", "sending", "dropped"


def part_of(message: GroupMessage, text: str | None = None) -> dict[str, Any]:
    """Return what is kept of a message of an officer's: its files are brought from the platform afterwards."""
    files = [asdict(file) | ({"failed": "too_large"} if (file.size or 0) > FILE_AT_MOST else {}) for file in message.files]
    return {"message": message.message_id, "text": message.text if text is None else text, "files": files}


def text_of(data: dict[str, Any]) -> str:
    return "\n\n".join(part["text"].strip() for part in data["parts"] if part["text"].strip())


def files_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [file for part in data["parts"] for file in part["files"]]


def attachments(data: dict[str, Any]) -> tuple[Attachment, ...]:
    kept = [file for file in files_of(data) if file.get("sha256")]
    return tuple(Attachment(file["sha256"], file["name"], file["media_type"]) for file in kept)


def coming(data: dict[str, Any]) -> bool:
    return any(not file.get("sha256") and not file.get("failed") for file in files_of(data))


def check(scene: Scene, event: Event = Event.ANSWER) -> None:
    """Raise what stands in the way of answering or asking: somebody else has it in hand, or it is closed."""
    if held_by_other(scene.inquiry, scene.actor):
        raise escalation.TakenByOther(number=scene.inquiry.number, officer=scene.inquiry.officer_name or "")
    if not can(State(scene.inquiry.state), event):
        raise escalation.NotPossibleNow(number=scene.inquiry.number, state=scene.inquiry.state, action=str(event))


async def on_words(scene: Scene, text: str | None = None, *, look_first: bool = False) -> None:
    """What an officer writes in the topic is meant for the enterprise. text: where only a part of the message is. look_first:
    it waits for a tap in any case."""
    message = scene.event
    assert isinstance(message, GroupMessage)
    check(scene)
    part = part_of(message, text)
    waiting = await scene.waiting("answer")
    if waiting is not None:
        data = {**waiting.data, "parts": [*waiting.data["parts"], part]}
        data["forwarded"] = waiting.data.get("forwarded", False) or message.forwarded
        scene.show(waiting, _content(scene, waiting.id, data), data=data)
        return
    department = scene.services.directory.get(scene.inquiry.department_id)
    # What somebody else wrote may hold what is not meant for the enterprise: it is looked at once more in any case.
    at_once = department is not None and not department.telegram_confirm and not (message.forwarded or look_first)
    data = {"parts": [part], "forwarded": message.forwarded, "state": SENDING if at_once else WAITS}
    post_id = scene.post("answer", {}, waits=True, silent=True, reply_to=message.message_id, data=data)
    post = await topic_posts.by_id(scene.uow, post_id)
    assert post is not None
    if at_once and not coming(data):
        await send(scene, post)
    else:
        scene.show(post, _content(scene, post_id, data))


def _content(scene: Scene, post_id: int, data: dict[str, Any]) -> dict[str, Any]:
    say = scene.say
    lines = [say("topic.draft.sending" if data["state"] == SENDING else "topic.draft.ask", officer=scene.actor.name)]
    texts = [part for part in data["parts"] if part["text"].strip()]
    files = files_of(data)
    if len(data["parts"]) > 1 or files:
        lines.append(say("topic.draft.holds", texts=len(texts), files=len(files)))
    if data.get("forwarded"):
        lines.append(say("topic.draft.forwarded"))
    if coming(data):
        lines.append(say("topic.draft.coming"))
    for file in files:
        if file.get("failed"):
            lines.append(say(f"topic.draft.failed_{file['failed']}", name=file["name"]))
    if data["state"] == SENDING:
        return {"text": "\n".join(lines), "buttons": []}
    rows = [[button(say("topic.button.send"), f"d:send:{post_id}")]]
    if can(State(scene.inquiry.state), Event.ASK_BACK):
        rows.append([button(say("topic.button.send_as_question"), f"d:ask:{post_id}")])
    rows.append(
        [
            button(say("topic.button.keep_as_note"), f"d:note:{post_id}"),
            button(say("topic.button.drop"), f"d:drop:{post_id}"),
        ]
    )
    return {"text": "\n".join(lines), "buttons": rows}


def refresh(scene: Scene, post: PostRow, data: dict[str, Any]) -> None:
    """Something of a draft that waits has changed."""
    scene.show(post, _content(scene, post.id, data), data=data)


async def send(scene: Scene, post: PostRow) -> Answer:
    """Answer the enterprise with what waits; with files that are still on their way, as soon as these have come."""
    return await _send(scene, post, Event.ANSWER)


async def send_as_question(scene: Scene, post: PostRow) -> Answer:
    """Ask the enterprise back with what waits, in the same way."""
    return await _send(scene, post, Event.ASK_BACK)


async def go_on_sending(scene: Scene, post: PostRow) -> Answer:
    """The last of the files that it waited for is here."""
    return await _send(scene, post, Event(post.data.get("as", Event.ANSWER)))


async def _send(scene: Scene, post: PostRow, event: Event) -> Answer:
    data = post.data
    check(scene, event)
    if coming(data):
        refresh(scene, post, {**data, "state": SENDING, "as": str(event)})
        return Answer(scene.words.error(FilesComing()))
    inquiries, files = scene.inquiries, attachments(data)
    text = text_of(data) or scene.words.catalogue.say("topic.files_only", scene.inquiry.language)
    if event is Event.ANSWER:
        await inquiries.answer(scene.uow, scene.inquiry, text, scene.actor, files)
    else:
        await inquiries.ask_back(scene.uow, scene.inquiry, text, scene.actor, files)
    await _done(scene, post, data, str(event), "topic.draft.sent" if event is Event.ANSWER else "topic.draft.asked")
    return Answer(scene.say(f"desk.done.{event}"))


async def keep_as_note(scene: Scene, post: PostRow) -> Answer:
    """It was not meant for the enterprise."""
    text = text_of(post.data) or ", ".join(file["name"] for file in files_of(post.data))
    await scene.inquiries.note(scene.uow, scene.inquiry, text, scene.actor, files=incoming_files(post.data))
    await _done(scene, post, post.data, "note", "topic.draft.noted")
    return Answer(scene.say("desk.done.note"))


async def drop(scene: Scene, post: PostRow) -> Answer:
    scene.show(post, {"gone": True}, open=False, data={**post.data, "state": DROPPED})
    return Answer(scene.say("topic.draft.dropped"))


def incoming_files(data: dict[str, Any]) -> tuple[IncomingFile, ...]:
    names = ("channel", "reference", "name", "media_type", "size", "sha256")
    wanted: list[dict[str, Any]] = [{name: f.get(name) for name in names} for f in files_of(data) if not f.get("failed")]
    return tuple(IncomingFile(**values) for values in wanted)


async def _done(scene: Scene, post: PostRow, data: dict[str, Any], kind: str, key: str) -> None:
    text = scene.say(key, officer=scene.actor.name, at=scene.words.short(scene.now))
    by_hand = await scene.to_pass_on() if kind != "note" else ""
    failed = [scene.say(f"topic.draft.failed_{f['failed']}", name=f["name"]) for f in files_of(data) if f.get("failed")]
    scene.show(
        post,
        {"text": cut("\n".join(filter(None, [text, by_hand, *failed])), 1000)},
        open=False,
        data={**data, "state": SENT, "kind": kind},
        inquiry_message_id=await scene.newest_message(kind),
    )


async def on_note(scene: Scene, text: str) -> None:
    """`//` at the start, or the command: only officers read it. It stands in the topic already, so nothing is said again."""
    message = scene.event
    assert isinstance(message, GroupMessage)
    part = part_of(message, text)
    data = {"parts": [part], "state": SENT, "kind": "note"}
    said = text.strip() or ", ".join(file["name"] for file in part["files"])
    await scene.inquiries.note(scene.uow, scene.inquiry, said, scene.actor, files=incoming_files(data))
    made = await scene.newest_message("note")
    scene.post("note", {"react": "✍", "to": message.message_id}, data=data, inquiry_message_id=made)
