"""Zalo's Official Account, as one of the channels: what `bot.wiring` makes where its settings are there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from starlette.routing import BaseRoute

from bot.channels.alarms import Alarms
from bot.channels.begun import Begun
from bot.channels.calling import Caller
from bot.channels.doorstep import EVENTS, Doorstep, MayKeep
from bot.channels.downloads import Downloads
from bot.channels.errands import Errands
from bot.channels.media import Media
from bot.channels.numbered import NumberedMenus
from bot.channels.protocol import Take
from bot.channels.sealing import Seal
from bot.channels.standing import Standings
from bot.channels.zalo_oa.account import CHANNEL, OaAccount
from bot.channels.zalo_oa.api import OaApi
from bot.channels.zalo_oa.checks import Checks
from bot.channels.zalo_oa.consent import Consent
from bot.channels.zalo_oa.errors import Kind, OaError, meaning, new_quota_at
from bot.channels.zalo_oa.oauth import Oauth
from bot.channels.zalo_oa.outgoing import Piece, as_zalo, plan
from bot.channels.zalo_oa.receiving import Elsewhere, Receiver
from bot.channels.zalo_oa.tokens import TokenKeeper
from bot.channels.zalo_oa.uploads import Uploads
from bot.channels.zalo_oa.webhook import Webhook
from bot.clock import Clock
from bot.delivery.message import Attachment, Message
from bot.delivery.transport import Limits, NoAnswer, QuotaUsedUp, Refused, Terms, TryLater, Unreachable, Window, WindowClosed
from bot.locales.catalogue import LANGUAGES, Catalogue
from storage import channel_accounts
from storage.channel_accounts import Reached
from storage.database import Database
from storage.files import FileStore
from storage.unit_of_work import AccountKey

log = structlog.get_logger()

WINDOW = Window(free=timedelta(hours=48), paid=timedelta(days=7), price=55)
"""https://docs.zaloplatforms.com/docs/OA/tin-nhan/tin-tu-van/dieu-kien-gui-tin-tu-van"""
LIMITS = Limits(per_second=100 / 60, per_chat=1, chat_burst=5, in_flight=20, window=WINDOW)
"""what the smallest package that takes an app allows: 100 calls a minute"""
_LOOK_EVERY_S = 60.0
_NOT_CARRIED = (-201, -233)
"""what Zalo answers to a template that it does not carry"""


