"""Taking over a table of enterprises: by tax code, in small transactions, with a report of every row that could not be used.

The same table twice changes nothing the second time, so an import that was broken off is simply made again.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.membership.errors import HeadingsMissing
from bot.membership.profile import HEADINGS, CellProblem, Profile, columns, read_row
from bot.membership.tables import rows_of
from storage import enterprises
from storage.database import Database
from storage.enterprises import EnterpriseRow
from storage.unit_of_work import UnitOfWork

CHUNK = 500
PROBLEMS_KEPT = 2000
_HEADING_WITHIN = 10
"""rows in which the headings must come: tables have titles above them"""


@dataclass
class Report:
    """What an import came to. rows: those with anything in them, below the headings."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    problems: list[CellProblem] = field(default_factory=list)
    """of the refused rows, the first ones"""
    ignored: tuple[str, ...] = ()
    """headings that mean nothing to us"""


Progress = Callable[[Report], None]


class EnterpriseImport:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, path: Path, *, dry_run: bool = False, progress: Progress | None = None) -> Report:
        """Read the table and take its rows over; with `dry_run` only say what would become of them.

        Raises TableTooLarge, TableUnreadable or HeadingsMissing, and then nothing was taken over.
        """
        report = Report()
        reading = _Reading(path, report)
        while True:
            profiles = await asyncio.to_thread(lambda: list(islice(reading, CHUNK)))
            if profiles:
                await self._take_over(profiles, report, dry_run)
            if progress is not None:
                progress(report)
            if len(profiles) < CHUNK:
                return report

    async def _take_over(self, profiles: Sequence[Profile], report: Report, dry_run: bool) -> None:
        async def work(uow: UnitOfWork) -> tuple[int, int, int, list[CellProblem]]:
            return await self._write(uow, profiles, dry_run)

        if dry_run:
            async with self._database.read() as uow:
                added, changed, same, problems = await work(uow)
        else:
            added, changed, same, problems = await self._database.write(work)
        report.added += added
        report.changed += changed
        report.same += same
        report.refused += len(problems)
        report.problems += problems[: PROBLEMS_KEPT - len(report.problems)]

    async def _write(
        self, uow: UnitOfWork, profiles: Sequence[Profile], dry_run: bool
    ) -> tuple[int, int, int, list[CellProblem]]:
        now = self._clock.now()
        known = await enterprises.by_tax_codes(uow, [each.tax_code for each in profiles])
        added = changed = same = 0
        problems = []
        for profile in profiles:
            before = known.get(profile.tax_code)
            if before is None and "name" not in profile.values:
                problems.append(CellProblem(profile.row, "", "import.name_missing", profile.tax_code))
                continue
            if before is None:
                added += 1
                if not dry_run:
                    enterprises.add(uow, profile.tax_code, dict(profile.values), now)
                continue
            news = _news(before, profile.values)
            if not news:
                same += 1
                continue
            changed += 1
            if not dry_run:
                await enterprises.change(uow, before, news, now)
        return added, changed, same, problems


def _news(before: EnterpriseRow, values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(before, name) != value}


class _Reading:
    """The usable rows of a table; the others go into the report."""

    def __init__(self, path: Path, report: Report) -> None:
        self._report = report
        self._rows = rows_of(path)
        self._headings, self._places = self._find_headings()
        report.ignored = tuple(
            heading for place, heading in enumerate(self._headings) if heading.strip() and place not in self._places
        )
        self._seen: dict[str, int] = {}

    def _find_headings(self) -> tuple[list[str], dict[int, str]]:
        for _, cells in islice(self._rows, _HEADING_WITHIN):
            places = columns(cells)
            if "tax_code" in places.values():
                return cells, places
        raise HeadingsMissing(known=", ".join(words[0] for words in HEADINGS.values()))

    def __iter__(self) -> Iterator[Profile]:
        return self

    def __next__(self) -> Profile:
        for number, cells in self._rows:
            self._report.rows += 1
            read = read_row(number, cells, self._places, self._headings)
            if isinstance(read, Profile):
                first = self._seen.setdefault(read.tax_code, number)
                if first == number:
                    return read
                read = [CellProblem(number, "", "import.twice", read.tax_code, str(first))]
            self._report.refused += 1
            self._report.problems += read[: max(0, PROBLEMS_KEPT - len(self._report.problems))]
        raise StopIteration
