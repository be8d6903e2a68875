"""A copy of an installation in one archive, taken while it runs, and the way back from it.

The archive (tar, gzip) holds the database as one SQLite file whatever it lives in, the files that people sent, the key that
proves the histories, and the knowledge base. So it can be restored on SQLite and on PostgreSQL alike, and proved before.
"""

import asyncio
import gzip
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from sqlalchemy.engine import make_url

from bot.escalation.audit import Report, verify
from bot.escalation.history import Chain
from bot.knowledge.files.loading import load_files
from storage.copying import NotEmpty, copy, rows_of
from storage.database import Database
from storage.schema import is_newest, migrate

DATABASE, KEY, FILES, KNOWLEDGE = "donghanh.db", "secret.key", "files", "faq"


class TargetExists(Exception):
    """Nothing is overwritten."""


class OtherVersion(Exception):
    """The PostgreSQL database was made by another version of the program, which can back it up."""


class ArchiveWrong(Exception):
    """This is no archive that `donghanh backup` wrote, or a part of it is missing. Says what is wrong."""


class HistoryChanged(Exception):
    """The histories in the archive do not fit the key. `report` says where."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.faults[:3])
        self.report = report


@dataclass(frozen=True)
class Place:
    """An installation: where its data live. key: as the settings give it; empty for the one kept in `data_dir`."""

    database_url: str
    data_dir: Path
    faq_dir: Path
    key: bytes = b""


@dataclass(frozen=True)
class Restored:
    """What came back. waiting: messages that had not been sent when the backup was made, and will be now. kept: where the
    knowledge base that was here before lies now; None where nothing had to be moved."""

    inquiries: int
    history: int
    files: int
    waiting: int
    kept: Path | None
    with_knowledge: bool


# Writing


async def write(place: Place, target: Path) -> None:
    """Write the archive, readable by this user only. Raises TargetExists, OtherVersion."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise TargetExists from None
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, os.fdopen(handle, "wb") as file:
            database = Path(folder) / DATABASE
            await _snapshot(place.database_url, database)
            await asyncio.to_thread(_leave_out, database)
            await asyncio.to_thread(_pack, file, database, place)
    except BaseException:
        await asyncio.to_thread(target.unlink, missing_ok=True)  # half an archive is none
        raise


async def _snapshot(url: str, file: Path) -> None:
    """Bring the database, as it is at one moment, into a file."""
    if url.startswith("sqlite"):
        await asyncio.to_thread(_vacuum, Path(make_url(url).database or ""), file)
        return
    if not await is_newest(url):
        raise OtherVersion  # to bring it up to date is for the start of the program, after a backup
    address = _address(file)
    await migrate(address)
    await copy(url, address)
    await asyncio.to_thread(_settle, file)


def _vacuum(database: Path, file: Path) -> None:
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        source.execute("VACUUM INTO ?", (str(file),))  # a consistent copy, also under load
    finally:
        source.close()


def _leave_out(file: Path) -> None:
    """Take the events out that no turn has taken yet. Any of them may be a report for the special team; they are sealed with
    the key that may lie in the same archive."""
    with sqlite3.connect(file) as database:
        known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'waiting_events'").fetchone()
        if known:
            database.execute("PRAGMA secure_delete=ON")
            database.execute("DELETE FROM waiting_events WHERE due_at IS NOT NULL")
    database.close()


