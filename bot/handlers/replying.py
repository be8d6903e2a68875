"""A reply to a message of the chat, as the platforms' apps offer it: it is about the inquiry that the message was about."""

from bot.escalation.keeping import TEXT_AT_MOST
from bot.escalation.states import TAKES_MESSAGES, State
from bot.handlers import additions, finding, guest, officer, own_inquiries
from bot.handlers.sent_files import waiting_and_new
from bot.handlers.turn import Turn
from bot.knowledge.verdict import Decision
from storage import deliveries, origins
from storage.inquiries import InquiryRecord

_OUR_ANSWER = "reply"
"""the kind of what the bot itself said in a turn: it may have asked for something else than an addition"""


async def took(turn: Turn) -> bool:
    """Put what was sent to the inquiry that the replied-to message was about; False where it is to be taken like any other."""
    if not _may_be_addition(turn):
        return False
    inquiry, kind = await _meant(turn)
    if inquiry is None or (kind == _OUR_ANSWER and _is_asked_for_something_else(turn, inquiry)):
        return False
    state = State(inquiry.state)
    answered = state in (State.ANSWERED, State.CLOSED) and inquiry.department_id is not None
    if state not in TAKES_MESSAGES and not answered:
        return False  # what the bot answered by itself: a reply to that is the next question
    text = turn.asked
    if turn.account.step == additions.WHERE:  # they were asked which one, and this is their answer
        text = "\n".join(part for part in (turn.memory.get("text", ""), text) if part)
        if len(text) > TEXT_AT_MOST:
            return False
    files = waiting_and_new(turn)
    if not text and not files:
        return True  # all were too large, and the person has been told
    if answered:
        additions.ask_where(turn, [inquiry], text, files, key="where.to_this")
    else:
        await additions.put(turn, inquiry, text, files)
    return True


def _may_be_addition(turn: Turn) -> bool:
    """Say whether they sent words or files of their own: no command, no button, no number of an inquiry, no courtesy, and
    nothing that may not be kept."""
    incoming, verdict = turn.incoming, turn.verdict
    if not incoming.replies_to or incoming.edited or incoming.action or not (turn.asked or incoming.files):
        return False
    if turn.asked != turn.text.strip() or len(turn.asked) > TEXT_AT_MOST or own_inquiries.NUMBER.search(turn.asked):
        return False
    if verdict is None:
        return True
    courtesy = verdict.decision is Decision.SMALLTALK and verdict.kind != "unclear" and not incoming.files
    return verdict.decision is not Decision.HOTLINE and not courtesy


async def _meant(turn: Turn) -> tuple[InquiryRecord | None, str]:
    """Return the person's inquiry that the replied-to message belongs to, theirs or ours, and the kind of ours."""
    message_id = turn.incoming.replies_to
    assert message_id is not None
    found = await deliveries.about(turn.uow, turn.account.id, message_id)
    if found is not None:
        return await finding.own(turn, found[0]), found[1]
    return await finding.own(turn, await origins.inquiry_of(turn.uow, turn.account.id, message_id)), ""


def _is_asked_for_something_else(turn: Turn, inquiry: InquiryRecord) -> bool:
    """Say whether the bot asked about this inquiry, just now, for what is no addition to it: a tax code, a comment."""
    step = turn.account.step
    if step in (None, additions.ADD, additions.WHERE) or turn.memory.get("inquiry") != inquiry.id:
        return False
    if step == officer.JUST_SENT:
        return guest.is_guest(turn) and guest.may_be_tax_code(turn.asked)
    return True
