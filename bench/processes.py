"""Child processes: started, watched for their CPU time, and always ended, each by its own id."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TOKEN = "42:bench-token-of-nobody"
_TICKS = os.sysconf("SC_CLK_TCK")
_START_S = 120.0
_STOP_S = 15.0


class DidNotStart(Exception):
    """A process that is to be measured ended, or did not listen in time; its last words are the message."""


class Child:
    """A process that listens on a port of this machine."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.name = name
        self.port = port
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Return what all its threads have used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def wait_until_it_answers(self) -> None:
        """Wait for an answer, whatever it says: a port may be open long before anybody serves it."""
        end = time.monotonic() + _START_S
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_START_S)
                asked.request("GET", "/healthz")
                asked.getresponse().read()
                asked.close()
                return
            time.sleep(0.05)
        raise DidNotStart(f"{self.name} did not start:\n{self.last_words()}")

    def last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextlib.contextmanager
def child(
    name: str, arguments: Sequence[str], port: int, folder: Path, *, environment: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """Run `python -m …` in a folder of its own, so that no .env of the operator is read, and end it afterwards."""
    log = folder / f"{name}.log"
    # Nothing of the operator's settings may reach a measurement: only what is needed to run at all is handed on.
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR") if key in os.environ}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(PROJECT), **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        started = Child(name, process, port, log)
        try:
            started.wait_until_it_answers()
            yield started
        finally:
            started.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cores_busy_since(mark: tuple[float, float]) -> float:
    """Return how many cores were busy, on average, with anything at all since `busy_mark`."""
    before, at = mark
    now, moment = busy_mark()
    return (now - before) / max(moment - at, 1e-9)


def busy_mark() -> tuple[float, float]:
    """Return the CPU seconds that this machine has used since it started, and the moment."""
    values = [int(value) for value in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    return sum(values) / _TICKS - (values[3] + values[4]) / _TICKS, time.monotonic()