class ZaloOaChannel:
    """account: what the settings say. owner: marks this process's leases. key: the installation's secret, which seals tokens
    and events that wait. menus: makes numbers into choices. may_keep: see `Doorstep`.

    answer_within: seconds after which a call that got no answer is given up. look_every: between two looks at the token.
    """

    name = CHANNEL

    def __init__(
        self,
        account: OaAccount,
        *,
        database: Database,
        files: FileStore,
        standings: Standings,
        elsewhere: Elsewhere,
        alarms: Alarms,
        menus: NumberedMenus,
        downloads: Downloads,
        catalogue: Catalogue,
        clock: Clock,
        owner: str,
        key: bytes,
        may_keep: MayKeep,
        default_language: str = "vi",
        limits: Limits = LIMITS,
        media_hosts: Sequence[str] = ("zdn.vn", "zadn.vn"),
        answer_within: float = 20.0,
        look_every: float = _LOOK_EVERY_S,
        event_look_every: float = 5.0,
        in_time: float = 1.2,
    ) -> None:
        self.limits = replace(limits, templates=frozenset(account.templates))
        self._window = limits.window or WINDOW
        self._account = account
        self._database = database
        self._standings = standings
        self._elsewhere = elsewhere
        self._alarms = alarms
        self._menus = menus
        self._downloads = downloads
        self._catalogue = catalogue
        self._clock = clock
        self._may_keep = may_keep
        self._seal = Seal(key, EVENTS)
        self._default_language = default_language
        self._look_every = look_every
        self._event_look_every = event_look_every
        self._in_time = in_time
        self._caller = Caller(answer_within=answer_within, connections=limits.in_flight + 10)
        oauth = Oauth(self._caller, url=account.oauth_url, app_id=account.app_id, app_secret=account.app_secret)
        self.tokens = TokenKeeper(
            database,
            oauth,
            alarms,
            clock,
            name=CHANNEL,
            seed=account.refresh_token,
            seal=Seal(key, "oauth tokens"),
            owner=owner,
        )
        self._api = OaApi(self._caller, self.tokens, account)
        self._uploads = Uploads(database, files, self._api, clock)
        self._media = Media(self._caller, media_hosts)
        self._webhook = Webhook(account, alarms, clock)
        self._consent = Consent(account, oauth, self.tokens, catalogue, clock, default_language)
        self.checks = Checks(account, self._api, self.tokens, database, clock)
        self._begun = Begun()
        self._quota_gone_until: datetime | None = None
        self._quota_told: datetime | None = None
        self._buttons = bool(account.button_template)
        self._receiver: Receiver | None = None
        self._errands = Errands(CHANNEL)
        self._longest: dict[str, dict[str, int]] = {}

    # Receiving

    def routes(self) -> Sequence[BaseRoute]:
        return [self._webhook.route(), self._consent.route()]

    async def start(self, take: Take) -> None:
        self._receiver = Receiver(
            self._database,
            self._clock,
            self._api,
            self._menus.before(take),
            self._standings,
            self._elsewhere,
            self._alarms,
            self._may_keep,
        )
        doorstep = Doorstep(
            self._database,
            self._clock,
            CHANNEL,
            self._receiver.receive,
            may_keep=self._may_keep,
            seal=self._seal,
            alarms=self._alarms,
            look_every=self._event_look_every,
            in_time=self._in_time,
        )
        await doorstep.start()
        self._webhook.doorstep = doorstep
        self._errands.start("tokens", self._look)

    async def stop(self) -> None:
        doorstep, self._webhook.doorstep = self._webhook.doorstep, None
        if doorstep is not None:
            await doorstep.stop()
        await self._errands.stop()
        if self._receiver is not None:
            await self._receiver.stop()
        await self.tokens.stop()
        await self._caller.close()

    async def _look(self) -> None:
        while True:
            try:
                await self.tokens.look()
            except Exception:
                log.exception("zalo.look_failed")
            await asyncio.sleep(self._look_every)

    # Sending

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        """Send a message within the window, in pieces where it must be; return the first piece's id."""
        reached = await self._reached(recipient)
        opening = self._window.at(reached.active_at, self._clock.now()) if reached is not None and reached.active_at else None
        if opening is not None and opening.kind == "closed":
            raise WindowClosed(f"they last wrote more than {self._window.paid.days} days ago")
        if opening is None or opening.kind == "paid":
            await self._wait_for_quota()
        pieces = await self._plan(message, self._language(reached))
        done = self._begun.take(delivery_id)
        try:
            for piece in pieces[len(done) :]:
                done.append(await self._send_piece(recipient, piece))
        except OaError as error:
            self._begun.keep(delivery_id, done)
            raise await self._not_sent(error) from None
        except (TryLater, NoAnswer):
            self._begun.keep(delivery_id, done)
            raise
        return done[0]

    async def _reached(self, recipient: str) -> Reached | None:
        async with self._database.read() as uow:
            return await channel_accounts.reached(uow, AccountKey(CHANNEL, recipient))

    def _language(self, reached: Reached | None) -> str:
        chosen = reached.language if reached is not None else None
        return chosen if chosen in LANGUAGES else self._default_language

    async def _plan(self, message: Message, language: str) -> list[Piece]:
        kinds = {file.sha256: await self._uploads.kind(file) for file in message.files}
        pieces = plan(
            message,
            language=language,
            catalogue=self._catalogue,
            kinds=lambda file: kinds[file.sha256],
            link=self._downloads.link,
            real_buttons=self._buttons,
        )
        if not pieces:
            raise Refused("there is nothing to send in it")
        return pieces

    async def _send_piece(self, recipient: str, piece: Piece) -> str:
        if piece.file is None:
            return await self._send_text(recipient, piece)
        try:
            return await self._send_file(recipient, piece.file, piece.kind)
        except OaError as error:
            if error.kind is not Kind.UPLOAD_AGAIN:
                raise
        await self._uploads.forget(piece.file, piece.kind)
        return await self._send_file(recipient, piece.file, piece.kind)

    async def _send_text(self, recipient: str, piece: Piece) -> str:
        if not piece.buttons:
            return self._sent(await self._api.send(recipient, {"text": piece.text}))
        payload = {"template_type": self._account.button_template, "buttons": as_zalo(piece.buttons)}
        body = {"text": piece.text, "attachment": {"type": "template", "payload": payload}}
        try:
            return self._sent(await self._api.send(recipient, body))
        except OaError as error:
            if error.code not in _NOT_CARRIED:
                raise
            # Which template carries buttons Zalo does not say reliably. Numbers always work, from now on for everybody.
            log.error("zalo.buttons_not_carried", template=self._account.button_template, zalo_says=str(error))
            self._buttons = False
        rows = (tuple(piece.buttons),)
        said = Message(piece.text, rows, asks=piece.asks, beside=piece.beside)
        plain = await self._plan(said, self._language(await self._reached(recipient)))
        ids = [self._sent(await self._api.send(recipient, {"text": each.text})) for each in plain]
        return ids[0]

    async def _send_file(self, recipient: str, file: Attachment, kind: str) -> str:
        reference = await self._uploads.reference(file, kind)
        if kind == "image":
            element = {"media_type": "image", "attachment_id": reference}
            attachment = {"type": "template", "payload": {"template_type": "media", "elements": [element]}}
        else:
            attachment = {"type": "file", "payload": {"token": reference}}
        return self._sent(await self._api.send(recipient, {"attachment": attachment}))

    def _sent(self, data: dict[str, object]) -> str:
        """Return the message's id, and take note of what is left of the quota."""
        quota = data.get("quota")
        if isinstance(quota, dict) and quota.get("quota_type") != "reply" and str(quota.get("remain")) == "0":
            self._quota_gone_until = new_quota_at(self._clock.now())
        return str(data.get("message_id", ""))

    async def _wait_for_quota(self) -> None:
        """Raise QuotaUsedUp where a message that costs quota would only be refused."""
        until, now = self._quota_gone_until, self._clock.now()
        if until is None or until <= now:
            return
        reason = "the quota of messages outside 48 h is used up"
        if self._quota_told != until:  # Zalo said so with the last message that it took, and refused none
            self._quota_told = until
            await self._alarms.tell(CHANNEL, "quota", reason)
        raise QuotaUsedUp(reason, after=until - now)

    async def _not_sent(self, error: OaError) -> Exception:
        now = self._clock.now()
        found = meaning(error, now)
        if error.kind is Kind.QUOTA:
            self._quota_gone_until = new_quota_at(now)
        if found.alarm:
            await self._alarms.tell(CHANNEL, found.alarm, str(error))
        return found.failure

    async def terms(self) -> Terms:
        """Return what is left of the quota of messages outside the free part of the window, and what such a message costs.

        Raises NotSent where Zalo cannot be asked.
        """
        now = self._clock.now()
        try:
            listed = await self._api.quota()
        except OaError as error:
            raise await self._not_sent(error) from None
        remaining = [int(str(each["remain"])) for each in listed if str(each.get("remain", "")).isdecimal()]
        left = sum(remaining) if remaining else None
        if self._quota_gone_until is not None and self._quota_gone_until > now:
            left = 0
        return Terms(left=left, until=new_quota_at(now), cost=self._window.price)

    # Outside the window

    async def knock(self, recipient: str, message: Message) -> str | None:
        """Tell a person by an approved template that something waits for them: by their id, else by their phone."""
        template = self._account.templates.get(message.purpose)
        if template is None:
            return None
        reached = await self._reached(recipient)
        day = f"{self._clock.now().astimezone(self._catalogue.timezone):%d/%m/%Y}"
        known = {"name": reached.name if reached else "", "link": self._account.public_url, "day": day}
        facts = known | dict(message.facts)
        try:
            data = template.data(facts, await self._longest_of(template.id))
            try:
                return await self._api.send_template(recipient, template.id, data)
            except OaError as error:
                if reached is None or not reached.phone or error.kind not in (Kind.NO_TEMPLATE, Kind.TEMPLATE, Kind.WINDOW):
                    raise
                log.info("zalo.template_by_phone", zalo_says=str(error))
                tracking = f"{template.id}-{reached.account_id}"
                return await self._api.send_template_to_phone(reached.phone, template.id, data, tracking)
        except OaError as error:
            failure = await self._not_sent(error)
            # A person who takes no templates still takes messages once they write.
            raise WindowClosed(str(error)) if isinstance(failure, Unreachable | Refused) else failure from None

    async def _longest_of(self, template_id: str) -> dict[str, int]:
        if template_id not in self._longest:
            wanted = await self._api.template_parameters(template_id)
            self._longest[template_id] = {each.name: each.longest for each in wanted}
        return self._longest[template_id]

    # Files that people sent

    def fetch(self, reference: str) -> AsyncIterator[bytes]:
        return self._media.fetch(reference)

    # Looking after it

    async def problems(self) -> list[str]:
        return await self.checks.problems()
