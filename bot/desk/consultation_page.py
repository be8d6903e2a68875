"""The page of one consultation, as every action shows it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bot.consultation import permissions
from bot.consultation.questions import written
from bot.consultation.responding import Answered
from bot.consultation.states import possible
from bot.consultation.summary import Summary, summary
from bot.desk.campaign_forms import LEVELS, filter_values
from bot.desk.visit import Visit
from bot.errors import HelpdeskError
from storage import asking, audiences, positions
from storage import consultations as stored
from storage.audiences import AudienceFilter
from storage.consultations import ConsultationRow
from storage.ids import read_id

PAGE = 20


@dataclass(frozen=True)
class Picture:
    """A page of groups. Each has its number over all groups: by it an officer says where an opinion belongs."""

    numbered: list[tuple[int, Answered]]
    page: int
    pages: int
    only_open: bool
    unanswered: int
    total: int


def picture(visit: Visit, found: Summary) -> Picture:
    given = visit.request.query_params if visit.request.method == "GET" else visit.form.values
    numbered = list(enumerate(found.groups, 1))
    unanswered = [each for each in numbered if each[1].group.response is None]
    only_open = given.get("only") == "open"
    shown = unanswered if only_open else numbered
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(1, read_id(given.get("page", "1")) or 1), pages)
    return Picture(shown[(page - 1) * PAGE : page * PAGE], page, pages, only_open, len(unanswered), len(numbered))


def id_of(visit: Visit) -> int | None:
    return read_id(visit.request.path_params["consultation"])


async def render(visit: Visit, *, error: HelpdeskError | None = None, tried: str = "") -> Response:
    """Show a consultation. With an error: what was typed in the form of the action that was tried stays in it."""
    desk, actor = visit.desk, visit.officer.actor
    permissions.check_reads(actor)
    async with desk.database.read() as uow:
        whole = await desk.consultations.whole(uow, id_of(visit))
        row = whole.row
        found = await summary(uow, whole)
        count = await desk.consultations.audience(uow, row)
        wanted = AudienceFilter.from_json(row.audience)
        sample = await audiences.sample(uow, wanted, limit=5, default_language=desk.default_language)
        saved = await audiences.listed(uow)
        history = await stored.events(uow, row.id)
        waiting = await asking.waiting(uow, row.id)
        standing = await positions.standing(uow, row.id)
    query = visit.request.query_params
    done = query.get("done", "")
    return visit.page(
        "consultation.html",
        error.status if error is not None else 200,
        row=row,
        whole=whole,
        found=found,
        count=count,
        sample=sample,
        saved=saved,
        known=await desk.outreach.audiences.known_values(),
        levels=LEVELS,
        history=history[::-1],
        waiting=waiting,
        standing=standing[:PAGE],
        faults=[visit.words.error(each) for each in desk.consultations.faults(whole, count)] if row.state == "draft" else [],
        possible={str(each) for each in possible(row.state)},
        may_prepare=permissions.may_prepare(actor),
        may_decide=permissions.may_decide(actor),
        same_person=permissions.hand(actor) in row.editors,
        values=shown_values(_values(visit, row), visit.form.values if tried == "save" else None),
        questions=visit.form.get("questions") if tried == "questions" else written(whole.questions),
        groups=picture(visit, found),
        typed=visit.form.values,
        tried=tried,
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
        done=visit.words.named("consultations.done", done) if done and error is None else "",
    )


def _values(visit: Visit, row: ConsultationRow) -> dict[str, str]:
    """Return what stands in the fields of the form."""

    def local(at: datetime | None) -> str:
        return at.astimezone(visit.desk.catalogue.timezone).strftime("%Y-%m-%dT%H:%M") if at else ""

    return {
        "title_vi": row.title_vi,
        "title_en": row.title_en,
        "summary_vi": row.summary_vi,
        "summary_en": row.summary_en,
        "issuer": row.issuer,
        "opens_at": local(row.opens_at),
        "closes_at": local(row.closes_at),
        "members_first_h": str(row.members_first_h),
        "remind_days": ", ".join(str(day) for day in row.remind_days),
        **filter_values(AudienceFilter.from_json(row.audience)),
    }


def shown_values(kept: Mapping[str, str], typed: Mapping[str, str] | None) -> dict[str, str]:
    """Return what stands in a form's fields: what is kept, or what somebody typed that could not be taken."""
    return dict(kept) if typed is None else {**dict.fromkeys(kept, ""), **typed}
