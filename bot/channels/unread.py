"""What a platform told us and we cannot read: kept as it came, counted, and told, instead of being lost in silence."""

import json
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from pydantic import ValidationError

from bot.channels.alarms import Alarms
from bot.channels.doorstep import MayKeep, keepable
from bot.clock import Clock
from bot.metrics import UNREAD
from storage import waiting_events
from storage.database import Database
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()


class Unread:
    """One for a channel. Its rows lie beside the other events that nobody could take, and as long.

    What belongs to the special team is not kept here either: of such an event only that it came.
    """

    def __init__(self, database: Database, clock: Clock, channel: str, alarms: Alarms, may_keep: MayKeep) -> None:
        self._database = database
        self._clock = clock
        self._channel = channel
        self._alarms = alarms
        self._may_keep = may_keep

    async def keep(self, event_id: str, raw: dict[str, Any], error: ValidationError) -> None:
        """Keep an event; the same a second time changes nothing. Raises where it could not be kept: then the platform must
        not hear that we have it. What people wrote never reaches the log."""
        where = where_it_broke(error)
        log.error("event.unreadable", channel=self._channel, event_id=event_id, at=where)
        UNREAD.labels(self._channel).inc()
        # Only ASCII: whatever is in there, a column of text takes it.
        body = await keepable(json.dumps(raw), self._may_keep)
        now = self._clock.now()
        await self._database.write(partial(self._add, event_id=event_id, where=where, body=body, now=now))
        await self._alarms.tell(self._channel, "event_unreadable", where)

    async def _add(self, uow: UnitOfWork, *, event_id: str, where: str, body: str, now: datetime) -> None:
        await waiting_events.keep(
            uow,
            channel=self._channel,
            event_id=event_id,
            name=where,
            reason="unreadable",
            body=body,
            received_at=now,
            due_at=None,
        )

    async def problems(self) -> list[str]:
        """Return what an operator should know: how many there are, and what to do with them."""
        async with self._database.read() as uow:
            count = (await waiting_events.counts(uow, self._channel)).get("unreadable", 0)
        if not count:
            return []
        kept = f"{waiting_events.KEPT.days} days"
        return [f"{count} updates could not be read and are kept for {kept} (table waiting_events); is there a newer version?"]


def where_it_broke(error: ValidationError) -> str:
    """Return which part of an event could not be read and why, without its content."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['type']}"
