"""What needs more than a tap: asking back, routing and handing over, deferring, escalating, closing without an answer.

One message of ours in the topic asks for what is missing and is edited from step to step; at the end it says what was done.
A step that cannot be used (a date in the past) is asked for again, and what was given before stays.
"""

from datetime import datetime
from typing import Any

from bot.errors import HelpdeskError
from bot.escalation import errors as escalation
from bot.escalation.allowed import held_by_other
from bot.escalation.states import Event, State, can
from bot.handlers.group_desk import dates
from bot.handlers.group_desk.events import Answer
from bot.handlers.group_desk.scene import Scene
from bot.knowledge.directory import Department
from bot.topics import buttons
from bot.topics.buttons import button
from bot.topics.words import cut, shortened
from storage import topic_posts
from storage.inquiries import InquiryRecord
from storage.topic_posts import PostRow

_DEPARTMENTS_SHOWN = 8
_IN_DAYS = (1, 3, 7)
_HOLDERS_ONLY = (Event.ASK_BACK, Event.DEFER, Event.CLOSE)
STEPS: dict[str, tuple[str, ...]] = {
    Event.ASK_BACK: ("text",),
    Event.ROUTE: ("department",),
    Event.TRANSFER: ("department", "reason"),
    Event.DEFER: ("reason", "until"),
    Event.ESCALATE: ("reason",),
    Event.CLOSE: ("reason",),
}
"""what each needs, in the order in which it is asked for"""


async def begin(scene: Scene, action: str, given: str = "") -> Answer | None:
    """Begin, with what came behind the command already. Raises what stands in the way before anything is asked for."""
    _check(scene, action)
    data: dict[str, Any] = {"action": action}
    if action == Event.CLOSE and (scene.inquiry.answered_at is not None or given):
        return await _finish(scene, None, data | {"reason": given})
    if action == Event.ESCALATE:
        _check_above(scene)
    if given:
        data |= _understood(scene, action, given)
    return await _go_on(scene, await scene.waiting("dialog"), data)


def _check(scene: Scene, action: str) -> None:
    inquiry = scene.inquiry
    if action in _HOLDERS_ONLY and held_by_other(inquiry, scene.actor):
        raise escalation.TakenByOther(number=inquiry.number, officer=inquiry.officer_name or "")
    if action == Event.ROUTE and not scene.actor.sees_all:
        raise escalation.RoleNotEnough(action=action)
    if not can(State(inquiry.state), Event(action)):
        raise escalation.NotPossibleNow(number=inquiry.number, state=inquiry.state, action=action)


def _check_above(scene: Scene) -> None:
    directory = scene.services.directory
    above = directory.escalation_target(scene.inquiry.department_id or directory.coordinating.id)
    if above.id == scene.inquiry.department_id:
        raise escalation.SameDepartment(department=above.name)


def _understood(scene: Scene, action: str, given: str) -> dict[str, Any]:
    """Return what a command brought with it."""
    if action == Event.DEFER:
        date, reason = dates.leading(given)
        known: dict[str, Any] = {"reason": reason} if reason else {}
        return known | ({"until": _moment(scene, date).isoformat()} if date else {})
    if action in (Event.ROUTE, Event.TRANSFER):
        return {"department": _department(scene, given).id}
    return {STEPS[action][0]: given}


async def on_text(scene: Scene, post: PostRow, text: str) -> None:
    """What an officer writes while a dialog waits is the answer to it."""
    data = dict(post.data)
    step = _step(data)
    assert step is not None
    try:
        if step == "department":
            data["department"] = _department(scene, text).id
        elif step == "until":
            data["until"] = _moment(scene, text).isoformat()
        else:
            data[step] = text.strip()
        await _go_on(scene, post, data)
    except HelpdeskError as error:
        if error.code not in ("date.not_ahead", "date.unreadable", "date.too_far", "department.unknown", "department.same"):
            raise
        # It is asked for again; nothing else of the dialog is lost.
        scene.show(post, _content(scene, post.id, post.data, problem=scene.words.error(error)))


def leave_to_draft(scene: Scene, post: PostRow) -> None:
    """A question to the enterprise came with files: it goes on as a draft, which can carry them. Other dialogs stay."""
    if post.data["action"] == Event.ASK_BACK:
        scene.show(post, {"gone": True}, open=False)


async def on_choice(scene: Scene, post: PostRow, verb: str, value: str) -> Answer | None:
    """A button of the dialog: `d:to:<post>:<department>`, `d:in:<post>:<days>`, `d:stop:<post>`."""
    data = dict(post.data)
    if verb == "stop":
        scene.show(post, {"gone": True}, open=False)
        return Answer(scene.say("topic.dialog.stopped"))
    step = _step(data)
    if verb == "to" and step == "department":
        department = buttons.marked(scene.services.directory, value)
        if department is None:
            raise escalation.DepartmentUnknown(department="")
        data["department"] = department.id
    elif verb == "in" and step == "until" and value.isdigit():
        data["until"] = _moment(scene, f"{int(value)} ngày").isoformat()
    return await _go_on(scene, post, data)


