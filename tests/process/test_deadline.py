"""No inquiry passes its routing deadline unrouted, with nobody at work and after any stop: invariant 3 of the architecture,
watched in seconds on the real program."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.peers.telegram import TelegramPeer
from tests.process.conftest import MakeProgram
from tests.process.program import STARTS_WITHIN, Program, Row, until

pytestmark = pytest.mark.process

DEADLINE_S = 8
SETTINGS = {"ROUTING_DEADLINE": f"PT{DEADLINE_S}S", "SWEEP_INTERVAL": "0.5"}
UNCLEAR = "Tôi muốn trao đổi với cán bộ về một việc riêng"
"""what no department can be guessed from"""


def inquiry(program: Program) -> Row | None:
    rows = program.rows("SELECT id, number, state, department_id, routed_by, routing_due_at, routed_at FROM inquiries")
    assert len(rows) <= 1
    return rows[0] if rows else None


def state(program: Program) -> str:
    found = inquiry(program)
    return found["state"] if found else "none"


def told(program: Program) -> list[Row]:
    """What was written to the ledger to tell the enterprise that the system has routed it."""
    return program.rows("SELECT state, json_extract(content, '$.text') AS text FROM deliveries WHERE key LIKE 'routed:%'")


async def given_untouched_inquiry(peer: TelegramPeer, program: Program) -> None:
    await program.start()
    await peer.polled(timeout=STARTS_WITHIN)
    lan = peer.user("Lan")
    await lan.says("/ask_officer")
    await lan.says(UNCLEAR)
    await until(lambda: state(program) == "awaiting_routing", 10, f"{UNCLEAR!r} waits to be routed")


async def routed_by_the_system_and_told_once(peer: TelegramPeer, program: Program) -> None:
    """From a start on: looks until it is routed, and then that nothing of it happened twice."""
    await peer.polled(timeout=STARTS_WITHIN)
    await until(lambda: state(program) == "routed", 10, "the system routes it")
    found = inquiry(program)
    assert found is not None
    assert found["routed_by"] == "auto"
    assert found["department_id"]
    await peer.user("Lan").sees(found["number"])
    # Some more sweeps, each of which would have the chance to do it again.
    await asyncio.sleep(2)
    await program.stop()
    leads = program.rows("SELECT * FROM officer_notices WHERE audience = 'lead'")
    assert [(row["text_key"], row["inquiry_id"]) for row in leads] == [("officer.routed_at_deadline", found["id"])]
    [notice] = told(program)
    assert notice["state"] == "sent"
    assert [message.text for message in peer.user("Lan").messages].count(notice["text"]) == 1
    routings = program.rows("SELECT * FROM inquiry_history WHERE event = 'route'")
    assert [(row["actor"], row["to_state"]) for row in routings] == [("system", "routed")]
    rungs = program.rows("SELECT percent, fired_at, pending_at FROM rungs WHERE clock = 'routing' ORDER BY percent")
    assert [row["percent"] for row in rungs] == [50, 80, 95, 100]
    assert all(row["fired_at"] and not row["pending_at"] for row in rungs)


async def is_killed_after(make_program: MakeProgram, peer: TelegramPeer) -> None:
    program = make_program("killed-after", telegram=peer, **SETTINGS)
    await given_untouched_inquiry(peer, program)
    # A message in flight at a kill may arrive twice; this kill comes after it was written down.
    await until(
        lambda: [row["state"] for row in told(program)] == ["sent"], DEADLINE_S + 10, "the system routes it and says so"
    )
    await program.kill()
    found = inquiry(program)
    assert found is not None
    # At the last look before the deadline; on a machine that is busy with other tests a look may be late.
    early = datetime.fromisoformat(found["routing_due_at"]) - datetime.fromisoformat(found["routed_at"])
    assert timedelta(seconds=-2) < early < timedelta(seconds=DEADLINE_S / 2)
    await program.start()
    await routed_by_the_system_and_told_once(peer, program)


async def is_killed_before(make_program: MakeProgram, peer: TelegramPeer) -> None:
    program = make_program("killed", telegram=peer, **SETTINGS)
    await given_untouched_inquiry(peer, program)
    await asyncio.sleep(DEADLINE_S / 3)
    assert state(program) == "awaiting_routing"
    await program.kill()
    await asyncio.sleep(DEADLINE_S)
    assert state(program) == "awaiting_routing"
    await program.start()
    await routed_by_the_system_and_told_once(peer, program)


async def test_what_nobody_touches_is_routed_at_the_deadline_and_told_once_also_after_a_kill(make_program: MakeProgram) -> None:
    """A program that is killed before the deadline and started after it, and one that is at work when it comes and killed
    then: beside each other, because each of them mostly waits."""
    async with TelegramPeer() as one, TelegramPeer() as other:
        await asyncio.gather(is_killed_before(make_program, one), is_killed_after(make_program, other))
