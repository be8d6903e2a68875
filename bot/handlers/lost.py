"""What is not understood is never a dead end: it is said what was wrong with it, and what can be done instead."""

from bot.escalation.errors import TextTooLong
from bot.escalation.keeping import TEXT_AT_MOST
from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn


async def on_unknown_command(turn: Turn) -> None:
    turn.say("lost.command", buttons=presenting.menu(turn))
    turn.outcome = "unknown_command"


async def on_unknown_button(turn: Turn) -> None:
    turn.say("lost.button", buttons=presenting.menu(turn))
    turn.outcome = "unknown_button"


async def on_unknown_content(turn: Turn) -> None:
    turn.say("lost.content", buttons=presenting.menu(turn))
    turn.outcome = "unknown_content"


async def on_too_long(turn: Turn) -> None:
    """Nobody has looked at what it says, so nothing of it may be kept either."""
    turn.seal()
    turn.explain(TextTooLong(length=len(turn.asked), most=TEXT_AT_MOST), buttons=presenting.menu(turn))


CONVERSATION = Conversation(
    takes={
        "unknown_command": on_unknown_command,
        "unknown_button": on_unknown_button,
        "unknown_content": on_unknown_content,
        "too_long": on_too_long,
    },
)
