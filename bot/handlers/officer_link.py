"""An officer shows who they are: `/start desk_…` from the link that the desk gave them."""

from bot.access.errors import LinkUnknown
from bot.handlers import presenting
from bot.handlers.turn import Turn


async def link(turn: Turn, code: str) -> None:
    turn.seal()  # a code that was shown in a chat is better not kept
    account = turn.account
    try:
        officer = await turn.services.officer_links.redeem(
            turn.uow, code, channel=account.channel, external_id=account.external_id, name=account.name
        )
    except LinkUnknown as error:
        turn.explain(error, buttons=presenting.menu(turn))
        return
    turn.say("officer_link.done", officer=officer.name)
    turn.outcome = "linked"
