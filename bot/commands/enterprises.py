"""`donghanh enterprises`: the enterprises that the helpdesk knows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.running import fail, with_core

if TYPE_CHECKING:
    from bot.app import Core
    from bot.membership.enterprise_import import Report

enterprises = typer.Typer(help="The enterprises that the helpdesk knows.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(enterprises, name="enterprises")


@enterprises.command("import")
def import_table(
    file: Annotated[
        Path, typer.Argument(help="a table (.xlsx or .csv) with a row of headings; the tax code tells enterprises apart")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would become of each row")] = False,
    language: Annotated[str | None, typer.Option(help="of the report: vi or en")] = None,
) -> None:
    """Take over a table of enterprises: new ones are added, known ones changed; an empty cell changes nothing, "-" empties."""
    if not file.is_file():
        fail(f"{file}: there is no such file.", code=2)

    async def act(core: "Core") -> "Report":
        from rich.console import Console

        from bot.membership.enterprise_import import EnterpriseImport

        said = language or core.settings.default_language
        errors = Console(stderr=True)
        with errors.status("…") as status:
            report = await EnterpriseImport(core.database, core.clock).run(
                file, dry_run=dry_run, progress=lambda so_far: status.update(_figures(core, so_far, said))
            )
        for problem in report.problems:
            say = core.catalogue.say
            what = say(problem.key, said, given=problem.given, expected=problem.expected)
            print(say("import.problem", said, row=problem.row, column=problem.column or "—", what=what))
        if report.ignored:
            print(core.catalogue.say("import.ignored", said, headings=", ".join(report.ignored)))
        print(_figures(core, report, said))
        if dry_run:
            print(core.catalogue.say("import.dry_run", said))
        return report

    report = with_core(act)
    raise typer.Exit(1 if report.refused else 0)


def _figures(core: "Core", report: "Report", language: str) -> str:
    return core.catalogue.say(
        "import.figures",
        language,
        rows=report.rows,
        added=report.added,
        changed=report.changed,
        same=report.same,
        refused=report.refused,
    )
