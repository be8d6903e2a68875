"""Zalo's Bot Platform, as one of the channels: texts and pictures; no buttons, no files."""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

import structlog
from pydantic import ValidationError
from starlette.routing import BaseRoute

from bot.channels.alarms import Alarms
from bot.channels.begun import Begun
from bot.channels.calling import Caller
from bot.channels.doorstep import EVENTS, Doorstep, MayKeep, keepable
from bot.channels.downloads import PICTURES, Downloads
from bot.channels.errands import Errands
from bot.channels.media import Media
from bot.channels.numbered import NumberedMenus, written_out
from bot.channels.protocol import Take
from bot.channels.sealing import Seal
from bot.channels.splitting import split
from bot.channels.vietnam import VIETNAM
from bot.channels.zalo_bot.api import BotApi, BotError
from bot.channels.zalo_bot.errors import is_token, not_sent
from bot.channels.zalo_bot.updates import CHANNEL, parse, read
from bot.channels.zalo_bot.webhook import PATH, Webhook
from bot.clock import Clock
from bot.delivery.message import Message
from bot.delivery.transport import Limits, NoAnswer, NotSent, Refused, Terms, TryLater
from bot.locales.catalogue import LANGUAGES, Catalogue
from storage import channel_accounts, waiting_events
from storage.database import Database
from storage.unit_of_work import AccountKey

log = structlog.get_logger()

Mode = Literal["webhook", "polling"]

TEXT_AT_MOST = 2000
LIMITS = Limits(per_second=10, per_chat=1, chat_burst=5, in_flight=20)
"""Zalo publishes none; these are modest"""
PER_MONTH = 3000
"""messages that a bot may send in a month without paying, as third parties say; Zalo publishes nothing"""
_POLL_S = 30
_LONGEST_WAIT_S = 60.0


