"""A real PostgreSQL for the tests: a temporary cluster with its durability switched off, ended with the tests.

The schema is migrated once into a template database; each test that asks gets a copy of it.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from storage.schema import migrate

TEMPLATE = "donghanh_template"
LOCKED = "locked"
"""a user whose password nobody knows"""


def programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, or nothing where there is none."""
    if found := os.environ.get("PG_BIN"):
        return Path(found)
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def cluster(bin_folder: Path) -> Iterator[str]:
    """Start a cluster on a free port of this machine; yield the address of its server, without a database."""
    folder = Path(tempfile.mkdtemp(prefix="donghanh-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    data = str(folder / "data")
    run(str(bin_folder / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    rules = folder / "data" / "pg_hba.conf"  # everybody is let in, but one who has to say a password
    rules.write_text(f"host all {LOCKED} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    options = (
        f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c synchronous_commit=off "
        "-c full_page_writes=off -c max_connections=200"
    )
    run(str(bin_folder / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        server = f"postgresql+asyncpg://postgres@127.0.0.1:{port}"
        asyncio.run(_make_template(server))
        yield server
    finally:
        run(str(bin_folder / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


async def _make_template(server: str) -> None:
    await _command(server, f"CREATE DATABASE {TEMPLATE}")
    await migrate(f"{server}/{TEMPLATE}")


async def copy_of_template(server: str, name: str) -> str:
    await _command(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return f"{server}/{name}"


async def drop(server: str, name: str) -> None:
    await _command(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _command(server: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{server.replace('+asyncpg', '')}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
