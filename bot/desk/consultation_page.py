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
from bot.desk.visit import Visit
from storage import asking, audiences, positions
from storage import consultations as stored
from storage.audiences import AudienceFilter
from storage.consultations import ConsultationRow
from storage.ids import read_id

PAGE = 20
MEMBERSHIPS = ("member", "invited", "none", "guest")


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
    query = visit.request.query_params
    numbered = list(enumerate(found.groups, 1))
    unanswered = [each for each in numbered if each[1].group.response is None]
    only_open = query.get("only") == "open"
    shown = unanswered if only_open else numbered
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(1, read_id(query.get("page", "1")) or 1), pages)
    return Picture(shown[(page - 1) * PAGE : page * PAGE], page, pages, only_open, len(unanswered), len(numbered))


def id_of(visit: Visit) -> int | None:
    return read_id(visit.request.path_params["consultation"])


async def render(visit: Visit, *, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None) -> Response:
    """Show a consultation; typed: what stood in a form that could not be taken."""
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
        status,
        row=row,
        whole=whole,
        found=found,
        count=count,
        sample=sample,
        saved=saved,
        wanted=wanted,
        memberships=MEMBERSHIPS,
        history=history[::-1],
        waiting=waiting,
        standing=standing[:PAGE],
        faults=[visit.words.error(each) for each in desk.consultations.faults(whole, count)] if row.state == "draft" else [],
        possible={str(each) for each in possible(row.state)},
        may_prepare=permissions.may_prepare(actor),
        may_decide=permissions.may_decide(actor),
        same_person=permissions.hand(actor) in row.editors,
        values=shown_values(values_of(visit, row), typed),
        questions=typed["questions"] if typed and "questions" in typed else written(whole.questions),
        groups=picture(visit, found),
        error=error,
        done=visit.words.named("consultations.done", done) if done and not error else "",
    )


def values_of(visit: Visit, row: ConsultationRow) -> dict[str, str]:
    """Return what stands in the fields of the form."""

    def local(at: datetime | None) -> str:
        return at.astimezone(visit.desk.catalogue.timezone).strftime("%Y-%m-%dT%H:%M") if at else ""

    wanted = AudienceFilter.from_json(row.audience)
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
        "tax_codes": "\n".join(wanted.tax_codes),
        **{f"membership_{each}": "1" for each in wanted.membership},
    }


def shown_values(kept: Mapping[str, str], typed: Mapping[str, str] | None) -> dict[str, str]:
    """Return what stands in a form's fields: what is kept, or what somebody typed that could not be taken."""
    return dict(kept) if typed is None else {**dict.fromkeys(kept, ""), **typed}
