"""The law that is searched: what was imported, in the wording that holds today."""

import asyncio
from collections.abc import Callable
from datetime import date

import structlog

from bot.knowledge.service import Knowledge
from bot.lawbooks.lawbooks import Lawbooks

log = structlog.get_logger()


class LawOfTheDay:
    """Gives the knowledge base of this process the imported law, and gives it anew when another wording begins to hold.

    For a day before an amendment the knowledge base asks the lawbooks itself.

    today: the day in the operator's time zone.
    """

    def __init__(self, lawbooks: Lawbooks, knowledge: Knowledge, *, today: Callable[[], date]) -> None:
        self._lawbooks = lawbooks
        self._knowledge = knowledge
        self._today = today
        self._taken: date | None = None
        knowledge.earlier_law = lawbooks
        self._one_at_a_time = asyncio.Lock()

    async def take(self) -> None:
        """Have what holds today searched beside the entries, in place of what was searched before."""
        async with self._one_at_a_time:
            await self._take(self._today())

    async def follow(self) -> bool:
        """Take the law anew if it was taken on another day; say whether it was. To be called now and then."""
        async with self._one_at_a_time:
            day = self._today()
            if day == self._taken:
                return False
            await self._take(day)
        log.info("law.of_the_day", day=day.isoformat())
        return True

    async def _take(self, day: date) -> None:
        passages = await self._lawbooks.passages(day)
        since = await self._lawbooks.unchanged_since(day)
        withdrawn = await self._lawbooks.withdrawn()
        await asyncio.to_thread(self._knowledge.take_law, passages, on=since, withdrawn=withdrawn)
        self._taken = day
