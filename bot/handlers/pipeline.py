"""From an update to its commit: one turn, one transaction, once.

The order is what keeps the promises: look up first (slow, outside the transaction), then one transaction that records the
event, changes rows and adds ledger rows; only when `take` returns may the platform be told that we have the update.
"""

import time
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.delivery.ledger import release_waiting
from bot.errors import HelpdeskError
from bot.escalation.actors import BOT
from bot.escalation.keeping import TEXT_AT_MOST
from bot.handlers import corrections, replying
from bot.handlers.incoming import Incoming
from bot.handlers.router import Router
from bot.handlers.turn import Services, Turn
from bot.knowledge.entries import Audience
from bot.knowledge.verdict import Decision, Verdict
from bot.metrics import TURN_SECONDS, TURNS
from storage.chat import keep_own_message
from storage.database import Database, Turning
from storage.unit_of_work import AccountKey, UnitOfWork

log = structlog.get_logger()

_REMEMBERED_AT_MOST = 50_000
_KEEP_NOTHING = ("hotline", "failed")
"""outcomes of a turn that kept nothing of what the person sent"""
Discard = Callable[[Sequence[str]], Awaitable[object]]


@dataclass(frozen=True)
class _Reading:
    """What was looked up before the turn began, and for whom."""

    asked: str
    audience: Audience
    verdict: Verdict | None


