"""The commands that look after the knowledge base, as somebody types them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from tests.knowledge import corpus
from tests.postgresql import LOCKED
from tests.process.program import free_port

Run = Callable[..., Result]
LABELLED = json.dumps(
    {
        "id": "a",
        "question": "Bao lâu thì yêu cầu được chuyển?",
        "kind": "answerable",
        "style": "formal",
        "citations": [{"document": "1399/QĐ-TCHQ", "place": "Điều 3"}],
        "departments": [],
        "decision": "answer",
        "split": "dev",
    }
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an empty installation with the small knowledge base of the tests."""
    faq = corpus.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FAQ_DIR", str(faq))
    monkeypatch.setenv("SECRET_KEY", "a key of the tests, long enough")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_a_question_is_answered_as_of_a_day(run: Run) -> None:
    found = run("ask", "--as-of", "2023-05-01", "Bao lâu thì yêu cầu được chuyển?")
    assert found.exit_code == 0
    assert "[as of 01/05/2023]" in found.stdout


def test_a_question_of_an_earlier_day_is_answered_by_what_held_then(run: Run) -> None:
    then = run("ask", "Tại thời điểm 1/5/2023, bao lâu thì yêu cầu được chuyển?")
    before = run("ask", "Năm 2021 thì bao lâu yêu cầu được chuyển?")
    assert "ngày 01/05/2023" in then.stdout
    assert "1399/QĐ-TCHQ" in then.stdout
    assert "ngày 31/12/2021" in before.stdout
    assert "1399/QĐ-TCHQ" not in before.stdout


def test_before_anything_was_in_force_nothing_is_answered(run: Run) -> None:
    found = run("ask", "--as-of", "1999-01-01", "Bao lâu thì yêu cầu được chuyển?")
    assert "[answer" not in found.stdout
    assert "[suggest" not in found.stdout


@pytest.mark.usefixtures("run")
def test_lines_of_answers_are_nothing_but_json_also_where_the_embeddings_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDINGS", f"http://127.0.0.1:{free_port()}/v1/embeddings")
    monkeypatch.setenv("EMBEDDINGS_MODEL", "none-there")
    found = CliRunner().invoke(app, ["ask", "--jsonl"], input='{"id": 7, "question": "Bao lâu thì yêu cầu được chuyển?"}\n')
    assert [json.loads(line)["id"] for line in found.stdout.splitlines()] == [7]
    assert "cannot be reached" in found.stderr


