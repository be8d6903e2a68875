"""Campaigns as an operator releases them, through the API of the running program, against the loopback Bot API.

With the platform's limits on: how near the sending comes to the allowed rate, how many refusals it provokes, how long people
wait for replies meanwhile, and what it does to the memory of the process. With the limits off: how fast it is beside bare
`send_message` of the library on the same server, ledger writes included.
"""

import asyncio
import json
import math
import tempfile
import time
import urllib.request
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvloop

from bench import ours
from bench.figures import percentile, spread, table
from bench.load import PATH, SECRET
from bench.processes import Child, busy_mark, child, cores_busy_since, free_port
from storage.database import Database
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Enterprise
from storage.schema import migrate
from storage.unit_of_work import UnitOfWork

_FIRST_PROBE = 50_000_000
_PROBES_A_SECOND = 5
_TEXT = "Từ ngày mai, doanh nghiệp dùng biểu mẫu mới khi nộp hồ sơ. " * 4
OPEN_DAY = {"QUIET_HOURS": "00:00-00:00", "RECALL_WINDOW": "PT0S", "SWEEP_INTERVAL": "5"}


@dataclass(frozen=True)
class Plan:
    """recipients: with the limits on. rate: messages a second that the platform takes. free: recipients without limits."""

    recipients: int = 100_000
    rate: float = 1000
    free: int = 20_000
    rounds: int = 3
    database_url: str = ""


@dataclass
class Limited:
    """What came of the run with the limits on. waits_ms: of people who wrote meanwhile."""

    sent: int = 0
    rate: float = 0.0
    refusals: int = 0
    refusals_later: int = 0
    idle_mb: float = 0.0
    most_mb: float = 0.0
    waits_ms: list[float] = field(default_factory=list)
    unanswered: int = 0
    looks: int = 0
    longest_still_s: float = 0.0
    """for how long the progress, looked at every second, showed nothing new"""
    states: dict[str, int] = field(default_factory=dict)


@dataclass
class Report:
    plan: Plan
    limited: Limited
    own: list[float]
    bare: list[float]
    cores_of_others: float


def run(plan: Plan) -> Report:
    return uvloop.run(_run(plan))


async def _run(plan: Plan) -> Report:
    mark = busy_mark()
    own_cpu = time.process_time()
    limited = Limited()
    own: list[float] = []
    bare: list[float] = []
    used = 0.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="donghanh-bench-")))
        parts = [folder / "limited", folder / "free"]
        for part in parts:
            part.mkdir()
        if plan.recipients:
            used += await _limited(plan, parts[0], limited)
        if plan.free:
            used += await _free(plan, parts[1], own, bare)
    others = max(0.0, cores_busy_since(mark) - (used + time.process_time() - own_cpu) / max(time.monotonic() - mark[1], 1e-9))
    return Report(plan, limited, own, bare, others)


# With the limits on


async def _limited(plan: Plan, folder: Path, result: Limited) -> float:
    chats = range(1, plan.recipients + 1)
    probes = range(_FIRST_PROBE, _FIRST_PROBE + 20 + math.ceil(_PROBES_A_SECOND * plan.recipients / plan.rate * 2))
    database_url = plan.database_url or ours.database_in(folder)
    await prepare(database_url, chats, probes)
    tokens = await make_tokens(database_url, folder)
    with ExitStack() as stack:
        port = free_port()
        limits = ["--rate", str(plan.rate), "--burst", str(plan.rate), "--chat-rate", "1", "--chat-burst", "3"]
        api = stack.enter_context(child("api", ["bench.botapi", "--port", str(port), *limits], port, folder))
        more = {"TELEGRAM_RATE_LIMIT": f"{plan.rate:g}", "TELEGRAM_CHAT_RATE_LIMIT": "1", **OPEN_DAY}
        program = stack.enter_context(ours.running(folder, api.url, database_url, more=more))
        await asyncio.sleep(3)
        result.idle_mb = program.resident_mb()
        async with Desk.at(program, tokens) as desk:
            number = await desk.release(_TEXT)
            asked: dict[int, int] = {}
            probing = asyncio.create_task(_probe(program, iter(probes), asked))
            await _watch(desk, number, program, result, plan.recipients)
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)
            await asyncio.sleep(2)
        _judge(api, asked, result, plan)
        return api.cpu_seconds() + program.cpu_seconds()


async def _watch(desk: "Desk", number: str, program: Child, result: Limited, recipients: int) -> None:
    """Look at the progress every second, as an open page does, until all is sent."""
    moved, before = time.monotonic(), -1
    end = time.monotonic() + 1800
    while time.monotonic() < end:
        progress = await desk.progress(number)
        result.looks += 1
        result.most_mb = max(result.most_mb, program.resident_mb())
        now = time.monotonic()
        if (progress["done"], progress["total"]) != before:
            result.longest_still_s = max(result.longest_still_s, now - moved if result.looks > 1 else 0.0)
            moved, before = now, (progress["done"], progress["total"])
        if progress["total"] >= recipients and progress["left"] == 0:
            result.states = progress["states"]
            return
        await asyncio.sleep(1)
    raise TimeoutError("the campaign did not end")


