"""Leaving whatever one is in the middle of."""

from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn


async def on_cancel(turn: Turn) -> None:
    in_the_middle = turn.account.step is not None
    turn.forget()
    turn.say("cancel.done" if in_the_middle else "cancel.nothing", buttons=presenting.menu(turn))
    turn.outcome = "cancelled"


async def on_skip(turn: Turn) -> None:
    """Leave out what was only offered."""
    turn.forget()
    turn.say("skip.done", buttons=presenting.menu(turn))
    turn.outcome = "skipped"


CONVERSATION = Conversation(
    commands={"cancel": on_cancel, "skip": on_skip},
    phrases=dict.fromkeys(("huy", "huy bo", "thoi", "dung lai", "cancel", "stop"), on_cancel)
    | dict.fromkeys(("bo qua", "skip", "khong can"), on_skip),
    actions={"cancel": on_cancel, "skip": on_skip},
    menu={"cancel": 60},
)
