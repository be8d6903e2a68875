"""Reminders of campaigns that want an answer, and what follows when their time is up."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.delivery.message import Message
from bot.locales.catalogue import LANGUAGES, Catalogue
from bot.outreach.campaigns import next_step
from bot.outreach.states import Kind, State
from bot.outreach.texts import Texts
from bot.outreach.waves import MAIN, REACHED, Source, Waves
from storage import campaigns as stored
from storage import registrations
from storage import waves as stored_waves
from storage.campaigns import CampaignRow
from storage.database import Database
from storage.unit_of_work import UnitOfWork

NEXT_CHANNEL = "next_channel"


class Reminders:
    def __init__(self, database: Database, clock: Clock, waves: Waves, texts: Texts, catalogue: Catalogue) -> None:
        self._database = database
        self._clock = clock
        self._waves = waves
        self._texts = texts
        self._catalogue = catalogue

    async def run(self, row: CampaignRow) -> None:
        """Do what has fallen due for this campaign, and set when the next falls due."""

        async def work(uow: UnitOfWork) -> None:
            fresh = await stored.by_id(uow, row.id, lock=True)
            if fresh is None or fresh.step_at is None or fresh.step_at > self._clock.now():
                return
            await stored.set_step(uow, fresh.id, seen=fresh.step_at, next_at=next_step(fresh, self._clock.now()))
            if fresh.state in (State.SENDING, State.FINISHED):
                await self._step(uow, fresh, fresh.step_at)

        await self._database.write(work)

    async def _step(self, uow: UnitOfWork, row: CampaignRow, at: datetime) -> None:
        mains = await stored_waves.of_campaign(uow, row.id, purpose=MAIN)
        if not mains:
            return
        if row.kind == Kind.EVENT and row.event_at is not None and at < row.event_at and at != row.ack_due_at:
            coming = await registrations.contacts(uow, row.id, states=("registered",))
            if coming:
                await self._open(uow, row, f"reminder:{_hours(row.event_at - at)}", "event", Source(contacts=tuple(coming)))
            return
        if row.ack_due_at is not None and at < row.ack_due_at:
            who = Source(wave=mains[0].id, states=REACHED, unacknowledged=True)
            await self._open(uow, row, f"reminder:{_hours(row.ack_due_at - at)}", "acknowledge", who)
        elif row.urgent and row.ack_due_at is not None:
            who = Source(wave=mains[0].id, states=(*REACHED, "unknown"), unacknowledged=True, elsewhere=True)
            await self._open(uow, row, NEXT_CHANNEL, "again", who)

    async def _open(self, uow: UnitOfWork, row: CampaignRow, purpose: str, what: str, source: Source) -> None:
        now = self._clock.now()
        messages = self._texts.compose(row)
        words = {
            language: self._catalogue.say(f"campaign.reminder.{what}", language, number=row.number) for language in LANGUAGES
        }
        marked: dict[str, Message] = {
            language: replace(message, text=f"{words[language]}\n\n{message.text}", files=())
            for language, message in messages.items()
        }
        opened = await self._waves.open(uow, row.id, purpose, marked, source, opens_at=now, urgent=row.urgent)
        if opened is not None:
            await stored.reopen(uow, row.id)
            stored.record(uow, row.id, at=now, actor="system", actor_name="system", action=what, purpose=purpose)


def _hours(left: timedelta) -> str:
    return f"{left.total_seconds() / 3600:g}"
