"""A person corrects what they had written: what is with people already is corrected there, and is no new question."""

from bot.escalation.keeping import TEXT_AT_MOST
from bot.escalation.states import TAKES_MESSAGES, State
from bot.handlers import finding
from bot.handlers.turn import Turn
from bot.knowledge.verdict import Decision
from storage import origins


async def took(turn: Turn) -> bool:
    """Add the corrected text to the inquiry that its message became; False where it is to be taken like any other text."""
    message_id = turn.incoming.message_id
    sealed = turn.verdict is not None and turn.verdict.decision is Decision.HOTLINE
    if not turn.incoming.edited or message_id is None or not turn.asked or sealed or len(turn.asked) > TEXT_AT_MOST - 100:
        return False
    of_inquiry = await origins.inquiry_of(turn.uow, turn.account.id, message_id)
    if of_inquiry is None and await turn.services.surveys.wrote_anonymously(turn.uow, turn.account.contact_id):
        # It may be what they answered to an anonymous survey; as a question it would stand under their name.
        turn.seal()
        turn.say("survey.edited")
        turn.outcome = "refused"
        return True
    inquiry = await finding.own(turn, of_inquiry)
    if inquiry is None or State(inquiry.state) not in TAKES_MESSAGES:
        return False
    text = turn.words("add.corrected", text=turn.asked)
    inquiry = await turn.services.inquiries.add_message(turn.uow, inquiry, turn.asker, text)
    buttons = [[turn.button("button.detail", f"inquiry:{inquiry.id}", number=inquiry.number)]]
    turn.say("add.corrected_done", number=inquiry.number, buttons=buttons, inquiry_id=inquiry.id)
    turn.outcome = "corrected"
    return True
