"""What a row says: its own message, or that of its wave, which thousands of rows share."""

from collections import OrderedDict

from bot.delivery.message import Message
from storage import deliveries
from storage.database import Database
from storage.deliveries import Claimed

_KEPT = 64


class Contents:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waves: OrderedDict[int, dict[str, Message]] = OrderedDict()

    async def of(self, row: Claimed) -> Message:
        """Return the message of a row. What a wave says never changes once it has rows, so it is read once."""
        wave_id = row.content.get("wave")
        if wave_id is None:
            return Message.from_json(row.content)
        known = self._waves.get(wave_id)
        if known is None:
            async with self._database.read() as uow:
                said = await deliveries.wave_messages(uow, wave_id)
            known = self._waves[wave_id] = {language: Message.from_json(each) for language, each in said.items()}
            if len(self._waves) > _KEPT:
                self._waves.popitem(last=False)
        return known.get(row.content["language"]) or next(iter(known.values()))
