"""What a campaign looks like before it is released: to whom, on which channels, how long it takes, what it costs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.delivery.transport import Limits, Metered, NotSent, Terms, Transport, Window
from bot.outreach.texts import purpose_of
from bot.outreach.waves import MAIN, REACHED
from bot.subscriptions.hours import Hours
from bot.subscriptions.quiet import QuietHours
from bot.subscriptions.subscriptions import wish_for
from storage import audiences
from storage import waves as stored_waves
from storage.audiences import AudienceFilter, Chosen, Count, Standing
from storage.campaigns import CampaignRow
from storage.database import Database

log = structlog.get_logger()

_WITHOUT_LIMIT = 500.0
"""messages a second that are counted on where the channel names no limit: a cautious half of what was measured"""


class Carriers:
    """What is known of the channels: of those that run here by asking them, of the others by the settings."""

    def __init__(self, limits: Mapping[str, Limits]) -> None:
        self._limits = dict(limits)
        self._transports: Mapping[str, Transport] = {}

    def connect(self, transports: Mapping[str, Transport]) -> None:
        self._transports = transports
        self._limits |= {name: transport.limits for name, transport in transports.items()}

    def knows(self, channel: str) -> bool:
        return channel in self._limits

    def limits(self, channel: str) -> Limits:
        return self._limits.get(channel, Limits())

    async def terms(self, channel: str) -> Terms:
        """Return what messages cost there. Where the platform cannot be asked now, only its price is known, which is logged."""
        transport: object = self._transports.get(channel)
        if not isinstance(transport, Metered):
            return Terms()
        try:
            return await transport.terms()
        except NotSent as error:
            log.warning("campaign.terms_unknown", channel=channel, reason=str(error))
            window = self.limits(channel).window
            return Terms(asked=False, cost=window.price if window is not None else 0)


@dataclass(frozen=True)
class ChannelPlan:
    """people: who is told there. rate: messages a second. short: people beyond what the platform still takes of us.

    windowed: whether how long ago they wrote decides what follows. free: whose message the platform neither charges nor counts.
    paid: for whom it does. outside: to whom it takes nothing until they write; template: whether an approved one tells them.
    cost, price: of all and of one, at most, in đồng. left_until, asked, own_count, wrote_first: as in `Terms`.
    runs: whether the channel is set up at all; where it is not, its rows wait until it is.
    put_off: about how many of them are told later, because the hours that they chose are not open when it is their turn;
    put_off_until: when the last of these hours begin.
    """

    channel: str
    people: int
    rate: float
    takes: timedelta
    last_at: datetime
    cost: int
    left: int | None
    short: int
    runs: bool
    paid: int = 0
    outside: int = 0
    template: bool = False
    put_off: int = 0
    put_off_until: datetime | None = None
    free: int = 0
    windowed: bool = False
    price: int = 0
    left_until: datetime | None = None
    asked: bool = True
    own_count: bool = False
    wrote_first: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "people": self.people,
            "rate": self.rate,
            "takes_s": round(self.takes.total_seconds(), 1),
            "last_at": self.last_at.isoformat(),
            "cost": self.cost,
            "left": self.left,
            "short": self.short,
            "runs": self.runs,
            "paid": self.paid,
            "outside": self.outside,
            "template": self.template,
            "put_off": self.put_off,
            "put_off_until": self.put_off_until.isoformat() if self.put_off_until is not None else None,
            "free": self.free,
            "price": self.price,
            "left_until": self.left_until.isoformat() if self.left_until is not None else None,
            "asked": self.asked,
            "own_count": self.own_count,
            "wrote_first": self.wrote_first,
        }


@dataclass(frozen=True)
class Plan:
    people: int
    reachable: int
    unreachable: Mapping[str, int]
    begins_at: datetime
    """of the first message, after the time to call it back and the quiet hours"""
    last_at: datetime
    cost: int
    channels: tuple[ChannelPlan, ...] = field(default=())

    @property
    def takes(self) -> timedelta:
        return self.last_at - self.begins_at

    @property
    def put_off(self) -> int:
        return sum(each.put_off for each in self.channels)

    @property
    def put_off_until(self) -> datetime | None:
        return max((each.put_off_until for each in self.channels if each.put_off_until is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        return {
            "people": self.people,
            "reachable": self.reachable,
            "unreachable": dict(self.unreachable),
            "begins_at": self.begins_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "takes_s": round(self.takes.total_seconds(), 1),
            "cost": self.cost,
            "put_off": self.put_off,
            "put_off_until": self.put_off_until.isoformat() if self.put_off_until is not None else None,
            "channels": [each.to_json() for each in self.channels],
        }


class Planner:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        carriers: Carriers,
        quiet: QuietHours,
        *,
        recall_window: timedelta,
        default_language: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._carriers = carriers
        self._quiet = quiet
        self._hours = Hours(quiet)
        self._recall_window = recall_window
        self._default_language = default_language

    async def plan(self, campaign: CampaignRow, starts: datetime | None = None) -> Plan:
        """Return what comes of a campaign that is released at that moment, or now."""
        count = await self._count(campaign)
        chosen = await self._chosen(campaign)
        opens = max(starts or self._clock.now(), self._clock.now()) + self._recall_window
        begins = opens if campaign.urgent else self._quiet.window(opens)[0]
        channels = tuple([await self._on(campaign, name, people, begins, chosen) for name, people in count.by_channel.items()])
        return Plan(
            people=count.people,
            reachable=count.reachable,
            unreachable=count.unreachable,
            begins_at=begins,
            last_at=max((each.last_at for each in channels), default=begins),
            cost=sum(each.cost for each in channels),
            channels=channels,
        )

    async def _count(self, campaign: CampaignRow) -> Count:
        async with self._database.read() as uow:
            if campaign.subject_id is None:
                wanted = AudienceFilter.from_json(campaign.audience)
                wish = wish_for(campaign.kind)
                return await audiences.count(uow, wanted, default_language=self._default_language, wish=wish)
            first = await stored_waves.of_campaign(uow, campaign.subject_id, purpose=MAIN)
            found = await stored_waves.counts(uow, [each.id for each in first])
        by_channel: dict[str, int] = {}
        for (_, channel, state), amount in found.items():
            if state in (*REACHED, "unknown"):
                by_channel[channel] = by_channel.get(channel, 0) + amount
        return Count(people=sum(by_channel.values()), by_channel=by_channel)

    async def _standing(
        self, campaign: CampaignRow, channel: str, people: int, window: Window | None, at: datetime
    ) -> Standing:
        """Return how many are in which part of the platform's window when the first message goes."""
        if window is None:
            return Standing(paid=people)
        async with self._database.read() as uow:
            if campaign.subject_id is None:
                wanted = AudienceFilter.from_json(campaign.audience)
                since = {"free_since": at - window.free, "paid_since": at - window.paid}
                language, wish = self._default_language, wish_for(campaign.kind)
                return await audiences.standing(uow, wanted, channel=channel, default_language=language, wish=wish, **since)
        return Standing(paid=people)  # a correction: who was told a moment ago is counted at the dearest

    async def _chosen(self, campaign: CampaignRow) -> list[Chosen]:
        """Return the hours that will be waited for: none where it is urgent, and none for a correction, which mostly takes the
        place of a message that they have."""
        if campaign.urgent or campaign.subject_id is not None:
            return []
        wanted, wish = AudienceFilter.from_json(campaign.audience), wish_for(campaign.kind)
        async with self._database.read() as uow:
            return await audiences.chosen_hours(uow, wanted, default_language=self._default_language, wish=wish)

    def _put_off(self, chosen: Sequence[Chosen], begins: datetime, takes: timedelta) -> tuple[int, datetime | None]:
        """Return about how many of these are not told in their turn, and until when the last of them wait."""
        count, until = 0.0, None
        ends = self._quiet.finish(begins, takes)
        for each in chosen:
            opens, closes = self._hours.stretch(each.times, begins)
            late, later = float(each.people), opens
            if opens <= begins:
                later = closes or ends
                while later < ends and (following := self._hours.stretch(each.times, later))[0] == later:
                    later = following[1] or ends
                # Their turns are spread over the whole of the sending.
                late *= 1 - min(1.0, self._quiet.spent(begins, later) / takes) if takes else 0.0
                later = self._hours.opening(each.times, later)
            if late:
                count, until = count + late, max(until or later, later)
        return math.ceil(count), until

    async def _on(
        self, campaign: CampaignRow, channel: str, people: int, begins: datetime, chosen: Sequence[Chosen]
    ) -> ChannelPlan:
        limits, urgent = self._carriers.limits(channel), campaign.urgent
        rate = limits.per_second or _WITHOUT_LIMIT
        standing = await self._standing(campaign, channel, people, limits.window, begins)
        terms = await self._carriers.terms(channel)
        takes = timedelta(seconds=people / rate)
        put_off, until = self._put_off([each for each in chosen if each.channel == channel], begins, takes)
        last_at = begins + takes if urgent else self._quiet.finish(begins, takes)
        if until is not None:
            last_at = max(last_at, self._quiet.finish(until, timedelta(seconds=put_off / rate)))
        return ChannelPlan(
            channel=channel,
            people=people,
            rate=rate,
            takes=takes,
            last_at=last_at,
            cost=standing.paid * terms.cost,
            left=terms.left,
            short=max(0, standing.paid - terms.left) if terms.left is not None else 0,
            runs=self._carriers.knows(channel),
            paid=standing.paid,
            outside=standing.outside,
            template=purpose_of(campaign.kind) in limits.templates,
            put_off=put_off,
            put_off_until=until,
            free=standing.free,
            price=terms.cost,
            windowed=limits.window is not None,
            left_until=terms.until if terms.left is not None else None,
            asked=terms.asked,
            own_count=terms.own_count,
            wrote_first=terms.wrote_first,
        )