async def _go_on(scene: Scene, post: PostRow | None, data: dict[str, Any]) -> Answer | None:
    if _step(data) is None:
        return await _finish(scene, post, data)
    if post is None:
        post_id = scene.post("dialog", {}, waits=True, silent=True, data=data)
        post = await topic_posts.by_id(scene.uow, post_id)
        assert post is not None
    scene.show(post, _content(scene, post.id, data), data=data)
    return None


def _step(data: dict[str, Any]) -> str | None:
    return next((step for step in STEPS[data["action"]] if not data.get(step)), None)


def _content(scene: Scene, post_id: int, data: dict[str, Any], problem: str = "") -> dict[str, Any]:
    action, step = data["action"], _step(data)
    ask = scene.say(f"topic.ask.{action}.{step}", officer=scene.actor.name)
    rows: buttons.Rows = []
    if step == "department":
        for each in _candidates(scene):
            rows.append([button(shortened(each.name, 60), f"d:to:{post_id}:{buttons.mark(each.id)}")])
    elif step == "until":
        rows.append([button(scene.say("topic.button.in_days", days=days), f"d:in:{post_id}:{days}") for days in _IN_DAYS])
    rows.append([button(scene.say("topic.button.stop"), f"d:stop:{post_id}")])
    return {"text": f"⚠️ {problem}\n\n{ask}" if problem else ask, "buttons": rows}


def _candidates(scene: Scene) -> list[Department]:
    """Return where it may be handed to: first whom the bot thinks competent, then the others in the directory's order."""
    directory = scene.services.directory
    likely = [directory.get(each["id"]) for each in scene.inquiry.candidates]
    every = [*likely, *directory.accepting()]
    fit = {each.id: each for each in every if each is not None and each.accepts_inquiries}
    fit.pop(scene.inquiry.department_id or "", None)
    return list(fit.values())[:_DEPARTMENTS_SHOWN]


def _department(scene: Scene, given: str) -> Department:
    """Return the department that a name or a part of one means. Raises DepartmentUnknown or SameDepartment."""
    wanted = " ".join(given.split()).casefold()
    accepting = scene.services.directory.accepting()
    exact = [each for each in accepting if wanted in {n.casefold() for n in (each.id, each.name, *each.short_names)}]
    found = exact or [each for each in accepting if len(wanted) >= 3 and wanted in each.name.casefold()]
    if len(found) != 1:
        raise escalation.DepartmentUnknown(department=given.strip()[:60])
    if found[0].id == scene.inquiry.department_id:
        raise escalation.SameDepartment(department=found[0].name)
    return found[0]


def _moment(scene: Scene, text: str) -> datetime:
    until = dates.until(text, scene.words.catalogue.timezone, scene.now)
    if until <= scene.now:
        raise escalation.DateNotAhead(until=until)
    return until


async def _finish(scene: Scene, post: PostRow | None, data: dict[str, Any]) -> Answer:
    """Do it. What the desk says of it stands where the questions stood."""
    action = data["action"]
    if post is None:
        post = await scene.waiting("dialog")
    made = await _act(scene, data)
    key = {Event.ASK_BACK: "ask_back", Event.CLOSE: "close"}.get(action)
    message = await scene.newest_message("ask_back") if key == "ask_back" else None
    told = scene.say(
        f"topic.did.{action}",
        officer=scene.actor.name,
        at=scene.words.short(scene.now),
        department=made.department_name or "",
        until=made.deferred_until or scene.now,
        reason=cut(data.get("reason") or data.get("text") or "", 500),
    )
    told = "\n".join(filter(None, [told.strip(), await scene.to_pass_on()]))
    if post is not None:
        scene.show(post, {"text": told}, open=False, data=data, inquiry_message_id=message)
    elif message is not None:
        scene.post("dialog", {}, silent=True, data=data, inquiry_message_id=message)
    return Answer(scene.say(f"desk.done.{action}"))


async def _act(scene: Scene, data: dict[str, Any]) -> InquiryRecord:
    inquiries, uow, inquiry, actor = scene.inquiries, scene.uow, scene.inquiry, scene.actor
    match data["action"]:
        case Event.ASK_BACK:
            return await inquiries.ask_back(uow, inquiry, data["text"], actor)
        case Event.ROUTE:
            return await inquiries.route(uow, inquiry, data["department"], actor, by="coordinator")
        case Event.TRANSFER:
            return await inquiries.transfer(uow, inquiry, data["department"], data["reason"], actor)
        case Event.DEFER:
            until = datetime.fromisoformat(data["until"])
            return await inquiries.defer(uow, inquiry, reason=data["reason"], until=until, actor=actor)
        case Event.ESCALATE:
            return await inquiries.escalate(uow, inquiry, data["reason"], actor)
        case _:
            return await inquiries.close(uow, inquiry, actor, reason=data.get("reason", ""))
