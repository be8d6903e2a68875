"""The real program, as processes beside this one."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.peers.telegram import TelegramPeer
from tests.process.program import Program

PUBLIC = "https://bot.example"
MakeProgram = Callable[..., Program]


@pytest.fixture
async def make_program(tmp_path: Path) -> AsyncIterator[MakeProgram]:
    """Makes programs that talk to a loopback Telegram; whatever still runs at the end of a test is stopped."""
    made: list[Program] = []

    def make(name: str, *, telegram: TelegramPeer, **settings: str) -> Program:
        folder = tmp_path / name
        folder.mkdir()
        # The limits are tried elsewhere; here they would mostly be only waited for.
        unlimited = {"TELEGRAM_RATE_LIMIT": "0", "TELEGRAM_CHAT_RATE_LIMIT": "0"}
        program = Program(folder, TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.url, **(unlimited | settings))
        made.append(program)
        return program

    yield make
    for program in made:
        if program.alive:
            await program.kill()
