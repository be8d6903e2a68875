"""A campaign whose program is killed while it goes out: nobody is lost, and nobody is told twice behind anybody's back.

`python -m bench kills` is the long run of the same, with faults of the platform and two hundred kills.
"""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from bench.campaign import OPEN_DAY, make_tokens, prepare
from bench.ours import database_in
from tests.peers.telegram import TelegramPeer
from tests.process.conftest import MakeProgram
from tests.process.program import STARTS_WITHIN, Program, until

pytestmark = pytest.mark.process

PEOPLE = 80
RATE = "50"
"""messages a second: slow enough that a kill falls among them"""
ANSWER_S = 0.4
"""how long an answer of the platform takes: so long that a kill falls between a message and the answer to it"""
WITHIN = 60.0
FINAL = {"sent", "acknowledged", "unknown"}


async def test_a_campaign_survives_a_kill_and_shows_what_it_cannot_know(make_program: MakeProgram) -> None:
    async with TelegramPeer() as peer:
        people = [peer.user(f"Người {number}", started=True) for number in range(PEOPLE)]
        program = make_program("campaign", telegram=peer, TELEGRAM_RATE_LIMIT=RATE, **OPEN_DAY)
        url = database_in(program.folder)
        await prepare(url, [each.id for each in people], ())
        tokens = await make_tokens(url, program.folder)
        peer.delays("sendMessage", seconds=ANSWER_S, after_effect=True, times=None)
        await program.start()
        await _released(program, tokens)
        await until(lambda: _sent(peer) >= PEOPLE // 3, STARTS_WITHIN, "it sends")
        await program.kill()
        assert _sent(peer) < PEOPLE, "the kill came too late to tell anything"
        await program.start()
        await until(lambda: _at_rest(program), WITHIN, "everybody has a final state")

        states = {int(row["recipient"]): row["state"] for row in _rows(program)}
        arrived = {each.id: len(each.messages) for each in people}
        print(f"{PEOPLE} recipients: {Counter(states.values())}")
        assert states.keys() == arrived.keys()
        assert all(times <= 1 for times in arrived.values())
        assert all(arrived[chat] == 1 for chat, state in states.items() if state != "unknown")
        assert Counter(states.values())["unknown"] > 0, "no message was in flight at a kill: nothing was tried"
        wrong = [line for line in program.logged() if line["level"] in ("error", "critical")]
        assert wrong == []


async def _released(program: Program, tokens: list[str]) -> None:
    """Have a message to everybody written by one and approved by another, through the API."""
    url = f"http://127.0.0.1:{program.port}"
    author, approver = ({"Authorization": f"Bearer {each}"} for each in tokens)
    content = {
        "kind": "policy_update",
        "title": "Biểu mẫu mới",
        "text_vi": "Từ mai dùng biểu mẫu mới.",
        "text_en": "New forms.",
    }
    async with httpx.AsyncClient(base_url=url, timeout=30) as api:

        async def answers() -> bool:
            try:
                return (await api.get("/readyz")).status_code == 200
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                return False

        await until(answers, STARTS_WITHIN, "the program is ready")

        async def post(path: str, body: dict[str, Any], who: dict[str, str]) -> dict[str, Any]:
            found: dict[str, Any] = (await api.post(f"/api/v1{path}", json=body, headers=who)).raise_for_status().json()
            return found

        made = await post("/campaigns", content, author)
        path = f"/campaigns/{made['id']}"
        approved = await post(f"{path}/approve", {"revision": made["revision"]}, approver)
        await post(f"{path}/schedule", {"revision": approved["revision"]}, approver)


def _sent(peer: TelegramPeer) -> int:
    return len(peer.calls_of("sendMessage"))


def _rows(program: Program) -> list[dict[str, Any]]:
    return program.rows("SELECT recipient, state FROM deliveries WHERE wave_id IS NOT NULL")


def _at_rest(program: Program) -> bool:
    assert program.alive, program.log_end()
    rows = _rows(program)
    return len(rows) == PEOPLE and {row["state"] for row in rows} <= FINAL
