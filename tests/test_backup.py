"""A backup holds an installation, and brings it back whole, proved, and into an empty place only."""

import asyncio
import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.backup import ArchiveWrong, HistoryChanged, OtherVersion, Place, Restored, TargetExists, restore, write
from bot.cli import app
from bot.escalation.audit import verify
from bot.knowledge.files.problems import KnowledgeFilesError
from bot.knowledge.service import Knowledge
from storage.copying import NotEmpty, copy
from storage.models import LawPassage, LawVersion
from storage.schema import is_newest, migrate
from storage.unit_of_work import UnitOfWork
from tests import postgresql
from tests.clock import ManualClock
from tests.office import OWN, Office, open_office

SHIPPED = Path(__file__).parent.parent / "faq"
KEY = b"a key of the tests, long enough"  # of tests/office.py
TODAY = date(2026, 11, 16)
ANSWER = "Đề nghị liên hệ chi cục."


def faq_in(folder: Path) -> Path:
    faq = folder / "faq"
    (faq / "entries").mkdir(parents=True)
    for name in ("documents.yaml", "directory.yaml", "calendar.yaml", "entries/1399-thu-hoi.yaml"):
        shutil.copy(SHIPPED / name, faq / name)
    return faq


def empty(folder: Path, url: str = "") -> Place:
    """An installation in which nothing has happened yet, with the shipped knowledge base."""
    folder.mkdir(exist_ok=True)
    faq = folder / "faq" if (folder / "faq").exists() else faq_in(folder)
    return Place(url or f"sqlite+aiosqlite:///{folder / 'donghanh.db'}", folder, faq, KEY)


@asynccontextmanager
async def opened(place: Place, clock: ManualClock) -> AsyncIterator[Office]:
    office = open_office(place.database_url, place.data_dir, clock, Knowledge.load(place.faq_dir, today=TODAY))
    yield office
    await office.core.database.close()


@pytest.fixture
async def lived_in(database_url: str, tmp_path: Path, clock: ManualClock) -> Place:
    """An installation with cases, a file, an approved entry and a law whose wording was replaced by another."""
    place = empty(tmp_path / "old", database_url)
    (place.faq_dir / "entries" / "tu-thuc-tien.yaml").write_text(
        (place.faq_dir / "entries" / "1399-thu-hoi.yaml").read_text(encoding="utf-8").replace("- id: ", "- id: hoc-"),
        encoding="utf-8",
    )
    async with opened(place, clock) as office:
        lan = await office.officer("lan")
        asker = await office.asker(member=True, company="Công ty Hoàng Gia", tax_code="0100233488")
        inquiry = await office.given_inquiry(to=OWN, asker=asker, text="Tờ khai “luồng đỏ” 🙂", state="in_progress", by=lan)
        await office.given_file(inquiry, asker, name="to-khai.pdf", content=b"%PDF-1.7 noi dung")
        for id, replaced_by in ((2, None), (1, 2)):  # the earlier one, with the lower id, points to the later one
            await office.core.database.write(partial(law_version, id, replaced_by))
        await office.given_inquiry(asker=asker)
        async with office.program() as api:
            sent = await api.post(f"/inquiries/{inquiry.number}/note", json={"text": "x"}, headers={"Idempotency-Key": "k"})
            assert sent.status_code == 200
    return place


async def law_version(id: int, replaced_by: int | None, uow: UnitOfWork) -> None:
    uow.insert(
        LawVersion,
        id=id,
        document="77/QĐ-STV",
        version=id,
        title="Trồng cây",
        issuer="Sở",
        effective_from=date(2020 + id, 1, 1),
        status="amended" if replaced_by else "in_force",
        imported_at=datetime(2026, 1, id, tzinfo=UTC),
        file="cay.txt",
        sha256="0" * 64,
        replaced_by=replaced_by,
    )
    uow.insert(
        LawPassage, version_id=id, seq=1, place="Điều 1", kind="article", number="1", title="", parents=["I"], text="Mười cây."
    )


async def back(archive: Path, place: Place, **options: bool) -> Restored:
    return await restore(archive, place, today=TODAY, **options)


