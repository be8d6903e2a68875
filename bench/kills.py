"""A campaign whose process is killed again and again while the platform fails: nobody is lost, and nobody is told twice
without a person having decided so.

    python -m bench kills --recipients 10000 --kills 200

The process that sends is the program's own sender, ledger and channel; it is started afresh after each kill (by a fork of a
process that has the libraries loaded, so that two hundred starts take minutes and not an hour), and ended by SIGKILL at a
random moment. The platform answers 500, 429 and 403, cuts connections before and after it has taken a message, and sometimes
never answers. Afterwards the ledger is held against what the platform saw.
"""

import asyncio
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import ours
from bench.campaign import prepare, read
from bench.figures import table
from bench.processes import TOKEN, Child, child, free_port

_FAULTS = "500=0.04,429=0.01,cut=0.01,late_cut=0.01,silent=0.004"
_BLOCKED_EVERY = 97
_ANSWER_WITHIN = 1.5
_FINAL = {"sent", "acknowledged", "refused", "blocked", "unreachable", "unknown", "given_up"}
_OVER_S = 900.0


@dataclass(frozen=True)
class Plan:
    recipients: int = 10_000
    kills: int = 200
    rate: float = 150
    """messages a second: so low that the kills fall into the sending"""
    shortest_s: float = 0.15
    longest_s: float = 0.9
    """how long a process lives"""
    seed: int = 7


@dataclass
class Report:
    plan: Plan
    took_s: float = 0.0
    kills: int = 0
    before: Counter[str] = field(default_factory=Counter)
    """states when everything had come to rest"""
    after: Counter[str] = field(default_factory=Counter)
    """states after a person had the unknown ones sent again"""
    missing: int = 0
    """recipients without a row"""
    unfinished: int = 0
    told_nothing: int = 0
    """rows that say `sent` to whom the platform brought nothing"""
    twice_before: int = 0
    """told twice before a person decided anything"""
    arrived_unknown: int = 0
    """unknown ones to whom it had in fact come"""
    twice_after: int = 0
    twice_not_unknown: int = 0
    """told twice without having been shown as unknown first"""

    @property
    def held(self) -> bool:
        wrong = (self.missing, self.unfinished, self.told_nothing, self.twice_before, self.twice_not_unknown)
        return not any(wrong) and self.kills == self.plan.kills


def run(plan: Plan) -> Report:
    # The libraries are loaded here once; what is forked from here has them at once.
    import bot.channels.telegram.channel  # noqa: F401 - loading it is the point

    report = Report(plan)
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="donghanh-kills-")))
        url = ours.database_in(folder)
        asyncio.run(_release(url, plan))
        port = free_port()
        arguments = ["bench.botapi", "--port", str(port), "--faults", _FAULTS, "--blocked", str(_BLOCKED_EVERY)]
        api = stack.enter_context(child("api", [*arguments, "--seed", str(plan.seed)], port, folder))
        _kill_again_and_again(plan, report, url, api, folder)
        _send_to_the_end(url, api, plan, folder)
        unknown = _look(report, folder, api, plan, report.before)
        asyncio.run(_send_unknown_again(url))
        _send_to_the_end(url, api, plan, folder)
        _look_again(report, folder, api, unknown)
    report.took_s = time.monotonic() - begun
    return report


def _kill_again_and_again(plan: Plan, report: Report, url: str, api: Child, folder: Path) -> None:
    draw = random.Random(plan.seed)
    while report.kills < plan.kills:
        pid = _fork(url, api.url, plan.rate, folder)
        time.sleep(draw.uniform(plan.shortest_s, plan.longest_s))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        report.kills += 1


def _send_to_the_end(url: str, api: Child, plan: Plan, folder: Path) -> None:
    """Let a process work until nothing is left to send."""
    pid = _fork(url, api.url, plan.rate, folder)
    end = time.monotonic() + _OVER_S
    try:
        while time.monotonic() < end:
            time.sleep(0.5)
            if not _open_rows(folder):
                return
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    raise TimeoutError("the campaign did not come to rest")


