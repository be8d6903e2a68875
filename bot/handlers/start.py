"""The start, and the menu to which everything leads back."""

from bot.access import links
from bot.handlers import joining, language, officer_link, presenting, welcoming
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn


async def on_start(turn: Turn) -> None:
    """`/start`, or `/start CODE` from an invitation's link, or from an officer's own."""
    if turn.argument.startswith(links.PREFIX):
        await officer_link.link(turn, turn.argument)
    elif turn.argument:
        await joining.join(turn, turn.argument)
    elif turn.account.language is None and turn.account.is_new:
        language.offer_first(turn)
    else:
        welcoming.welcome(turn)


async def on_menu(turn: Turn) -> None:
    turn.say("menu.what", buttons=presenting.menu(turn))
    turn.outcome = "menu"


CONVERSATION = Conversation(
    commands={"start": on_start, "menu": on_menu},
    phrases={"bat dau": on_start, "start": on_start, "menu": on_menu, "trang chu": on_menu, "main menu": on_menu},
    actions={"start": on_start, "menu": on_menu},
    menu={"menu": 10},
)
