"""The officers' web pages, put together: which address leads where."""

from starlette.middleware import Middleware
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
from bot.desk.visit import HERE, Endpoint, Page, Visit, anybody, officers_only


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the desk, all under /desk; `get` and `post` lead to pages for officers."""

    def get(path: str, page: Page) -> Route:
        return _route(path, officers_only(desk, page), "GET")

    def post(path: str, page: Page, *, most: int = FORM_BYTES) -> Route:
        return _route(path, officers_only(desk, page), "POST", most=most)

    return [
        Mount("/desk/static", StaticFiles(directory=HERE / "static"), name="desk-static"),
        _route("/desk/sign-in", anybody(desk, signing.sign_in), "GET", "POST"),
        _route("/desk/language/{language}", signing.language, "GET"),
        _route("/desk/sign-out", officers_only(desk, signing.sign_out, also_with_one_time_password=True), "POST"),
        _route("/desk/password", officers_only(desk, signing.change_password, also_with_one_time_password=True), "GET", "POST"),
        _route("/desk/telegram", officers_only(desk, telegram.show), "GET", "POST"),
        get("/desk", cases.show),
        _route("/desk/stream", stream(desk), "GET"),
        post("/desk/notices/seen", cases.seen),
        post("/desk/away", signing.away),
        get("/desk/directory", directory.show),
        get("/desk/directory/{department}", directory.department),
        post("/desk/directory/{department}", directory.save),
        post("/desk/directory/{department}/undo", directory.undo),
        get("/desk/intake", intake.form),
        post("/desk/intake", intake.record, most=UPLOAD_BYTES),
        get("/desk/intake/{number}", intake.receipt),
        get("/desk/ask", knowledge.ask),
        get("/desk/knowledge", curating.show),
        post("/desk/knowledge/drafts", drafts.from_questions),
        get("/desk/knowledge/drafts/{draft}", drafts.show),
        post("/desk/knowledge/drafts/{draft}/{action}", drafts.act),
        get("/desk/campaigns", campaigns.show_list),
        post("/desk/campaigns", campaigns.create, most=UPLOAD_BYTES),
        get("/desk/campaigns/new", campaigns.show_form),
        get("/desk/campaigns/{campaign}", campaigns.show),
        get("/desk/campaigns/{campaign}/edit", campaigns.show_edit),
        post("/desk/campaigns/{campaign}/edit", campaigns.edit, most=UPLOAD_BYTES),
        _route("/desk/campaigns/{campaign}/stream", campaigns.stream(desk), "GET"),
        get("/desk/campaigns/{campaign}/recipients", campaigns.recipients),
        get("/desk/campaigns/{campaign}/report.{ending}", campaigns.report),
        get("/desk/campaigns/{campaign}/guests", campaigns.guests),
        post("/desk/campaigns/{campaign}/{action}", campaigns.act),
        get("/desk/audiences", audiences.show),
        post("/desk/audiences", audiences.act),
        get("/desk/enterprises", audiences.show_import),
        post("/desk/enterprises", audiences.take_over, most=UPLOAD_BYTES),
        get("/desk/consultations", consultations.listed),
        post("/desk/consultations", consultations.create),
        get("/desk/consultations/{consultation}", consultations.show),
        get("/desk/consultations/{consultation}/table.{ending}", consultation_groups.table),
        get("/desk/consultations/{consultation}/report.{ending}", consultations.report),
        post("/desk/consultations/{consultation}/groups/{action}", consultation_groups.act),
        post("/desk/consultations/{consultation}/text", consultations.text, most=UPLOAD_BYTES),
        post("/desk/consultations/{consultation}/{action}", consultations.act),
        get("/desk/surveys", surveys.listed),
        post("/desk/surveys", surveys.create),
        get("/desk/surveys/satisfaction.xlsx", surveys.satisfaction_table),
        get("/desk/surveys/{survey}", surveys.show),
        get("/desk/surveys/{survey}/results.xlsx", surveys.table),
        post("/desk/surveys/{survey}/{action}", surveys.act),
        get("/desk/files/{file}", uploads.download),
        get("/desk/inquiries/{number}", case.show),
        *(
            post(f"/desk/inquiries/{{number}}/{each.replace('_', '-')}", actions.act, most=UPLOAD_BYTES)
            for each in actions.WITH_FILES
        ),
        post("/desk/inquiries/{number}/told-by-hand", intake.told),
        post("/desk/inquiries/{number}/draft", drafts.from_inquiry),
        post("/desk/inquiries/{number}/{action}", actions.act),
        get("/desk/{rest:path}", _nowhere),
    ]


def _route(path: str, endpoint: Endpoint, *methods: str, most: int = FORM_BYTES) -> Route:
    return Route(path, endpoint, methods=list(methods), middleware=[Middleware(BodyLimit, most=most)])


async def _nowhere(_visit: Visit) -> Response:
    raise PageNotFound()
