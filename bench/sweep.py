"""A sweep that finds 50 rungs due among the open inquiries: what it costs must follow what is due, not what is open."""

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Engine, String, Table, bindparam, cast, delete, event, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bench.figures import median, spread, table
from bench.processes import PROJECT
from bot.app import Core, build_core
from bot.escalation.actors import BOT
from bot.escalation.keeping import Asker
from bot.knowledge.service import Knowledge
from bot.settings import load
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import ChannelAccount, Contact, Inquiry, OfficerNotice, Rung
from storage.schema import migrate
from storage.unit_of_work import UnitOfWork, table_of
from tests import postgresql
from tests.clock import ManualClock

DUE = 50
_START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
_APART = timedelta(days=3)
_DEADLINE = timedelta(hours=24)
_FIRST_RUNG = _DEADLINE / 2
_FAR = timedelta(days=3650)
_INDEX = re.compile(r"USING (?:COVERING )?INDEX (\w+)|Index (?:Only )?Scan (?:Backward )?using (\w+)|Index Scan on (\w+)")
_WHOLE = re.compile(
    r"SCAN (inquiries|rungs)\b(?! USING (?:COVERING )?INDEX ix_\w+_at\b)"
    r"|Seq Scan on (inquiries|rungs)\b"
    r"|Index (?:Only )?Scan using (?!ix_\w+_at )\w+ on (inquiries|rungs)\b[^\n]*\n(?!\s*Index Cond)"
)
"""a pass over a table from end to end, also in the order of an index; indexes named …_at hold only what is due some day"""


@dataclass(frozen=True)
class Measured:
    database: str
    open: int
    wall_ms: list[float]
    cpu_ms: list[float]
    done: list[int]
    indexes: list[str]
    whole_tables: list[str]
    """tables that a statement of the sweep went through from end to end"""


class _Filled:
    """A database with so many open inquiries, and the program's own sweep over it."""

    def __init__(self, name: str, url: str, data: Path, size: int) -> None:
        self._url = url
        self._clock = ManualClock(_START)
        settings = load(data_dir=data, database_url=url, secret_key="bench-key-of-no-worth", routing_deadline=_DEADLINE)
        self._core = build_core(settings, clock=self._clock, knowledge=Knowledge.load(PROJECT / "faq", today=_START.date()))
        self._seen: dict[str, Any] = {}
        self.measured = Measured(name, size, [], [], [], [], [])

    async def fill(self, times: int) -> None:
        await _fill(self._core, self._url, self._clock, await _somebody(self._core), self.measured.open, times)

    async def sweep(self, round_: int) -> None:
        await self._core.database.write(_forget_notices)  # nobody reads them here, and they would be repeated
        self._clock.set(_START + _APART * round_ + _FIRST_RUNG + timedelta(minutes=1))
        with _statements(self._seen):
            began, used = time.perf_counter(), time.process_time()
            self.measured.done.append(await self._core.sweeper.run())
            wall, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000
        if round_ == 1:  # the first sweep also compiled every statement
            self.measured.wall_ms.clear()
            self.measured.cpu_ms.clear()
        self.measured.wall_ms.append(wall)
        self.measured.cpu_ms.append(cpu)

    async def plans(self) -> None:
        indexes, whole = await _plans(self._url, self._seen)
        self.measured.indexes.extend(indexes)
        self.measured.whole_tables.extend(whole)

    async def close(self) -> None:
        await self._core.database.close()
        self._core.knowledge.close()


def run(sizes: list[int], times: int, *, on_postgresql: bool = True) -> list[Measured]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="donghanh-bench-")))
        places = []
        for size in sizes:
            data = folder / f"sqlite-{size}"
            data.mkdir()
            places.append((f"sqlite+aiosqlite:///{data}/donghanh.db", data, size))
        measured = asyncio.run(_compare("SQLite", places, times))
        for _, data, _ in places:
            shutil.rmtree(data)
        programs = postgresql.programs() if on_postgresql else None
        if programs is not None:
            server = stack.enter_context(postgresql.cluster(programs))
            copies = [asyncio.run(postgresql.copy_of_template(server, f"sweep_{size}")) for size in sizes]
            places = [(url, folder, size) for url, size in zip(copies, sizes, strict=True)]
            measured += asyncio.run(_compare("PostgreSQL", places, times))
    return measured


async def _compare(name: str, places: list[tuple[str, Path, int]], times: int) -> list[Measured]:
    """Fill a database of each size, then sweep them in turn: what else the machine does meanwhile meets all of them."""
    filled: list[_Filled] = []
    try:
        for url, data, size in places:
            await migrate(url)
            filled.append(_Filled(name, url, data, size))
            await filled[-1].fill(times)
        for round_ in range(times):
            for each in filled:
                await each.sweep(round_)
        for each in filled:
            await each.plans()
        return [each.measured for each in filled]
    finally:
        for each in filled:
            await each.close()


async def _somebody(core: Core) -> Asker:
    contact, account = new_id(), new_id()

    async def add(uow: UnitOfWork) -> None:
        now = core.clock.now()
        uow.insert(Contact, id=contact, name="Load", created_at=now)
        uow.insert(
            ChannelAccount,
            id=account,
            contact_id=contact,
            channel="telegram",
            external_id="1",
            step_data={},
            created_at=now,
        )

    await core.database.write(add)
    return Asker(contact_id=contact, account_id=account, channel="telegram", language="vi", name="Load")