def test_a_command_computes_on_one_thread() -> None:
    """The number of threads is read when numpy is first imported, so it has to stand before."""
    code = (
        "import os, sys; from bot import cli; cli.app = lambda: None; early = 'numpy' in sys.modules; cli.main(); "
        "print(early, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "1"]


def test_eval_gives_one_json_object_and_draws_the_reliability(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(LABELLED, encoding="utf-8")
    found = run("eval", str(rows), "--json", "--picture", str(tmp_path / "picture.svg"))
    assert found.exit_code == 0, found.stderr
    report = json.loads(found.stdout)
    assert {"hit@1", "hit@3", "mrr"} <= {each.casefold() for each in report["figures"]}
    assert {"CPU ms p50", "CPU ms p99", "answered right", "escalated"} <= report["figures"].keys()
    assert (tmp_path / "picture.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("day", ["2023-02-31", "hôm qua", "01/05/2023", ""])
def test_what_is_no_day_is_refused_with_how_to_write_one(run: Run, day: str) -> None:
    found = run("ask", "--as-of", day, "Bao lâu?")
    assert found.exit_code == 2
    assert "2027-01-31" in found.stderr


@pytest.mark.parametrize("command", ["check", "reload"])
def test_an_entry_that_ended_yesterday_is_not_taken_over_and_named_with_what_to_do(
    run: Run, tmp_path: Path, command: str
) -> None:
    ended = corpus.HOURS.replace("  tags:", "  valid_until: 2026-03-01\n  tags:")
    corpus.write(tmp_path, chung=ended)

    found = run("faq", command)

    assert found.exit_code == 1
    assert "entries/chung.yaml:" in found.stderr
    assert "valid_until: the entry ended on 2026-03-01; expected a later day, or `status: retired`" in found.stderr
    assert not (tmp_path / "data" / "donghanh.db").exists()  # nobody was told


@pytest.mark.parametrize(
    "command", [("faq", "check"), ("faq", "coverage"), ("faq", "gaps"), ("law", "list"), ("ask", "Bao lâu?"), ("serve",)]
)
def test_a_database_that_cannot_be_reached_is_said_with_what_to_look_at(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("PORT", str(free_port()))
    found = run(*command)
    assert found.exit_code == 1
    assert "The database cannot be reached" in found.stderr
    assert "DATABASE_URL" in found.stderr


@pytest.mark.parametrize(
    ("command", "user", "database", "said"),
    [
        (("faq", "gaps"), f"{LOCKED}:wrong", "postgres", "the user and the password"),
        (("faq", "gaps"), "nobody", "postgres", "pg_hba.conf"),
        (("ask", "Bao lâu?"), "postgres", "not_there", "createdb"),
        (("serve",), f"{LOCKED}:wrong", "postgres", "the user and the password"),
    ],
)
def test_a_database_that_refuses_is_said_with_what_to_mend(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    postgresql_server: str,
    command: tuple[str, ...],
    user: str,
    database: str,
    said: str,
) -> None:
    address = postgresql_server.partition("@")[2]
    monkeypatch.setenv("DATABASE_URL", f"postgresql+asyncpg://{user}@{address}/{database}")
    monkeypatch.setenv("PORT", str(free_port()))
    found = run(*command)
    assert found.exit_code == 1
    assert "does not let this program in" in found.stderr
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_coverage_lists_documents_and_poor_entries(run: Run) -> None:
    found = run("faq", "coverage")
    assert found.exit_code == 0
    assert "1399/QĐ-TCHQ (not imported" in found.stdout
    assert "fewer than 6 paraphrases" in found.stdout


def test_an_empty_installation_has_no_gaps(run: Run) -> None:
    found = run("faq", "gaps")
    assert found.exit_code == 0
    assert "No question was left" in found.stdout


def test_a_recall_where_nobody_was_told_lists_nobody(run: Run) -> None:
    found = run("recall", "1399/QĐ-TCHQ", "Điều 3")
    assert found.exit_code == 0
    assert "0 answers to 0 people" in found.stdout


def test_a_correction_needs_both_languages_and_somebody_who_answers_for_it(run: Run) -> None:
    one = run("recall", "1399/QĐ-TCHQ", "Điều 3", "--text-vi", "x")
    nobody = run("recall", "1399/QĐ-TCHQ", "Điều 3", "--text-vi", "x", "--text-en", "x")
    unknown = run("recall", "1399/QĐ-TCHQ", "Điều 3", "--text-vi", "x", "--text-en", "x", "--by", "ai-do", "--yes")
    assert (one.exit_code, nobody.exit_code, unknown.exit_code) == (2, 2, 1)
    assert "both languages" in one.stderr
    assert "--by" in nobody.stderr
    assert "ai-do" in unknown.stderr


def test_a_wrong_place_is_explained(run: Run) -> None:
    found = run("recall", "1399/QĐ-TCHQ", "chỗ nào đó")
    assert found.exit_code == 1
    assert "Điều 3 khoản 1 điểm c" in found.stderr


def test_a_text_file_that_is_none_is_explained(run: Run, tmp_path: Path) -> None:
    found = run("recall", "1399/QĐ-TCHQ", "Điều 3", "--file-vi", str(tmp_path / "x.txt"))
    assert found.exit_code == 2
    assert "x.txt cannot be read" in found.stderr
