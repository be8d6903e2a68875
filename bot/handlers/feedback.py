"""After an officer's answer: was it solved, how was it, what is missing."""

from bot.escalation.errors import RatingOutOfRange
from bot.escalation.states import TAKES_MESSAGES, State
from bot.handlers import additions, finding, presenting
from bot.handlers.conversation import Conversation, NotForThisStep
from bot.handlers.turn import Turn
from bot.knowledge.verdict import Decision
from storage.inquiries import InquiryRecord

COMMENT = "comment"
COMMENTED = "commented"
"""the comment is kept; a button can still make a question of it, and all else is as ever"""


async def on_solved(turn: Turn) -> None:
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return
    if inquiry.state == State.ANSWERED:
        inquiry = await turn.services.inquiries.solved(turn.uow, inquiry, turn.asker)
    elif inquiry.state != State.CLOSED or inquiry.rating is not None:
        finding.moved_on(turn, inquiry)
        return
    buttons = [presenting.stars(turn, inquiry), presenting.menu_button(turn)]
    turn.say("rate.offer", number=inquiry.number, buttons=buttons, inquiry_id=inquiry.id)
    turn.outcome = "solved"


async def on_not_solved(turn: Turn) -> None:
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return
    if inquiry.state in (State.ANSWERED, State.CLOSED) and inquiry.department_id is not None:
        inquiry = await turn.services.inquiries.reopen(turn.uow, inquiry, turn.asker)
        additions.ask_what(turn, inquiry, "reopened.what")
        turn.outcome = "reopened"
    elif State(inquiry.state) in TAKES_MESSAGES:  # opened again already
        additions.ask_what(turn, inquiry, "add.what")
    else:
        finding.moved_on(turn, inquiry)


async def on_rate(turn: Turn) -> None:
    """`rate:<stars>:<inquiry>`"""
    stars = turn.id_in_action(0)
    if stars is None or not 1 <= stars <= 5:
        raise RatingOutOfRange
    inquiry = await finding.meant_by_button(turn, 1)
    if inquiry is None:
        return
    if not _can_be_rated(inquiry):
        finding.moved_on(turn, inquiry)
        return
    if inquiry.rating != stars:
        inquiry = await turn.services.inquiries.rate(turn.uow, inquiry, turn.asker, stars=stars)
    turn.remember(COMMENT, inquiry=inquiry.id)
    turn.say("rate.comment", stars=stars, buttons=[[turn.button("button.skip", "skip")]], inquiry_id=inquiry.id)
    turn.outcome = "rated"


def _can_be_rated(inquiry: InquiryRecord) -> bool:
    return inquiry.state in (State.CLOSED, State.ANSWERED) and inquiry.department_id is not None


async def on_comment(turn: Turn) -> None:
    """Keep what they say about it, unless it plainly is the next question."""
    inquiry = await finding.own(turn, turn.memory.get("inquiry"))
    if inquiry is None or not _can_be_rated(inquiry) or turn.incoming.files or _asks(turn):
        raise NotForThisStep
    await turn.services.inquiries.rate(turn.uow, inquiry, turn.asker, comment=turn.asked)
    turn.remember(COMMENTED, text=turn.asked)
    buttons = [[turn.button("button.was_question", "as_new")], presenting.menu_button(turn)]
    turn.say("rate.comment_kept", buttons=buttons, inquiry_id=inquiry.id)
    turn.outcome = "commented"


def _asks(turn: Turn) -> bool:
    verdict = turn.verdict
    known = verdict is not None and (verdict.decision in (Decision.ANSWER, Decision.DECLINE) or verdict.kind == "concrete")
    return known or turn.asked.endswith("?")


CONVERSATION = Conversation(
    actions={"solved": on_solved, "unsolved": on_not_solved, "rate": on_rate},
    steps={COMMENT: on_comment, COMMENTED: additions.when_asked_back},
)
