"""`donghanh law` on the terminal: shown before it is stored, refused with what to do, and nothing changed then."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.commands import law

TEXT = "QUYẾT ĐỊNH\nSố: 77/QĐ-STV\nĐiều 1. Trồng cây\n1. Mười cây.\na) Cây to;\nb) Cây nhỏ.\nĐiều 2. Tưới cây./.\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own with the shipped knowledge base, and a document that it lists."""
    faq = tmp_path / "faq"
    faq.mkdir()
    shipped = Path(law.__file__).parents[2] / "faq"
    for name in ("directory.yaml", "entries"):
        (faq / name).symlink_to(shipped / name)
    more = (
        "  - {number: 77/QĐ-STV, title: Trồng cây, title_en: Planting, issuer: Sở, kind: decision, language: vi, "
        "signed: 2021-04-05, effective_from: 2021-04-05, effective_until: null, status: in_force, replaced_by: null}\n"
    )
    (faq / "documents.yaml").write_text((shipped / "documents.yaml").read_text(encoding="utf-8") + more, encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FAQ_DIR", str(faq))
    monkeypatch.setenv("EMBEDDINGS", "none")  # the vectors of the shipped entries are not copied with them
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "cay.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def generation(files: Path) -> int:
    """Return how often the running system was told of a change."""
    with sqlite3.connect(files / "data" / "donghanh.db") as database:
        return int(database.execute("SELECT value FROM counters WHERE name = 'knowledge'").fetchone()[0])


def donghanh(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_what_was_made_of_a_file_is_shown_and_a_dry_run_stores_nothing(files: Path) -> None:
    result = donghanh("law", "import", files / "cay.txt", "--dry-run")

    assert result.exit_code == 0
    assert "5 passages: 2 articles (Điều), 1 clause (khoản), 2 points (điểm)" in result.output
    assert "Điều 1. Trồng cây  [1 clause (khoản), 2 points (điểm)]" in result.output
    assert not (files / "data" / "donghanh.db").exists()


def test_every_passage_is_shown_when_asked_for(files: Path) -> None:
    assert "Điều 1 khoản 1 điểm b. Cây nhỏ." in donghanh("law", "import", files / "cay.txt", "--dry-run", "--all").output


def test_without_a_person_at_the_terminal_nothing_is_stored_unless_it_was_said_so(files: Path) -> None:
    result = donghanh("law", "import", files / "cay.txt")

    assert result.exit_code == 1
    assert "run the command again with --yes" in result.output
    assert not (files / "data" / "donghanh.db").exists()


def test_stored_law_is_listed_and_the_running_system_told(files: Path) -> None:
    stored = donghanh("law", "import", files / "cay.txt", "--yes")
    shown = donghanh("law", "list")

    assert "77/QĐ-STV: stored as version 1, from 05/04/2021." in stored.output
    assert "77/QĐ-STV  version 1, in force, from 05/04/2021, 5 passages, cay.txt" in shown.output
    assert generation(files) == 1


def test_a_new_wording_from_a_day_keeps_the_former_one(files: Path) -> None:
    donghanh("law", "import", files / "cay.txt", "--yes")
    (files / "moi.md").write_text(TEXT.replace("Mười", "Hai mươi"), encoding="utf-8")

    donghanh("law", "import", files / "moi.md", "--yes", "--from", "2027-01-01")

    shown = donghanh("law", "list").output
    assert "version 2, in force, from 01/01/2027" in shown
    assert "version 1, amended, from 05/04/2021 until 31/12/2026" in shown


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tin.txt", "Hôm nay trời đẹp.", "no article"),
        ("cay.doc", "", ".doc is not read"),
        ("cay.txt", "Số: 1/QĐ-KHAC\nĐiều 1. Cây.", "faq/documents.yaml"),
        ("cay.txt", "Điều 1. Cây.", "--document"),
        ("cay.docx", "cây", "not a Word file"),
    ],
)
def test_a_wrong_file_is_named_with_what_to_do_and_changes_nothing(files: Path, name: str, content: str, said: str) -> None:
    (files / name).write_text(content, encoding="utf-8")

    result = donghanh("law", "import", files / name, "--yes")

    assert result.exit_code == 1
    assert said in result.output
    assert name in result.output or "1/QĐ-KHAC" in result.output
    assert not (files / "data" / "donghanh.db").exists()


def test_one_wrong_file_among_several_stores_none(files: Path) -> None:
    (files / "tin.txt").write_text("Hôm nay trời đẹp.", encoding="utf-8")

    assert donghanh("law", "import", files / "cay.txt", files / "tin.txt", "--yes").exit_code == 1
    assert not (files / "data" / "donghanh.db").exists()


