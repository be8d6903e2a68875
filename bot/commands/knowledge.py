"""`donghanh ask` and `donghanh faq`: the knowledge base on the terminal."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.running import day, explained, fail, log_to_standard_error, settings, tell_running
from bot.locales.catalogue import Catalogue
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.knowledge.service import Knowledge

faq = typer.Typer(help="The knowledge base.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command("ask")(ask)
    app.command("eval")(evaluate)
    app.add_typer(faq, name="faq")


def ask(
    question: Annotated[str | None, typer.Argument(help="What an enterprise would ask.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"id","question"} lines from standard input; answer with a line each.')
    ] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="answer by what was in force on that day")
    ] = None,
) -> None:
    """Ask the knowledge base; nothing is written to the database."""
    from datetime import UTC, datetime

    from bot.knowledge.measure.ask import ask as look_up
    from bot.knowledge.measure.ask import ask_jsonl
    from bot.knowledge_base import load_with_law

    if (question is None) == (not jsonl):
        fail('Give a question, as in donghanh ask "Bao lâu thì…?", or --jsonl with questions on standard input.', code=2)
    on = day(as_of, "--as-of")
    found = settings()
    log_to_standard_error(found)
    with explained(found):
        today = datetime.now(UTC).astimezone(found.zone).date()
        knowledge = load_with_law(found, today=today, on=on)
        say = Catalogue(found.zone).say
        if jsonl:
            ask_jsonl(sys.stdin, sys.stdout, knowledge, say, on=on or today)
        else:
            assert question is not None
            _show(look_up(question, knowledge, say, on=on or today))
            if on is not None:
                print(f"[as of {on:%d/%m/%Y}]")


def evaluate(
    file: Annotated[Path, typer.Argument(help="labelled questions, a JSON object a line (see tests/data/README.md)")],
    split: Annotated[
        str | None,
        typer.Option(help="only the lines of this split, as dev (tuned on) or held (read by nobody); see tests/data/README.md"),
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="write the reliability diagram there, as SVG")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of a table")] = False,
    learned_too: Annotated[
        bool, typer.Option("--learned/--not-learned", help="let what people decided about earlier inquiries count")
    ] = True,
) -> None:
    """Score the knowledge base on labelled questions, with what people have decided about routing so far."""
    from datetime import UTC, datetime

    from bot.knowledge.measure import evaluation, reliability
    from bot.knowledge_base import load_with_law

    found = settings()
    log_to_standard_error(found)
    try:
        labels = evaluation.read(file.read_text(encoding="utf-8").splitlines(), split=split)
    except (OSError, UnicodeDecodeError, evaluation.LabelWrong) as error:
        fail(f"{file}: {error}")
    if not labels:
        fail(f"{file}: no labelled questions{f' of the split {split}' if split else ''}")
    with explained(found):
        today = datetime.now(UTC).astimezone(found.zone).date()
        knowledge = load_with_law(found, today=today)
        learned = 0 if not learned_too else _learned(found, knowledge)
        report = evaluation.report(evaluation.score(labels, knowledge, on=today))
    if picture is not None:
        picture.write_text(reliability.draw(report.reliability, title=f"{file.name} {split or ''}"), encoding="utf-8")
    if as_json:
        print(json.dumps(vars(report), ensure_ascii=False))
        return
    print(f"{report.questions} questions" + (f", with {learned} decisions of people about routing" if learned else ""))
    for name, value in report.figures.items():
        print(f"  {name:<40} {value:.3f}")
    for heading, groups in (("by kind", report.by_kind), ("by style", report.by_style)):
        for group, figures in groups.items():
            print(f"{heading}: {group:<18} " + "  ".join(f"{name} {value:.2f}" for name, value in figures.items()))


def _learned(found: Settings, knowledge: "Knowledge") -> int:
    """Let the installation's decisions about routing count, where there is one; return how many there are."""
    import asyncio

    from sqlalchemy.exc import SQLAlchemyError

    from bot.learning.routing import RoutingLessons
    from storage.database import Database

    if found.database().startswith("sqlite") and not Path(found.database().partition(":///")[2]).is_file():
        return 0

    async def follow() -> int:
        database = Database(found.database())
        try:
            return await RoutingLessons(database, knowledge).follow()
        except SQLAlchemyError:  # not migrated to this version yet: nothing has been decided there that we could read
            return 0
        finally:
            await database.close()

    return asyncio.run(follow())


def _show(found: dict[str, Any]) -> None:
    print(found["text"])
    for citation in found["citations"]:
        print(f"  {citation['place']}, {citation['document']}")
    print(f"[{found['decision']}, confidence {found['confidence']:.2f}; department: {found['department']}]")
    for candidate in found["candidates"][:3]:
        print(f"  {candidate['score']:.2f}  {candidate['title']}")


@faq.command("check")
def check() -> None:
    """Read all files and say what is wrong, by file, line and field.

    Stricter than a start, which time and an import must not break: an entry that has ended, and one that cites what the
    imported law does not have, are to be mended here.
    """
    from datetime import UTC, datetime

    from bot.commands.law import wrong_citations
    from bot.knowledge import validity
    from bot.knowledge.files.loading import load_files
    from bot.knowledge.files.problems import KnowledgeFilesError

    found = settings()
    with explained(found):
        today = datetime.now(UTC).astimezone(found.zone).date()
        files = load_files(found.faq_dir, today=today, ended_is_wrong=True)
        cited = wrong_citations(found, files)
        if any(not each.warning for each in cited):
            raise KnowledgeFilesError(each for each in cited if not each.warning)
    ending = validity.endings(files.entries, files.documents, today=today)
    for warning in (*files.warnings, *validity.warnings(ending, today=today), *cited):
        print(f"warning: {warning}")
    print(f"{len(files.entries)} entries, {len(files.documents)} documents, {len(files.directory)} departments: in order.")


@faq.command("reload")
def reload() -> None:
    """Check the files and, if they are in order, have every running process read its own anew."""
    check()
    tell_running(settings())
    print("The running system takes them over within a few seconds.")


@faq.command("vectors")
def vectors() -> None:
    """Compute what entries mean for the files in FAQ_DIR, so that no start has to; after entries were changed."""
    from datetime import UTC, datetime

    from bot.knowledge.files.loading import load_files
    from bot.knowledge.meaning.embedder import EmbedderFailed, open_embedder
    from bot.knowledge.meaning.shipping import ship_vectors

    found = settings()
    with explained(found):
        files = load_files(found.faq_dir, today=datetime.now(UTC).astimezone(found.zone).date())
    try:
        key = found.embeddings_key.get_secret_value()
        embedder = open_embedder(found.embeddings, model=found.embeddings_model, key=key)
        if embedder is None:
            fail("EMBEDDINGS is none, so there is nothing to compute.")
        total, computed = ship_vectors(found.faq_dir, files, embedder)
    except (EmbedderFailed, OSError) as error:
        fail(f"Nothing was written: {error}")
    print(f"{total} vectors, {computed} of them computed now.")
