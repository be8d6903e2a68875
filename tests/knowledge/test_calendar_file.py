"""`calendar.yaml`: what stands in it, and what is refused with file, line, field and what is expected."""

from datetime import date, time
from pathlib import Path

import pytest

from bot.knowledge.files.calendar_file import read_working_time
from bot.knowledge.files.loading import load_files
from bot.knowledge.files.problems import KnowledgeFilesError, Problem
from bot.knowledge.files.working_hours import OFFICE_HOURS, WorkingTime
from bot.settings import PROJECT
from tests.knowledge import corpus

HEAD = 'version: "7"\n'
WEEK = """week:
  monday: ["07:30-11:30", "13:00-17:00"]
  tuesday: ["07:30-11:30", "13:00-17:00"]
  wednesday: ["07:30-11:30", "13:00-17:00"]
  thursday: ["07:30-11:30", "13:00-17:00"]
  friday: ["08:00-12:00"]
  saturday: []
  sunday: []
"""


def read(folder: Path, text: str) -> tuple[WorkingTime, list[Problem]]:
    (folder / "calendar.yaml").write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    return read_working_time(folder, problems), problems


def test_the_shipped_calendar_is_office_hours_with_quiet_nights() -> None:
    problems: list[Problem] = []
    known = read_working_time(PROJECT / "faq", problems)
    assert problems == []
    assert [known.default.week[day] for day in range(7)] == [OFFICE_HOURS] * 5 + [()] * 2
    assert known.quiet == ((time(20), time(0)), (time(0), time(7)))


def test_without_a_file_office_hours_count(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert read_working_time(tmp_path, problems) == WorkingTime()
    assert problems == []


def test_days_that_differ_from_the_week_and_calendars_of_their_own(tmp_path: Path) -> None:
    known, problems = read(
        tmp_path,
        HEAD
        + WEEK
        + """make_up_days:
  - {date: 2027-01-09, hours: ["08:00-12:00"], reason: instead of Monday}
days_off:
  - {date: 2027-01-04}
calendars:
  - name: cua-khau
    week:
      {monday: ["00:00-24:00"], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: []}
    public_holidays: false
    make_up_days: []
""",
    )
    assert problems == []
    assert known.default.make_up_days == {date(2027, 1, 9): ((time(8), time(12)),)}
    assert known.default.days_off == {date(2027, 1, 4)}
    gate = known.others["cua-khau"]
    assert gate.week[0] == ((time(0), time(0)),)
    assert gate.public_holidays is False
    assert gate.make_up_days == {}
    assert gate.days_off == known.default.days_off


def test_two_contents_never_have_the_same_version(tmp_path: Path) -> None:
    first, _ = read(tmp_path, HEAD + WEEK)
    second, _ = read(tmp_path, HEAD + WEEK.replace("08:00-12:00", "08:00-11:00"))
    assert first.version.startswith("7+")
    assert first.version != second.version


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WEEK, "calendar.yaml:1: version: this field is missing; expected the field `version`"),
        ("version: 7\n" + WEEK, "calendar.yaml:1: version: this is a number"),
        ('version: "a b"\n' + WEEK, "calendar.yaml:1: version: `a b` is not a version"),
        (HEAD, "calendar.yaml:1: week: this field is missing"),
        (HEAD + WEEK.replace("  sunday: []\n", ""), "week.sunday: this field is missing"),
        (HEAD + WEEK.replace("07:30-11:30", "7h30-11h30", 1), "calendar.yaml:3: week.monday.1: `7h30-11h30` is not a window"),
        (HEAD + WEEK.replace("07:30-11:30", "25:00-26:00", 1), "`25:00-26:00` is not a window of time"),
        (HEAD + WEEK.replace("07:30-11:30", "13:00-24:30", 1), "`13:00-24:30` is not a window of time"),
        (
            HEAD + WEEK.replace("08:00-12:00", "22:00-06:00"),
            "calendar.yaml:7: week.friday.1: `22:00-06:00` ends before it begins",
        ),
        (HEAD + WEEK.replace("08:00-12:00", "08:00-08:00"), "ends before it begins"),
        (HEAD + WEEK.replace("13:00-17:00", "11:00-17:00", 1), "week.monday.2: this begins before the one above it has ended"),
        (HEAD + WEEK + "make_up_days:\n  - {date: 2026-02-30, hours: []}\n", "make_up_days.1.date: this is `2026-02-30`"),
        (HEAD + WEEK + "make_up_days:\n  - {date: 2027-01-09, hours: []}\n", "a make-up day without working hours"),
        (HEAD + WEEK + "days_off:\n  - {date: null}\n", "days_off.1.date: this is empty"),
        (HEAD + WEEK + "days_off:\n  - {date: 2027-01-04}\n  - {date: 2027-01-04}\n", "2027-01-04 is there twice"),
        (
            HEAD + WEEK + 'make_up_days:\n  - {date: 2027-01-09, hours: ["08:00-12:00"]}\ndays_off:\n  - {date: 2027-01-09}\n',
            "2027-01-09 is a make-up day as well",
        ),
        (HEAD + WEEK + 'quiet_hours: ["always"]\n', "quiet_hours.1: `always` is not a window of time"),
        (HEAD + WEEK + 'quiet_hours: ["07:00-07:00"]\n', "shorter than a day"),
        (HEAD + WEEK + "holiday: []\n", "holiday: this field is not known"),
        (
            HEAD + "week: {monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: []}\n",
            "no day has",
        ),
        ("- a list\n", "calendar.yaml:1: this is a list"),
        ("version: [\n", "this is not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_field_and_what_is_expected(tmp_path: Path, text: str, says: str) -> None:
    _, problems = read(tmp_path, text)
    assert any(says in str(each) for each in problems), [str(each) for each in problems]


def test_a_wrong_calendar_is_refused_with_the_other_files(tmp_path: Path) -> None:
    root = corpus.write(tmp_path)
    (root / "calendar.yaml").write_text("version: 7\n", encoding="utf-8")
    with pytest.raises(KnowledgeFilesError, match=r"calendar\.yaml:1: week"):
        load_files(root, today=date(2026, 3, 2))


def test_a_department_names_a_calendar_that_there_is(tmp_path: Path) -> None:
    root = corpus.write(tmp_path)
    path = root / "directory.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("response_target:", "calendar: nowhere\n    response_target:", 1), encoding="utf-8")
    with pytest.raises(KnowledgeFilesError, match="there is no calendar `nowhere`"):
        load_files(root, today=date(2026, 3, 2))
