"""For whoever watches over the process: is it alive, can it work, and its figures."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.knowledge.service import Knowledge
from storage.database import Database

log = structlog.get_logger()

_PATIENCE = 5.0
"""seconds within which the database has to answer"""
_SWEEPS_MISSED = 5
_STALE_AT_LEAST = timedelta(seconds=60)


class Health:
    """last_sweep: when the clocks were last looked at to the end; None until then. sweep_interval: seconds."""

    def __init__(
        self,
        *,
        database: Database,
        knowledge: Knowledge,
        clock: Clock,
        last_sweep: Callable[[], datetime | None],
        sweep_interval: float,
    ) -> None:
        self._database = database
        self._knowledge = knowledge
        self._clock = clock
        self._last_sweep = last_sweep
        self._stale = max(timedelta(seconds=sweep_interval) * _SWEEPS_MISSED, _STALE_AT_LEAST)
        self._started = clock.now()

    async def alive(self, _request: Request) -> Response:
        """The process runs and its event loop turns; it says nothing about what it depends on."""
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """Whether this replica can serve: 200, or 503 with what is missing."""
        checks = {
            "database": await self._database_answers(),
            "knowledge": len(self._knowledge.directory) > 0,
            "sweeps": self._clock.now() - (self._last_sweep() or self._started) <= self._stale,
        }
        ready = all(checks.values())
        return JSONResponse({"ready": ready, "checks": checks}, status_code=200 if ready else 503)

    async def metrics(self, _request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE), self._database.read() as uow:
                return bool(await uow.scalar(text("SELECT 1")) == 1)
        except (TimeoutError, OSError, SQLAlchemyError) as error:
            log.warning("ready.database", error=type(error).__name__)
            return False


def routes(
    *,
    database: Database,
    knowledge: Knowledge,
    clock: Clock,
    last_sweep: Callable[[], datetime | None],
    sweep_interval: float,
) -> list[BaseRoute]:
    """Return /healthz, /readyz and /metrics."""
    health = Health(database=database, knowledge=knowledge, clock=clock, last_sweep=last_sweep, sweep_interval=sweep_interval)
    return [
        Route("/healthz", health.alive, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
        Route("/metrics", health.metrics, methods=["GET"]),
    ]
