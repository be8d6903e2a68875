"""The language in which a person is spoken to: chosen at the start, beside the first answer, or at any time."""

from bot.delivery.message import Button
from bot.handlers import presenting, welcoming
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn
from bot.locales.catalogue import LANGUAGES


def offer_first(turn: Turn) -> None:
    """Greet a new person in both languages and let them choose."""
    turn.say("language.first", buttons=[_buttons(turn)])
    turn.outcome = "asked_language"


def _buttons(turn: Turn) -> list[Button]:
    return [turn.button(f"button.language_{each}", f"lang:{each}") for each in LANGUAGES]


async def on_command(turn: Turn) -> None:
    turn.say("language.which", buttons=[_buttons(turn)])
    turn.outcome = "asked_language"


async def on_button(turn: Turn) -> None:
    chosen = turn.action_arguments[0] if turn.action_arguments else ""
    if chosen in LANGUAGES:
        _speak(turn, chosen)
    else:
        await on_command(turn)


def _speak(turn: Turn, chosen: str) -> None:
    first = turn.account.language is None
    turn.account = turn.services.accounts.speak(turn.uow, turn.account, chosen)
    if first:
        welcoming.welcome(turn)
    else:
        turn.say("language.chosen", buttons=presenting.menu(turn))
    turn.outcome = "language_chosen"


async def _vietnamese(turn: Turn) -> None:
    _speak(turn, "vi")


async def _english(turn: Turn) -> None:
    _speak(turn, "en")


CONVERSATION = Conversation(
    commands={"language": on_command},
    phrases={
        "ngon ngu": on_command,
        "doi ngon ngu": on_command,
        "chon ngon ngu": on_command,
        "language": on_command,
        "change language": on_command,
        "tieng viet": _vietnamese,
        "vietnamese": _vietnamese,
        "tieng anh": _english,
        "english": _english,
    },
    actions={"language": on_command, "lang": on_button},
    asides=frozenset({"language", "lang"}),
    menu={"language": 40},
)
