"""The officers' web pages, put together: which address leads where."""

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.body_limit import BodyLimit
from bot.desk import (
    actions,
    audiences,
    campaigns,
    case,
    cases,
    consultation_groups,
    consultations,
    curating,
    directory,
    drafts,
    intake,
    knowledge,
    signing,
    surveys,
    telegram,
    uploads,
)
from bot.desk.desk import Desk
from bot.desk.errors import PageNotFound
from bot.desk.forms import FORM_BYTES, UPLOAD_BYTES
from bot.desk.live import stream
from bot.desk.visit import HERE, Endpoint, Visit, anybody, officers_only


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the desk, all under /desk."""
    return [
        Mount("/desk/static", StaticFiles(directory=HERE / "static"), name="desk-static"),
        _route("/desk/sign-in", anybody(desk, signing.sign_in), "GET", "POST"),
        _route("/desk/language/{language}", signing.language, "GET"),
        _route("/desk/sign-out", officers_only(desk, signing.sign_out, also_with_one_time_password=True), "POST"),
        _route(
            "/desk/password",
            officers_only(desk, signing.change_password, also_with_one_time_password=True),
            "GET",
            "POST",
        ),
        _route("/desk/telegram", officers_only(desk, telegram.show), "GET", "POST"),
        _route("/desk", officers_only(desk, cases.show), "GET"),
        _route("/desk/stream", stream(desk), "GET"),
        _route("/desk/notices/seen", officers_only(desk, cases.seen), "POST"),
        _route("/desk/away", officers_only(desk, signing.away), "POST"),
        _route("/desk/directory", officers_only(desk, directory.show), "GET"),
        _route("/desk/directory/{department}", officers_only(desk, directory.department), "GET"),
        _route("/desk/directory/{department}", officers_only(desk, directory.save), "POST"),
        _route("/desk/directory/{department}/undo", officers_only(desk, directory.undo), "POST"),
        _route("/desk/intake", officers_only(desk, intake.form), "GET"),
        _route("/desk/intake", officers_only(desk, intake.record), "POST", most=UPLOAD_BYTES),
        _route("/desk/intake/{number}", officers_only(desk, intake.receipt), "GET"),
        _route("/desk/ask", officers_only(desk, knowledge.ask), "GET"),
        _route("/desk/knowledge", officers_only(desk, curating.show), "GET"),
        _route("/desk/knowledge/drafts", officers_only(desk, drafts.from_questions), "POST"),
        _route("/desk/knowledge/drafts/{draft}", officers_only(desk, drafts.show), "GET"),
        _route("/desk/knowledge/drafts/{draft}/{action}", officers_only(desk, drafts.act), "POST"),
        _route("/desk/campaigns", officers_only(desk, campaigns.show_list), "GET"),
        _route("/desk/campaigns", officers_only(desk, campaigns.create), "POST", most=UPLOAD_BYTES),
        _route("/desk/campaigns/new", officers_only(desk, campaigns.show_form), "GET"),
        _route("/desk/campaigns/{campaign}", officers_only(desk, campaigns.show), "GET"),
        _route("/desk/campaigns/{campaign}/edit", officers_only(desk, campaigns.show_edit), "GET"),
        _route("/desk/campaigns/{campaign}/edit", officers_only(desk, campaigns.edit), "POST", most=UPLOAD_BYTES),
        _route("/desk/campaigns/{campaign}/stream", campaigns.stream(desk), "GET"),
        _route("/desk/campaigns/{campaign}/recipients", officers_only(desk, campaigns.recipients), "GET"),
        _route("/desk/campaigns/{campaign}/report.{ending}", officers_only(desk, campaigns.report), "GET"),
        _route("/desk/campaigns/{campaign}/guests", officers_only(desk, campaigns.guests), "GET"),
        _route("/desk/campaigns/{campaign}/{action}", officers_only(desk, campaigns.act), "POST"),
        _route("/desk/audiences", officers_only(desk, audiences.show), "GET"),
        _route("/desk/audiences", officers_only(desk, audiences.act), "POST"),
        _route("/desk/enterprises", officers_only(desk, audiences.show_import), "GET"),
        _route("/desk/enterprises", officers_only(desk, audiences.take_over), "POST", most=UPLOAD_BYTES),
        _route("/desk/consultations", officers_only(desk, consultations.listed), "GET"),
        _route("/desk/consultations", officers_only(desk, consultations.create), "POST"),
        _route("/desk/consultations/{consultation}", officers_only(desk, consultations.show), "GET"),
        _route("/desk/consultations/{consultation}/table.{ending}", officers_only(desk, consultation_groups.table), "GET"),
        _route("/desk/consultations/{consultation}/groups/{action}", officers_only(desk, consultation_groups.act), "POST"),
        _route("/desk/consultations/{consultation}/text", officers_only(desk, consultations.text), "POST", most=UPLOAD_BYTES),
        _route("/desk/consultations/{consultation}/{action}", officers_only(desk, consultations.act), "POST"),
        _route("/desk/surveys", officers_only(desk, surveys.listed), "GET"),
        _route("/desk/surveys", officers_only(desk, surveys.create), "POST"),
        _route("/desk/surveys/satisfaction.xlsx", officers_only(desk, surveys.satisfaction_table), "GET"),
        _route("/desk/surveys/{survey}", officers_only(desk, surveys.show), "GET"),
        _route("/desk/surveys/{survey}/results.xlsx", officers_only(desk, surveys.table), "GET"),
        _route("/desk/surveys/{survey}/{action}", officers_only(desk, surveys.act), "POST"),
        _route("/desk/files/{file}", officers_only(desk, uploads.download), "GET"),
        _route("/desk/inquiries/{number}", officers_only(desk, case.show), "GET"),
        _route("/desk/inquiries/{number}/answer", _answer(desk), "POST", most=UPLOAD_BYTES),
        _route("/desk/inquiries/{number}/told-by-hand", officers_only(desk, intake.told), "POST"),
        _route("/desk/inquiries/{number}/draft", officers_only(desk, drafts.from_inquiry), "POST"),
        _route("/desk/inquiries/{number}/{action}", officers_only(desk, actions.act), "POST"),
        _route("/desk/{rest:path}", officers_only(desk, _nowhere), "GET"),
    ]


def _route(path: str, endpoint: Endpoint, *methods: str, most: int = FORM_BYTES) -> Route:
    return Route(path, endpoint, methods=list(methods), middleware=[Middleware(BodyLimit, most=most)])


def _answer(desk: Desk) -> Endpoint:
    act = officers_only(desk, actions.act)

    async def answer(request: Request) -> Response:
        request.path_params["action"] = "answer"
        return await act(request)

    return answer


async def _nowhere(_visit: Visit) -> Response:
    raise PageNotFound()
