"""The commands that a platform shows in its menu, in the words of the catalogue."""

from collections.abc import Iterable, Mapping

from bot.locales.catalogue import LANGUAGES, Catalogue

Menu = Mapping[str, list[tuple[str, str]]]
"""by language: (command without the slash, what it does)"""


def menu(commands: Iterable[str], catalogue: Catalogue) -> Menu:
    """Return the menu for the commands of `Router.menu`. Raises KeyError where a command has no text `command.<name>`."""
    names = list(commands)
    return {language: [(name, catalogue.say(f"command.{name}", language)) for name in names] for language in LANGUAGES}
