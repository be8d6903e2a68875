"""Finds the inquiry that a button or a number means, and only ever one of the person's own."""

from collections.abc import Iterable

from bot.escalation.errors import InquiryNotFound
from bot.escalation.states import OPEN, TAKES_MESSAGES, State
from bot.handlers import presenting
from bot.handlers.turn import Turn
from storage import inquiries as stored
from storage.inquiries import InquiryRecord


async def own(turn: Turn, inquiry_id: int | None) -> InquiryRecord | None:
    """Return the inquiry with that id; none where there is none, and equally none where it is somebody else's."""
    if inquiry_id is None:
        return None
    inquiry = await stored.by_id(turn.uow, inquiry_id)
    return inquiry if inquiry is not None and inquiry.contact_id == turn.account.contact_id else None


async def meant_by_button(turn: Turn, place: int = 0) -> InquiryRecord | None:
    """Return the inquiry whose id the button carries at that place. Where there is none the person has been told."""
    inquiry = await own(turn, turn.id_in_action(place))
    if inquiry is None:
        not_found(turn)
    return inquiry


def is_open(inquiry: InquiryRecord) -> bool:
    return State(inquiry.state) in OPEN


async def open_ones(turn: Turn, states: Iterable[State] = TAKES_MESSAGES) -> list[InquiryRecord]:
    return await stored.open_of_contact(turn.uow, turn.account.contact_id, states)


def not_found(turn: Turn) -> None:
    """Say that there is no such inquiry; whether it is another's must not be told."""
    turn.explain(InquiryNotFound(), buttons=[[turn.button("button.inquiries", "inquiries")], presenting.menu_button(turn)])


def moved_on(turn: Turn, inquiry: InquiryRecord) -> None:
    """Say that a button came too late, and where the inquiry stands now."""
    turn.say_text(
        f"{turn.words('detail.moved_on')}\n\n{presenting.facts(turn, inquiry)}",
        buttons=[*presenting.steps_on(turn, inquiry), presenting.menu_button(turn)],
        inquiry_id=inquiry.id,
        deadline=inquiry.due_at,
    )
    turn.outcome = "moved_on"
