"""Taking part on the web: the draft with the enterprise's own comments beside it, its answers, and handing in."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from bot.consultation.draft_text import articles, below
from bot.consultation.errors import ColleagueWasQuicker
from bot.consultation.questions import SCALE
from bot.consultation.taking_part import is_open
from bot.errors import HelpdeskError
from bot.public import errors
from bot.public.visit import Visit
from storage.ids import read_id
from storage.unit_of_work import UnitOfWork

ARTICLES_ON_A_PAGE = 30


def _id(visit: Visit) -> int:
    assert visit.entry is not None
    return visit.entry.subject_id or 0


async def show(visit: Visit) -> Response:
    return await _render(visit)


async def _render(
    visit: Visit, *, status: int = 200, error: str = "", quicker: bool = False, typed: str = "", typed_at: int | None = None
) -> Response:
    async with visit.site.database.read() as uow:
        found = await visit.site.taking_part.look(uow, _id(visit), visit.voice)
    whole = found.whole
    walk = [(article, below(whole.units, article.seq)) for article in articles(whole.units)]
    pages = max(1, -(-len(walk) // ARTICLES_ON_A_PAGE))
    wanted = read_id(visit.form.get("page") or visit.request.query_params.get("page", "1")) or 1
    page = min(max(1, wanted), pages)
    done = visit.request.query_params.get("done", "")
    known = visit.site.catalogue.has(f"public.done.{done}")
    return visit.page(
        "my_consultation.html",
        status,
        row=whole.row,
        found=found,
        walk=walk[(page - 1) * ARTICLES_ON_A_PAGE : page * ARTICLES_ON_A_PAGE],
        number=page,
        pages=pages,
        own=[(place, opinion, whole.unit(opinion.unit)) for place, opinion in enumerate(found.opinions)],
        points=range(1, SCALE + 1),
        open=is_open(whole.row, visit.site.now),
        who=visit.me,
        error=error,
        quicker=quicker,
        typed=typed,
        typed_at=typed_at,
        done=visit.say(f"public.done.{done}") if known and not error else "",
    )


async def _comment(visit: Visit, uow: UnitOfWork) -> str:
    unit = read_id(visit.form.get("unit", "")) or None
    await visit.site.taking_part.comment(uow, _id(visit), visit.voice, unit=unit, text=visit.form.get("text", ""))
    return f"#u{unit or 0}"


async def _drop(visit: Visit, uow: UnitOfWork) -> str:
    place = read_id(visit.form.get("place", ""))
    await visit.site.taking_part.take_back(uow, _id(visit), visit.voice, place=-1 if place is None else place)
    return "#mine"


async def _answers(visit: Visit, uow: UnitOfWork) -> str:
    found = await visit.site.taking_part.look(uow, _id(visit), visit.voice)
    for question in found.whole.questions:
        value = visit.form.get(f"q_{question.seq}")
        if value is not None and value.strip() != found.answers.get(question.seq, ""):
            await visit.site.taking_part.answer(uow, _id(visit), visit.voice, question=question.seq, value=value)
    return "#questions"


async def _send(visit: Visit, uow: UnitOfWork) -> str:
    await visit.site.taking_part.hand_in(uow, _id(visit), visit.voice, over_colleague=bool(visit.form.get("over")))
    return "#mine"


async def _anew(visit: Visit, uow: UnitOfWork) -> str:
    await visit.site.taking_part.start_over(uow, _id(visit), visit.voice)
    return "#mine"


_ACTIONS: dict[str, Callable[[Visit, UnitOfWork], Awaitable[str]]] = {
    "comment": _comment,
    "drop": _drop,
    "answers": _answers,
    "send": _send,
    "anew": _anew,
}


async def act(visit: Visit) -> Response:
    """Do what was pressed, or show the page again with what stood in the way and what was typed."""
    action = visit.request.path_params["action"]
    if action not in _ACTIONS:
        raise errors.PageNotFound()
    try:
        place = await visit.site.database.write(lambda uow: _ACTIONS[action](visit, uow))
    except HelpdeskError as error:
        return await _render(
            visit,
            status=error.status,
            error=visit.error(error),
            quicker=isinstance(error, ColleagueWasQuicker),
            typed=visit.form.get("text", ""),
            typed_at=read_id(visit.form.get("unit", "")),
        )
    page = read_id(visit.form.get("page", "1")) or 1
    return visit.see(f"/my/consultation?page={page}&done={action}{place}")