def test_a_day_that_is_none_is_refused(files: Path) -> None:
    assert "write it as 2027-01-31" in donghanh("law", "import", files / "cay.txt", "--from", "31/1/2027").output


@pytest.mark.parametrize("command", ["check", "reload"])
def test_entries_that_cite_what_the_imported_law_does_not_have_are_not_taken_over(files: Path, command: str) -> None:
    before = donghanh("faq", "check").output
    (files / "1399.txt").write_text(
        "Số: 1399/QĐ-TCHQ\nĐiều 3. Nguyên tắc\n1. Một.\na) Hai;\nb) Ba.\nc) Bốn.\n", encoding="utf-8"
    )
    imported = donghanh("law", "import", files / "1399.txt", "--yes")
    told = generation(files)

    after = donghanh("faq", command)

    assert "as imported has no place" not in before
    assert "warning: entries/1399-" in imported.output
    assert after.exit_code == 1
    assert "1399/QĐ-TCHQ as imported has no place `Điều 6 khoản 4`; expected a place that it has" in after.output
    assert "has no place `Điều 3 khoản 1 điểm c`" not in after.output
    assert generation(files) == told


def test_entries_that_would_cite_nothing_are_named_before_a_file_is_stored(files: Path) -> None:
    (files / "1399.txt").write_text("Số: 1399/QĐ-TCHQ\nĐiều 3. Nguyên tắc\n1. Một.\n", encoding="utf-8")

    shown = donghanh("law", "import", files / "1399.txt", "--dry-run")

    assert "Nothing was stored." in shown.output
    assert "warning: entries/1399-" in shown.output
    assert shown.output.count("as imported has no place") == 30
    assert "more citations of 1399/QĐ-TCHQ would lead nowhere" in shown.output


def test_an_entry_whose_place_goes_with_an_amended_wording_is_warned_of_before_its_day(files: Path) -> None:
    wording = "Số: 77/QĐ-STV\nĐiều 1. Trồng cây\n1. Mười cây.\n"
    entries = files / "faq" / "entries"
    shipped = entries.resolve()
    entries.unlink()
    entries.mkdir()
    text = (shipped / "1399-thu-hoi.yaml").read_text(encoding="utf-8")
    start = next(each for each in text.split("- id: ") if "place: " in each)
    own = re.sub(r"\{document: [^}]*\}", "{document: 77/QĐ-STV, place: Điều 1 khoản 1 điểm a}", f"- id: {start}", count=1)
    (entries / "cay.yaml").write_text(own, encoding="utf-8")
    donghanh("law", "import", files / "cay.txt", "--yes")
    (files / "sua.txt").write_text(wording, encoding="utf-8")
    day = datetime.now(UTC).date() + timedelta(days=30)
    donghanh("law", "import", files / "sua.txt", "--from", day.isoformat(), "--yes")

    checked = donghanh("faq", "check")

    assert checked.exit_code == 0, checked.output
    assert f"from {day} on 77/QĐ-STV has no place `Điều 1 khoản 1 điểm a`" in checked.output
    assert "such as `Điều 1 khoản 1`" in checked.output


def test_places_of_the_imported_law_that_no_entry_answers_from_are_listed(files: Path) -> None:
    donghanh("law", "import", files / "cay.txt", "--yes")

    covered = donghanh("faq", "coverage").output

    assert "77/QĐ-STV (imported): 0 of 5 places have an entry" in covered
    assert "no entry: Điều 1 (and 3 inside it)" in covered
    assert "no entry: Điều 2\n" in covered


def test_a_check_of_the_entries_makes_no_database(files: Path) -> None:
    assert donghanh("faq", "check").exit_code == 0
    assert not (files / "data" / "donghanh.db").exists()


def test_a_question_that_puts_itself_back_is_answered_with_the_wording_of_then(files: Path) -> None:
    (files / "sau.txt").write_text(TEXT.replace("Mười cây", "Hai mươi cây"), encoding="utf-8")
    assert donghanh("law", "import", files / "cay.txt", "--yes").exit_code == 0
    assert donghanh("law", "import", files / "sau.txt", "--yes", "--from", "2025-01-01").exit_code == 0

    now = donghanh("ask", "Điều 1 khoản 1 Quyết định 77/QĐ-STV quy định gì?").output
    then = donghanh("ask", "Tại thời điểm 15/3/2023, Điều 1 khoản 1 Quyết định 77/QĐ-STV quy định gì?").output

    assert "Hai mươi cây." in now
    assert "Mười cây." in then
    assert "Hai mươi" not in then
    assert "15/03/2023" in then
