"""What happens to an event of Zalo once we know that it is genuine."""

import json
from collections import OrderedDict
from functools import partial
from typing import Protocol

import structlog

from bot.channels.alarms import Alarms
from bot.channels.doorstep import MayKeep, keepable
from bot.channels.errands import Errands
from bot.channels.protocol import Take
from bot.channels.standing import StandingChanged, Standings
from bot.channels.zalo_oa.account import CHANNEL
from bot.channels.zalo_oa.api import OaApi
from bot.channels.zalo_oa.errors import OaError
from bot.channels.zalo_oa.events import GaveContact, Ours, Receipt, Touched, TypedInConsole, ZaloEvent, read
from bot.clock import Clock
from bot.delivery.transport import NotSent
from bot.handlers.incoming import Incoming
from storage import channel_accounts, deliveries, waiting_events
from storage.database import Database, Turning
from storage.unit_of_work import AccountKey, UnitOfWork

log = structlog.get_logger()

_KNOWN_AT_MOST = 50_000


class Elsewhere(Protocol):
    """Where what was said outside our desk belongs: `bot.escalation.inquiries.Inquiries`."""

    async def said_elsewhere(self, uow: UnitOfWork, contact_id: int, text: str, who: str) -> bool: ...


class Receiver:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        api: OaApi,
        take: Take,
        standings: Standings,
        elsewhere: Elsewhere,
        alarms: Alarms,
        may_keep: MayKeep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._api = api
        self._take = take
        self._standings = standings
        self._elsewhere = elsewhere
        self._alarms = alarms
        self._may_keep = may_keep
        self._named: OrderedDict[str, None] = OrderedDict()
        self._errands = Errands(CHANNEL)

    async def receive(self, raw: str) -> None:
        """Take an event to its end; raises where that was not possible."""
        event = ZaloEvent.model_validate(json.loads(raw))
        what = read(event, self._clock.now())
        match what:
            case Incoming():
                await self._take(what)
                self._learn_name(what.external_id)
            case StandingChanged():
                await self._standings.take(what)
            case Receipt():
                await self._database.write(
                    lambda uow: deliveries.receipt(uow, channel=CHANNEL, ids=what.message_ids, kind=what.kind, at=what.at)
                )
            case TypedInConsole():
                await self._said_in_console(what)
            case GaveContact():
                await self._gave_contact(what)
            case Touched():
                await self._database.write(lambda uow: channel_accounts.was_active(uow, what.account, what.at))
            case Ours():
                pass  # the ledger has it
            case None:
                await self._alarms.tell(CHANNEL, "event_unknown", event.event_name)
                body = await keepable(raw, self._may_keep)
                await self._database.write(partial(self._keep, event=event, raw=body, reason="unknown"))

    async def _keep(self, uow: UnitOfWork, *, event: ZaloEvent, raw: str, reason: str) -> None:
        await waiting_events.keep(
            uow,
            channel=CHANNEL,
            event_id=event.event_id,
            name=event.event_name,
            reason=reason,
            body=raw,
            received_at=self._clock.now(),
            due_at=None,
        )

    async def _said_in_console(self, said: TypedInConsole) -> None:
        async def work(uow: UnitOfWork) -> None:
            account = uow.account(said.account)
            if uow.is_new(said.event) and account is not None and said.text:
                await self._elsewhere.said_elsewhere(uow, account["contact_id"], said.text, said.officer)

        await self._database.write(work, turning=Turning(said.event, said.account, said.received_at))

    async def _gave_contact(self, gave: GaveContact) -> None:
        """Keep what they gave, then let the conversation go on as after any message."""

        async def work(uow: UnitOfWork) -> None:
            if gave.phone:
                await channel_accounts.gave_phone(uow, gave.account, gave.phone)
            if gave.name:
                await channel_accounts.name_once(uow, gave.account, gave.name)

        await self._take(
            Incoming(CHANNEL, gave.event.event_id, gave.account.external_id, gave.at, text="/menu", name=gave.name)
        )
        await self._database.write(work)

    # Names: an event has none

    def _learn_name(self, user_id: str) -> None:
        """Ask Zalo for the name of a person whom this process has not seen yet. Nobody waits for it."""
        if user_id in self._named:
            return
        self._named[user_id] = None
        if len(self._named) > _KNOWN_AT_MOST:
            self._named.popitem(last=False)
        self._errands.start("learn a name", partial(self._name, user_id))

    async def _name(self, user_id: str) -> None:
        key = AccountKey(CHANNEL, user_id)
        try:
            async with self._database.read() as uow:
                known = await channel_accounts.reached(uow, key)
            if known is None or known.name:
                return
            name = (await self._api.name_of(user_id)).strip()
            if name:
                await self._database.write(lambda uow: channel_accounts.name_once(uow, key, name))
        except (OaError, NotSent) as error:
            log.info("zalo.name_not_learnt", reason=str(error))

    async def settled(self) -> None:
        """Return once no name is being asked for."""
        await self._errands.settled()

    async def stop(self) -> None:
        await self._errands.stop()
