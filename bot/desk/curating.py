"""The knowledge base as those see it who look after it: what is wrong, drafts, what ends soon, what found no answer, what
helped."""

from starlette.responses import Response

from bot.desk.visit import Visit
from bot.knowledge import validity
from bot.learning import permissions
from bot.learning.errors import DraftNotFound
from bot.learning.gaps import PERIOD, READ_AT_ONCE, Look

GROUPS = 20
ENTRIES = 40
FEW = 8
"""a longer list of what ends is opened by whoever wants to read it"""
_ORDER = ("proposed", "rejected", "draft")


async def show(visit: Visit) -> Response:
    """Officers see their own drafts; editors, approvers, coordinators and administrators everything."""
    desk, actor = visit.desk, visit.officer.actor
    if not permissions.contributes(actor):
        raise DraftNotFound()
    curates = permissions.curates(actor)
    since = desk.now - PERIOD
    knowledge = desk.knowledge
    unplaced = await desk.lawbooks.unplaced(knowledge.entries.values(), desk.today, ahead=validity.AHEAD) if curates else []
    endings = validity.endings(knowledge.entries.values(), knowledge.documents, today=desk.today) if curates else []
    gaps = Look([], 0)
    if curates:
        gaps = await desk.gaps.look(since=since, today=desk.today, limit=GROUPS, read_at_most=READ_AT_ONCE)
    return visit.page(
        "knowledge.html",
        drafts=sorted(await desk.drafts.listed(actor), key=lambda each: _ORDER.index(each.state)),
        actor=actor,
        curates=curates,
        wrong_files=desk.wrong_files() if curates else (),
        unplaced=unplaced,
        endings=endings,
        ahead=validity.AHEAD.days,
        few=FEW,
        groups=gaps.groups,
        unread=gaps.unread,
        figures=(await desk.gaps.figures(since=since))[:ENTRIES] if curates else [],
        entries=knowledge.entries,
        days=PERIOD.days,
        today=desk.today,
    )