async def everything(place: Place, template: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, read the same way whatever they live in."""
    file = place.data_dir / "look.db"
    shutil.copyfile(template, file)
    await copy(place.database_url, f"sqlite+aiosqlite:///{file}")
    with sqlite3.connect(file) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}
    database.close()
    file.unlink()
    return rows


async def test_what_was_backed_up_comes_back_whole(
    lived_in: Place, tmp_path: Path, clock: ManualClock, sqlite_template: Path
) -> None:
    archive, place = tmp_path / "b.tar.gz", empty(tmp_path / "new")
    await write(lived_in, archive)
    restored = await back(archive, place)

    assert (restored.inquiries, restored.files, restored.with_knowledge) == (2, 1, True)
    assert restored.waiting > 0
    assert await everything(place, sqlite_template) == await everything(lived_in, sqlite_template)
    async with opened(place, clock) as office:
        assert (await verify(office.core.database, office.core.chain)).faults == []
        assert any(entry.startswith("hoc-") for entry in office.core.knowledge.entries)
    assert (place.faq_dir / "entries" / "tu-thuc-tien.yaml").is_file()
    assert [path.read_bytes() for path in (place.data_dir / "files").rglob("*") if path.is_file()] == [b"%PDF-1.7 noi dung"]


async def test_a_backup_of_either_kind_comes_back_in_postgresql(
    lived_in: Place, postgresql_server: str, tmp_path: Path, clock: ManualClock, sqlite_template: Path
) -> None:
    url = await postgresql.copy_of_template(postgresql_server, "restored_here")
    try:
        archive, place = tmp_path / "b.tar.gz", empty(tmp_path / "new", url)
        await write(lived_in, archive)
        await back(archive, place)

        assert await everything(place, sqlite_template) == await everything(lived_in, sqlite_template)
        async with opened(place, clock) as office:
            assert (await verify(office.core.database, office.core.chain)).faults == []
            again = await office.given_inquiry(to=OWN)
            assert again.number.endswith("000003")  # it goes on where it stood
        with pytest.raises(NotEmpty):
            await back(archive, place)
    finally:
        await postgresql.drop(postgresql_server, "restored_here")


async def test_nothing_is_restored_over_data(lived_in: Place, tmp_path: Path, sqlite_template: Path) -> None:
    archive = tmp_path / "b.tar.gz"
    await write(lived_in, archive)
    before = await everything(lived_in, sqlite_template)
    with pytest.raises(NotEmpty) as refused:
        await back(archive, lived_in)
    assert refused.value.rows["inquiries"] == 2
    assert await everything(lived_in, sqlite_template) == before


async def test_a_backup_overwrites_nothing_and_is_for_this_user_only(lived_in: Place, tmp_path: Path) -> None:
    archive = tmp_path / "b.tar.gz"
    await write(lived_in, archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    content = archive.read_bytes()
    with pytest.raises(TargetExists):
        await write(lived_in, archive)
    assert archive.read_bytes() == content


async def test_a_database_of_another_version_is_left_as_it_is(postgresql_url: str, tmp_path: Path) -> None:
    place = empty(tmp_path / "old", postgresql_url)
    await migrate(postgresql_url, to="0001")
    with pytest.raises(OtherVersion):
        await write(place, tmp_path / "b.tar.gz")
    assert not await is_newest(postgresql_url)
    assert not (tmp_path / "b.tar.gz").exists()


# What follows is the same for both kinds: the archive holds a SQLite file either way.


@pytest.fixture(scope="module")
def written(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; each test gets a copy."""
    folder = tmp_path_factory.mktemp("written")
    place = empty(folder / "old")
    shutil.copyfile(sqlite_template, folder / "old" / "donghanh.db")
    made = folder / "b.tar.gz"

    async def make() -> None:
        async with opened(place, ManualClock()) as office:
            await office.given_inquiry(to=OWN, state="answered", by=await office.officer("lan"))
        await write(place, made)

    asyncio.run(make())
    return made


@pytest.fixture
def archive(written: Path, tmp_path: Path) -> Path:
    return shutil.copy(written, tmp_path / "b.tar.gz")


def changed(archive: Path, name: str, change: Callable[[bytes], bytes | None]) -> Path:
    """The archive with one part made another, or left out."""
    made = archive.with_name("changed.tar.gz")
    with tarfile.open(archive) as source, tarfile.open(made, "w:gz") as target:
        for member in source:
            content = source.extractfile(member).read() if member.isfile() else b""  # type: ignore[union-attr]
            new = change(content) if member.name == name else content
            if new is not None:
                member.size = len(new)
                target.addfile(member, io.BytesIO(new) if member.isfile() else None)
    return made


def with_sql(statement: str, folder: Path) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        file = folder / "edited.db"
        file.write_bytes(content)
        with sqlite3.connect(file) as database:
            database.execute(statement)
        database.close()
        return file.read_bytes()

    return change


async def test_a_history_that_was_changed_is_not_restored_unless_it_was_said_so(archive: Path, tmp_path: Path) -> None:
    forged = changed(archive, "donghanh.db", with_sql("UPDATE inquiry_history SET reason = 'khác'", tmp_path))
    place = empty(tmp_path / "new")
    with pytest.raises(HistoryChanged) as refused:
        await back(forged, place)
    assert refused.value.report.faults
    assert not (place.data_dir / "donghanh.db").exists()
    assert (await back(forged, place, although_changed=True)).inquiries == 1


async def test_another_key_proves_nothing(archive: Path, tmp_path: Path) -> None:
    place = empty(tmp_path / "new")
    other = Place(place.database_url, place.data_dir, place.faq_dir, b"another key, long enough")
    with pytest.raises(HistoryChanged):
        await back(archive, other)
    with pytest.raises(ArchiveWrong, match="SECRET_KEY"):
        await back(archive, Place(place.database_url, place.data_dir, place.faq_dir))


async def test_an_archive_that_was_cut_short_changes_nothing(archive: Path, tmp_path: Path) -> None:
    place = empty(tmp_path / "new")
    size = len(await asyncio.to_thread(archive.read_bytes))
    for length in (size - 4, size // 2, 10, 0):
        os.truncate(archive, length)
        with pytest.raises(ArchiveWrong):
            await back(archive, place)
    assert sorted(path.name for path in place.data_dir.iterdir()) == ["faq"]


@pytest.mark.parametrize("name", ["../out", "/etc/out", "faq/../../out", "files/../../out", "other.txt"])
async def test_an_archive_with_parts_that_are_none_changes_nothing(archive: Path, tmp_path: Path, name: str) -> None:
    made = tmp_path / "evil.tar.gz"
    with tarfile.open(made, "w:gz") as target:
        member = tarfile.TarInfo(name)
        member.size = 4
        target.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(ArchiveWrong, match="not a part of a backup"):
        await back(made, empty(tmp_path / "new"))
    assert not any("out" in names for _, _, names in os.walk(tmp_path))


async def test_a_link_in_an_archive_is_no_part_of_a_backup(tmp_path: Path) -> None:
    made = tmp_path / "evil.tar.gz"
    with tarfile.open(made, "w:gz") as target:
        member = tarfile.TarInfo("files/ab")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        target.addfile(member)
    with pytest.raises(ArchiveWrong, match="not a part of a backup"):
        await back(made, empty(tmp_path / "new"))


async def test_a_knowledge_base_that_cannot_be_loaded_is_not_put_in_place(archive: Path, tmp_path: Path) -> None:
    broken = changed(archive, "faq/documents.yaml", lambda _: b"\tdocuments: [")
    place = empty(tmp_path / "new")
    with pytest.raises(KnowledgeFilesError):
        await back(broken, place)
    assert not (place.data_dir / "donghanh.db").exists()


async def test_an_earlier_backup_without_a_knowledge_base_leaves_the_one_that_is_there(archive: Path, tmp_path: Path) -> None:
    made = tmp_path / "earlier.tar.gz"
    with tarfile.open(archive) as source, tarfile.open(made, "w:gz") as target:
        for member in source:
            if not member.name.startswith("faq/"):
                target.addfile(member, source.extractfile(member))
    place = empty(tmp_path / "new")
    restored = await back(made, place)
    assert (restored.with_knowledge, restored.kept) == (False, None)
    assert (place.faq_dir / "documents.yaml").is_file()


async def test_what_an_editor_had_here_is_kept_beside(archive: Path, tmp_path: Path) -> None:
    place = empty(tmp_path / "new")
    (place.faq_dir / "README.md").write_text("của tôi", encoding="utf-8")
    restored = await back(archive, place)
    assert restored.kept is not None
    assert (restored.kept / "README.md").read_text(encoding="utf-8") == "của tôi"
    assert not (place.faq_dir / "README.md").exists()


def test_the_commands_say_what_they_did_and_why_not(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = empty(tmp_path / "new")
    for name, value in {"DATA_DIR": place.data_dir, "FAQ_DIR": place.faq_dir, "SECRET_KEY": KEY.decode()}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = CliRunner()
    assert "nothing to back up yet" in run.invoke(app, ["backup", str(tmp_path / "x.tar.gz")]).output

    done = run.invoke(app, ["restore", str(archive)])
    assert done.exit_code == 0, done.output
    assert "Restored: 1 inquiries" in done.output
    assert "at the next start" in done.output

    again = run.invoke(app, ["restore", str(archive)])
    assert (again.exit_code, "holds data already" in again.output) == (1, True)
    kept = run.invoke(app, ["backup", str(tmp_path / "again.tar.gz")])
    assert (kept.exit_code, "SECRET_KEY" in kept.output) == (0, True)
    assert "exists already" in run.invoke(app, ["backup", str(archive)]).output
    missing = run.invoke(app, ["restore", str(tmp_path / "none.tar.gz")])
    assert (missing.exit_code, "Nothing was restored" in missing.output) == (1, True)
