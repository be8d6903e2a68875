"""Choices as a numbered list in the text, for platforms without buttons: a number that a person types is the choice.

Which list they mean is read from the ledger: the newest message to them that offered choices. Nothing is kept beside it, so any
replica can take the answer, and a restart forgets nothing.
"""

import re
import unicodedata
from dataclasses import replace

from bot.channels.protocol import Take
from bot.delivery.message import Button, Message
from bot.handlers.incoming import Incoming
from bot.locales.catalogue import Catalogue
from storage import channel_accounts
from storage.database import Database

_NUMBER = re.compile(r"(?:(?:so|số|chọn|chon)\s+|#\s*)?(\d{1,2})\s*[.)]?", re.IGNORECASE)


def choices(message: Message) -> list[Button]:
    """Return the buttons that a number can stand for, in the order of their numbers: none below a question that is to be
    answered in the person's own words, where a number may be the answer."""
    if message.asks:
        return []
    return [button for row in message.buttons for button in row if button.action]


def links(message: Message) -> list[Button]:
    return [button for row in message.buttons for button in row if button.url]


def written_out(message: Message, catalogue: Catalogue, language: str) -> str:
    """Return the text with its links and its numbered choices below it."""
    parts = [message.text.strip()]
    if found := links(message):
        parts.append("\n".join(f"{button.label}: {button.url}" for button in found))
    if offered := choices(message):
        mark, dot, how = ("#", "", "zalo.choose_beside") if message.beside else ("", ".", "zalo.choose")
        numbers = [f"{mark}{number}{dot} " for number in range(1, len(offered) + 1)]
        # Answers of a questionnaire have their number already.
        lines = [number + each.label.removeprefix(number) for number, each in zip(numbers, offered, strict=True)]
        parts.append("\n".join([*lines, catalogue.say(how, language)]))
    return "\n\n".join(part for part in parts if part)


def number_in(text: str) -> int | None:
    """Return the number that a text is, and nothing else."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found else None


class NumberedMenus:
    def __init__(self, database: Database) -> None:
        self._database = database

    def before(self, take: Take) -> Take:
        """Return `take` with typed numbers turned into the choices that they stand for."""

        async def choose_and_take(incoming: Incoming) -> bool:
            return await take(await self.chosen(incoming))

        return choose_and_take

    async def chosen(self, incoming: Incoming) -> Incoming:
        number = number_in(incoming.text) if not (incoming.action or incoming.files) else None
        if number is None:
            return incoming
        async with self._database.read() as uow:
            content = await channel_accounts.newest_choices(uow, incoming.account)
        message = Message.from_json(content) if content else Message("")
        offered = choices(message)
        if not 1 <= number <= len(offered) or (message.beside and incoming.text.strip()[:1].isdigit()):
            return incoming  # a number that is no choice is what the person says
        return replace(incoming, text="", action=offered[number - 1].action)
