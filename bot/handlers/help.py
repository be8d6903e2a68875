"""Help: what can be done here and how, and what becomes of what people write."""

from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn


async def on_help(turn: Turn) -> None:
    rows = [[turn.button("button.privacy", "privacy")], *presenting.menu(turn)]
    turn.say("help.what", buttons=rows)
    turn.outcome = "helped_along"


async def on_privacy(turn: Turn) -> None:
    turn.say("help.privacy", buttons=[presenting.menu_button(turn)])
    turn.outcome = "helped_along"


CONVERSATION = Conversation(
    commands={"help": on_help, "privacy": on_privacy},
    phrases=dict.fromkeys(
        ("tro giup", "giup do", "huong dan", "huong dan su dung", "help", "how does this work", "cach su dung"), on_help
    )
    | dict.fromkeys(("bao mat", "quyen rieng tu", "du lieu ca nhan", "privacy"), on_privacy),
    actions={"help": on_help, "privacy": on_privacy},
    asides=frozenset({"help", "privacy"}),
    menu={"help": 50},
)
