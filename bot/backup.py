"""A copy of a SQLite installation in one archive, taken while it runs."""

import asyncio
import os
import sqlite3
import tarfile
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url


class NotSqlite(Exception):
    """The data are in a database with tools of its own."""


class TargetExists(Exception):
    """Nothing is overwritten."""


async def write(database_url: str, data_dir: Path, target: Path) -> None:
    """Write database, files and key into `target` (tar.gz), readable by this user only. Raises NotSqlite, TargetExists."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NotSqlite
    await asyncio.to_thread(_write, Path(url.database), data_dir, target)


def _write(database: Path, data_dir: Path, target: Path) -> None:
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise TargetExists from None
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, os.fdopen(handle, "wb") as file:
        copy = Path(folder) / "donghanh.db"
        source = sqlite3.connect(database)
        try:
            source.execute("VACUUM INTO ?", (str(copy),))  # a consistent copy, also under load
        finally:
            source.close()
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            archive.add(copy, "donghanh.db")
            for name in ("files", "secret.key"):
                if (data_dir / name).exists():
                    archive.add(data_dir / name, name)
