"""Telegram, as one of the channels: what `bot.app` makes where a token is set. Importing this takes two seconds."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeUnion,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from aiohttp import ClientError
from starlette.routing import BaseRoute

from bot.channels.begun import Begun
from bot.channels.errands import Errands
from bot.channels.menu import Menu
from bot.channels.protocol import Take
from bot.channels.standing import Standings
from bot.channels.telegram.errors import Flood, not_sent
from bot.channels.telegram.forum import Forum, OfficersGroups
from bot.channels.telegram.outgoing import Piece, plan, safe_name
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.receiving import Receiver
from bot.channels.telegram.session import EditCaption, EditText, SendFile, Session, in_short, pause_asked
from bot.channels.telegram.update import ALLOWED, CHANNEL
from bot.channels.telegram.webhook import PATH, Webhook
from bot.channels.unread import Unread
from bot.clock import Clock
from bot.delivery.message import Button, Message
from bot.delivery.transport import Limits, NoAnswer, TryLater
from storage.files import FileStore

log = structlog.get_logger()

Mode = Literal["polling", "webhook"]

LIMITS = Limits(per_second=30, per_chat=1, chat_burst=2, in_flight=40, per_group=20 / 60, group_burst=10, group_prefix="-")
"""what Telegram takes of a bot without payment; it says so only roughly, and lets short bursts in a chat pass"""
_SLOW_S = 0.3
"""an answer that takes so long must not hold up the rate"""
_CALLS_MOST = 300
_UPLOAD_S = 180.0
_LONGEST_WAIT_S = 60.0
_MAX_CONNECTIONS = 100
"""webhook calls at once: turns that arrive together share a commit"""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def limits_for(per_second: float, per_chat: float) -> Limits:
    """Return the limits for a rate that Telegram, or another server, grants; 0 is none."""
    calls = max(LIMITS.in_flight, min(_CALLS_MOST, math.ceil(per_second * _SLOW_S)))
    per_group = LIMITS.per_group if per_chat else 0
    return replace(LIMITS, per_second=per_second, per_chat=per_chat, per_group=per_group, in_flight=calls)


class TelegramChannel:
    """token: as BotFather gives it. api_url: of the Bot API server. menu: commands by language, see `bot.channels.menu`.

    public_url: where Telegram reaches our webhook; webhook_secret: what it proves itself with. first_wait: seconds before
    the first repetition of a call that failed; each further wait is twice as long. answer_within: seconds after which a
    call that got no answer is given up, and nobody knows whether it had its effect. groups: the officers' desk in groups,
    where there is one. unread: keeps what cannot be read.
    """

    name = CHANNEL

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        mode: Mode,
        files: FileStore,
        standings: Standings,
        menu: Menu,
        default_language: str,
        clock: Clock,
        limits: Limits = LIMITS,
        public_url: str = "",
        webhook_secret: str = "",
        first_wait: float = 1.0,
        answer_within: float = 30.0,
        groups: OfficersGroups | None = None,
        unread: Unread,
    ) -> None:
        self.limits = limits
        self._api_url = api_url
        self._public_url = public_url
        self._webhook_secret = webhook_secret
        self._files = files
        self._standings = standings
        self._menu = menu
        self._default_language = default_language
        self._clock = clock
        self._first_wait = first_wait
        # One connection more than there are sends in flight, for the long poll, and some for files and presses.
        self._session = Session(api_url, timeout=answer_within, connections=limits.in_flight + 20)
        self._bot = Bot(token, session=self._session)
        self._webhook = Webhook(webhook_secret) if mode == "webhook" else None
        self._flood = Flood()
        self._begun = Begun()
        self._receiver: Receiver | None = None
        self._groups = groups
        self._unread = unread
        self._forum = Forum(self._bot, self._session, groups, files=files, fetch=self.fetch, clock=clock) if groups else None
        self._errands = Errands(CHANNEL)

    # Receiving

    def routes(self) -> Sequence[BaseRoute]:
        return [self._webhook.route()] if self._webhook else []

    async def start(self, take: Take) -> None:
        self._receiver = receiver = Receiver(
            self._bot,
            take,
            self._standings,
            self._clock,
            self._groups.desk if self._groups else None,
            unread=self._unread,
        )
        if self._webhook is not None:
            self._webhook.receiver = receiver
            self._errands.start("register", self._register_webhook)
        else:
            self._errands.start("polling", partial(self._poll, receiver))
        self._errands.start("menu", self._publish_menu)
        if self._forum is not None:
            self._forum.start()
            self._errands.start("name", self._ask_own_name)

    async def stop(self) -> None:
        if self._webhook is not None:
            self._webhook.receiver = None
        if self._forum is not None:
            await self._forum.stop()
        await self._errands.stop()
        if self._receiver is not None:
            await self._receiver.stop()
        await self._session.close()

    async def _poll(self, receiver: Receiver) -> None:
        # While a webhook is set, Telegram refuses every getUpdates. What waits is not dropped with it.
        await self._until_done("deleteWebhook", lambda: self._bot.delete_webhook(drop_pending_updates=False))
        await Polling(self._bot, receiver, first_wait=self._first_wait).run()

    async def _register_webhook(self) -> None:
        if not self._public_url.startswith("https://"):
            log.warning(
                "telegram.webhook_not_registered",
                public_url=self._public_url,
                mend=f"PUBLIC_URL must begin with https:// for Telegram to reach {PATH}; "
                "or set TELEGRAM_MODE=polling, which needs no address",
            )
            return
        url = self._public_url + PATH
        registered = await self._until_done(
            "setWebhook",
            lambda: self._bot.set_webhook(
                url, secret_token=self._webhook_secret, allowed_updates=ALLOWED, max_connections=_MAX_CONNECTIONS
            ),
        )
        if registered:
            log.info("telegram.webhook_registered", url=url)

    async def _publish_menu(self) -> None:
        scopes: list[tuple[BotCommandScopeUnion, Menu]] = [(BotCommandScopeAllPrivateChats(), self._menu)]
        if self._groups is not None:
            scopes.append((BotCommandScopeAllGroupChats(), self._groups.menu))
        for scope, menu in scopes:
            for language, entries in menu.items():
                commands = [BotCommand(command=name, description=text) for name, text in entries]
                # Without a language: for everybody whose app speaks neither of ours.
                for code in (language, None) if language == self._default_language else (language,):
                    publish = partial(self._bot.set_my_commands, commands, scope=scope, language_code=code)
                    await self._until_done("setMyCommands", publish)

    async def own_name(self) -> str | None:
        """Ask what the bot is called, for links to it; none while Telegram does not say."""
        try:
            return (await self._bot.get_me()).username
        except AiogramError as error:
            log.warning("telegram.name_unknown", reason=in_short(error))
            return None

    async def _ask_own_name(self) -> None:
        """Commands in groups may be addressed to one bot of several, and officers get links to this one."""

        async def ask() -> bool:
            if self._groups is not None:
                self._groups.desk.bot_name = (await self._bot.get_me()).username
            return True

        await self._until_done("getMe", ask)

    async def _until_done(self, what: str, call: Callable[[], Awaitable[bool]]) -> bool:
        """Call until it succeeds; False when Telegram will never take it, which is logged."""
        wait = self._first_wait
        while True:
            try:
                await call()
            except TelegramBadRequest as error:
                log.error("telegram.setup_refused", call=what, telegram_says=error.message)
                return False
            except TelegramUnauthorizedError:
                log.error("telegram.token_refused", call=what, mend="TELEGRAM_BOT_TOKEN: take it anew from BotFather")
            except AiogramError as error:
                wait = max(wait, pause_asked(error))
                log.warning("telegram.setup_failed", call=what, reason=in_short(error), again_in_s=wait)
            else:
                return True
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT_S, wait * 2)

    # Sending

    async def send(self, recipient: str, message: Message, *, delivery_id: int) -> str:
        """Send a message, in pieces where it must be. A repetition goes on after the last piece that got through."""
        layout = plan(message)
        done = self._begun.take(delivery_id)
        try:
            for piece in layout.pieces[len(done) :]:
                done.append(await self._send_piece(recipient, piece))
        except (AiogramError, OSError, ValueError) as error:
            failure = not_sent(error, recipient, self._flood, asyncio.get_running_loop().time())
            if isinstance(failure, TryLater | NoAnswer):
                self._begun.keep(delivery_id, done)
            raise failure from error
        return done[layout.main]

    async def _send_piece(self, recipient: str, piece: Piece) -> str:
        chat = int(recipient)
        try:
            return await self._call_for(chat, piece)
        except TelegramMigrateToChat as error:
            await self._standings.moved(CHANNEL, recipient, str(error.migrate_to_chat_id))
            return await self._call_for(error.migrate_to_chat_id, piece)

    async def _call_for(self, chat: int, piece: Piece) -> str:
        if piece.file is None:
            return str(await self._session.send_text(self._bot, chat, piece.text, _keyboard_as_json(piece.buttons)))
        markup = _keyboard(piece.buttons)
        path = self._files.path(piece.file.sha256)
        await asyncio.to_thread(path.stat)  # before the connection is opened: a lost file is no fault of the network
        document = FSInputFile(path, filename=safe_name(piece.file.name))
        file = SendFile(chat_id=chat, document=document, caption=piece.text or None, reply_markup=markup)
        return str((await self._session(self._bot, file, timeout=int(_UPLOAD_S))).message_id)

    async def edit(self, recipient: str, platform_message_id: str, message: Message) -> None:
        """Put a message in the place of an earlier one, which must have had the same form (a text, or one file)."""
        piece = plan(message).pieces[plan(message).main]
        where = {"chat_id": int(recipient), "message_id": int(platform_message_id)}
        markup = _keyboard(piece.buttons)
        try:
            if piece.file is None:
                await self._bot(EditText(**where, text=piece.text, link_preview_options=_NO_PREVIEW, reply_markup=markup))
            else:
                await self._bot(EditCaption(**where, caption=piece.text, reply_markup=markup))
        except (AiogramError, OSError, ValueError) as error:
            if "message is not modified" in str(error):
                return
            raise not_sent(error, recipient, self._flood, asyncio.get_running_loop().time()) from error

    async def fetch(self, reference: str) -> AsyncIterator[bytes]:
        try:
            file = await self._bot.get_file(reference)
            address = self._session.api.file_url(self._bot.token, file.file_path or "")
            async for chunk in self._session.stream(address):
                yield chunk
        except (ClientError, TimeoutError) as error:
            # The address has the token in it, and so have aiohttp's errors: neither may reach a log or a row.
            status = getattr(error, "status", None)
            raise TryLater(f"download broke off: {f'HTTP {status}' if status else type(error).__name__}") from None
        except AiogramError as error:
            failure = not_sent(error, reference, Flood(), 0.0)
            # Unlike a message, a file can be asked for twice.
            raise TryLater(str(failure)) if isinstance(failure, NoAnswer) else failure from None

    # Looking after it

    async def group_problems(self, chats: Sequence[tuple[str, str]]) -> list[str]:
        """Ask Telegram what the bot may do in groups of officers (the department's id, the chat); return a sentence for the
        operator for each thing to mend."""
        found = []
        me = await self._bot.get_me()
        for department, chat in chats:
            where = f"group {chat} of {department}"
            try:
                group = await self._bot.get_chat(chat)
                member = await self._bot.get_chat_member(chat, me.id)
            except TelegramMigrateToChat as error:
                found.append(f"{where}: it is {error.migrate_to_chat_id} now; `donghanh serve` follows it by itself")
                continue
            except (TelegramBadRequest, TelegramForbiddenError) as error:
                found.append(
                    f"{where}: Telegram says {in_short(error)}; add the bot @{me.username} to it again, or /link another"
                )
                continue
            if not group.is_forum:
                found.append(f"{where}: switch on Topics in the group's settings")
            if isinstance(member, ChatMemberBanned | ChatMemberLeft):
                found.append(f"{where}: the bot is not in it; add the bot @{me.username} to it again, or /link another")
            elif not isinstance(member, ChatMemberAdministrator):
                privacy = "" if me.can_read_all_group_messages else ", or it sees no officer's words (privacy mode)"
                found.append(f"{where}: make the bot @{me.username} an administrator{privacy}")
            elif not member.can_manage_topics:
                found.append(f"{where}: give the bot @{me.username} the right to manage topics")
        return found

    async def problems(self) -> list[str]:
        try:
            await self._bot.get_me()
            webhook = await self._bot.get_webhook_info()
        except TelegramUnauthorizedError:
            return ["TELEGRAM_BOT_TOKEN: Telegram does not know this token; take it anew from BotFather"]
        except AiogramError as error:
            return [f"TELEGRAM_API_URL: {self._api_url} does not answer as the Bot API does: {in_short(error)}"]
        found = await self._unread.problems()
        if self._webhook is not None:
            if not self._public_url.startswith("https://"):
                found.append("PUBLIC_URL: Telegram reaches a webhook only at an https:// address; or set TELEGRAM_MODE=polling")
            elif webhook.url and webhook.url != self._public_url + PATH:
                found.append(f"TELEGRAM_MODE: Telegram still delivers to {webhook.url}; start `donghanh serve` to change that")
            if webhook.last_error_message:
                found.append(
                    f"PUBLIC_URL: Telegram could not deliver to it, {webhook.pending_update_count} updates wait; "
                    f"it says: {webhook.last_error_message}"
                )
        return found


def _keyboard_as_json(rows: Sequence[Sequence[Button]]) -> dict[str, Any] | None:
    if not rows:
        return None
    return {
        "inline_keyboard": [
            [{"text": b.label, "url": b.url} if b.url else {"text": b.label, "callback_data": b.action} for b in row]
            for row in rows
        ]
    }


def _keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=b.label, url=b.url or None, callback_data=b.action or None) for b in row] for row in rows
        ]
    )
