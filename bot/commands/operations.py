"""`donghanh audit`, `donghanh doctor`, `donghanh backup` and `restore`: keeping it healthy."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.engine import make_url

from bot.commands.running import explained, fail, settings, with_core, with_database
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.backup import Place

audit = typer.Typer(help="The histories of inquiries.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")
    app.command("doctor")(doctor)
    app.command("backup")(backup)
    app.command("restore")(restore)


@audit.command("verify")
def verify() -> None:
    """Prove that no history of an inquiry was changed; name what does not fit."""
    from bot.escalation.audit import verify as verify_all
    from bot.escalation.history import Chain
    from bot.logs import configure

    found = settings()
    configure("warning" if found.log_level == "info" else found.log_level, found.log_format)
    with explained(found):
        chain = Chain(found.key())
    report = with_database(found, lambda database: verify_all(database, chain))
    for fault in report.faults:
        print(fault)
    summary = f"{report.inquiries} inquiries, {report.rows} rows of history"
    if report.faults:
        fail(f"{summary}: {len(report.faults)} faults.")
    print(f"{summary}: in order.")


def doctor() -> None:
    """Check settings, folders, database, knowledge base and channels, and say what to mend."""
    from bot.app import Core
    from bot.wiring.channels import make_channels
    from storage import desk_groups

    found = settings()

    async def act(core: Core) -> list[str]:
        problems = [f"knowledge: {warning}" for warning in core.knowledge.warnings]
        if not found.hotline_contact:
            problems.append("HOTLINE_CONTACT is empty: people who want to report misconduct are told to use official channels")
        if not found.public_url:
            problems.append("PUBLIC_URL is empty: links in messages lead to this machine only")
        for channel in make_channels(core):
            told = await channel.problems()
            if not told and hasattr(channel, "group_problems"):
                async with core.database.read() as uow:
                    linked = {row["department_id"]: row["chat"] for row in await desk_groups.linked(uow)}
                named = {d.id: d.telegram_group for d in core.knowledge.directory if d.telegram_group}
                told = await channel.group_problems(sorted((named | linked).items()))
            problems += [f"{channel.name}: {problem}" for problem in told]
            await channel.stop()
        return problems

    problems = with_core(act, searches=True)
    for problem in problems:
        print(f"- {problem}")
    print("Everything else is in order." if problems else "Everything is in order.")


def backup(target: Annotated[Path, typer.Argument(help="a file that does not exist yet, ending in .tar.gz")]) -> None:
    """Write the database, the files, the key and the knowledge base into one archive, while the system runs."""
    from bot.backup import OtherVersion, TargetExists, write

    found = settings()
    file = make_url(found.database()).database
    if found.database().startswith("sqlite") and not (file and Path(file).is_file()):
        fail("There is nothing to back up yet: this installation has no database.")
    try:
        asyncio.run(write(_place(found), target))
    except TargetExists:
        fail(f"{target} exists already; choose another name.")
    except OtherVersion:
        fail("The database was made by another version of the program, or is empty: make the backup with that version.")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror}.")
    print(f"{target} holds the database, the files and the knowledge base. Keep it as safe as the system itself.")
    if found.secret_key.get_secret_value():
        print("The key stands in SECRET_KEY and is not in it: keep that too, or the histories can no longer be proved.")


def restore(
    archive: Annotated[Path, typer.Argument(help="a file that `donghanh backup` wrote")],
    although_changed: Annotated[
        bool, typer.Option("--although-changed", help="also where the histories were changed, and no better backup is left")
    ] = False,
) -> None:
    """Bring a backup into an empty installation, once its histories are proved. Everything has to be stopped meanwhile."""
    from datetime import UTC, datetime

    from bot.backup import ArchiveWrong, HistoryChanged
    from bot.backup import restore as bring_back
    from bot.instance import AlreadyRunning, InstanceLock
    from storage.copying import NotEmpty
    from storage.schema import SchemaTooNew

    found = settings()
    lock = InstanceLock(found.data_dir)
    try:
        lock.acquire()
    except AlreadyRunning as error:
        fail(f"Another Đồng Hành works on {found.data_dir} (process {error.pid}); stop it first.")
    try:
        with explained(found):
            today = datetime.now(UTC).astimezone(found.zone).date()
            came = asyncio.run(bring_back(archive, _place(found), today=today, although_changed=although_changed))
    except NotEmpty as error:
        held = ", ".join(f"{count} {name}" for name, count in sorted(error.rows.items()))
        fail(
            f"Nothing was restored: this installation holds data already ({held}).",
            "Restore into an empty DATA_DIR, or an empty database (see DATABASE_URL).",
        )
    except ArchiveWrong as error:
        fail(f"Nothing was restored. {archive}: {error}.")
    except SchemaTooNew as error:
        fail(f"Nothing was restored: {error}. Install the version of the program that made this backup, or a later one.")
    except HistoryChanged as error:
        fail(
            *error.report.faults[:20],
            f"Nothing was restored: {len(error.report.faults)} faults in the histories of this backup.",
            "Was it made with another SECRET_KEY? If not, take an earlier backup, or add --although-changed if none is left.",
        )
    finally:
        lock.release()
    print(f"Restored: {came.inquiries} inquiries, {came.history} rows of history, {came.files} files.")
    if not came.with_knowledge:
        print(f"The backup holds no knowledge base: {found.faq_dir} stays as it is.")
    elif came.kept is not None:
        print(f"The knowledge base of the backup is in {found.faq_dir}; what was there before is kept in {came.kept}.")
    if came.waiting:
        print(f"{came.waiting} messages had not been sent when the backup was made, and will be at the next start.")


def _place(found: Settings) -> "Place":
    from bot.backup import Place

    return Place(found.database(), found.data_dir, found.faq_dir, found.secret_key.get_secret_value().encode())
