"""How many updates a second the whole webhook path takes and answers, beside a bare echo in the same run."""

import itertools
import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from bench import ours, questions
from bench.figures import median, percentile, spread, table
from bench.load import Load, Outcome
from bench.processes import Child, busy_mark, child, cores_busy_since, free_port

CONNECTIONS = 40
"""what Telegram opens to a webhook unless it is asked for another number"""
_CHATS = range(100_001, 100_501)
"""many more people than connections: nobody writes twice at once"""
_SETTLED_S = 0.3
_WARM_S = 1.5
_TWICE_EVERY = 10
P99_OF_A_QUESTION_MS = 50.0


@dataclass
class Subject:
    """A program under one kind of load, and what was measured of it, a figure for each round."""

    title: str
    program: Child
    texts: Iterator[str]
    is_question: bool = False
    per_second: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    p50_at_most: list[float] = field(default_factory=list)
    p99_at_most: list[float] = field(default_factory=list)
    p50_at_half: list[float] = field(default_factory=list)
    p99_at_half: list[float] = field(default_factory=list)
    cpu_us_at_half: list[float] = field(default_factory=list)
    foreign: list[float] = field(default_factory=list)
    taken: int = 0
    refused: int = 0
    unanswered: int = 0
    surplus: int = 0

    def count(self, outcome: Outcome) -> None:
        self.taken += len(outcome.updates)
        self.refused += outcome.refused
        self.unanswered += outcome.unanswered
        self.surplus += outcome.surplus


@dataclass(frozen=True)
class Plan:
    """rounds: how often each is measured, in turn with the others. seconds: how long each time."""

    rounds: int = 3
    seconds: float = 3.0
    database_url: str = ""
    connections: int = CONNECTIONS


@dataclass
class Report:
    plan: Plan
    echo: Subject
    ours: list[Subject]
    repeated: int
    """updates that were posted twice"""
    answered_twice: int
    lost_of_repeated: int
    resident_mb: float

    @property
    def lost(self) -> int:
        """Everything that went wrong with an update of ours."""
        own = sum(each.refused + each.unanswered + each.surplus for each in self.ours)
        return own + self.answered_twice + self.lost_of_repeated

    def ratios(self, subject: Subject) -> list[float]:
        """Return our rate by the echo's, round by round: what else the machine did was much the same for both."""
        return [own / echo if echo else math.nan for own, echo in zip(subject.per_second, self.echo.per_second, strict=True)]

    def cpu_ratios(self, subject: Subject) -> list[float]:
        """Return what the rate would be by the echo's if CPU time were all that counts: steadier on a machine that others
        use as well, and blind to waiting."""
        return [echo / own if own else math.nan for own, echo in zip(subject.cpu_us, self.echo.cpu_us, strict=True)]


def run(plan: Plan) -> Report:
    return uvloop.run(_run(plan))


async def _run(plan: Plan) -> Report:
    chosen = questions.shipped()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="donghanh-bench-")))
        port = free_port()
        api = stack.enter_context(child("api", ["bench.botapi", "--port", str(port)], port, folder))
        port = free_port()
        echo_arguments = ["bench.echo", "--port", str(port), "--api", api.url]
        echo_program = stack.enter_context(child("echo", echo_arguments, port, folder))
        database_url = plan.database_url or ours.database_in(folder)
        await ours.prepare(database_url, _CHATS)
        program = stack.enter_context(ours.running(folder, api.url, database_url))
        echo = Subject("bare echo", echo_program, questions.in_turn(chosen.answered))
        measured = [
            Subject("/help", program, itertools.repeat("/help")),
            Subject("answered", program, questions.in_turn(chosen.answered), is_question=True),
            Subject("to an officer", program, questions.in_turn(chosen.escalated), is_question=True),
        ]
        bench = _Bench(plan, api)
        for subject in (echo, *measured):
            await bench.warm_up(subject)
        for _ in range(plan.rounds):
            for subject in (echo, *measured):
                await bench.measure_ceiling(subject)
        for _ in range(plan.rounds):
            for subject in (echo, *measured):
                await bench.measure_half(subject)
        repeated = await bench.post_twice(measured[0])
        return Report(
            plan,
            echo,
            measured,
            repeated=len(repeated.updates) // _TWICE_EVERY,
            answered_twice=repeated.surplus,
            lost_of_repeated=repeated.refused + repeated.unanswered,
            resident_mb=program.resident_mb(),
        )