class Pipeline:
    """Takes what people do, on every channel the same.

    discard: removes contents of files that nothing names; called with those of a turn of which nothing may be kept.
    """

    def __init__(self, database: Database, router: Router, services: Services, discard: Discard | None = None) -> None:
        self._discard = discard
        self._database = database
        self._router = router
        self._services = services
        self._audiences: OrderedDict[AccountKey, Audience] = OrderedDict()

    async def take(self, incoming: Incoming) -> bool:
        """Take one update to its end. True: it was new, and everything that follows from it is committed. False: it had
        been taken before, and nothing changed. Raises when it could not be taken: then the platform must keep it."""
        started = time.perf_counter()
        incoming = replace(incoming, text=readable(incoming.text), name=readable(incoming.name))
        outcome = await self._take(incoming)
        if outcome in _KEEP_NOTHING and self._discard is not None:
            await self._discard([file.sha256 for file in incoming.files if file.sha256])
        TURNS.labels(incoming.channel, outcome or "repeated").inc()
        TURN_SECONDS.labels(incoming.channel).observe(time.perf_counter() - started)
        return outcome is not None

    async def _take(self, incoming: Incoming) -> str | None:
        asked = "" if incoming.action else self._router.free_text(incoming.text)
        audience = self._audiences.get(incoming.account, "public")
        reading = _Reading(asked, audience, await self._look_up(asked, audience))
        try:
            return await self._transaction(incoming, reading)
        except HelpdeskError as error:
            log.info("turn.refused", channel=incoming.channel, event_id=incoming.event_id, code=error.code)
            return await self._explain(incoming, reading, error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the person is answered and the question kept
            # Where and what kind, but no values: an exception's own words may hold what somebody wrote.
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            log.error("turn.failed", channel=incoming.channel, event_id=incoming.event_id, error=kind, traceback=where)
            return await self._rescue(incoming, reading)

    async def _look_up(self, asked: str, audience: Audience) -> Verdict | None:
        if not asked or len(asked) > TEXT_AT_MOST:
            return None
        today = self._services.clock.now().astimezone(self._services.catalogue.timezone).date()
        # The language is not given: an answer is found by the words of either, and said in the one that the person chose.
        return await self._services.knowledge.look_up_as_asked(asked, audience=audience, today=today)

    async def may_be_kept(self, text: str) -> bool:
        """Say whether a text may be kept before its turn: not where it belongs to the special team, or nobody can tell."""
        asked = self._router.free_text(readable(text))
        if not asked:
            return True
        verdict = await self._look_up(asked, "public")
        return verdict is not None and verdict.decision is not Decision.HOTLINE

    async def _transaction(self, incoming: Incoming, reading: _Reading) -> str | None:
        async def work(uow: UnitOfWork) -> str | None:
            turn = await self._begin(uow, incoming, reading)
            if turn is None:
                return None
            if not (await corrections.took(turn) or await replying.took(turn)):
                await self._router.take(turn)
            self._finish(turn)
            return turn.outcome

        return await self._database.write(work, turning=_turning(incoming))

    async def _explain(self, incoming: Incoming, reading: _Reading, error: HelpdeskError) -> str | None:
        """Say what is wrong and how to mend it. What the turn had begun is rolled back, so it has changed nothing."""

        async def work(uow: UnitOfWork) -> str | None:
            turn = await self._begin(uow, incoming, reading)
            if turn is None:
                return None
            turn.explain(error)
            self._finish(turn)
            return turn.outcome

        return await self._database.write(work, turning=_turning(incoming))

    async def _rescue(self, incoming: Incoming, reading: _Reading) -> str | None:
        """Something of ours broke: the question must not be lost, so it goes to people as it is; unless it was promised that
        nobody would see who wrote it."""

        async def work(uow: UnitOfWork) -> str | None:
            turn = await self._begin(uow, incoming, reading)
            if turn is None:
                return None
            if self._router.keeps_nothing(turn):
                # The step stays: what is sent again belongs there, and would be a question under the person's name elsewhere.
                turn.seal()
                turn.say("error.unexpected_unkept", buttons=[[turn.button("button.menu", "menu")]])
                turn.outcome = "failed"
                self._finish(turn)
                return turn.outcome
            turn.forget()  # what broke may be the step itself, and nobody shall be caught in it
            if turn.verdict is None or turn.verdict.decision is Decision.HOTLINE:
                turn.seal()
                turn.say("error.unexpected", buttons=[[turn.button("button.menu", "menu")]])
                turn.outcome = "failed"
            else:
                inquiries = self._services.inquiries
                inquiry = await inquiries.receive(uow, turn.asker, turn.asked)
                inquiry = await inquiries.ask_officer(uow, inquiry, candidates=[], actor=BOT)
                if incoming.files:
                    inquiry = await inquiries.add_message(uow, inquiry, turn.asker, "", incoming.files)
                turn.say("error.unexpected_kept", inquiry_id=inquiry.id, number=inquiry.number, due=inquiry.routing_due_at)
                turn.outcome = "rescued"
            self._finish(turn)
            return turn.outcome

        return await self._database.write(work, turning=_turning(incoming))

    async def _begin(self, uow: UnitOfWork, incoming: Incoming, reading: _Reading) -> Turn | None:
        if not uow.is_new(incoming.event):
            return None
        account = self._services.accounts.open(uow, incoming.account, incoming.name, incoming.received_at)
        if account.was_silent:
            await release_waiting(uow, account.id, incoming.received_at)
        verdict, audience = reading.verdict, account.audience
        if verdict is not None and audience != reading.audience:
            # It was looked up for a reader who turned out to be another: after a restart, once for each member.
            verdict = await self._look_up(reading.asked, audience)
        return Turn(incoming, uow, account, self._services, asked=reading.asked, verdict=verdict)

    def _finish(self, turn: Turn) -> None:
        if turn.incoming.keep_copy and not turn.sealed:
            keep_own_message(turn.uow, turn.opened_id, turn.account.id, turn.incoming, turn.now)
        key, audience = turn.incoming.account, turn.account.audience
        turn.uow.after_commit(lambda: self._remember(key, audience))

    def _remember(self, key: AccountKey, audience: Audience) -> None:
        self._audiences[key] = audience
        self._audiences.move_to_end(key)
        if len(self._audiences) > _REMEMBERED_AT_MOST:
            self._audiences.popitem(last=False)


def readable(text: str) -> str:
    """Return the text without what no database and no person can read: lone surrogates, NUL and control characters."""
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable() or c.isspace())
    return kept.encode("utf-8", "ignore").decode("utf-8")


def _turning(incoming: Incoming) -> Turning:
    return Turning(incoming.event, incoming.account, incoming.received_at)