async def _fill(core: Core, url: str, clock: ManualClock, asker: Asker, size: int, times: int) -> None:
    """Ask one question for each sweep and copy it, its first rung alone, until so many fall due; and one that is due in
    years, and copy that until so many are open."""
    engine = create_async_engine(url)
    try:
        for round_ in range(times):
            clock.set(_START + _APART * round_)
            asked = await _ask(core, asker)
            async with engine.begin() as connection:
                rung = table_of(Rung)
                await connection.execute(delete(rung).where(rung.c.inquiry_id == asked.id, rung.c.percent != 50))
                await _copy(connection, asked, DUE - 1, round_)
        clock.set(_START + _FAR)
        asked = await _ask(core, asker)
        async with engine.begin() as connection:
            await _copy(connection, asked, size - DUE * times - 1, times)
        # What has just been written in bulk is put in order, as it long is where inquiries came one by one: PostgreSQL would
        # otherwise do so beside the first sweeps, and that would be measured.
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            if engine.dialect.name == "sqlite":
                await connection.execute(text("ANALYZE"))
                # A log as long as the whole filling is looked through for each page that is read.
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            else:
                await connection.execute(text("VACUUM ANALYZE"))
    finally:
        await engine.dispose()


async def _ask(core: Core, asker: Asker) -> InquiryRecord:
    async def ask(uow: UnitOfWork) -> InquiryRecord:
        inquiry = await core.inquiries.receive(uow, asker, "Tờ khai của chúng tôi bị phân luồng đỏ, đã ba ngày.")
        return await core.inquiries.ask_officer(uow, inquiry, actor=BOT)

    return await core.database.write(ask)


async def _forget_notices(uow: UnitOfWork) -> None:
    await uow.execute(delete(table_of(OfficerNotice)))


async def _copy(connection: AsyncConnection, asked: InquiryRecord, count: int, series: int) -> None:
    """Copy an inquiry and its rungs so many times, each with ids of its own."""
    if count <= 0:
        return
    inquiry, rung = table_of(Inquiry), table_of(Rung)
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < bindparam("count")))
    step = literal(
        (series + 1) << 24, BigInteger
    )  # above every copy of the series before, below what separates two ids a millisecond later
    own = {"id": inquiry.c.id + step + numbers.c.n, "number": literal(f"B{series}-") + cast(numbers.c.n, String)}
    await _insert_from(connection, inquiry, own, inquiry.c.id == asked.id, numbers, count)
    # A rung's id is a moment in its high bits and a number in its low ones: a step far above both keeps copies apart.
    own = {
        "id": rung.c.id + (step + numbers.c.n) * 16,
        "inquiry_id": rung.c.inquiry_id + step + numbers.c.n,
    }
    await _insert_from(connection, rung, own, rung.c.inquiry_id == asked.id, numbers, count)


async def _insert_from(
    connection: AsyncConnection, into: Table, own: dict[str, Any], which: Any, numbers: Any, count: int
) -> None:
    names = [column.name for column in into.columns]
    rows = select(*(own.get(name, into.c[name]) for name in names)).select_from(into.join(numbers, literal(True)))
    await connection.execute(insert(into).from_select(names, rows.where(which)), {"count": count})


@contextmanager
def _statements(seen: dict[str, Any]) -> Iterator[None]:
    """Gather every SELECT that is run meanwhile, with the values of its last time."""

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):
            seen[statement] = parameters

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _plans(url: str, seen: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the indexes that the statements use, and the large tables that any of them goes through from end to end."""
    engine = create_async_engine(url)
    explain = "EXPLAIN QUERY PLAN" if url.startswith("sqlite") else "EXPLAIN"
    indexes: set[str] = set()
    whole: set[str] = set()
    try:
        async with engine.connect() as connection:
            for statement, parameters in seen.items():
                rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
                plan = "\n".join(str(row[-1]) for row in rows)
                indexes.update(next(filter(None, found.groups())) for found in _INDEX.finditer(plan))
                whole.update(next(filter(None, found.groups())) for found in _WHOLE.finditer(plan))
    finally:
        await engine.dispose()
    return sorted(indexes), sorted(whole)


def told(measured: list[Measured]) -> str:
    rows = []
    lines = []
    smallest = {each.database: each for each in reversed(measured)}
    for each in measured:
        base = smallest[each.database]
        rows.append(
            [
                each.database,
                f"{each.open:,}".replace(",", " "),
                spread(each.wall_ms, 1),
                f"{median(each.wall_ms) / median(base.wall_ms):.2f}",
                spread(each.cpu_ms, 1),
                f"{median(each.cpu_ms) / median(base.cpu_ms):.2f}",
                "/".join(str(number) for number in sorted(set(each.done))),
            ]
        )
        goes_through = f"; GOES THROUGH ALL OF {', '.join(each.whole_tables)}" if each.whole_tables else ""
        lines.append(f"{each.database}, {each.open} open: uses {', '.join(each.indexes) or 'no index'}{goes_through}.")
    head = ["database", "open", "sweep, ms", "ratio", "our CPU, ms", "ratio", "done"]
    if len(smallest) == 1:
        lines.append("PostgreSQL was not measured: no server programs on this machine.")
    return f"Sweep: {DUE} due each time; median (least..most).\n\n{table(head, rows)}\n\n" + "\n".join(lines)
