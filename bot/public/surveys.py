"""A survey on the web: what is not behind the person yet, on one page. What was counted is never shown again."""

from starlette.responses import Response

from bot.consultation.questions import SCALE
from bot.errors import HelpdeskError
from bot.public.visit import Visit
from bot.surveys.surveys import questions_of
from storage.unit_of_work import UnitOfWork


def _id(visit: Visit) -> int:
    assert visit.entry is not None
    return visit.entry.subject_id or 0


async def show(visit: Visit) -> Response:
    return await _render(visit)


async def _render(visit: Visit, *, status: int = 200, error: str = "") -> Response:
    async with visit.site.database.read() as uow:
        row, answered = await visit.site.surveys.where(uow, _id(visit), visit.me.contact_id)
    questions = questions_of(row)
    return visit.page(
        "my_survey.html",
        status,
        row=row,
        left=questions[answered:],
        points=range(1, SCALE + 1),
        typed=visit.form,
        error=error,
        done=visit.say("survey.thanks", title=row.title(visit.language)) if answered >= len(questions) else "",
    )


async def answer(visit: Visit) -> Response:
    """Count what was answered; what was left empty is passed over."""

    async def work(uow: UnitOfWork) -> None:
        row, answered = await visit.site.surveys.where(uow, _id(visit), visit.me.contact_id)
        for question in questions_of(row)[answered:]:
            value = visit.form.get(f"q_{question.seq}", "")
            await visit.site.surveys.answer(uow, row.id, visit.me.contact_id, question=question.seq, value=value)

    try:
        await visit.site.database.write(work)
    except HelpdeskError as error:
        return await _render(visit, status=error.status, error=visit.error(error))
    return visit.see("/my/survey")
