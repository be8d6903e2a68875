"""What people do with a campaign's message: confirm it, answer an invitation, open an entry that it names."""

from bot.delivery.ledger import Recipient
from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn
from bot.outreach.answers import Place


async def on_read(turn: Turn) -> None:
    """`read:<campaign>`"""
    campaign_id = turn.id_in_action(0)
    confirmed = await turn.services.campaign_answers.confirm(turn.uow, campaign_id or 0, turn.account.contact_id)
    if confirmed.trial:
        turn.say("campaign.read_trial", number=confirmed.campaign.number)
    else:
        said = "campaign.read_first" if confirmed.first else "campaign.read_again"
        turn.say(said, number=confirmed.campaign.number, title=confirmed.campaign.title)
    turn.outcome = "acknowledged"


async def on_event(turn: Turn) -> None:
    """`event:yes:<campaign>`, `event:no:<campaign>`"""
    campaign_id = turn.id_in_action(1)
    comes = turn.action_arguments[:1] == ["yes"]
    account = turn.account
    campaign, place = await turn.services.campaign_answers.answer_invitation(
        turn.uow,
        campaign_id or 0,
        account.contact_id,
        Recipient(account.id, account.channel, account.external_id),
        account.enterprise_id,
        comes=comes,
    )
    other = (
        turn.button("button.event_yes", f"event:yes:{campaign.id}")
        if place is Place.WITHDRAWN
        else turn.button("button.event_no", f"event:no:{campaign.id}")
    )
    turn.say(f"event.{place}", buttons=[[other]], title=campaign.title, on=campaign.event_at, place=campaign.event_place or "")
    turn.outcome = f"event_{place}"


async def on_entry(turn: Turn) -> None:
    """`entry:<id>`: an entry that a message names."""
    knowledge = turn.services.knowledge
    entry = knowledge.entries.get(":".join(turn.action_arguments))
    if entry is None or not entry.holds(turn.today, knowledge.documents) or not entry.readable_by(turn.audience):
        turn.say("campaign.entry_gone", buttons=presenting.menu(turn))
        return
    buttons = [[turn.button("button.ask_officer", "ask_officer")], presenting.menu_button(turn)]
    turn.say_text(presenting.answer(turn, entry), buttons=buttons)
    turn.outcome = "entry"


CONVERSATION = Conversation(
    actions={"read": on_read, "event": on_event, "entry": on_entry},
    asides=frozenset({"read", "event"}),
)
