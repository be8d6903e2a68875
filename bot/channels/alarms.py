"""What an administrator must know of a channel: a notice on top of the coordinators' desk, once a day for each matter."""

import structlog

from bot import signals
from bot.channels.vietnam import VIETNAM
from bot.clock import Clock
from bot.signals import Signals
from storage import channel_notices
from storage.database import Database
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

_DETAIL_AT_MOST = 300


class Alarms:
    def __init__(self, database: Database, clock: Clock, live: Signals) -> None:
        self._database = database
        self._clock = clock
        self._live = live
        self._told: set[str] = set()

    async def tell(self, channel: str, matter: str, detail: str = "", **params: object) -> None:
        """Put a matter on the desk and into the log. matter: `officer.channel.<matter>` is its sentence. detail: what the
        platform said; never a token, nor what people wrote. It never raises: whatever is wrong, it is not the alarm."""
        now = self._clock.now()
        # On another day a matter that still stands is told again.
        key = f"channel:{channel}:{matter}:{now.astimezone(VIETNAM):%Y-%m-%d}"
        if key in self._told:
            return
        detail = detail[:_DETAIL_AT_MOST]
        log.error("channel.alarm", channel=channel, matter=matter, detail=detail, **params)
        values = {"channel": channel, "detail": detail, **params}

        async def work(uow: UnitOfWork) -> None:
            await channel_notices.tell_officers(uow, key=key, text_key=f"officer.channel.{matter}", params=values, now=now)
            uow.after_commit(lambda: self._live.publish(signals.DESK))

        try:
            await self._database.write(work)
        except Exception:
            log.exception("channel.alarm_not_kept", channel=channel, matter=matter)
        else:
            self._told.add(key)
