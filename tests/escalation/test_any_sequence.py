"""Whatever is done to an inquiry, by whomever and in whatever order, it only ever moves as the state machine allows."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import HelpdeskError
from bot.escalation.audit import verify
from bot.escalation.states import MOVES, Event, State
from storage import inquiries as stored
from storage.database import Database
from storage.inquiries import InquiryRecord
from tests.clock import ManualClock
from tests.escalation.conftest import COORDINATOR, LAN, LEAD, MINH, OTHER, Desk, open_desk

WHO = {"lan": LAN, "minh": MINH, "lead": LEAD, "other": OTHER, "coordinator": COORDINATOR}
ACTS = (
    "route", "take", "release", "answer", "ask_back", "defer", "transfer", "escalate", "close",
    "add", "solved", "reopen", "rate", "sweep", "wait",
)  # fmt: skip
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(sorted(WHO)), st.booleans()), max_size=14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_no_sequence_of_acts_leaves_the_allowed_transitions(sqlite_template: Path, done: list[tuple[str, str, bool]]) -> None:
    asyncio.run(_run(sqlite_template, done))


async def _run(template: Path, done: list[tuple[str, str, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "donghanh.db"
        shutil.copyfile(template, copy)
        database = Database(f"sqlite+aiosqlite:///{copy}")
        try:
            desk = await open_desk(database, ManualClock())
            inquiry = await desk.given_inquiry()
            stale = inquiry
            for act, who, seen_long_ago in done:
                current = await desk.look(inquiry)
                try:
                    await _act(desk, stale if seen_long_ago else current, act, who)
                except HelpdeskError:
                    assert await desk.look(inquiry) == current  # what is refused has changed nothing
                stale = current
            await _explained(desk, inquiry)
        finally:
            await database.close()


async def _act(desk: Desk, inquiry: InquiryRecord, act: str, who: str) -> None:
    actor, service = WHO[who], desk.inquiries
    later = desk.clock.now() + timedelta(hours=30)
    acts: dict[str, Callable[[], Awaitable[Any]]] = {
        "route": lambda: desk.act(service.route, inquiry, "chi-cuc", actor, by="coordinator"),
        "take": lambda: desk.act(service.take, inquiry, actor),
        "release": lambda: desk.act(service.release, inquiry, actor),
        "answer": lambda: desk.act(service.answer, inquiry, "Trả lời", actor),
        "ask_back": lambda: desk.act(service.ask_back, inquiry, "Xin thêm hồ sơ", actor),
        "defer": lambda: desk.act(service.defer, inquiry, reason="Bão", until=later, actor=actor),
        "transfer": lambda: desk.act(service.transfer, inquiry, "cuc-kiem-dinh", "Đúng lĩnh vực", actor),
        "escalate": lambda: desk.act(service.escalate, inquiry, "Ngoài thẩm quyền", actor),
        "close": lambda: desk.act(service.close, inquiry, actor, reason="Trùng"),
        "add": lambda: desk.act(service.add_message, inquiry, desk.asker, "Thêm"),
        "solved": lambda: desk.act(service.solved, inquiry, desk.asker),
        "reopen": lambda: desk.act(service.reopen, inquiry, desk.asker),
        "rate": lambda: desk.act(service.rate, inquiry, desk.asker, stars=5),
        "sweep": desk.sweeper.run,
        "wait": lambda: _wait(desk),
    }
    await acts[act]()


async def _wait(desk: Desk) -> None:
    desk.clock.advance(timedelta(hours=13))


async def _explained(desk: Desk, inquiry: InquiryRecord) -> None:
    async with desk.database.read() as uow:
        rows = await stored.history(uow, inquiry.id)
    state = State.RECEIVED
    for row in rows[1:]:
        assert row["from_state"] == state
        if row["to_state"] != row["from_state"] or row["event"] in set(Event):
            assert MOVES[state, Event(row["event"])] == row["to_state"]
        state = State(row["to_state"])
    assert (await desk.look(inquiry)).state == state
    assert (await verify(desk.database, desk.chain)).faults == []