class ZaloBotChannel:
    """token: as Zalo gives it. mode: polling is for development, for Zalo forgets an event as it hands it out. key: the
    installation's secret, which seals events that wait. per_month: messages that Zalo takes of a bot in a month; 0: no limit.

    first_wait: seconds before the first repetition of a call that failed; each further wait is twice as long.
    """

    name = CHANNEL

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        mode: Mode,
        database: Database,
        alarms: Alarms,
        menus: NumberedMenus,
        downloads: Downloads,
        catalogue: Catalogue,
        clock: Clock,
        may_keep: MayKeep,
        key: bytes,
        default_language: str = "vi",
        limits: Limits = LIMITS,
        per_month: int = PER_MONTH,
        public_url: str = "",
        webhook_secret: str = "",
        media_hosts: Sequence[str] = ("zdn.vn", "zadn.vn"),
        first_wait: float = 1.0,
        answer_within: float = 20.0,
        in_time: float = 1.2,
        event_look_every: float = 5.0,
    ) -> None:
        self.limits = limits
        self._per_month = per_month
        self._api_url = api_url
        self._database = database
        self._alarms = alarms
        self._menus = menus
        self._downloads = downloads
        self._catalogue = catalogue
        self._clock = clock
        self._may_keep = may_keep
        self._seal = Seal(key, EVENTS)
        self._default_language = default_language
        self._public_url = public_url
        self._webhook_secret = webhook_secret
        self._first_wait = first_wait
        self._in_time = in_time
        self._event_look_every = event_look_every
        self._caller = Caller(answer_within=answer_within, connections=limits.in_flight + 10)
        self._api = BotApi(self._caller, api_url=api_url, token=token)
        self._media = Media(self._caller, media_hosts)
        self._webhook = Webhook(webhook_secret, clock) if mode == "webhook" else None
        self._begun = Begun()
        self._take: Take | None = None
        self._errands = Errands(CHANNEL)

    # Receiving

    def routes(self) -> Sequence[BaseRoute]:
        return [self._webhook.route()] if self._webhook else []

    async def start(self, take: Take) -> None:
        self._take = self._menus.before(take)
        if self._webhook is not None:
            doorstep = Doorstep(
                self._database,
                self._clock,
                CHANNEL,
                self._receive,
                may_keep=self._may_keep,
                seal=self._seal,
                alarms=self._alarms,
                in_time=self._in_time,
                look_every=self._event_look_every,
            )
            await doorstep.start()
            self._webhook.doorstep = doorstep
            self._errands.start("register", self._register)
        else:
            self._errands.start("polling", self._poll)

    async def stop(self) -> None:
        if self._webhook is not None:
            doorstep, self._webhook.doorstep = self._webhook.doorstep, None
            if doorstep is not None:
                await doorstep.stop()
        await self._errands.stop()
        await self._caller.close()

    async def _receive(self, raw: str) -> None:
        """Take an event to its end; raises where that was not possible."""
        update = parse(json.loads(raw))
        incoming = read(update, self._clock.now())
        if incoming is not None:
            assert self._take is not None
            self._errands.start("typing", partial(self._show_typing, incoming.external_id))
            await self._take(incoming)
            return
        body = await keepable(raw, self._may_keep)
        await self._database.write(
            lambda uow: waiting_events.keep(
                uow,
                channel=CHANNEL,
                event_id=update.message.message_id,
                name=update.event_name,
                reason="unknown",
                body=body,
                received_at=self._clock.now(),
                due_at=None,
            )
        )

    async def _show_typing(self, person: str) -> None:
        """Show the person that their message is being looked at. Nothing is lost without it."""
        try:
            await self._api.send_typing(person)
        except (BotError, NotSent) as error:
            log.debug("zalo_bot.typing_not_shown", reason=str(error))

    async def _register(self) -> None:
        if not self._public_url.startswith("https://"):
            log.warning(
                "zalo_bot.webhook_not_registered",
                public_url=self._public_url,
                mend=f"PUBLIC_URL must begin with https:// for Zalo to reach {PATH}",
            )
            return
        url = self._public_url + PATH
        if await self._until_done("setWebhook", lambda: self._api.set_webhook(url, self._webhook_secret)):
            log.info("zalo_bot.webhook_registered", url=url)

    async def _poll(self) -> None:
        """Ask and take, for ever. An event that is handed out is gone: what breaks here is lost, so this is for development."""
        log.warning(
            "zalo_bot.polling", mend="ZALO_BOT_MODE=webhook for real use: an event that is handed out is not kept by Zalo"
        )
        await self._until_done("deleteWebhook", self._api.delete_webhook)
        wait = self._first_wait
        while True:
            try:
                body = await self._api.get_update(_POLL_S)
                if body is not None:
                    await self._receive(json.dumps(body))
                wait = self._first_wait
                continue
            except ValidationError:
                log.error("zalo_bot.event_unreadable")
            except (BotError, NotSent) as error:
                log.warning("zalo_bot.poll_failed", reason=str(error), again_in_s=wait)
            except Exception:
                log.exception("zalo_bot.update_not_taken")
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT_S, wait * 2)

    async def _until_done(self, what: str, call: Callable[[], Awaitable[None]]) -> bool:
        """Call until it succeeds; False when Zalo will never take it, which is logged."""
        wait = self._first_wait
        while True:
            try:
                await call()
            except BotError as error:
                if is_token(error):
                    await self._alarms.tell(CHANNEL, "bot_token", str(error))
                elif error.code == 400:
                    log.error("zalo_bot.setup_refused", call=what, zalo_says=str(error))
                    return False
                log.warning("zalo_bot.setup_failed", call=what, reason=str(error), again_in_s=wait)
            except NotSent as error:
                log.warning("zalo_bot.setup_failed", call=what, reason=str(error), again_in_s=wait)
            else:
                return True
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT_S, wait * 2)

    # Sending

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        """Send a message, in pieces where it must be; return the first piece's id."""
        language = await self._language_of(recipient)
        pieces = self._pieces(message, language)
        if not pieces:
            raise Refused("there is nothing to send in it")
        done = self._begun.take(delivery_id)
        try:
            for text, picture in pieces[len(done) :]:
                if picture:
                    done.append(await self._api.send_photo(recipient, picture, text))
                else:
                    done.append(await self._api.send_message(recipient, text))
        except BotError as error:
            self._begun.keep(delivery_id, done)
            if is_token(error):
                await self._alarms.tell(CHANNEL, "bot_token", str(error))
            raise not_sent(error) from None
        except (TryLater, NoAnswer):
            self._begun.keep(delivery_id, done)
            raise
        return done[0]

    async def _language_of(self, recipient: str) -> str:
        async with self._database.read() as uow:
            reached = await channel_accounts.reached(uow, AccountKey(CHANNEL, recipient))
        chosen = reached.language if reached is not None else None
        return chosen if chosen in LANGUAGES else self._default_language

    def _pieces(self, message: Message, language: str) -> list[tuple[str, str]]:
        """Return the calls: (text, "") or (caption, address of a picture)."""
        say = self._catalogue.say
        can_show = self._public_url.startswith("https://")
        shown = [file for file in message.files if file.media_type in PICTURES and can_show]
        linked = [
            say("zalo.file", language, name=file.name, link=self._downloads.link(file, language))
            for file in message.files
            if file not in shown
        ]
        text = "\n\n".join(part for part in (written_out(message, self._catalogue, language), *linked) if part)
        texts = [(piece, "") for piece in split(unicodedata.normalize("NFC", text), TEXT_AT_MOST)]
        return texts + [(file.name[:200], self._downloads.picture(file, language)) for file in shown]

    async def terms(self) -> Terms:
        """Return what is left of the month's messages by our own count: Zalo tells a bot nothing of its quota, and lets it
        write only to people who wrote to it."""
        if not self._per_month:
            return Terms(wrote_first=True)
        begins, ends = month_of(self._clock.now())
        async with self._database.read() as uow:
            sent = await channel_accounts.sent_since(uow, CHANNEL, begins)
        return Terms(left=max(0, self._per_month - sent), until=ends, own_count=True, wrote_first=True)

    def fetch(self, reference: str) -> AsyncIterator[bytes]:
        return self._media.fetch(reference)

    # Looking after it

    async def problems(self) -> list[str]:
        try:
            await self._api.get_me()
            registered = await self._api.webhook_url()
        except BotError as error:
            if is_token(error):
                return ["ZALO_BOT_TOKEN: Zalo does not know this token; take it anew from Zalo Bot Creator"]
            return [f"ZALO_BOT_API_URL: {self._api_url} refuses: {error}"]
        except NotSent as error:
            return [f"ZALO_BOT_API_URL: {self._api_url} does not answer: {error}"]
        if self._webhook is None:
            return ["ZALO_BOT_MODE=polling loses events when anything fails: it is for development only"]
        if not self._public_url.startswith("https://"):
            return ["PUBLIC_URL: Zalo reaches a webhook only at an https:// address"]
        if registered != self._public_url + PATH:
            return [f"the webhook is not registered at {self._public_url + PATH}: start `donghanh serve`, which does it"]
        return []


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the month of Viet Nam that this moment is in began, and when the next one does."""
    begins = now.astimezone(VIETNAM).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (begins + timedelta(days=32)).replace(day=1)
    return begins.astimezone(UTC), ends.astimezone(UTC)
