"""From an update to its commit: one turn, one transaction, once.

The order is what keeps the promises: look up first (slow, outside the transaction), then one transaction that records the
event, changes rows and adds ledger rows; only when `take` returns may the platform be told that we have the update.
"""

import time
from collections import OrderedDict
from dataclasses import replace

import structlog

from bot.errors import HelpdeskError
from bot.escalation.actors import BOT
from bot.handlers.incoming import Incoming
from bot.handlers.router import Router
from bot.handlers.turn import Services, Turn
from bot.knowledge.verdict import Verdict
from bot.metrics import TURN_SECONDS, TURNS
from storage.chat import keep_own_message
from storage.database import Database, Turning
from storage.unit_of_work import AccountKey, UnitOfWork

log = structlog.get_logger()

_REMEMBERED_AT_MOST = 50_000
LOOKED_UP_AT_MOST = 8_000
"""characters; a longer text is refused by the inquiry itself"""

_Reading = tuple[str, str]
"""the language and the audience that a text was looked up for"""


class Pipeline:
    """Takes what people do, on every channel the same."""

    def __init__(self, database: Database, router: Router, services: Services) -> None:
        self._database = database
        self._router = router
        self._services = services
        self._readings: OrderedDict[AccountKey, _Reading] = OrderedDict()

    async def take(self, incoming: Incoming) -> bool:
        """Take one update to its end. True: it was new, and everything that follows from it is committed. False: it had
        been taken before, and nothing changed. Raises when it could not be taken: then the platform must keep it."""
        started = time.perf_counter()
        incoming = replace(incoming, text=readable(incoming.text), name=readable(incoming.name))
        outcome = await self._take(incoming)
        TURNS.labels(incoming.channel, outcome or "repeated").inc()
        TURN_SECONDS.labels(incoming.channel).observe(time.perf_counter() - started)
        return outcome is not None

    async def _take(self, incoming: Incoming) -> str | None:
        reading = self._readings.get(incoming.account, (self._services.default_language, "public"))
        verdict = await self._look_up(incoming, reading)
        try:
            return await self._transaction(incoming, verdict, reading)
        except HelpdeskError as error:
            log.info("turn.refused", channel=incoming.channel, event=incoming.event_id, code=error.code)
            return await self._explain(incoming, error)
        except Exception:
            log.exception("turn.failed", channel=incoming.channel, event_id=incoming.event_id)
            return await self._rescue(incoming)

    async def _look_up(self, incoming: Incoming, reading: _Reading) -> Verdict | None:
        text = incoming.text
        if incoming.action or len(text) > LOOKED_UP_AT_MOST or not self._router.is_free_text(text):
            return None
        language, audience = reading
        return await self._services.knowledge.look_up_off_loop(
            text,
            language="en" if language == "en" else "vi",
            audience="member" if audience == "member" else "public",
            on=self._services.clock.now().astimezone(self._services.catalogue.timezone).date(),
        )

    async def _transaction(self, incoming: Incoming, verdict: Verdict | None, reading: _Reading) -> str | None:
        async def work(uow: UnitOfWork) -> str | None:
            turn = self._begin(uow, incoming, verdict, reading)
            if turn is None:
                return None
            await self._router.find(turn)(turn)
            self._finish(turn)
            return turn.outcome

        return await self._database.write(work, turning=_turning(incoming))

    async def _explain(self, incoming: Incoming, error: HelpdeskError) -> str | None:
        """Say what is wrong and how to mend it. What the turn had begun is rolled back, so it has changed nothing."""

        async def work(uow: UnitOfWork) -> str | None:
            turn = self._begin(uow, incoming, None, None)
            if turn is None:
                return None
            params = {name: self._translated(turn, name, value) for name, value in error.params.items()}
            turn.say_text(turn.words(f"error.{error.code}", **params), buttons=[[turn.button("button.menu", "menu")]])
            self._finish(turn)
            return "refused"

        return await self._database.write(work, turning=_turning(incoming))

    async def _rescue(self, incoming: Incoming) -> str | None:
        """Something of ours broke: the question must not be lost, so it goes to people as it is."""

        async def work(uow: UnitOfWork) -> str | None:
            turn = self._begin(uow, incoming, None, None)
            if turn is None:
                return None
            if not incoming.text.strip() or incoming.action:
                turn.say("error.unexpected", buttons=[[turn.button("button.menu", "menu")]])
                return "failed"
            inquiry = await self._services.inquiries.receive(uow, turn.asker, incoming.text[:LOOKED_UP_AT_MOST])
            inquiry = await self._services.inquiries.ask_officer(uow, inquiry, candidates=[], actor=BOT)
            turn.say("error.unexpected_kept", inquiry_id=inquiry.id, number=inquiry.number, due=inquiry.routing_due_at)
            self._finish(turn)
            return "rescued"

        return await self._database.write(work, turning=_turning(incoming))

    def _begin(self, uow: UnitOfWork, incoming: Incoming, verdict: Verdict | None, reading: _Reading | None) -> Turn | None:
        if not uow.is_new(incoming.event):
            return None
        account = self._services.accounts.open(uow, incoming.account, incoming.name, incoming.received_at)
        turn = Turn(incoming, uow, account, self._services, verdict)
        if reading != _reading(turn):
            turn.forget_verdict()  # it was looked up for a reader who turned out to be another
        return turn

    def _finish(self, turn: Turn) -> None:
        if turn.incoming.keep_copy and not turn.sealed:
            keep_own_message(turn.uow, turn.opened_id, turn.account.id, turn.incoming, turn.now)
        key, reading = turn.incoming.account, _reading(turn)
        turn.uow.after_commit(lambda: self._remember(key, reading))

    def _remember(self, key: AccountKey, reading: _Reading) -> None:
        self._readings[key] = reading
        self._readings.move_to_end(key)
        if len(self._readings) > _REMEMBERED_AT_MOST:
            self._readings.popitem(last=False)

    def _translated(self, turn: Turn, name: str, value: object) -> object:
        key = f"{name}.{value}"
        return turn.words(key) if name in ("state", "action") and self._services.catalogue.has(key) else value


def readable(text: str) -> str:
    """Return the text without what no database and no person can read: lone surrogates, NUL and control characters."""
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable() or c.isspace())
    return kept.encode("utf-8", "ignore").decode("utf-8")


def _reading(turn: Turn) -> _Reading:
    return turn.language, "member" if turn.account.is_member else "public"


def _turning(incoming: Incoming) -> Turning:
    return Turning(incoming.event, incoming.account, incoming.received_at)
