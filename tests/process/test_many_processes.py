"""Several processes on one PostgreSQL, killed at random while inquiries fall due: each is routed in time, each rung fires once.

MANY_PROCESSES_INQUIRIES, MANY_PROCESSES_DEADLINE_S and MANY_PROCESSES_SEED set a longer run; `python -m bench deadlines` does
one of 1,000 inquiries.
"""

import asyncio
import os
import random
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.process.program import FEW, STARTS_WITHIN, Program, until

pytestmark = pytest.mark.process

INQUIRIES = int(os.environ.get("MANY_PROCESSES_INQUIRIES", "60"))
DEADLINE_S = int(os.environ.get("MANY_PROCESSES_DEADLINE_S", "12"))
SEED = int(os.environ.get("MANY_PROCESSES_SEED", "1399"))
AFTER_A_RESTART = timedelta(seconds=5)
UNCLEAR = "Tôi muốn trao đổi với cán bộ về một việc riêng, số {number}"
"""what no department can be guessed from"""
WRITING_AT_ONCE = 8
PERCENTS = [50, 80, 95, 100]


class Replica:
    """One of the processes. at_work: from when to when it was, in order."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.at_work: list[tuple[datetime, datetime]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.program.port}"

    async def start(self) -> None:
        await self.program.start()
        async with httpx.AsyncClient() as http:

            async def answers() -> bool:
                assert self.program.alive, self.program.log_end()
                try:
                    return (await http.get(f"{self.url}/healthz", timeout=2)).is_success
                except httpx.HTTPError:
                    return False

            await until(answers, STARTS_WITHIN, "the process is at work")
        self.at_work.append((datetime.now(UTC), datetime.max.replace(tzinfo=UTC)))

    async def kill(self) -> None:
        self.at_work[-1] = (self.at_work[-1][0], datetime.now(UTC))
        await self.program.kill()


class Town:
    """Everybody who writes, and the processes that they write to."""

    def __init__(self, replicas: list[Replica], database: asyncpg.Pool) -> None:
        self.replicas = replicas
        self.database = database
        self.random = random.Random(SEED)

    async def run(self) -> None:
        await asyncio.gather(*(each.start() for each in self.replicas))
        killing = asyncio.create_task(self._kill_now_and_then())
        await self._everybody_writes()
        await killing
        await until(self._all_routed, DEADLINE_S + STARTS_WITHIN, "every inquiry is routed and every rung has fired")
        for each in self.replicas:
            await each.program.stop()

    async def _everybody_writes(self) -> None:
        numbers = iter(range(INQUIRIES))

        async def some(http: httpx.AsyncClient) -> None:
            for number in numbers:
                await self._ask(http, number)

        async with httpx.AsyncClient(headers={"Sec-Fetch-Site": "same-origin"}, timeout=10) as http:
            await asyncio.gather(*(some(http) for _ in range(WRITING_AT_ONCE)))

    async def _ask(self, http: httpx.AsyncClient, number: int) -> None:
        """Ask for an officer as a visitor of the web chat does: what was not confirmed is sent again, perhaps elsewhere."""
        visitor = f"donghanh={uuid.UUID(int=self.random.getrandbits(128)).hex}"
        for text in ("/ask_officer", UNCLEAR.format(number=number)):
            message = {"id": str(uuid.uuid4()), "text": text, "language": "vi"}

            async def taken(message: dict[str, str] = message) -> bool:
                return await self._taken(http, visitor, message)

            await until(taken, 2 * STARTS_WITHIN, "the message is taken")

    async def _taken(self, http: httpx.AsyncClient, visitor: str, message: dict[str, str]) -> bool:
        try:
            url = f"{self.random.choice(self.replicas).url}/chat/messages"
            answer = await http.post(url, json=message, headers={"Cookie": visitor})
            http.cookies.clear()  # the next request is another visitor's
        except httpx.HTTPError:
            return False
        assert answer.status_code in (200, 503), answer.text
        return answer.is_success

    async def _kill_now_and_then(self) -> None:
        """One while people write, and then, when inquiries fall due, both within a moment."""
        await asyncio.sleep(self.random.uniform(0.5, 2))
        one, other = self.random.sample(self.replicas, 2)
        await one.kill()
        await one.start()
        due = await self._median_deadline()
        wait = (due - datetime.now(UTC)).total_seconds() + self.random.uniform(-1.5, 0.5)
        await asyncio.sleep(max(wait, 0))
        await other.kill()
        await asyncio.sleep(self.random.uniform(0, 0.5))
        await one.kill()
        await asyncio.gather(one.start(), other.start())

    async def _median_deadline(self) -> datetime:
        found = await self.database.fetch("SELECT routing_due_at FROM inquiries WHERE routing_due_at IS NOT NULL ORDER BY 1")
        return found[len(found) // 2][0] if found else datetime.now(UTC)

    async def _all_routed(self) -> bool:
        assert all(each.program.alive for each in self.replicas), [each.program.log_end() for each in self.replicas]
        routed = await self.database.fetchval("SELECT count(*) FROM inquiries WHERE routed_at IS NOT NULL")
        pending = await self.database.fetchval("SELECT count(*) FROM rungs WHERE clock = 'routing' AND pending_at IS NOT NULL")
        return bool(routed == INQUIRIES and pending == 0)

    def latest(self, due: datetime) -> datetime:
        """Return until when an inquiry that is due then must be routed: its deadline, unless all processes were down."""
        for down_since, restarted in self.outages():
            if down_since <= due < restarted + AFTER_A_RESTART:
                return restarted + AFTER_A_RESTART
        return due

    def outages(self) -> list[tuple[datetime, datetime]]:
        """Return from when to when none of the processes was at work."""
        found, until = [], None
        for start, end in sorted(work for each in self.replicas for work in each.at_work):
            if until is not None and start > until:
                found.append((until, start))
            until = end if until is None else max(until, end)
        return found


@pytest.fixture
async def town(postgresql_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A run that is over: everybody has written, both processes were killed and started again, and have ended their work."""
    replicas = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        program = Program(
            folder,
            DATABASE_URL=postgresql_url,
            **FEW,
            ROUTING_DEADLINE=f"PT{DEADLINE_S}S",
            SWEEP_INTERVAL="0.5",
            LOG_LEVEL="error",
        )
        replicas.append(Replica(program))
    async with asyncpg.create_pool(postgresql_url.replace("+asyncpg", ""), min_size=1, max_size=2) as database:
        made = Town(replicas, database)
        try:
            await made.run()
            yield made
        finally:
            for each in replicas:
                if each.program.alive:
                    await each.program.kill()