def _settle(file: Path) -> None:
    """Bring what still lies beside the file into it."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()


def _pack(file: object, database: Path, place: Place) -> None:
    with tarfile.open(fileobj=file, mode="w:gz") as archive:  # type: ignore[call-overload]
        archive.add(database, DATABASE)
        for name in (FILES, KEY):
            if (place.data_dir / name).exists():
                archive.add(place.data_dir / name, name)
        for path in _knowledge_files(place.faq_dir):
            archive.add(path, f"{KNOWLEDGE}/{path.relative_to(place.faq_dir).as_posix()}")


def _knowledge_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


# The way back


async def restore(archive: Path, place: Place, *, today: date, although_changed: bool = False) -> Restored:
    """Bring an archive into an empty installation. Everything is proved before anything is put in its place.

    although_changed: restore also where the histories do not fit, as after a disaster that left nothing better.
    Raises ArchiveWrong, NotEmpty, HistoryChanged, SchemaTooNew, KnowledgeFilesError; then nothing has changed.
    """
    await _refuse_data(place.database_url)
    place.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=place.data_dir) as folder:
        found = Path(folder)
        await asyncio.to_thread(_unpack, archive, found)
        address = _address(found / DATABASE)
        await migrate(address)
        report = await _proved(address, found, place)
        if report.faults and not although_changed:
            raise HistoryChanged(report)
        if (found / KNOWLEDGE).is_dir():
            await asyncio.to_thread(load_files, found / KNOWLEDGE, today=today)
        waiting = await asyncio.to_thread(_waiting, found / DATABASE)
        await asyncio.to_thread(_settle, found / DATABASE)
        files = sum(1 for path in (found / FILES).rglob("*") if path.is_file())
        with_knowledge = (found / KNOWLEDGE).is_dir()
        kept: list[Path] = []

        async def put() -> None:
            kept.extend(await asyncio.to_thread(_put, found, place))

        if place.database_url.startswith("sqlite"):
            await put()
        else:
            await copy(address, place.database_url, before_the_commit=put)
    return Restored(report.inquiries, report.rows, files, waiting, kept[0] if kept else None, with_knowledge)


def _address(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def _refuse_data(url: str) -> None:
    """Raise NotEmpty where the database holds anything; what is not there yet is made, on PostgreSQL."""
    if url.startswith("sqlite") and not await asyncio.to_thread(Path(make_url(url).database or "").exists):
        return
    await migrate(url)
    if held := await rows_of(url):
        raise NotEmpty(held)


def _unpack(archive: Path, folder: Path) -> None:
    """Take the known parts out, plain files only. Raises ArchiveWrong."""
    try:
        with gzip.open(archive) as whole:  # to its end, where the sum over it stands; tarfile stops before
            while whole.read(1 << 20):
                continue
        with tarfile.open(archive, mode="r:gz") as packed:
            for member in packed:
                path = PurePosixPath(member.name)
                known = member.name in (DATABASE, KEY) or (
                    path.parts[:1] in ((FILES,), (KNOWLEDGE,)) and ".." not in path.parts
                )
                if not known or path.is_absolute() or not (member.isfile() or member.isdir()):
                    raise ArchiveWrong(f"{member.name}: not a part of a backup")
                if member.isfile():
                    place = folder / Path(*path.parts)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    content = packed.extractfile(member)
                    assert content is not None  # it is a plain file
                    with place.open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ArchiveWrong(f"cannot be read to its end: {error}") from error
    if not (folder / DATABASE).is_file():
        raise ArchiveWrong(f"{DATABASE} is missing in it")
    try:
        with sqlite3.connect(folder / DATABASE) as database:
            sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()
    except sqlite3.DatabaseError as error:
        raise ArchiveWrong(f"{DATABASE} in it is damaged: {error}") from error
    if not sound:
        raise ArchiveWrong(f"{DATABASE} in it is damaged")


async def _proved(address: str, found: Path, place: Place) -> Report:
    """Check the histories with the key that this installation will use."""
    key = place.key or (found / KEY).read_bytes().strip() if (found / KEY).exists() else place.key
    if not key:
        raise ArchiveWrong("it holds no key, as that stood in SECRET_KEY: set the same SECRET_KEY here")
    database = Database(address)
    try:
        return await verify(database, Chain(key))
    finally:
        await database.close()


def _waiting(file: Path) -> int:
    with sqlite3.connect(file) as database:
        (count,) = database.execute("SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending')").fetchone()
    database.close()
    return int(count)


def _put(found: Path, place: Place) -> list[Path]:
    """Put everything in its place, the database last: until it is there the installation counts as empty. Return where
    the former knowledge base is kept."""
    kept: list[Path] = []
    if (found / KNOWLEDGE).is_dir():
        kept = _put_knowledge(found / KNOWLEDGE, place)
    for path in sorted((found / FILES).rglob("*")):
        if path.is_file():
            goal = place.data_dir / path.relative_to(found)
            goal.parent.mkdir(parents=True, exist_ok=True)
            path.replace(goal)
    if (found / KEY).exists() and not place.key:
        (found / KEY).chmod(0o600)
        (found / KEY).replace(place.data_dir / KEY)
    if place.database_url.startswith("sqlite"):
        goal = Path(make_url(place.database_url).database or "")
        goal.parent.mkdir(parents=True, exist_ok=True)
        for beside in ("-wal", "-shm"):
            Path(f"{goal}{beside}").unlink(missing_ok=True)
        shutil.move(found / DATABASE, goal)
    return kept


def _put_knowledge(found: Path, place: Place) -> list[Path]:
    """Have the folder hold what the backup held, file by file, since it may be mounted; keep what was there and differs."""
    wanted = {path.relative_to(found): path.read_bytes() for path in _knowledge_files(found)}
    there = {}
    if place.faq_dir.is_dir():
        there = {path.relative_to(place.faq_dir): path.read_bytes() for path in _knowledge_files(place.faq_dir)}
    if wanted == there:
        return []
    kept = []
    if there:
        kept = [Path(tempfile.mkdtemp(prefix="faq-before-restore-", dir=place.data_dir))]
        shutil.copytree(place.faq_dir, kept[0], dirs_exist_ok=True)
    for name in there.keys() - wanted.keys():
        (place.faq_dir / name).unlink()
    for name, content in wanted.items():
        if there.get(name) != content:
            goal = place.faq_dir / name
            goal.parent.mkdir(parents=True, exist_ok=True)
            goal.write_bytes(content)
    return kept
