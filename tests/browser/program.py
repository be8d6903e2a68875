"""The real program as a process of its own, with a folder and a port to itself."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bot.settings import PROJECT

_START_WITHIN_S = 60


class Program:
    """`donghanh serve`. It can be stopped, killed and started again on the same data and port.

    settings: what the environment says beside DATA_DIR and PORT, for instance ROUTING_DEADLINE="PT20S".
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._output = folder / "output.txt"
        inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = {
            **inherited,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        self.officers: dict[str, str] = {}
        """logins of officers who were added for the tests and have chosen their password"""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        """What it has printed so far, over all starts."""
        return self._output.read_text(encoding="utf-8", errors="replace") if self._output.exists() else ""

    def start(self) -> None:
        """Start it and return once it answers."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve"],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise AssertionError(f"the program ended at its start:\n{self.output}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"the program did not answer within {_START_WITHIN_S} s:\n{self.output}")

    def run(self, *arguments: str) -> str:
        """Run another command of the program on the same data; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the program did not stop within 20 s:\n{self.output}") from None
        finally:
            self._process = None


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port
