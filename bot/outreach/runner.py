"""What falls due with campaigns: releases, rows to write, quiet hours, reminders, the end. All of it stands in rows, and each
step is guarded there: many processes that look at once do it once, and one that starts after a stop goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from bot.clock import Clock
from bot.outreach.campaigns import Campaigns
from bot.outreach.reminders import Reminders
from bot.outreach.states import State
from bot.outreach.waves import FINISHED, MAIN, READY, Waves
from bot.signals import Signals
from storage import campaigns as stored
from storage import waves as stored_waves
from storage.campaigns import CampaignRow
from storage.database import Database
from storage.unit_of_work import UnitOfWork
from storage.waves import WaveRow

log = structlog.get_logger()

CAMPAIGNS = "campaigns"
"""the signal that something changed which the pages of campaigns show"""


class CampaignRunner:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        campaigns: Campaigns,
        waves: Waves,
        reminders: Reminders,
        signals: Signals,
    ) -> None:
        self._database = database
        self._clock = clock
        self._campaigns = campaigns
        self._waves = waves
        self._reminders = reminders
        self._signals = signals
        self._running = asyncio.Lock()

    async def run(self) -> None:
        """Do everything that is due now. One failure does not hold up the rest; it is logged and tried again the next time."""
        async with self._running:
            for step in (self._release, self._remind, self._waves.run, self._finish):
                await self._safely(step)

    async def _safely(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except Exception:
            log.exception("campaigns.step_failed")

    async def _release(self) -> None:
        async with self._database.read() as uow:
            due = await stored.due(uow, self._clock.now())
        for row in due:
            await self._safely(partial(self._release_one, row))

    async def _release_one(self, row: CampaignRow) -> None:
        async def work(uow: UnitOfWork) -> None:
            fresh = await stored.by_id(uow, row.id, lock=True)
            if fresh is None or fresh.state != State.SCHEDULED or fresh.release_at is None:
                return
            if fresh.release_at <= self._clock.now():
                await self._campaigns.release(uow, fresh)
                uow.after_commit(lambda: self._signals.publish(CAMPAIGNS))

        await self._database.write(work)

    async def _remind(self) -> None:
        async with self._database.read() as uow:
            due = await stored.steps_due(uow, self._clock.now())
        for row in due:
            await self._safely(partial(self._reminders.run, row))

    async def _finish(self) -> None:
        async with self._database.read() as uow:
            flowing = [each for each in await stored_waves.flowing(uow) if each.state == READY]
            sending = await stored.sending(uow)
        for wave in flowing:
            await self._safely(partial(self._finish_wave, wave))
        for row in sending:
            await self._safely(partial(self._finish_campaign, row))

    async def _finish_wave(self, wave: WaveRow) -> None:
        async with self._database.read() as uow:
            if await stored_waves.has_open_rows(uow, wave.id):
                return

        async def work(uow: UnitOfWork) -> None:
            fresh = await stored_waves.by_id(uow, wave.id, lock=True)
            if fresh is not None and await self._waves.finish_if_done(uow, fresh):
                uow.after_commit(lambda: self._signals.publish(CAMPAIGNS))

        await self._database.write(work)

    async def _finish_campaign(self, row: CampaignRow) -> None:
        async def work(uow: UnitOfWork) -> None:
            fresh = await stored.by_id(uow, row.id, lock=True)
            if fresh is None or fresh.state != State.SENDING:
                return
            waves = await stored_waves.of_campaign(uow, fresh.id)
            mains = [each for each in waves if each.purpose == MAIN]
            if not mains or any(each.state != FINISHED for each in waves if not each.purpose.startswith("trial:")):
                return
            await self._campaigns.finish(uow, fresh)
            uow.after_commit(lambda: self._signals.publish(CAMPAIGNS))

        await self._database.write(work)
