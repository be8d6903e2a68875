"""What the commands share: settings, services, and errors in words on the terminal."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from bot.errors import HelpdeskError
from bot.knowledge.files.problems import KnowledgeFilesError
from bot.locales.catalogue import Catalogue
from bot.settings import Settings, SettingsWrong, load

if TYPE_CHECKING:
    from storage.database import Database

T = TypeVar("T")
_REFUSED = {
    "28P01": "Set the user and the password in DATABASE_URL as PostgreSQL knows them (a sign such as @ or / as %40 or %2F).",
    "28000": "Let this user in from this address (pg_hba.conf), or set another user in DATABASE_URL.",
    "3D000": "Make that database (createdb), or set the name of the right one at the end of DATABASE_URL.",
    "42501": "Give the user of DATABASE_URL the right to connect, and to make tables in the schema.",
    "53300": "Let PostgreSQL take more connections (max_connections), or end programs that hold some.",
    "57P03": "PostgreSQL is starting or stopping: try again in a moment.",
}
"""how to mend it, by PostgreSQL's code of the error"""


def fail(*lines: str, code: int = 1) -> NoReturn:
    """End the command with what is wrong, and how to mend it."""
    for line in lines:
        print(line, file=sys.stderr)
    raise typer.Exit(code)


def day(text: str | None, option: str) -> date | None:
    """Read the day that an option names, or end the command with how to write one."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        fail(f"{option} {text}: this is not a day; write it as 2027-01-31.", code=2)


def settings() -> Settings:
    """Return the settings, with a data folder that can be written."""
    try:
        found = load()
    except SettingsWrong as error:
        fail("These settings cannot be used (see .env.example):", *(f"  {problem}" for problem in error.problems), code=2)
    try:
        found.data_dir.mkdir(parents=True, exist_ok=True)
        probe = found.data_dir / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        fail(
            f"The folder {found.data_dir} cannot be written: {error.strerror}.",
            "Give this user the right to write there, or set DATA_DIR to another folder.",
        )
    return found


def log_to_standard_error(found: Settings) -> None:
    """Keep the log out of what a command prints, which may be read by a program; only what is amiss is worth a line."""
    from bot.logs import configure

    configure("warning" if found.log_level == "info" else found.log_level, found.log_format)


@contextmanager
def explained(found: Settings) -> Iterator[None]:
    """Turn the errors that a person can act on into words on the terminal."""
    try:
        yield
    except HelpdeskError as error:
        fail(Catalogue(found.zone).say(f"error.{error.code}", found.default_language, **error.params))
    except KnowledgeFilesError as error:
        fail("The knowledge base has mistakes; nothing was taken over:", *(f"  {problem}" for problem in error.problems))
    except SettingsWrong as error:
        fail(*error.problems, code=2)
    except (ConnectionError, TimeoutError, socket.gaierror) as error:
        if found.database().startswith("sqlite"):
            raise
        fail(
            f"The database cannot be reached: {error.strerror or error}.",
            "See whether PostgreSQL runs, and that DATABASE_URL names its host and port.",
        )
    except Exception as error:
        refusal = getattr(error, "orig", None) or error  # SQLAlchemy keeps the driver's own error there
        mend = _REFUSED.get(getattr(refusal, "sqlstate", None) or "")
        if mend is None:
            raise
        fail(f"PostgreSQL does not let this program in: {refusal.__cause__ or refusal}.", mend)


def with_core(act: "Callable[..., Awaitable[T]]", *, searches: bool = False) -> T:
    """Open the services on a migrated database, act, close them, and return what the act returned.

    searches: whether it looks questions up; if not, the knowledge base is read without what finds meaning.
    """
    from bot.app import build_core, today
    from bot.clock import SystemClock
    from bot.knowledge.service import Knowledge
    from storage.schema import migrate

    found = settings()
    log_to_standard_error(found)

    async def run() -> T:
        await migrate(found.database())
        clock = SystemClock()
        core = build_core(
            found, clock=clock, knowledge=None if searches else Knowledge.load(found.faq_dir, today=today(clock, found))
        )
        try:
            await core.directory_desk.follow()
            return await act(core)
        finally:
            await core.database.close()

    with explained(found):
        return asyncio.run(run())


def with_database(found: Settings, act: "Callable[[Database], Awaitable[T]]") -> T:
    """Act on the migrated database, without any service; return what the act returned."""
    from storage.database import Database
    from storage.schema import migrate

    async def run() -> T:
        await migrate(found.database())
        database = Database(found.database())
        try:
            return await act(database)
        finally:
            await database.close()

    with explained(found):
        return asyncio.run(run())


def tell_running(found: Settings) -> None:
    """Have every running process of this installation read the knowledge base anew, within seconds."""
    from bot.learning.sharing import announce

    with_database(found, announce)