async def _probe(program: Child, chats: Any, asked: dict[int, int]) -> None:
    """Have people write while the campaign goes out, a few each second, each of them once."""
    async with httpx.AsyncClient(base_url=program.url, timeout=30) as client:
        for number, chat in enumerate(chats, 1):
            at = time.monotonic_ns()
            await client.post(PATH, content=_help(number, chat), headers=_HEADERS)
            asked[chat] = at  # what is broken off with the measurement was not taken by anybody
            await asyncio.sleep(1 / _PROBES_A_SECOND)


_HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}


def _help(number: int, chat: int) -> bytes:
    person = {"id": chat, "is_bot": False, "first_name": "Người hỏi", "language_code": "vi"}
    message = {
        "message_id": number,
        "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Người hỏi"},
        "date": 1_790_000_000,
        "text": "/help",
    }
    return orjson.dumps({"update_id": number, "message": message})


def _judge(api: Child, asked: dict[int, int], result: Limited, plan: Plan) -> None:
    pairs = read(api, "seen")
    bulk = sorted(pairs[place] for place in range(0, len(pairs), 2) if pairs[place + 1] < _FIRST_PROBE)
    result.sent = len(bulk)
    result.rate = (len(bulk) - 1) / ((bulk[-1] - bulk[0]) / 1e9) if len(bulk) > 1 else 0.0
    refused = read(api, "refused")
    result.refusals = len(refused)
    result.refusals_later = sum(at > bulk[0] + 1_000_000_000 for at in refused) if bulk else 0
    replied: dict[int, int] = {}
    for place in range(0, len(pairs), 2):
        if pairs[place + 1] >= _FIRST_PROBE:
            replied.setdefault(pairs[place + 1], pairs[place])
    result.waits_ms = [(replied[chat] - at) / 1e6 for chat, at in asked.items() if chat in replied]
    result.unanswered = len(asked) - len(result.waits_ms)


# Without limits


async def _free(plan: Plan, folder: Path, own: list[float], bare: list[float]) -> float:
    """Send the same message to the same number of chats, by us and by the bare library, in turn on the same server."""
    database_url = ours.database_in(folder)
    await prepare(database_url, range(1, plan.free + 1), ())
    tokens = await make_tokens(database_url, folder)
    with ExitStack() as stack:
        port = free_port()
        api = stack.enter_context(child("api", ["bench.botapi", "--port", str(port)], port, folder))
        port = free_port()
        arguments = ["bench.bare", "--port", str(port), "--api", api.url]
        library = stack.enter_context(child("bare", arguments, port, folder))
        program = stack.enter_context(ours.running(folder, api.url, database_url, more=OPEN_DAY))
        async with Desk.at(program, tokens) as desk:
            for _ in range(plan.rounds):
                read(api, "reset")
                await asyncio.to_thread(_fetch, library, f"/send?chats={plan.free}")
                bare.append(_rate(read(api, "seen")))
                read(api, "reset")
                number = await desk.release(_TEXT)
                await desk.until_done(number, plan.free)
                own.append(_rate(read(api, "seen")))
        return api.cpu_seconds() + program.cpu_seconds() + library.cpu_seconds()


def _rate(pairs: "array[int]") -> float:
    moments = sorted(pairs[0::2])
    return (len(moments) - 1) / ((moments[-1] - moments[0]) / 1e9) if len(moments) > 1 else 0.0


# The office, as a program meets it


class Desk:
    """Writes, approves and releases through the API: by two tokens, as two people."""

    def __init__(self, author: httpx.AsyncClient, approver: httpx.AsyncClient) -> None:
        self._author, self._approver = author, approver

    @classmethod
    @asynccontextmanager
    async def at(cls, program: Child, tokens: Sequence[str]) -> "AsyncIterator[Desk]":
        def client(token: str) -> httpx.AsyncClient:
            headers = {"Authorization": f"Bearer {token}"}
            return httpx.AsyncClient(base_url=f"{program.url}/api/v1", headers=headers, timeout=60)

        async with client(tokens[0]) as author, client(tokens[1]) as approver:
            yield cls(author, approver)

    async def release(self, text: str) -> str:
        """Have a message go to everybody who speaks Vietnamese; return its number."""
        content = {
            "kind": "policy_update",
            "title": "Biểu mẫu mới",
            "text_vi": text,
            "text_en": "New forms.",
            "audience": {"membership": ["member"], "languages": ["vi"]},
        }
        made = (await self._author.post("/campaigns", json=content)).raise_for_status().json()
        path = f"/campaigns/{made['id']}"
        approved = (await self._approver.post(f"{path}/approve", json={"revision": made["revision"]})).raise_for_status().json()
        (await self._approver.post(f"{path}/schedule", json={"revision": approved["revision"]})).raise_for_status()
        return str(made["id"])

    async def until_done(self, number: str, recipients: int) -> None:
        """Wait until everybody was told."""
        for _ in range(2400):
            if (await self.progress(number))["done"] >= recipients:
                return
            await asyncio.sleep(0.5)
        raise TimeoutError("the campaign did not end")

    async def progress(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self._author.get(f"/campaigns/{number}/progress")).raise_for_status().json()
        return found


