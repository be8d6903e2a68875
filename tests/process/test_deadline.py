"""No inquiry passes its routing deadline unrouted, with nobody at work and after any stop: invariant 3 of the architecture,
watched in seconds on the real program."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram.people import User
from tests.process.conftest import MakeProgram
from tests.process.program import FEW, STARTS_WITHIN, Program, Row, until

pytestmark = pytest.mark.process

DEADLINE_S = 8
SETTINGS = {"ROUTING_DEADLINE": f"PT{DEADLINE_S}S", "SWEEP_INTERVAL": "0.5", **FEW}
UNCLEAR = "Tôi muốn trao đổi với cán bộ về một việc riêng"
"""what no department can be guessed from"""


def inquiry(program: Program, person: User) -> Row:
    """The one inquiry of a person, or what stands for none yet."""
    rows = program.rows(
        "SELECT i.id, i.number, i.state, i.department_id, i.routed_by, i.routing_due_at, i.routed_at "
        "FROM inquiries i JOIN channel_accounts a ON a.id = i.account_id WHERE a.external_id = ?",
        str(person.id),
    )
    assert len(rows) <= 1
    return rows[0] if rows else {"state": "none"}


def told(program: Program, person: User) -> list[Row]:
    """What was written to the ledger to tell a person that the system has routed the inquiry."""
    return program.rows(
        "SELECT state, json_extract(content, '$.text') AS text FROM deliveries WHERE key LIKE 'routed:%' AND recipient = ?",
        str(person.id),
    )


async def leaves_an_inquiry(program: Program, person: User) -> Row:
    await person.says("/ask_officer")
    await person.says(UNCLEAR)
    await until(lambda: inquiry(program, person)["state"] == "awaiting_routing", 10, f"{UNCLEAR!r} waits to be routed")
    return inquiry(program, person)


def routed_by_the_system_and_told_once(program: Program, person: User) -> None:
    found = inquiry(program, person)
    assert (found["state"], found["routed_by"]) == ("routed", "auto")
    assert found["department_id"]
    leads = program.rows("SELECT text_key FROM officer_notices WHERE audience = 'lead' AND inquiry_id = ?", found["id"])
    assert [row["text_key"] for row in leads] == ["officer.routed_at_deadline"]
    [notice] = told(program, person)
    assert notice["state"] == "sent"
    assert found["number"] in notice["text"]
    assert [message.text for message in person.messages].count(notice["text"]) == 1
    routings = program.rows("SELECT * FROM inquiry_history WHERE event = 'route' AND inquiry_id = ?", found["id"])
    assert [(row["actor"], row["to_state"]) for row in routings] == [("system", "routed")]
    rungs = program.rows(
        "SELECT percent, fired_at, pending_at FROM rungs WHERE clock = 'routing' AND inquiry_id = ? ORDER BY percent",
        found["id"],
    )
    assert [row["percent"] for row in rungs] == [50, 80, 95, 100]
    assert all(row["fired_at"] and not row["pending_at"] for row in rungs)


async def test_what_nobody_touches_is_routed_at_the_deadline_and_told_once_also_after_a_kill(make_program: MakeProgram) -> None:
    """Of two inquiries the first falls due while the program is at work, the second while it lies killed."""
    async with TelegramPeer() as peer:
        program = make_program("killed", telegram=peer, **SETTINGS)
        lan, minh = peer.user("Lan"), peer.user("Minh")
        await program.start()
        await peer.polled(timeout=STARTS_WITHIN)

        await leaves_an_inquiry(program, lan)
        # A message in flight at a kill may arrive twice; this kill comes after it was written down.
        await until(
            lambda: [row["state"] for row in told(program, lan)] == ["sent"],
            DEADLINE_S + 10,
            "the system routes it and says so",
        )
        at_work = inquiry(program, lan)
        # At the last look before the deadline; on a machine that is busy with other tests a look may be late.
        early = datetime.fromisoformat(at_work["routing_due_at"]) - datetime.fromisoformat(at_work["routed_at"])
        assert timedelta(seconds=-2) < early < timedelta(seconds=DEADLINE_S / 2)

        due = datetime.fromisoformat((await leaves_an_inquiry(program, minh))["routing_due_at"])
        await program.kill()
        assert inquiry(program, minh)["state"] == "awaiting_routing"
        await asyncio.sleep((due - datetime.now(due.tzinfo)).total_seconds())
        assert inquiry(program, minh)["state"] == "awaiting_routing"

        await program.start()
        await peer.polled(timeout=STARTS_WITHIN)
        await until(lambda: inquiry(program, minh)["state"] == "routed", 10, "the system routes it")
        await until(lambda: [row["state"] for row in told(program, minh)] == ["sent"], 10, "and says so")
        # Some more sweeps, each of which would have the chance to do it again.
        await asyncio.sleep(2)
        await program.stop()
        routed_by_the_system_and_told_once(program, lan)
        routed_by_the_system_and_told_once(program, minh)
