"""Surveys at the desk, satisfaction after inquiries, and what people subscribed to."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from bot.consultation import errors as asking_errors
from bot.consultation import permissions
from bot.consultation.questions import read_questions, written
from bot.desk import errors as desk_errors
from bot.desk.campaign_forms import LEVELS, filter_values
from bot.desk.consultation_page import shown_values
from bot.desk.consultations import audience_of
from bot.desk.forms import moment
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from bot.reports import charts
from bot.subscriptions.topics import MANDATORY_FOR_MEMBERS, Topic
from bot.surveys.results import GOAL, Outcome, Satisfaction, outcome, satisfaction_of
from bot.surveys.surveys import Wanted, questions_of
from storage import asking, audiences
from storage import subscriptions as stored_subscriptions
from storage import surveys as stored
from storage.audiences import AudienceFilter
from storage.ids import read_id
from storage.surveys import SurveyRow
from storage.unit_of_work import UnitOfWork

PERIOD = timedelta(days=365)
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def listed(visit: Visit) -> Response:
    return await _list(visit)


async def _list(visit: Visit, *, error: HelpdeskError | None = None) -> Response:
    permissions.check_reads(visit.officer.actor)
    async with visit.desk.database.read() as uow:
        rows = await stored.listed(uow)
        found = await _satisfaction(visit, uow)
        off = await stored_subscriptions.switched_off(uow)
        own_times = await stored_subscriptions.chose_times(uow)
    months = [(each.name, each.share) for each in found.months if each.share is not None]
    title = visit.words.say("desk.surveys.by_month")
    return visit.page(
        "surveys.html",
        error.status if error is not None else 200,
        rows=rows,
        satisfaction=found,
        chart=_columns(visit, months, title) if months else "",
        goal=GOAL,
        days=PERIOD.days,
        topics=[(topic, off.get(topic, 0), topic in MANDATORY_FOR_MEMBERS) for topic in Topic],
        own_times=own_times,
        may_prepare=permissions.may_prepare(visit.officer.actor),
        typed=visit.form.values,
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
    )


def _columns(visit: Visit, values: list[tuple[str, float]], title: str) -> Markup:
    goal = visit.words.say("desk.surveys.goal", percent=round(GOAL * 100))
    # Our own drawing: every text in it is escaped where it is drawn.
    return Markup(charts.shares(values[-12:], goal=GOAL, title=title, goal_label=goal))  # noqa: S704


async def _satisfaction(visit: Visit, uow: UnitOfWork) -> Satisfaction:
    rated = await stored.ratings(uow, since=visit.desk.now - PERIOD)
    return satisfaction_of(rated, visit.desk.catalogue.timezone)


async def satisfaction_table(visit: Visit) -> Response:
    """The ratings after inquiries as Excel."""
    permissions.check_reads(visit.officer.actor)
    async with visit.desk.database.read() as uow:
        found = await _satisfaction(visit, uow)
    content = visit.desk.survey_tables.satisfaction(found, visit.language, at=visit.desk.now)
    return _file(content, "hai-long.xlsx")


async def create(visit: Visit) -> Response:
    template = visit.form.get("template") == "programme"

    async def work(uow: UnitOfWork) -> int:
        say = visit.desk.catalogue.say
        wanted = Wanted(
            title_vi=visit.form.get("title_vi") or (say("survey.template.title", "vi") if template else ""),
            title_en=say("survey.template.title", "en") if template else "",
            intro_vi=say("survey.template.intro", "vi") if template else "",
            intro_en=say("survey.template.intro", "en") if template else "",
            questions=read_questions(say("survey.template.questions", "vi")) if template else (),
            audience={"membership": ["member"]},
            repeats_months=6 if template else 0,
        )
        return (await visit.desk.surveys.create(uow, wanted, visit.officer.actor)).id

    try:
        survey_id = await visit.desk.database.write(work)
    except HelpdeskError as error:
        return await _list(visit, error=error)
    return visit.see(f"/desk/surveys/{survey_id}?done=created")


def _id(visit: Visit) -> int | None:
    return read_id(visit.request.path_params["survey"])


async def show(visit: Visit) -> Response:
    return await _render(visit)


async def _render(visit: Visit, *, error: HelpdeskError | None = None, tried: str = "") -> Response:
    """Show a survey. With an error: what was typed in the form of the action that was tried stays in it."""
    desk, actor = visit.desk, visit.officer.actor
    permissions.check_reads(actor)
    async with desk.database.read() as uow:
        row = await desk.surveys.find(uow, _id(visit))
        found = await outcome(uow, row)
        count = await desk.surveys.audience(uow, row)
        wanted = AudienceFilter.from_json(row.audience)
        sample = await audiences.sample(uow, wanted, limit=5, default_language=desk.default_language)
        saved = await audiences.listed(uow)
        waiting = await asking.waiting(uow, row.id)
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "survey.html",
        error.status if error is not None else 200,
        row=row,
        found=found,
        drawn=_drawn(visit, found),
        goal=GOAL,
        count=count,
        sample=sample,
        saved=saved,
        waiting=waiting,
        known=await desk.outreach.audiences.known_values(),
        levels=LEVELS,
        faults=[visit.words.error(each) for each in desk.surveys.faults(row, count)] if row.state == "draft" else [],
        may_prepare=permissions.may_prepare(actor),
        may_decide=permissions.may_decide(actor),
        same_person=permissions.hand(actor) in row.editors,
        values=shown_values(_values(visit, row), visit.form.values if tried == "save" else None),
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
        done=visit.words.named("consultations.done", done) if done and error is None else "",
    )


def _drawn(visit: Visit, found: Outcome) -> dict[str, Markup]:
    """Return the charts by what they show: the number of a question, or `rounds`."""
    drawn = {}
    for each in found.results:
        if lines := each.lines(visit.language):
            picture = charts.bars(lines, title=each.question.text(visit.language))
            drawn[str(each.question.seq)] = Markup(picture)  # noqa: S704 - every text in it is escaped
    if len(found.rounds) > 1:
        drawn["rounds"] = _columns(visit, found.rounds, visit.words.say("desk.surveys.rounds"))
    return drawn


def _values(visit: Visit, row: SurveyRow) -> dict[str, str]:
    def local(at: datetime | None) -> str:
        return at.astimezone(visit.desk.catalogue.timezone).strftime("%Y-%m-%dT%H:%M") if at else ""

    return {
        "title_vi": row.title_vi,
        "title_en": row.title_en,
        "intro_vi": row.intro_vi,
        "intro_en": row.intro_en,
        "questions": written(questions_of(row)),
        "anonymous": "1" if row.anonymous else "",
        "opens_at": local(row.opens_at),
        "closes_at": local(row.closes_at),
        "repeats_months": str(row.repeats_months),
        **filter_values(AudienceFilter.from_json(row.audience)),
    }


async def _save(visit: Visit, uow: UnitOfWork, row: SurveyRow) -> None:
    form, desk = visit.form, visit.desk

    def at(name: str) -> datetime | None:
        return moment(form, name, desk.catalogue.timezone, desk.now) if form.get(name) else None

    wanted = Wanted(
        title_vi=form.get("title_vi"),
        title_en=form.get("title_en"),
        intro_vi=form.get("intro_vi"),
        intro_en=form.get("intro_en"),
        anonymous=bool(form.get("anonymous")),
        questions=read_questions(form.get("questions")),
        audience=await audience_of(visit, uow),
        opens_at=at("opens_at"),
        closes_at=at("closes_at"),
        repeats_months=form.number("repeats_months") or 0,
    )
    await desk.surveys.edit(uow, row, wanted, visit.officer.actor)


async def _approve(visit: Visit, uow: UnitOfWork, row: SurveyRow) -> None:
    await visit.desk.surveys.approve(uow, row, visit.officer.actor)


async def _withdraw(visit: Visit, uow: UnitOfWork, row: SurveyRow) -> None:
    await visit.desk.surveys.withdraw(uow, row, visit.officer.actor)


async def _cancel(visit: Visit, uow: UnitOfWork, row: SurveyRow) -> None:
    await visit.desk.surveys.cancel(uow, row, visit.officer.actor)


_ACTIONS: dict[str, Callable[[Visit, UnitOfWork, SurveyRow], Awaitable[Any]]] = {
    "save": _save,
    "approve": _approve,
    "withdraw": _withdraw,
    "cancel": _cancel,
}


async def act(visit: Visit) -> Response:
    """Do what was pressed, or show the page again with what stood in the way and what was typed."""
    action = visit.request.path_params["action"]
    if action not in _ACTIONS:
        raise desk_errors.PageNotFound()

    async def work(uow: UnitOfWork) -> None:
        row = await visit.desk.surveys.find(uow, _id(visit))
        if row.revision != visit.form.number("revision"):
            raise asking_errors.MovedOn(state=row.state)
        await _ACTIONS[action](visit, uow, row)

    try:
        await visit.desk.database.write(work)
    except HelpdeskError as error:
        return await _render(visit, error=error, tried=action)
    return visit.see(f"/desk/surveys/{_id(visit)}?done={action}")


async def table(visit: Visit) -> Response:
    """The results as Excel; who answered what only where the survey said so beforehand."""
    permissions.check_reads(visit.officer.actor)
    async with visit.desk.database.read() as uow:
        row = await visit.desk.surveys.find(uow, _id(visit))
        found = await outcome(uow, row)
        named = [] if row.anonymous else await stored.named(uow, row.id)
        ids = sorted({contact for contact, _, _ in named})
        people = await audiences.people(uow, ids, channels=(), default_language=visit.desk.default_language) if ids else []
    names = {each.contact_id: ", ".join(filter(None, (each.name, each.enterprise))) for each in people}
    content = visit.desk.survey_tables.results(found, visit.language, names=names, named=named)
    return _file(content, f"khao-sat-{row.number}.xlsx")


def _file(content: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=_EXCEL, headers=headers)
