"""Greeting a person by what is known of them."""

from bot.handlers import presenting
from bot.handlers.turn import Turn


def welcome(turn: Turn) -> None:
    """Greet the person, and show what can be done."""
    name = turn.account.name.strip()
    called = turn.words("start.called", name=name) if name else ""
    if turn.account.enterprise_name:
        turn.say("start.member", enterprise=turn.account.enterprise_name, called=called, buttons=presenting.menu(turn))
    else:
        turn.say("start.guest", called=called, buttons=presenting.menu(turn))
    turn.outcome = "welcomed"
