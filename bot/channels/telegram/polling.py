"""Long polling. An update is confirmed, by asking for the next one, only when everything before it is committed.

aiogram's own loop confirms a batch while its handlers still run: a process that is killed then loses what it had confirmed.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramUnauthorizedError
from aiogram.types import Update

from bot.channels.telegram.receiving import Receiver
from bot.channels.telegram.session import GetRawUpdates, in_short, pause_asked
from bot.channels.telegram.update import ALLOWED

log = structlog.get_logger()

_POLL_S = 50
"""the longest that Telegram lets a request wait"""
_ANSWER_S = 15
_LONGEST_WAIT_S = 30.0
_TRIES = 5
"""after so many, an update is taken without its content: one that we can never take must not hold up everybody else's"""


class Polling:
    """first_wait: seconds before the first repetition after a failure; each further wait is twice as long."""

    def __init__(self, bot: Bot, receiver: Receiver, *, first_wait: float) -> None:
        self._bot = bot
        self._receiver = receiver
        self._first_wait = first_wait
        self._offset: int | None = None
        self._failures = 0
        self._failed: Counter[int] = Counter()

    async def run(self) -> None:
        """Ask and take, for ever. Nothing ends it but being cancelled: a bot that no longer asks looks healthy and is deaf."""
        while True:
            try:
                updates = await self._ask()
                taken = await self._take_all(updates)
                if taken and updates:
                    self._offset = max(update["update_id"] for update in updates) + 1
            except AiogramError as error:
                _say(error)
                await self._wait(pause_asked(error))
            except Exception:
                log.exception("telegram.poll_broke_off")
                await self._wait()
            else:
                if taken:
                    self._failures = 0
                else:
                    await self._wait()  # and ask with the same offset: nothing of this batch is confirmed

    async def _ask(self) -> list[dict[str, Any]]:
        request = GetRawUpdates(offset=self._offset, timeout=_POLL_S, allowed_updates=ALLOWED)
        return await self._bot(request, request_timeout=_POLL_S + _ANSWER_S)

    async def _wait(self, at_least: float = 0.0) -> None:
        self._failures += 1
        await asyncio.sleep(max(at_least, min(_LONGEST_WAIT_S, self._first_wait * 2 ** min(self._failures - 1, 16))))

    async def _take_all(self, raw: Sequence[dict[str, Any]]) -> bool:
        """Take a batch: people beside each other, each person's updates in order. False when one could not be taken."""
        by_person: dict[Any, list[Update]] = {}
        for item in raw:
            update = await self._understand(item)
            if update is not None:
                by_person.setdefault(_person(update), []).append(update)
        taken = await asyncio.gather(*(self._take_in_order(updates) for updates in by_person.values()))
        if all(taken):
            self._failed.clear()
        return all(taken)

    async def _understand(self, raw: dict[str, Any]) -> Update | None:
        """Return what can be read of an update; what cannot is kept, and where that fails again and again it is passed over."""
        number = raw["update_id"]
        try:
            return await self._receiver.understand(raw)
        except Exception:
            self._failed[number] += 1
            log.exception("telegram.unreadable_update_not_kept", update_id=number, tries=self._failed[number])
            if self._failed[number] < _TRIES:
                raise
            return None

    async def _take_in_order(self, updates: Sequence[Update]) -> bool:
        for update in updates:
            number = update.update_id
            try:
                await self._receiver.receive(update, bare=self._failed[number] >= _TRIES)
            except Exception:
                self._failed[number] += 1
                log.exception("telegram.update_not_taken", update_id=number, tries=self._failed[number])
                return False
        return True


def _person(update: Update) -> Any:
    """Return whose update it is; an update that is nobody's stands for itself."""
    for part in (update.message, update.edited_message, update.callback_query, update.my_chat_member):
        if part is not None and part.from_user is not None:
            return part.from_user.id
    return f"update {update.update_id}"


def _say(error: AiogramError) -> None:
    if isinstance(error, TelegramConflictError):
        log.error(
            "telegram.conflict",
            telegram_says=error.message,
            mend="another program receives the updates of this bot: stop it, or let it have a bot of its own",
        )
    elif isinstance(error, TelegramUnauthorizedError):
        log.error("telegram.token_refused", mend="TELEGRAM_BOT_TOKEN: take it anew from BotFather, then start again")
    else:
        log.warning("telegram.poll_failed", reason=in_short(error))