class _Bench:
    def __init__(self, plan: Plan, api: Child) -> None:
        self._plan = plan
        self._api = api
        self._chats = itertools.cycle(_CHATS)
        self._update_ids = itertools.count(1)

    def _load(self, subject: Subject) -> Load:
        return Load(
            subject.program.port,
            connections=self._plan.connections,
            api_url=self._api.url,
            update_ids=self._update_ids,
        )

    def _says(self, subject: Subject) -> Iterator[tuple[int, str]]:
        return zip(self._chats, subject.texts, strict=False)

    async def warm_up(self, subject: Subject) -> None:
        """Let everybody write once, and everything be loaded."""
        async with self._load(subject) as load:
            subject.count(await load.as_fast_as_it_goes(self._says(subject), min(_WARM_S, self._plan.seconds)))

    async def measure_ceiling(self, subject: Subject) -> None:
        async with self._load(subject) as load:
            cpu, mark, others = subject.program.cpu_seconds(), busy_mark(), self._own_cpu(subject)
            outcome = await load.as_fast_as_it_goes(self._says(subject), self._plan.seconds + _SETTLED_S)
            wall = (outcome.ended - outcome.started) / 1e9
            subject.foreign.append(max(0.0, cores_busy_since(mark) - (self._own_cpu(subject) - others) / wall))
        subject.count(outcome)
        subject.per_second.append(outcome.replies_per_second(_SETTLED_S))
        subject.cpu_us.append((subject.program.cpu_seconds() - cpu) / max(1, len(outcome.replies)) * 1e6)
        subject.p50_at_most.append(percentile(outcome.waits_ms, 0.5))
        subject.p99_at_most.append(percentile(outcome.waits_ms, 0.99))

    async def measure_half(self, subject: Subject) -> None:
        async with self._load(subject) as load:
            cpu = subject.program.cpu_seconds()
            rate = max(1.0, median(subject.per_second) / 2)
            outcome = await load.at_rate(self._says(subject), self._plan.seconds, rate)
        subject.count(outcome)
        subject.cpu_us_at_half.append((subject.program.cpu_seconds() - cpu) / max(1, len(outcome.replies)) * 1e6)
        subject.p50_at_half.append(percentile(outcome.waits_ms, 0.5))
        subject.p99_at_half.append(percentile(outcome.waits_ms, 0.99))

    async def post_twice(self, subject: Subject) -> Outcome:
        """Post some updates a second time, as Telegram does when it did not hear us: each must be answered once."""
        async with self._load(subject) as load:
            says, seconds = self._says(subject), min(1.0, self._plan.seconds)
            return await load.as_fast_as_it_goes(says, seconds, every_nth_twice=_TWICE_EVERY)

    def _own_cpu(self, subject: Subject) -> float:
        return subject.program.cpu_seconds() + self._api.cpu_seconds() + time.process_time()


def told(report: Report) -> str:
    """Write the report for a person: ratios first, for only they carry over to another hour or machine."""
    plan = report.plan
    database = plan.database_url.partition(":")[0] or "SQLite, synchronous=FULL"
    every = [report.echo, *report.ours]
    rows = [
        ["rate by the echo's", "1", *(spread(report.ratios(each), 2) for each in report.ours)],
        ["the same by CPU alone", "1", *(spread(report.cpu_ratios(each), 2) for each in report.ours)],
        ["updates answered a second", *(spread(each.per_second) for each in every)],
        ["CPU µs an update, at most", *(spread(each.cpu_us) for each in every)],
        ["CPU µs an update, at half", *(spread(each.cpu_us_at_half) for each in every)],
        ["reply at most, p50 ms", *(spread(each.p50_at_most, 1) for each in every)],
        ["reply at most, p99 ms", *(spread(each.p99_at_most, 1) for each in every)],
        ["reply at half, p50 ms", *(spread(each.p50_at_half, 1) for each in every)],
        ["reply at half, p99 ms", *(spread(each.p99_at_half, 1) for each in every)],
        ["cores taken by others", *(spread(each.foreign, 2) for each in every)],
        ["updates posted", *(str(each.taken) for each in every)],
        ["not taken (not 200)", *(str(each.refused) for each in every)],
        ["taken, never answered", *(str(each.unanswered) for each in every)],
        ["answered twice", *(str(each.surplus) for each in every)],
    ]
    lines = [
        f"Webhook: {plan.rounds} rounds of {plan.seconds:g} s, {plan.connections} connections; median (least..most).",
        f"Ours: {database}; each update committed before its 200. The echo keeps nothing.",
        "",
        table(["", *(each.title for each in every)], rows),
        "",
        f"Posted twice: {report.repeated} updates, answered twice: {report.answered_twice}. "
        f"Resident memory: {report.resident_mb:.0f} MB.",
    ]
    for each in report.ours:
        if each.is_question:
            p99 = median(each.p99_at_half)
            kept = "kept" if p99 < P99_OF_A_QUESTION_MS else "MISSED"
            lines.append(f"Question {each.title}: p99 {p99:.1f} ms at half load; under {P99_OF_A_QUESTION_MS:.0f} ms: {kept}.")
    lines.append("Nothing was lost." if report.lost == 0 else f"LOST or answered wrongly: {report.lost}.")
    return "\n".join(lines)
