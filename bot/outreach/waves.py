"""Waves: how the message of a campaign gets into the ledger, a piece at a time, and when its rows may go out.

Writing the rows of a hundred thousand recipients is many small transactions. How far it has come stands in the wave's row, in
the same transaction as the rows themselves: after a kill it goes on where it stopped, and the rows' keys make a second one
for the same recipient impossible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from bot.clock import Clock
from bot.delivery.ledger import DeliveryState, Ledger, Outbox, Priority, Recipient, WaveRecipient
from bot.outreach.texts import Messages, to_json
from bot.subscriptions.quiet import QuietHours
from bot.subscriptions.subscriptions import Subscriptions
from bot.subscriptions.topics import Topic
from storage import audiences, campaigns
from storage import waves as stored
from storage.audiences import AudienceFilter, Person
from storage.database import Database
from storage.ids import new_id
from storage.unit_of_work import UnitOfWork
from storage.waves import WaveRow

log = structlog.get_logger()

MAIN = "main"
FILLING, READY, PAUSED, FINISHED, CANCELLED = "filling", "ready", "paused", "finished", "cancelled"
CHUNK = 500
"""recipients in one transaction: others who write meanwhile wait for no more than that"""
REACHED = (DeliveryState.SENT, DeliveryState.ACKNOWLEDGED)


@dataclass(frozen=True)
class Source:
    """For whom a wave is: one of the three.

    filter: an audience. contacts: these people. wave: those of an earlier wave whose rows are in `states`; unacknowledged:
    only who has not confirmed; elsewhere: on another of their accounts than that wave used; edits: where the platform
    still lets us, in the place of the message that they got.
    """

    filter: AudienceFilter | None = None
    contacts: tuple[int, ...] = ()
    wave: int | None = None
    states: tuple[str, ...] = REACHED
    unacknowledged: bool = False
    elsewhere: bool = False
    edits: bool = False

    def to_json(self) -> dict[str, Any]:
        if self.filter is not None:
            return {"filter": self.filter.to_json()}
        if self.wave is None:
            return {"contacts": list(self.contacts)}
        rest = {"unacknowledged": self.unacknowledged, "elsewhere": self.elsewhere, "edits": self.edits}
        return {"wave": self.wave, "states": [str(each) for each in self.states], **rest}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Source":
        if "filter" in content:
            return cls(filter=AudienceFilter.from_json(content["filter"]))
        if "wave" not in content:
            return cls(contacts=tuple(content["contacts"]))
        return cls(
            wave=content["wave"],
            states=tuple(content["states"]),
            unacknowledged=content["unacknowledged"],
            elsewhere=content["elsewhere"],
            edits=content["edits"],
        )


class Waves:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ledger: Ledger,
        outbox: Outbox,
        quiet: QuietHours,
        subscriptions: Subscriptions,
        *,
        default_language: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._outbox = outbox
        self._quiet = quiet
        self._subscriptions = subscriptions
        self._default_language = default_language

    async def open(
        self,
        uow: UnitOfWork,
        campaign_id: int,
        purpose: str,
        messages: Messages,
        source: Source,
        *,
        opens_at: datetime,
        urgent: bool,
    ) -> int | None:
        """Begin a wave; its rows are written afterwards, by `fill`. None when the campaign has one for this purpose already.

        opens_at: nothing goes out before it. urgent: it passes the quiet hours, and goes before what is not.
        """
        now = self._clock.now()
        row = WaveRow(
            id=new_id(),
            campaign_id=campaign_id,
            purpose=purpose,
            state=FILLING,
            source=source.to_json(),
            messages=to_json(messages),
            priority=int(Priority.ALERT if urgent else Priority.BULK),
            quiet=not urgent,
            cursor=0,
            recipients=0,
            fill_at=now,
            opens_at=opens_at,
            flow_from=None,
            flow_until=None,
            created_at=now,
            started_at=None,
            finished_at=None,
        )
        return row.id if await stored.add(uow, row) else None

    async def run(self) -> None:
        """Write rows that are still to be written, end those of cancelled waves, and mind the quiet hours."""
        async with self._database.read() as uow:
            waiting = await stored.to_fill(uow, self._clock.now())
        for wave_id in waiting:
            await self.fill(wave_id)
        await self.mind_the_hours()

    async def fill(self, wave_id: int) -> None:
        """Write all rows of a wave that are still to be written, in small transactions."""
        while await self._database.write(lambda uow: self._fill_some(uow, wave_id)):
            pass
        self._outbox.hand_over([])

    async def _fill_some(self, uow: UnitOfWork, wave_id: int) -> bool:
        """Do a piece of it; say whether there is more. Whoever else fills this wave waits for the commit."""
        wave = await stored.by_id(uow, wave_id, lock=True)
        if wave is None or wave.fill_at is None:
            return False
        if wave.state == CANCELLED:
            ended = await stored.cancel_rows(uow, wave.id, limit=CHUNK)
            if ended < CHUNK:
                await stored.change(uow, wave.id, fill_at=None, finished_at=self._clock.now())
            return ended == CHUNK
        source = Source.from_json(wave.source)
        people, cursor, more = await self._next(uow, wave, source)
        if wave.quiet and not source.contacts:
            people = await self._at_their_hours(uow, wave, people)
        new = await self._ledger.add_wave_rows(uow, wave.id, people, kind="campaign", priority=Priority(wave.priority))
        values: dict[str, Any] = {"cursor": cursor, "recipients": wave.recipients + new}
        if not more:
            values["fill_at"] = None
            if wave.state == FILLING:
                values |= {"state": READY, **self._hours(wave, self._clock.now())}
        await stored.change(uow, wave.id, **values)
        return more

    async def _next(self, uow: UnitOfWork, wave: WaveRow, source: Source) -> tuple[list[WaveRecipient], int, bool]:
        """Return the next recipients, how far that is, and whether more come."""
        language = self._default_language
        if source.filter is not None:
            page = await audiences.page(uow, source.filter, after=wave.cursor, limit=CHUNK, default_language=language)
            return (
                _recipients(await self._willing(uow, wave, page)),
                page[-1].contact_id if page else wave.cursor,
                len(page) == CHUNK,
            )
        if source.wave is None:
            some = source.contacts[wave.cursor : wave.cursor + CHUNK]
            people = await audiences.people(uow, some, channels=(), default_language=language) if some else []
            end = wave.cursor + len(some)
            return _recipients(people), end, end < len(source.contacts)
        told = await stored.told(
            uow,
            source.wave,
            states=source.states,
            after=wave.cursor,
            limit=CHUNK,
            unacknowledged=source.unacknowledged,
        )
        if not told:
            return [], wave.cursor, False
        used = {each.account_id for each in told}
        people = await audiences.people(
            uow,
            [each.contact_id for each in told],
            channels=(),
            default_language=language,
            not_on=used if source.elsewhere else frozenset(),
            only_on=used if source.edits else frozenset(),
        )
        if source.elsewhere:  # whoever has no other account is called by an officer instead
            people = [each for each in people if each.reason is None]
        edits = {each.contact_id: each.platform_message_id for each in told} if source.edits else {}
        return _recipients(people, edits), told[-1].contact_id, len(told) == CHUNK

    async def _willing(self, uow: UnitOfWork, wave: WaveRow, people: Sequence[Person]) -> list[Person]:
        """Leave out who switched the campaign's topic off, and need not be told it."""
        campaign = await campaigns.by_id(uow, wave.campaign_id)
        if campaign is None or campaign.kind not in set(Topic):
            return list(people)
        willing = await self._subscriptions.allows(uow, [each.contact_id for each in people], campaign.kind)
        return [each for each in people if each.contact_id in willing]

    async def _at_their_hours(self, uow: UnitOfWork, wave: WaveRow, people: Sequence[WaveRecipient]) -> list[WaveRecipient]:
        """Let those wait who want to be written to at other hours than those at which the wave begins to flow. A message that
        is changed in its place makes no noise, and does not wait."""
        begins = self._hours(wave, self._clock.now())["flow_from"]
        hours = await self._subscriptions.not_before(uow, [each.contact_id for each in people], begins)
        return [replace(each, not_before=None if each.replaces else hours.get(each.contact_id)) for each in people]

    def _hours(self, wave: WaveRow, now: datetime) -> dict[str, Any]:
        """Return between when the wave may flow, as it looks now."""
        start = max(now, wave.opens_at)
        if not wave.quiet:
            return {"flow_from": start, "flow_until": None}
        start, until = self._quiet.window(start)
        return {"flow_from": start, "flow_until": until}

    async def mind_the_hours(self) -> None:
        """Give waves whose time of day is over their next one."""
        now = self._clock.now()
        async with self._database.read() as uow:
            over = [each for each in await stored.flowing(uow) if each.flow_until is not None and each.flow_until <= now]
        for wave in over:
            hours = self._hours(wave, now)

            async def work(uow: UnitOfWork, wave: WaveRow = wave, hours: dict[str, Any] = hours) -> None:
                await stored.change(uow, wave.id, seen_state=READY, **hours)

            await self._database.write(work)

    async def pause(self, uow: UnitOfWork, campaign_id: int) -> None:
        """Let nothing more of the campaign's waves go; what is in flight arrives."""
        for wave in await stored.of_campaign(uow, campaign_id):
            if wave.state in (FILLING, READY):
                await stored.change(uow, wave.id, state=PAUSED, flow_from=None, flow_until=None)
                await stored.hold_retries(uow, wave.id)

    async def resume(self, uow: UnitOfWork, campaign_id: int) -> None:
        """Let the waves of a paused campaign go on."""
        now = self._clock.now()
        for wave in await stored.of_campaign(uow, campaign_id):
            if wave.state == PAUSED:
                filling = wave.fill_at is not None
                hours = {} if filling else self._hours(wave, now)
                await stored.change(uow, wave.id, state=FILLING if filling else READY, **hours)
        uow.after_commit(lambda: self._outbox.hand_over([]))

    async def cancel(self, uow: UnitOfWork, campaign_id: int) -> None:
        """End the campaign's waves; the rows that were not tried are ended afterwards, a piece at a time."""
        for wave in await stored.of_campaign(uow, campaign_id):
            if wave.state in (FILLING, READY, PAUSED):
                now = self._clock.now()
                await stored.change(uow, wave.id, state=CANCELLED, flow_from=None, flow_until=None, fill_at=now)

    async def send_again(self, wave_id: int, states: Sequence[str], *, within: UnitOfWork | None = None) -> int:
        """Let rows that ended in these states go out once more; return how many that are.

        Some at a time, each in a transaction of its own, that nobody waits long; or all in the one that is given.
        """
        total = 0
        while True:

            async def work(uow: UnitOfWork) -> int:
                wave = await stored.by_id(uow, wave_id, lock=True)
                if wave is None or wave.state == CANCELLED:
                    return 0
                now = self._clock.now()
                some = await stored.send_again(uow, wave_id, states=states, limit=CHUNK, now=now)
                if some and wave.state in (READY, FINISHED):
                    await stored.change(uow, wave_id, state=READY, finished_at=None, **self._hours(wave, now))
                return some

            some = await self._database.write(work, within=within)
            total += some
            if some < CHUNK:
                break
        if within is None:
            self._outbox.hand_over([])
        else:
            within.after_commit(lambda: self._outbox.hand_over([]))
        return total

    async def finish_if_done(self, uow: UnitOfWork, wave: WaveRow) -> bool:
        """Close a wave none of whose rows is still to be sent; say whether it is."""
        if wave.state != READY or await stored.has_open_rows(uow, wave.id):
            return False
        closed = {"flow_from": None, "flow_until": None, "finished_at": self._clock.now()}
        return await stored.change(uow, wave.id, seen_state=READY, state=FINISHED, **closed)


def _recipients(people: Sequence[Person], edits: Mapping[int, str | None] | None = None) -> list[WaveRecipient]:
    """Return those who have an account; edits: by contact, the message that this one is to take the place of."""
    found = []
    for each in people:
        if each.account_id is not None and each.channel is not None and each.external_id is not None:
            to = Recipient(each.account_id, each.channel, each.external_id)
            replaces = (edits or {}).get(each.contact_id)
            found.append(WaveRecipient(each.contact_id, each.enterprise_id, each.language, to, each.reason, replaces=replaces))
    return found
