"""Proves the histories: `donghanh audit verify` reads every inquiry and says what does not fit."""

from dataclasses import dataclass, field

from bot.escalation.history import Chain
from storage import audit as stored
from storage.database import Database


@dataclass
class Report:
    inquiries: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)


async def verify(database: Database, chain: Chain) -> Report:
    """Check every history against its chain, its inquiry and the numbers that were given out."""
    report = Report()
    seen: dict[str, set[int]] = {}
    async with database.read() as uow:
        async for inquiry, rows in stored.inquiries_with_history(uow):
            report.inquiries += 1
            report.rows += len(rows)
            report.faults += chain.faults(inquiry, rows)
            _, year, count = inquiry.number.split("-")
            seen.setdefault(year, set()).add(int(count))
        given = await stored.counters(uow)
    for year, numbers in seen.items():
        expected = max(given.get(f"inquiry:{year}", 0), *numbers)
        report.faults += [
            f"YC-{year}-{n:06d}: was given out, and is missing" for n in range(1, expected + 1) if n not in numbers
        ]
    for series, value in given.items():
        kind, _, year = series.partition(":")
        if kind == "inquiry" and value and year not in seen:
            report.faults.append(f"{value} inquiries of {year} were given a number, and all are missing")
    return report
