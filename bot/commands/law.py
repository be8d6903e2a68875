"""`donghanh law`: the wording of legal documents, read from files and kept by version."""

import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.running import explained, fail, settings, tell_running

if TYPE_CHECKING:
    from bot.knowledge.files.loading import KnowledgeFiles
    from bot.knowledge.files.problems import Problem
    from bot.knowledge.law.parsing import ReadLaw
    from bot.lawbooks.lawbooks import Lawbooks, Listed
    from bot.settings import Settings

T = TypeVar("T")

_SHOWN = 30
"""warnings of one document; more than that only say that it is not the document that the entries cite"""

law = typer.Typer(help="Legal documents: import their wording, list what there is.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(law, name="law")


@law.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=".txt, .md, .docx or .pdf, a document each")],
    document: Annotated[
        str | None, typer.Option(help="its number, as in faq/documents.yaml, where the file does not say it")
    ] = None,
    effective_from: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM-DD", help="the first day of an amended wording; the former holds until then"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="store without asking")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what was made of the files")] = False,
    every: Annotated[bool, typer.Option("--all", help="show every clause, point and dash, not their counts")] = False,
) -> None:
    """Read legal documents, show what was found in them, and store them once you agree. A former version is kept."""
    from bot.knowledge.law.summary import summary

    if len(files) > 1 and (document or effective_from):
        fail("--document and --from are for one file; import the files one by one.", code=2)
    day = _day(effective_from)
    documents = [_read(path) for path in files]
    for read in documents:
        print(f"{read.file}:")
        print("\n".join(f"  {line}".rstrip() for line in summary(read.document, every_passage=every)))
        print()
    numbers = _numbers(documents, document, day)
    if dry_run:
        print("Nothing was stored.")
        return
    if not yes and not _agreed(len(documents)):
        fail("Nothing was stored.")
    _store(dict(zip(numbers, documents, strict=True)), day)


def _read(path: Path) -> "ReadLaw":
    from bot.knowledge.law.parsing import read_law
    from bot.knowledge.law.source import LawFileError

    try:
        return read_law(path)
    except LawFileError as error:
        fail(f"Nothing was stored. {error.problem}")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--from {text}: this is not a day; write it as 2027-01-31.", code=2)


def _agreed(many: int) -> bool:
    if not sys.stdin.isatty():
        fail("Nothing was stored. Look at the above, then run the command again with --yes.")
    return typer.confirm("Store this?" if many == 1 else f"Store these {many} documents?")


def _with_lawbooks(act: "Callable[[Lawbooks, KnowledgeFiles, Settings], Awaitable[T]]") -> T:
    """Act on a migrated database. The files of the knowledge base are read, but not indexed: nothing is searched here."""
    import asyncio

    from bot.clock import SystemClock
    from bot.lawbooks.lawbooks import Lawbooks
    from storage.database import Database
    from storage.schema import migrate

    found = settings()

    async def run(files: "KnowledgeFiles") -> T:
        await migrate(found.database())
        database = Database(found.database())
        try:
            return await act(Lawbooks(database, SystemClock(), lambda: files.documents), files, found)
        finally:
            await database.close()

    with explained(found):
        return asyncio.run(run(_files(found)))


def _files(found: "Settings") -> "KnowledgeFiles":
    from bot.knowledge.files.loading import load_files

    return load_files(found.faq_dir, today=_today(found))


def _today(found: "Settings") -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).astimezone(found.zone).date()


def _numbers(documents: "list[ReadLaw]", given: str | None, day: date | None) -> list[str]:
    """Return the number of each document. What cannot be stored, and what would lead nowhere, is said before anybody is
    asked."""
    from bot.lawbooks.lawbooks import lacking_in, number_of

    found = settings()
    with explained(found):
        files = _files(found)
        numbers = [number_of(each, given, files.documents) for each in documents]
    for number, read in zip(numbers, documents, strict=True):
        lacking = lacking_in(read, number, files.entries, day)
        for each in lacking[:_SHOWN]:
            print(f"warning: {each.problem}")
        if len(lacking) > _SHOWN:
            print(f"warning: … and {len(lacking) - _SHOWN} more citations of {number} would lead nowhere")
    if twice := {number for number in numbers if numbers.count(number) > 1}:
        fail(f"Nothing was stored. Two of the files are the same document: {', '.join(sorted(twice))}.")
    return numbers


def _store(documents: "dict[str, ReadLaw]", day: date | None) -> None:
    async def act(lawbooks: "Lawbooks", files: "KnowledgeFiles", found: "Settings") -> None:
        for number, read in documents.items():
            stored = await lawbooks.store(read, number=number, effective_from=day)
            version = stored.version
            if stored.unchanged:
                print(f"{number}: this file is stored already (version {version.version}); nothing was changed.")
                continue
            print(f"{number}: stored as version {version.version}, from {version.effective_from:%d/%m/%Y}.")
            if stored.replaced is not None:
                former = f"  Version {stored.replaced.version} is kept"
                print(f"{former}; it held until the day before." if day else f"{former}, but holds on no day any more.")

    _with_lawbooks(act)
    tell_running(settings())


@law.command("list")
def list_() -> None:
    """List what is imported, with the days on which each wording holds."""

    async def act(lawbooks: "Lawbooks", _files: "KnowledgeFiles", _settings: "Settings") -> "list[Listed]":
        return await lawbooks.listed()

    listed = _with_lawbooks(act)
    for each in listed:
        version = each.version
        until = f" until {version.effective_until:%d/%m/%Y}" if version.effective_until else ""
        print(
            f"{version.document}  version {version.version}, {version.status.replace('_', ' ')}, "
            f"from {version.effective_from:%d/%m/%Y}{until}, {each.passages} passages, {version.file}, "
            f"imported {version.imported_at:%d/%m/%Y}"
        )
    if not listed:
        print("No law is imported yet: donghanh law import FILE…")


def wrong_citations(found: "Settings", files: "KnowledgeFiles") -> "list[Problem]":
    """Return what entries cite that the imported law does not have, or soon will not; nothing where no law is imported yet.

    Reads the database and leaves it as it is: a check of files must not make or migrate one.
    """
    import asyncio

    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import DBAPIError

    from bot.clock import SystemClock
    from bot.knowledge.validity import AHEAD
    from bot.lawbooks.lawbooks import Lawbooks
    from storage.database import Database

    url = make_url(found.database())
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        return []

    async def look() -> "list[Problem]":
        database = Database(found.database())
        try:
            lawbooks = Lawbooks(database, SystemClock(), lambda: files.documents)
            return [each.problem for each in await lawbooks.unplaced(files.entries, _today(found), ahead=AHEAD)]
        except DBAPIError:
            return []  # made by an earlier program: it has no law, and this is not the place to change it
        finally:
            await database.close()

    with explained(found):
        return asyncio.run(look())