def _fork(url: str, api_url: str, rate: float, folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        log = os.open(folder / "sender.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        asyncio.run(_work(url, api_url, rate, folder))
        status = 0
    finally:
        os._exit(status)


async def _work(url: str, api_url: str, rate: float, folder: Path) -> None:
    """What `donghanh serve` does about campaigns, without its pages: the due, the waves, the sender."""
    from dataclasses import replace

    from bot.channels.alarms import Alarms
    from bot.channels.standing import Standings
    from bot.channels.telegram.channel import LIMITS, TelegramChannel
    from bot.channels.unread import Unread
    from bot.clock import SystemClock
    from bot.delivery.sender import Sender
    from bot.signals import Signals
    from storage.files import FileStore

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    core = _Core(url)
    clock = SystemClock()
    channel = TelegramChannel(
        token=TOKEN,
        api_url=api_url,
        mode="polling",
        limits=replace(LIMITS, per_second=rate),
        files=FileStore(folder / "files"),
        standings=Standings(core.database, clock),
        clock=clock,
        menu={},
        default_language="vi",
        answer_within=_ANSWER_WITHIN,
        unread=Unread(core.database, clock, "telegram", Alarms(core.database, clock, Signals()), _keep_all),
    )
    sender = Sender(core.database, {channel.name: channel}, clock, Sender.new_owner())
    core.outbox.connect(sender)
    await sender.start()
    while not stop.is_set():
        await core.outreach.runner.run()
        await asyncio.sleep(0.2)
    await sender.stop()
    await channel.stop()
    await core.database.close()


async def _keep_all(_text: str) -> bool:
    return True


class _Core:
    """The services of outreach over a database."""

    def __init__(self, url: str) -> None:
        from bot.clock import SystemClock
        from bot.delivery.ledger import Ledger, Outbox
        from bot.locales.catalogue import Catalogue
        from bot.outreach.outreach import build_outreach
        from bot.signals import Signals
        from bot.subscriptions.quiet import QuietHours
        from bot.subscriptions.subscriptions import Subscriptions
        from storage.database import Database

        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        self.database = Database(url)
        self.outbox = Outbox()
        midnight = datetime.min.time()
        quiet = QuietHours(midnight, midnight, zone)
        self.outreach = build_outreach(
            database=self.database,
            clock=SystemClock(),
            ledger=Ledger(SystemClock(), "bench", self.outbox),
            outbox=self.outbox,
            catalogue=Catalogue(zone),
            signals=Signals(),
            entry_question=lambda entry, language: None,
            quiet=quiet,
            subscriptions=Subscriptions(SystemClock(), quiet),
            recall_window=timedelta(),
            default_language="vi",
            limits={},
        )


async def _release(url: str, plan: Plan) -> None:
    from bot.escalation.actors import Actor, ActorKind, Role
    from bot.outreach.drafts import Draft

    await prepare(url, range(1, plan.recipients + 1), ())
    core = _Core(url)
    author = Actor(ActorKind.OFFICER, 1, "author", Role.EDITOR)
    approver = Actor(ActorKind.OFFICER, 2, "approver", Role.APPROVER)
    campaigns = core.outreach.campaigns
    row = await campaigns.create(Draft("newsletter", "Bản tin", "Nội dung bản tin.", "The newsletter."), author)
    row = await campaigns.approve(row.id, approver, seen=row.revision)
    await campaigns.schedule(row.id, None, approver, seen=row.revision)
    await core.database.close()


async def _send_unknown_again(url: str) -> None:
    from bot.escalation.actors import Actor, ActorKind, Role

    core = _Core(url)
    approver = Actor(ActorKind.OFFICER, 2, "approver", Role.APPROVER)
    async with core.database.read() as uow:
        from storage import campaigns as stored

        (row,) = await stored.listed(uow)
    await core.outreach.campaigns.send_again(row.id, approver, states=("unknown",))
    await core.database.close()


# What the ledger says, and what the platform saw


def _rows(folder: Path) -> dict[int, str]:
    with sqlite3.connect(f"file:{folder / 'donghanh.db'}?mode=ro", uri=True, timeout=30) as file:
        return {int(chat): state for chat, state in file.execute("SELECT recipient, state FROM deliveries WHERE wave_id > 0")}


def _open_rows(folder: Path) -> bool:
    with sqlite3.connect(f"file:{folder / 'donghanh.db'}?mode=ro", uri=True, timeout=30) as file:
        waiting = file.execute("SELECT count(*) FROM deliveries WHERE state IN ('held', 'queued', 'sending')").fetchone()[0]
        filling = file.execute("SELECT count(*) FROM waves WHERE fill_at IS NOT NULL").fetchone()[0]
        scheduled = file.execute("SELECT count(*) FROM campaigns WHERE state = 'scheduled'").fetchone()[0]
    return bool(waiting or filling or scheduled)


def _look(report: Report, folder: Path, api: Child, plan: Plan, into: Counter[str]) -> set[int]:
    rows, arrived = _rows(folder), Counter(read(api, "seen")[1::2])
    into.update(rows.values())
    report.missing = plan.recipients - len(rows)
    report.unfinished = sum(state not in _FINAL for state in rows.values())
    report.told_nothing = sum(state == "sent" and not arrived[chat] for chat, state in rows.items())
    report.twice_before = sum(times > 1 for times in arrived.values())
    unknown = {chat for chat, state in rows.items() if state == "unknown"}
    report.arrived_unknown = sum(bool(arrived[chat]) for chat in unknown)
    return unknown


def _look_again(report: Report, folder: Path, api: Child, unknown: set[int]) -> None:
    rows, arrived = _rows(folder), Counter(read(api, "seen")[1::2])
    report.after.update(rows.values())
    report.unfinished += sum(state not in _FINAL for state in rows.values())
    twice = {chat for chat, times in arrived.items() if times > 1}
    report.twice_after = len(twice)
    report.twice_not_unknown = len(twice - unknown)


def told(report: Report) -> str:
    plan = report.plan
    rows = [
        ["recipients, kills", f"{plan.recipients:,}, {report.kills}", ""],
        ["took, s", f"{report.took_s:.0f}", ""],
        ["without a row", str(report.missing), "0"],
        ["without a final state", str(report.unfinished), "0"],
        ["said to be sent, and never came", str(report.told_nothing), "0"],
        ["told twice before anybody decided so", str(report.twice_before), "0"],
        ["unknown, shown to a person", str(report.before["unknown"]), ""],
        ["  of these it had in fact come to", str(report.arrived_unknown), ""],
        [
            "told twice after a person had the unknown sent again",
            str(report.twice_after),
            f"<= {report.arrived_unknown} + faults",
        ],
        ["told twice without having been unknown first", str(report.twice_not_unknown), "0"],
        ["states at rest", ", ".join(f"{state} {count}" for state, count in sorted(report.before.items())), ""],
        ["states in the end", ", ".join(f"{state} {count}" for state, count in sorted(report.after.items())), ""],
    ]
    return table(["figure", "measured", "should be"], rows)
