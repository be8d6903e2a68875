"""`donghanh audit`, `donghanh doctor`, `donghanh backup`: keeping it healthy."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.running import fail, settings, with_core

audit = typer.Typer(help="The histories of inquiries.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")
    app.command("doctor")(doctor)
    app.command("backup")(backup)


@audit.command("verify")
def verify() -> None:
    """Prove that no history of an inquiry was changed; name what does not fit."""
    from bot.app import Core
    from bot.escalation.audit import Report
    from bot.escalation.audit import verify as verify_all

    async def act(core: Core) -> Report:
        return await verify_all(core.database, core.chain)

    report = with_core(act)
    for fault in report.faults:
        print(fault)
    summary = f"{report.inquiries} inquiries, {report.rows} rows of history"
    if report.faults:
        fail(f"{summary}: {len(report.faults)} faults.")
    print(f"{summary}: in order.")


def doctor() -> None:
    """Check settings, folders, database, knowledge base and channels, and say what to mend."""
    from bot.app import Core
    from bot.serving import make_channels

    found = settings()

    async def act(core: Core) -> list[str]:
        problems = [f"knowledge: {warning}" for warning in core.knowledge.warnings]
        if not found.hotline_contact:
            problems.append("HOTLINE_CONTACT is empty: people who want to report misconduct are told to use official channels")
        if not found.public_url:
            problems.append("PUBLIC_URL is empty: links in messages lead to this machine only")
        for channel in make_channels(core):
            problems += [f"{channel.name}: {problem}" for problem in await channel.problems()]
            await channel.stop()
        return problems

    problems = with_core(act)
    for problem in problems:
        print(f"- {problem}")
    print("Everything else is in order." if problems else "Everything is in order.")


def backup(target: Annotated[Path, typer.Argument(help="a file that does not exist yet, ending in .tar.gz")]) -> None:
    """Write the SQLite database, the files and the key into one archive, while the system runs."""
    from bot.backup import NotSqlite, TargetExists, write

    found = settings()
    try:
        asyncio.run(write(found.database(), found.data_dir, target))
    except NotSqlite:
        fail("The data are in PostgreSQL: back it up with pg_dump, and DATA_DIR beside it.")
    except TargetExists:
        fail(f"{target} exists already; choose another name.")
    print(f"{target} holds the database, the files and the key. Keep it as safe as the system itself.")
