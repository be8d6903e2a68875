"""What everybody may read: which drafts are open for comments, and what became of the comments on those that were."""

from starlette.responses import Response

from bot.consultation.draft_text import articles, below
from bot.consultation.states import State
from bot.consultation.summary import summary
from bot.public import errors
from bot.public.visit import HEADERS, Visit
from storage import consultations as stored
from storage.consultations import ConsultationRow
from storage.unit_of_work import UnitOfWork

PUBLIC = (State.OPEN, State.CLOSED, State.RESPONDED, State.PUBLISHED, State.CANCELLED)
"""states in which it is shown, if it has ever opened"""
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def listed(visit: Visit) -> Response:
    async with visit.site.database.read() as uow:
        rows = await stored.listed(uow, states=PUBLIC, limit=200)
    return visit.page("consultations.html", rows=[row for row in rows if row.opened_at is not None])


async def _row(visit: Visit, uow: UnitOfWork) -> ConsultationRow:
    row = await stored.by_number(uow, visit.request.path_params["number"])
    if row is None or row.state not in PUBLIC or row.opened_at is None:
        raise errors.PageNotFound()
    return row


async def show(visit: Visit) -> Response:
    """The draft; and once it is published, every group of comments with its response."""
    async with visit.site.database.read() as uow:
        row = await _row(visit, uow)
        whole = await visit.site.consultations.whole(uow, row.id)
        found = await summary(uow, whole)
        reason = await stored.cancel_reason(uow, row.id) if row.state == State.CANCELLED else ""
    walk = [(article, below(whole.units, article.seq)) for article in articles(whole.units)]
    published = row.state == State.PUBLISHED
    return visit.page("outcome.html", row=row, walk=walk, found=found, published=published, reason=reason)


async def table(visit: Visit) -> Response:
    """The published table as Word, without the names of people."""
    async with visit.site.database.read() as uow:
        row = await _row(visit, uow)
        if row.state != State.PUBLISHED:
            raise errors.PageNotFound()
        found = await summary(uow, await visit.site.consultations.whole(uow, row.id))
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="tong-hop-y-kien-{row.number}.docx"'}
    return Response(visit.site.tables.word(found, public=True), media_type=_WORD, headers=headers)
