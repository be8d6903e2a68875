"""The webhook sender: lanes in parallel, in order inside a lane, retried until accepted or too old."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from .clock import Bell, Clock
from .updates import Update, Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
GONE_FOR = 23 * 3600.0
Answered = Callable[[dict[str, Any]], Awaitable[None]]


class WebhookSender:
    """Posts updates to the bot. It connects to this machine only, whatever URL was set.

    first_retry, longest_retry: seconds; the real ones are 1 and 60-120, shortened here so that a
    test of an outage is short. A `Retry-After` of the bot is obeyed as given.
    duplicates: how many times more an accepted update is delivered.
    """

    def __init__(self, updates: Updates, clock: Clock, bell: Bell) -> None:
        self.url = ""
        self.secret = ""
        self.certificate = False
        self.max_connections = 40
        self.first_retry = 0.05
        self.longest_retry = 1.0
        self.duplicates = 0
        self.paused = False
        self.reaches: dict[str, str] = {}
        self.last_error = ""
        self.last_error_at = 0.0
        self.most_at_once = 0
        self.on_method: Answered | None = None
        self._updates = updates
        self._clock = clock
        self._bell = bell
        self._session: aiohttp.ClientSession | None = None
        self._dispatcher: asyncio.Task[None] | None = None
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._at_once = 0
        self._gone_since: float | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60))

    async def stop(self) -> None:
        tasks = self._stop_tasks()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def point_at(self, url: str, secret: str, max_connections: int, certificate: bool = False) -> None:
        """Begin to deliver to this URL; an empty one ends delivery."""
        self._stop_tasks()
        self.url, self.secret, self.max_connections, self.certificate = url, secret, max_connections, certificate
        self._slots = asyncio.Semaphore(max_connections)
        self.last_error, self.last_error_at, self._gone_since = "", 0.0, None
        if url:
            self._dispatcher = asyncio.create_task(self._dispatch())

    def _stop_tasks(self) -> list[asyncio.Task[None]]:
        tasks = [*self._lanes.values(), *([self._dispatcher] if self._dispatcher else [])]
        # A lane may end the webhook itself (410 for a day), and must not cancel itself then.
        tasks = [task for task in tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        self._lanes, self._dispatcher = {}, None
        return tasks

    async def _dispatch(self) -> None:
        while True:
            try:
                lane = await self._bell.until(self._idle_lane, 3600.0)
            except TimeoutError:
                continue
            self._lanes[lane] = asyncio.create_task(self._serve(lane))

    def _idle_lane(self) -> str | None:
        if self.paused:
            return None
        return next((lane for lane in self._updates.lanes() if lane not in self._lanes), None)

    async def _serve(self, lane: str) -> None:
        delay = self.first_retry
        me = asyncio.current_task()
        while not self.paused and (update := self._updates.first_in(lane)):
            async with self._slots:
                wait = await self._deliver(update)
            if wait is None:
                delay = self.first_retry
                continue
            await asyncio.sleep(wait or delay)
            delay = min(delay * 2, self.longest_retry)
        if self._lanes.get(lane) is me:
            del self._lanes[lane]

    async def _deliver(self, update: Update) -> float | None:
        """Return None when the bot accepted the update, else the seconds it asked us to wait (0: our choice)."""
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            status, wait, body = await self._post(update)
            for _ in range(self.duplicates if 200 <= status < 300 else 0):
                await self._post(update)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return self._failed(str(error) or type(error).__name__)
        finally:
            self._at_once -= 1
        if 200 <= status < 300:
            self._gone_since = None
            self._updates.confirm([update.id])
            if body and self.on_method:
                await self.on_method(body)
            return None
        self._failed(f"Wrong response from the webhook: {status}")
        if status == 410:
            self._count_gone()
        return wait

    async def _post(self, update: Update) -> tuple[int, float, dict[str, Any]]:
        if self._session is None:
            raise OSError("the peer is not running")
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        async with self._session.post(
            self._local(self.url), json=update.wire(), headers=headers, allow_redirects=False
        ) as answer:
            body: dict[str, Any] = {}
            if answer.content_type == "application/json":
                with contextlib.suppress(ValueError):
                    parsed = await answer.json()
                    body = parsed if isinstance(parsed, dict) and "method" in parsed else {}
            else:
                await answer.read()
            asked = answer.headers.get("Retry-After", "")
            return answer.status, min(3600.0, float(asked)) if asked.isdigit() else 0.0, body

    def _local(self, url: str) -> str:
        """Return where on this machine a public URL is served. Raises OSError where nobody said so."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self.reaches:
            target = urlsplit(self.reaches[origin])
            return urlunsplit((target.scheme, target.netloc, parts.path, parts.query, ""))
        if parts.hostname in ("127.0.0.1", "localhost", "::1"):
            return url
        raise OSError("Failed to resolve host: Name or service not known")

    def _failed(self, why: str) -> float:
        self.last_error, self.last_error_at = why, self._clock.now()
        self._bell.ring()
        return 0.0

    def _count_gone(self) -> None:
        now = self._clock.now()
        self._gone_since = self._gone_since or now
        if now - self._gone_since > GONE_FOR:
            self.point_at("", "", 40)
