"""What people answer to campaigns: that they have read it, that they come to an event."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.clock import Clock
from bot.delivery.ledger import Ledger, Priority, Recipient, wave_key
from bot.delivery.message import Message
from bot.locales.catalogue import LANGUAGES, Catalogue
from bot.outreach import errors
from bot.outreach.states import Kind, State
from bot.outreach.waves import MAIN
from storage import audiences, registrations
from storage import campaigns as stored
from storage import waves as stored_waves
from storage.campaigns import CampaignRow
from storage.unit_of_work import UnitOfWork


class Place(StrEnum):
    REGISTERED = "registered"
    WAITING = "waiting"
    """the event is full; they come in when somebody else leaves"""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Confirmed:
    """first: they had not confirmed it before. trial: it was a trial, and nothing is kept."""

    campaign: CampaignRow
    first: bool
    trial: bool


class CampaignAnswers:
    """Works inside the transaction of the turn that it is given."""

    def __init__(self, clock: Clock, ledger: Ledger, catalogue: Catalogue, *, default_language: str) -> None:
        self._clock = clock
        self._ledger = ledger
        self._catalogue = catalogue
        self._default_language = default_language

    async def confirm(self, uow: UnitOfWork, campaign_id: int, contact_id: int) -> Confirmed:
        """Write down that the contact has read it. Raises NotInvited where it was not for them."""
        campaign = await stored.by_id(uow, campaign_id)
        if campaign is None:
            raise errors.NotInvited()
        found = await self._confirm(uow, campaign, contact_id)
        if found is None:
            await self._check_trial(uow, campaign)
        return Confirmed(campaign, bool(found), trial=found is None)

    async def _confirm(self, uow: UnitOfWork, campaign: CampaignRow, contact_id: int) -> bool | None:
        """Say whether it is the first time; None where the campaign did not go to them."""
        for wave in await stored_waves.of_campaign(uow, campaign.id, purpose=MAIN):
            marked = await stored_waves.acknowledge(uow, wave_key(wave.id, contact_id), self._clock.now())
            if marked is not None:
                return marked[1]
        return None

    @staticmethod
    async def _check_trial(uow: UnitOfWork, campaign: CampaignRow) -> None:
        waves = await stored_waves.of_campaign(uow, campaign.id)
        if not any(wave.purpose.startswith("trial:") for wave in waves):
            raise errors.NotInvited()

    async def answer_invitation(
        self, uow: UnitOfWork, campaign_id: int, contact_id: int, account: Recipient, enterprise_id: int | None, *, comes: bool
    ) -> tuple[CampaignRow, Place]:
        """Register the contact for an event, or take them off; return what became of it.

        A full event has a waiting list, and whoever is first on it comes in when somebody leaves. Raises NotInvited, EventOver.
        """
        campaign = await stored.by_id(uow, campaign_id, lock=True)  # two who take the last place: one after the other
        if campaign is None or campaign.kind != Kind.EVENT or campaign.event_at is None:
            raise errors.NotInvited()
        now = self._clock.now()
        if campaign.event_at <= now or campaign.state == State.CANCELLED:
            raise errors.EventOver(title=campaign.title)
        if await self._confirm(uow, campaign, contact_id) is None:
            raise errors.NotInvited()
        before = await registrations.state_of(uow, campaign.id, contact_id)
        place = await self._place(uow, campaign, before) if comes else Place.WITHDRAWN
        if place != before:
            await registrations.put(
                uow,
                campaign_id=campaign.id,
                contact_id=contact_id,
                enterprise_id=enterprise_id,
                account_id=account.account_id,
                state=place,
                now=now,
            )
        if place is Place.WITHDRAWN and before == Place.REGISTERED:
            await self._let_in_the_next(uow, campaign, now)
        return campaign, place

    async def _place(self, uow: UnitOfWork, campaign: CampaignRow, before: str | None) -> Place:
        if before in (Place.REGISTERED, Place.WAITING):
            return Place(before)
        taken = (await registrations.count(uow, campaign.id)).get(Place.REGISTERED, 0)
        return Place.REGISTERED if campaign.event_capacity is None or taken < campaign.event_capacity else Place.WAITING

    async def _let_in_the_next(self, uow: UnitOfWork, campaign: CampaignRow, now: datetime) -> None:
        waiting = await registrations.contacts(uow, campaign.id, states=(Place.WAITING,))
        for person in await audiences.people(uow, waiting[:1], channels=(), default_language=self._default_language):
            await registrations.change_state(uow, campaign.id, person.contact_id, Place.REGISTERED)
            if person.account_id is None or person.channel is None or person.external_id is None:
                continue
            language = person.language if person.language in LANGUAGES else self._default_language
            text = self._catalogue.say("event.place_free", language, title=campaign.title, on=campaign.event_at)
            to = Recipient(person.account_id, person.channel, person.external_id)
            self._ledger.add(uow, to, Message(text), kind="notice", priority=Priority.ALERT)
