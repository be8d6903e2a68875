"""The clock that looks at what is due. What is due stands in rows: a job that is late, or missed, finds the same work."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()

Job = Callable[[], Awaitable[Any]]


class Background:
    """Jobs at intervals, none of them twice at once; a job that fails is logged and looked at again the next time."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: set[asyncio.Task[Any]] = set()
        self._scheduler.add_listener(lambda event: log.warning("job.missed", job=event.job_id), EVENT_JOB_MISSED)

    def every(self, seconds: float, name: str, job: Job, *, at_once: bool = False) -> None:
        """Run the job every so many seconds; at_once: also as soon as this is started."""

        async def run() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                await job()
            except Exception:
                log.exception("job.failed", job=name)
            finally:
                self._running.discard(task)

        first = {"next_run_time": datetime.now(UTC)} if at_once else {}
        self._scheduler.add_job(
            run, "interval", seconds=seconds, id=name, max_instances=1, coalesce=True, misfire_grace_time=None, **first
        )

    def start(self) -> None:
        self._scheduler.start()

    async def stop(self) -> None:
        """Start nothing more, and let what runs come to its end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await asyncio.gather(*self._running, return_exceptions=True)
