"""Entries that are being written: from an officer's answer or from questions that found none, to a second person's yes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from bot.desk import errors as desk_errors
from bot.desk.case import here
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.learning import permissions
from bot.learning.content import Content, Texts, tidied
from bot.learning.errors import DraftFaulty, DraftNotFound
from bot.learning.personal import left_in
from storage import inquiries
from storage.drafts import DraftRow
from storage.ids import read_id

_SUGGESTIONS = 8
_QUESTIONS = 6
DONE = ("draft", "save", "propose", "approve", "reject", "publish")


async def from_inquiry(visit: Visit) -> Response:
    """One press under an answered inquiry: the draft is there, filled in."""
    async with visit.desk.database.read() as uow:
        found = await here(uow, visit, visit.request.path_params["number"])
    draft = await visit.desk.drafts.from_inquiry(found.inquiry, visit.officer.actor)
    return visit.see(f"/desk/knowledge/drafts/{draft.id}?done=draft")


async def from_questions(visit: Visit) -> Response:
    """From a group of questions that found no answer."""
    questions = [text for place in range(_QUESTIONS) if (text := visit.form.get(f"question_{place}").strip())]
    if not questions:
        raise desk_errors.FormUnreadable()
    language = "en" if visit.form.get("language") == "en" else "vi"
    draft = await visit.desk.drafts.from_questions(questions, language, visit.officer.actor)
    return visit.see(f"/desk/knowledge/drafts/{draft.id}?done=draft")


async def show(visit: Visit) -> Response:
    return await _render(visit, await visit.desk.drafts.see(_id(visit), visit.officer.actor))


def _id(visit: Visit) -> int:
    draft_id = read_id(visit.request.path_params["draft"])
    if draft_id is None:
        raise DraftNotFound()
    return draft_id


async def _render(
    visit: Visit, draft: DraftRow, *, error: HelpdeskError | None = None, typed: Content | None = None
) -> Response:
    desk, actor = visit.desk, visit.officer.actor
    content = typed or Content.from_json(draft.content)
    shown = replace(draft, content=content.to_json())
    source = None
    if draft.inquiry_id is not None:
        async with desk.database.read() as uow:
            source = await inquiries.by_id(uow, draft.inquiry_id)
    cited = set(content.cited)
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "draft.html",
        error.status if error is not None else 200,
        draft=draft,
        content=content,
        faults=await desk.drafts.faults(shown),
        near=await desk.drafts.near(content),
        near_drafts=await desk.drafts.near_drafts(shown),
        suggestions=[each for each in await desk.drafts.suggested_citations(content, source) if each not in cited],
        left_in=list(dict.fromkeys(found for text in content.texts() for found in left_in(text))),
        inquiry=source if source is not None and actor.works_on(source.department_id) else None,
        may_edit=permissions.may_edit(draft, actor),
        locked="" if permissions.may_edit(draft, actor) else Markup(" readonly"),
        may_decide=permissions.may_decide(draft, actor),
        may_reject=permissions.curates(actor) and draft.state in ("draft", "proposed"),
        same_person=draft.state == "proposed" and permissions.curates(actor) and permissions.had_a_hand_in(draft, actor),
        lost=permissions.curates(actor) and desk.drafts.is_lost(draft),
        departments=list(desk.knowledge.directory.accepting()),
        topics=topics(visit),
        reason=visit.form.get("reason"),
        error=visit.words.error(error) if error is not None else "",
        wrong=_wrong(visit, error) if error is not None else {},
        done=visit.words.named("learned", done) if done in DONE and error is None else "",
    )


def _wrong(visit: Visit, error: HelpdeskError) -> dict[str, str]:
    """Return what is wrong with each field; the page says it beside the field in any case, as long as it is to be mended."""
    if not isinstance(error, DraftFaulty):
        return visit.wrong(error)
    said: dict[str, str] = {}
    for fault in error.faults:
        said.setdefault(fault.field, visit.words.say(f"learning.fault.{fault.code}", **fault.params))
    return said


def topics(visit: Visit) -> list[str]:
    """Return the files that there are."""
    names = {each.file.rpartition("/")[2].rpartition(".")[0] for each in visit.desk.knowledge.entries.values()}
    return sorted(name for name in names if name)


def typed_content(visit: Visit) -> Content:
    """Read the form. What was ticked among the suggestions is added to the citations."""
    typed = visit.form.get

    def lines(name: str) -> tuple[str, ...]:
        return tuple(typed(name).split("\n"))

    ticked = tuple(text for place in range(_SUGGESTIONS) if (text := typed(f"suggestion_{place}")))
    content = Content(
        entry_id=typed("entry_id"),
        topic=typed("topic"),
        department=typed("department"),
        audience=typed("audience"),
        tags=tuple(typed("tags").replace(",", " ").split()),
        citations=(*lines("citations"), *ticked),
        valid_from=typed("valid_from"),
        valid_until=typed("valid_until"),
        vi=Texts(typed("vi_question"), lines("vi_paraphrases"), typed("vi_answer")),
        en=Texts(typed("en_question"), lines("en_paraphrases"), typed("en_answer")),
    )
    return tidied(content)


async def _save(visit: Visit, draft_id: int, revision: int) -> None:
    await visit.desk.drafts.save(draft_id, revision, typed_content(visit), visit.officer.actor)


async def _propose(visit: Visit, draft_id: int, revision: int) -> None:
    """What was typed is kept first: it stays when something in it has to be mended."""
    saved = await visit.desk.drafts.save(draft_id, revision, typed_content(visit), visit.officer.actor)
    await visit.desk.drafts.propose(draft_id, saved.revision, visit.officer.actor)


async def _approve(visit: Visit, draft_id: int, revision: int) -> None:
    await visit.desk.drafts.approve(draft_id, revision, visit.officer.actor)


async def _reject(visit: Visit, draft_id: int, revision: int) -> None:
    await visit.desk.drafts.reject(draft_id, revision, visit.form.get("reason"), visit.officer.actor)


async def _publish(visit: Visit, draft_id: int, _revision: int) -> None:
    await visit.desk.drafts.publish_again(draft_id, visit.officer.actor)


_ACTIONS: dict[str, Callable[[Visit, int, int], Awaitable[Any]]] = {
    "save": _save,
    "propose": _propose,
    "approve": _approve,
    "reject": _reject,
    "publish": _publish,
}
_TYPED = ("save", "propose")
"""actions whose form holds the text of the draft"""


async def act(visit: Visit) -> Response:
    """Do what was pressed, or show the draft again with what stood in the way and what was typed."""
    draft_id, action = _id(visit), visit.request.path_params["action"]
    if action not in _ACTIONS:
        raise desk_errors.PageNotFound()
    try:
        await _ACTIONS[action](visit, draft_id, visit.form.number("revision") or 0)
    except HelpdeskError as error:
        draft = await visit.desk.drafts.see(draft_id, visit.officer.actor)
        typed = typed_content(visit) if action in _TYPED and permissions.may_edit(draft, visit.officer.actor) else None
        return await _render(visit, draft, error=error, typed=typed)
    return visit.see(f"/desk/knowledge/drafts/{draft_id}?done={action}")
