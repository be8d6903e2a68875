"""Many inquiries that fall due while two processes on PostgreSQL are killed: the test of it, at its full size."""

import os
import subprocess
import sys

from bench.processes import PROJECT

TEST = "tests/process/test_many_processes.py"


def run(inquiries: int, deadline_s: int) -> int:
    """Run the test with so many inquiries and such a routing deadline; return how it ended, 0 for well."""
    size = {"MANY_PROCESSES_INQUIRIES": str(inquiries), "MANY_PROCESSES_DEADLINE_S": str(deadline_s)}
    command = [sys.executable, "-m", "pytest", "--durations=3", TEST]
    return subprocess.run(command, cwd=PROJECT, env={**os.environ, **size}, check=False).returncode