async def make_tokens(database_url: str, folder: Path) -> list[str]:
    """Make the tokens of an author and of an approver."""
    from bot.access.roles import Posts
    from bot.access.tokens import Tokens
    from bot.clock import SystemClock
    from bot.knowledge.directory import Directory

    database = Database(database_url)
    try:
        tokens = Tokens(database, SystemClock(), Posts(lambda: Directory(())))
        return [(await tokens.create(role=role, name=role))[1] for role in ("editor", "approver")]
    finally:
        await database.close()


async def prepare(database_url: str, chats: Sequence[int], english: Sequence[int]) -> None:
    """People of a member enterprise, reachable on Telegram; the second ones speak English."""
    await migrate(database_url)
    now = datetime.now(UTC)
    enterprise = new_id()
    database = Database(database_url)

    async def add_enterprise(uow: UnitOfWork) -> None:
        names = {"tax_code": "0999999982", "name": "Công ty TNHH Đo Lường", "membership": "member"}
        uow.insert(Enterprise, id=enterprise, **names, member_since=now, created_at=now)

    try:
        await database.write(add_enterprise)
        for language, some in (("vi", chats), ("en", english)):
            for start in range(0, len(some), 5000):
                part = some[start : start + 5000]

                async def add(uow: UnitOfWork, part: Sequence[int] = part, language: str = language) -> None:
                    for chat in part:
                        contact = new_id()
                        who = {"enterprise_id": enterprise, "name": f"Người {chat}", "language": language}
                        uow.insert(Contact, id=contact, **who, created_at=now)
                        where = {"contact_id": contact, "channel": "telegram", "external_id": str(chat)}
                        uow.insert(ChannelAccount, id=new_id(), **where, step_data={}, created_at=now)

                await database.write(add)
    finally:
        await database.close()


def _fetch(server: Child, path: str) -> bytes:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=600) as answer:
        found: bytes = answer.read()
        return found


def read(api: Child, what: str) -> "array[int]":
    """Ask the loopback Bot API for what it keeps."""
    values = array("q")
    values.frombytes(_fetch(api, f"/bench/{what}"))
    return values


def told(report: Report) -> str:
    """Write the report out, with what each figure should be."""
    plan, limited = report.plan, report.limited
    lines = [f"cores taken by others: {report.cores_of_others:.2f}", ""]
    if plan.recipients:
        share = limited.rate / plan.rate if plan.rate else math.nan
        waits = limited.waits_ms
        rows = [
            ["recipients", f"{limited.sent:,}", f"{plan.recipients:,}"],
            ["messages a second", f"{limited.rate:,.1f} = {share:.2%} of {plan.rate:g}", ">= 98 %"],
            ["429 answers after the first second", str(limited.refusals_later), "0"],
            ["429 answers in all", str(limited.refusals), ""],
            ["memory, MB: idle, most", f"{limited.idle_mb:.0f}, {limited.most_mb:.0f}", f"< {limited.idle_mb + 150:.0f}"],
            [
                f"replies meanwhile ({len(waits)}), ms: p50, p99",
                f"{percentile(waits, 0.5):.0f}, {percentile(waits, 0.99):.0f}",
                "p99 < 1000",
            ],
            ["replies that never came", str(limited.unanswered), "0"],
            ["longest time without visible progress, s", f"{limited.longest_still_s:.1f}", "< 5"],
            ["what became of them", json.dumps(limited.states), ""],
        ]
        lines += ["With the platform's limits on", table(["figure", "measured", "should be"], rows), ""]
    if plan.free:
        ratios = [own / bare for own, bare in zip(report.own, report.bare, strict=True)]
        rows = [
            ["bare send_message of the library, a second", spread(report.bare), ""],
            ["ours, a second, ledger included", spread(report.own), ""],
            ["ours by the library's", spread(ratios, 2), ">= 0.5"],
        ]
        lines += ["Without limits", table(["figure", "measured (least..most)", "should be"], rows)]
    return "\n".join(lines)


def held(report: Report) -> bool:
    """Say whether every figure is what it should be."""
    limited, plan = report.limited, report.plan
    good = True
    if plan.recipients:
        good = (
            limited.sent == plan.recipients
            and limited.rate >= 0.98 * plan.rate
            and limited.refusals_later == 0
            and limited.most_mb < limited.idle_mb + 150
            and percentile(limited.waits_ms, 0.99) < 1000
            and not limited.unanswered
        )
    if plan.free:
        ratios = sorted(own / bare for own, bare in zip(report.own, report.bare, strict=True))
        good = good and ratios[len(ratios) // 2] >= 0.5
    return good
