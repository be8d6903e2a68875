"""What people decided about where inquiries belong, carried to the knowledge base of this process."""

import asyncio
from datetime import datetime

import structlog

from bot.knowledge.learned import Routed
from bot.knowledge.service import Knowledge
from storage import routing as stored
from storage.database import Database

log = structlog.get_logger()

REMEMBERED = 5000
"""decisions, the newest"""


class RoutingLessons:
    """Follows the table, whichever process writes to it: after a restart everything is there again."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge
        self._seen: tuple[datetime | None, int] = (None, 0)

    async def follow(self) -> int:
        """Take over what was decided since the last look; return how many decisions count now."""
        async with self._database.read() as uow:
            state = await stored.state(uow)
            if state == self._seen:
                return min(state[1], REMEMBERED)
            decided = await stored.newest(uow, limit=REMEMBERED)
        routed = [Routed(each.number, each.text, each.department_id) for each in decided]
        await asyncio.to_thread(self._knowledge.learn, routed)
        self._seen = state
        log.info("routing.learned", decisions=len(routed), corrected=sum(each.corrected for each in decided))
        return len(routed)
