"""The real program as a process: started, killed, started again; and what lies in its database meanwhile."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent
FEW = {"FAQ_DIR": str(PROJECT / "tests" / "handlers" / "knowledge"), "EMBEDDINGS": "none"}
"""a few entries, found by their words: where it does not matter what is answered, a start takes half of the time with them"""
STARTS_WITHIN = 120.0
"""seconds; four on a machine that does nothing else, and tests share theirs"""
STOPS_WITHIN = 20.0

Row = dict[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(true: Callable[[], bool] | Callable[[], Awaitable[bool]], within: float, what: str) -> None:
    """Wait for something outside this process, which nobody announces."""
    try:
        async with asyncio.timeout(within):
            while True:
                found = true()
                if found if isinstance(found, bool) else await found:
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {within:g} s") from None


class Program:
    """`donghanh serve` in a folder of its own. settings: environment variables."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "log.txt"
        self._settings = {
            # Nothing of this machine's own settings may reach the program.
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
            "PYTHONPATH": str(PROJECT),
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "SECRET_KEY": "a key of the tests, long enough",
            "LOG_FORMAT": "json",
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; returns as soon as the process exists."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.cli", "serve", cwd=self.folder, env=self._settings, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> None:
        """End it as an operator does; it must come to its end by itself."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOPS_WITHIN)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"it did not stop within {STOPS_WITHIN:g} s; its log ends:\n{self.log_end()}") from None

    @property
    def environment(self) -> dict[str, str]:
        """What it is started with, for a command beside it."""
        return dict(self._settings)

    def log_end(self) -> str:
        return self.log.read_text(encoding="utf-8")[-4000:]

    def logged(self) -> list[Row]:
        """Return the lines of the log; what is printed for the operator is not among them."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def rows(self, query: str, *params: Any) -> list[Row]:
        """Ask the database file, also while the program runs or after it was killed; none while there is no table yet."""
        file = self.folder / "donghanh.db"
        if not file.exists():
            return []
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, params)]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()
