"""How an answer would reach the person, told to the officer before it is written: for nothing, for a fee, or by a detour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk.desk import Desk
from storage import inquiries as stored
from storage.inquiries import InquiryRecord, RecipientRow
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Reach:
    """kind: free, paid; outside the platform's window: other (another channel, `by`), template, waits. until: when that
    changes. price: VND a message."""

    kind: str
    channel: str
    until: datetime | None = None
    price: int = 0
    by: str = ""


async def of_answer(uow: UnitOfWork, desk: Desk, inquiry: InquiryRecord) -> Reach | None:
    """Return how an answer given now reaches the person; nothing where their platform has no window."""
    to = await desk.inquiries.answers_go_to(uow, inquiry)
    window = desk.outreach.carriers.limits(to.channel).window
    if window is None:
        return None
    opening = window.at(to.active_at, desk.now)
    if opening.kind != "closed":
        return Reach(opening.kind, to.channel, opening.until, opening.price)
    if other := _elsewhere(desk, to, await stored.accounts_of_person(uow, inquiry.account_id)):
        return Reach("other", to.channel, by=other)
    template = "answered" in desk.outreach.carriers.limits(to.channel).templates
    return Reach("template" if template else "waits", to.channel)


def _elsewhere(desk: Desk, to: RecipientRow, accounts: Sequence[RecipientRow]) -> str:
    """Return the channel that the sender moves on to: the preferred one, else that of the newest account."""
    others = [
        each
        for each in accounts
        if each.account_id != to.account_id and each.unreachable is None and desk.outreach.carriers.knows(each.channel)
    ]
    best = max(others, key=lambda each: (each.channel == each.preferred_channel, each.account_id), default=None)
    return best.channel if best is not None else ""
