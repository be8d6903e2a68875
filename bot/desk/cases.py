"""The list of inquiries: what is due first, and what an officer has to know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot.desk.clocks import Countdown, countdown
from bot.desk.visit import Visit, local_address
from bot.escalation.actors import Actor
from bot.escalation.allowed import reader_of, scope_of
from bot.escalation.states import OPEN, State
from storage import queue
from storage.queue import Queued, Wanted
from storage.unit_of_work import UnitOfWork

PAGE = 50
_LAST_PAGE = 2000
_NOTICES = 20
_URGENT = (
    "officer.response_over",
    "officer.response_over_late",
    "officer.routed_at_deadline",
    "officer.routed_at_deadline_late",
    "officer.review_over",
    "officer.review_over_late",
)
"""notices that stand above all others: a deadline has passed"""
_OPEN = tuple(str(state) for state in sorted(OPEN - {State.RECEIVED}))
_WAITING = (str(State.WAITING_FOR_ENTERPRISE), str(State.DEFERRED))
_UNROUTED = (str(State.AWAITING_ROUTING), str(State.TRANSFERRED))
_ANSWERED = (str(State.ANSWERED),)
FINISHED = tuple(str(state) for state in sorted(set(State) - OPEN))


def lists_for(actor: Actor) -> tuple[str, ...]:
    """Return the lists that the actor has, the one that opens first in front."""
    unrouted = ("unrouted",) if actor.sees_all else ()
    review = ("review",) if actor.sees_all or any(map(actor.leads, actor.departments)) else ()
    return ("open", *unrouted, "mine", "waiting", "answered", *review, "all")


def wanted(name: str, actor: Actor, *, department_id: str | None = None, text: str = "") -> Wanted:
    """Return what the list of that name shows to the actor."""
    states = {"unrouted": _UNROUTED, "waiting": _WAITING, "answered": _ANSWERED, "all": None, "review": None}.get(name, _OPEN)
    officer_id = actor.id if name == "mine" else None
    return Wanted(scope_of(actor), states, department_id, officer_id, text, to_review=name == "review")


@dataclass(frozen=True)
class Line:
    """A line of the list. `heading`: of its band, on the first line of each."""

    queued: Queued
    clock: Countdown | None
    heading: str


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    list: str
    text: str
    department_id: str | None
    page: int

    def address(self, **changes: object) -> str:
        values: dict[str, object] = {
            "list": self.list if self.list != "open" else "",
            "q": self.text,
            "department": self.department_id or "",
            "page": self.page if self.page > 1 else "",
            **changes,
        }
        query = urlencode({name: value for name, value in values.items() if value not in ("", None, "open", 1)})
        return "/desk" + (f"?{query}" if query else "")


def asked(visit: Visit) -> Asked:
    """Read the address; what makes no sense in it is left out."""
    query, actor = visit.request.query_params, visit.officer.actor
    name = query.get("list", "open")
    page = query.get("page", "1")
    department_id = query.get("department") or None
    return Asked(
        list=name if name in lists_for(actor) else "open",
        text=query.get("q", "").strip().replace("\x00", "")[:100],
        department_id=department_id if department_id in visit.desk.knowledge.directory and actor.sees_all else None,
        page=min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page) else 1,
    )


async def show(visit: Visit) -> Response:
    desk, actor = visit.desk, visit.officer.actor
    ask = asked(visit)
    now = desk.now
    async with desk.database.read() as uow:
        want = wanted(ask.list, actor, department_id=ask.department_id, text=ask.text)
        found = await queue.queued(uow, want, now=now, finished=FINISHED, limit=PAGE + 1, offset=(ask.page - 1) * PAGE)
        counts = await queue.counts(
            uow, {name: wanted(name, actor, department_id=ask.department_id) for name in lists_for(actor) if name != "all"}
        )
        total = await queue.count(uow, want)
        notices = await notices_for(uow, visit)
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "cases.html",
        lines=_lines(found[:PAGE], now),
        more=len(found) > PAGE,
        ask=ask,
        lists=lists_for(actor),
        counts=counts,
        total=total,
        departments=list(desk.knowledge.directory) if actor.sees_all else [],
        works_on_cases=scope_of(actor).departments != (),
        done=visit.words.named("done", done) if done in ("password",) else "",
        **notices,
    )


def _lines(found: list[Queued], now: datetime) -> list[Line]:
    lines: list[Line] = []
    for each in found:
        heading = f"desk.band.{each.band}" if not lines or lines[-1].queued.band != each.band else ""
        lines.append(Line(each, countdown(each.inquiry, now), heading))
    return lines


# Notices


async def notices_for(uow: UnitOfWork, visit: Visit, *, inquiry_id: int | None = None) -> dict[str, Any]:
    """Return what the top of a page shows; on an inquiry's page only what is about that inquiry."""
    reader = reader_of(visit.officer.actor, visit.desk.knowledge.directory)
    notices = await queue.unseen(uow, reader, limit=_NOTICES, urgent=_URGENT, inquiry_id=inquiry_id)
    count = len(notices)
    if count == _NOTICES and inquiry_id is None:
        count = await queue.count_unseen(uow, reader)
    return {"notices": notices, "notice_count": count}


async def seen(visit: Visit) -> Response:
    """Somebody has seen a notice, or all up to the newest one that was shown to them."""
    notice_id, up_to = visit.form.number("notice"), visit.form.number("up_to")
    desk, actor = visit.desk, visit.officer.actor

    async def work(uow: UnitOfWork) -> None:
        if notice_id is not None or up_to is not None:
            await desk.inquiries.notices_seen(uow, actor, notice_id=notice_id, up_to=up_to)

    await desk.database.write(work)
    return visit.see(local_address(visit.form.get("back")))