async def test_whatever_is_killed_each_inquiry_is_routed_in_time_and_each_rung_fires_once(
    town: Town, postgresql_url: str
) -> None:
    """One run and all its checks: a run takes seconds, and each check asks something else of the same run."""
    await each_question_is_one_inquiry(town)
    await each_is_routed_by_its_deadline_or_soon_after_a_restart(town)
    await each_rung_fired_once(town)
    await each_routing_was_done_and_told_once(town)
    await the_histories_are_in_order(town, postgresql_url)


async def each_question_is_one_inquiry(town: Town) -> None:
    rows = await town.database.fetch("SELECT text FROM inquiries")
    assert sorted(row["text"] for row in rows) == sorted(UNCLEAR.format(number=number) for number in range(INQUIRIES))


async def each_is_routed_by_its_deadline_or_soon_after_a_restart(town: Town) -> None:
    rows = await town.database.fetch("SELECT number, routed_by, routing_due_at, routed_at FROM inquiries")
    assert {row["routed_by"] for row in rows} == {"auto"}
    late = {
        row["number"]: (str(row["routing_due_at"]), str(row["routed_at"] - row["routing_due_at"]))
        for row in rows
        if row["routed_at"] > town.latest(row["routing_due_at"])
    }
    assert not late, [[str(moment) for moment in outage] for outage in town.outages()]


async def each_rung_fired_once(town: Town) -> None:
    rows = await town.database.fetch(
        "SELECT inquiry_id, array_agg(percent ORDER BY percent) AS percents, bool_and(fired_at IS NOT NULL) AS fired "
        "FROM rungs WHERE clock = 'routing' GROUP BY inquiry_id"
    )
    assert [(row["percents"], row["fired"]) for row in rows] == [(PERCENTS, True)] * INQUIRIES
    told = await town.database.fetch(
        "SELECT count(*) AS times FROM officer_notices n JOIN rungs r ON r.id = n.rung_id "
        "WHERE r.clock = 'routing' GROUP BY r.id"
    )
    assert [row["times"] for row in told] == [1] * INQUIRIES * len(PERCENTS)


async def each_routing_was_done_and_told_once(town: Town) -> None:
    routings = await town.database.fetch("SELECT inquiry_id, actor FROM inquiry_history WHERE event = 'route'")
    assert len({row["inquiry_id"] for row in routings}) == len(routings) == INQUIRIES
    assert {row["actor"] for row in routings} == {"system"}
    told = await town.database.fetch(
        "SELECT inquiry_id FROM deliveries WHERE content ->> 'text' LIKE '%hệ thống chuyển yêu cầu%'"
    )
    assert len({row["inquiry_id"] for row in told}) == len(told) == INQUIRIES


async def the_histories_are_in_order(town: Town, postgresql_url: str) -> None:
    program = town.replicas[0].program
    settings = {**program.environment, "DATABASE_URL": postgresql_url}
    audit = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "audit", "verify", cwd=program.folder, env=settings, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await audit.communicate()
    assert audit.returncode == 0, said.decode()
    assert f"{INQUIRIES} inquiries" in said.decode()
