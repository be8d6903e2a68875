"""What happens to an update, however it came: read, taken, and only then is the press of a button acknowledged."""

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import Update
from pydantic import ValidationError

from bot.channels.errands import Errands
from bot.channels.protocol import Take
from bot.channels.standing import StandingChanged, Standings
from bot.channels.telegram.group_update import read_group
from bot.channels.telegram.mending import without_broken_parts
from bot.channels.telegram.session import in_short
from bot.channels.telegram.update import read
from bot.channels.unread import Unread
from bot.clock import Clock
from bot.handlers.group_desk.events import Answer, GroupEvent
from bot.handlers.incoming import Incoming

log = structlog.get_logger()

_ACKNOWLEDGE_S = 10
_ANSWER_AT_MOST = 190
"""characters of what is shown to whoever pressed a button"""


class GroupTaker(Protocol):
    """Takes what happens in groups; what it returns is read by whoever pressed a button."""

    async def take(self, event: GroupEvent) -> Answer | None: ...


class Receiver:
    """groups: the officers' desk, where there is one; without it what happens in groups is nobody's business. unread: keeps
    what cannot be read."""

    def __init__(
        self,
        bot: Bot,
        take: Take,
        standings: Standings,
        clock: Clock,
        groups: GroupTaker | None = None,
        *,
        unread: Unread,
    ) -> None:
        self._groups = groups
        self._bot = bot
        self._take = take
        self._standings = standings
        self._clock = clock
        self._unread = unread
        self._errands = Errands("telegram")

    def parse(self, raw: bytes | dict[str, Any]) -> Update:
        """Return the update. Raises pydantic's ValidationError, which may contain what people wrote: not for the log."""
        context = {"bot": self._bot}  # without it aiogram would validate a second time to bind the bot
        if isinstance(raw, bytes):
            return Update.model_validate_json(raw, context=context)
        return Update.model_validate(raw, context=context)

    async def understand(self, raw: dict[str, Any]) -> Update | None:
        """Return the update, or what can be read of it; nothing where that is nothing. What could not be read whole is kept
        before this returns; raises where that was not possible."""
        try:
            return self.parse(raw)
        except ValidationError as error:
            await self._unread.keep(str(raw.get("update_id")), raw, error)
            rest = without_broken_parts(raw, error)
        try:
            return self.parse(rest) if rest is not None else None
        except ValidationError:
            return None

    async def receive(self, update: Update, *, bare: bool = False) -> None:
        """Take an update to its end: when this returns, everything that follows from it is committed. Raises when it
        could not be taken. bare: without its content, so that the person is told that we could not use it."""
        now = self._clock.now()
        what = read(update, now)
        answer: Answer | None = None
        match what:
            case Incoming():
                await self._take(replace(what, text="", action="", files=()) if bare else what)
            case StandingChanged():
                await self._standings.take(what)
            case None if self._groups is not None:
                happened = read_group(update, now, self._bot.id)
                if happened is not None and not bare:
                    answer = await self._groups.take(happened)
        if update.callback_query is not None:
            self._acknowledge(update.callback_query.id, answer)

    def _acknowledge(self, press_id: str, answer: Answer | None) -> None:
        """End the spinner on the button. Nobody waits for it, and nothing is lost without it."""
        self._errands.start("answer a press", partial(self._answer_press, press_id, answer))

    async def _answer_press(self, press_id: str, answer: Answer | None) -> None:
        text, alert = (answer.text[:_ANSWER_AT_MOST], answer.alert) if answer is not None else (None, None)
        try:
            await self._bot.answer_callback_query(press_id, text=text, show_alert=alert, request_timeout=_ACKNOWLEDGE_S)
        except AiogramError as error:
            # Mostly "query is too old": it was pressed while we were away, and the app stopped waiting by itself.
            log.debug("telegram.press_not_acknowledged", reason=in_short(error))

    async def stop(self) -> None:
        await self._errands.stop()
