"""What the desk changed, over the file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.knowledge.directory import Competence, Department
from bot.knowledge.files.overlay import changed, faults, fields_of, over

COORDINATING = Department("dau-moi", "Đầu mối", "Coordinating", level="general", coordinating=True)
OFFICE = Department(
    "chi-cuc",
    "Chi cục",
    "Office",
    level="sub",
    parent="dau-moi",
    competences=(Competence("Kiểm hóa", "Inspection", (), ("a",)),),
)
FILE = (COORDINATING, OFFICE)
NEW: dict[str, Any] = {
    "name": "Chi cục Cát Lái",
    "name_en": "Cat Lai",
    "level": "sub",
    "parent": "chi-cuc",
    "region": "TP Hồ Chí Minh",
}


def after(overlays: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Department], list[str]]:
    directory, left_out = over(FILE, overlays, ("ca-dem",))
    return {each.id: each for each in directory}, left_out


@pytest.mark.parametrize("department", FILE, ids=lambda each: each.id)
def test_its_fields_written_out_and_put_back_are_the_department(department: Department) -> None:
    assert changed(Department(department.id, "", "", coordinating=department.coordinating), fields_of(department)) == department


def test_without_changes_the_file_holds() -> None:
    assert after({}) == ({each.id: each for each in FILE}, [])


def test_only_what_was_changed_differs_from_the_file() -> None:
    departments, _ = after({"chi-cuc": {"response_target_h": 4.5, "deputy": "lan"}})
    assert departments["chi-cuc"] == replace(OFFICE, response_target=timedelta(hours=4.5), deputy="lan")


def test_a_department_that_was_added_is_there_and_may_stand_above_another_that_was() -> None:
    departments, left_out = after({"doi": NEW | {"parent": "cat-lai", "name": "Đội 1"}, "cat-lai": NEW})
    assert left_out == []
    assert departments["doi"].parent == "cat-lai"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "missing"),
        ({"name": "Đầu mối"}, "name_taken"),
        ({"level": "village"}, "level"),
        ({"parent": "nowhere"}, "parent"),
        ({"parent": "chi-cuc"}, "circle"),
        ({"response_target_h": 0}, "target"),
        ({"response_target_h": 1e6}, "target"),
        ({"calendar": "ca-ngay"}, "calendar"),
        ({"competences": [{"name": "x", "name_en": "", "keywords": [], "examples": []}]}, "competence_name"),
    ],
)
def test_what_cannot_stand_is_named_and_counts_for_nothing(fields: dict[str, Any], code: str) -> None:
    made = changed(OFFICE, fields)
    assert code in [each.code for each in faults(made, {each.id: each for each in (COORDINATING, made)}, ("ca-dem",))]
    departments, left_out = after({"chi-cuc": fields})
    assert (departments["chi-cuc"], left_out) == (OFFICE, ["chi-cuc"])


def test_the_coordinating_unit_cannot_be_made_to_take_no_inquiries() -> None:
    departments, left_out = after({"dau-moi": {"accepts_inquiries": False}})
    assert (departments["dau-moi"].accepts_inquiries, left_out) == (True, ["dau-moi"])


def test_what_another_version_wrote_is_left_out() -> None:
    assert after({"chi-cuc": {"competences": [{"title": "?"}]}})[1] == ["chi-cuc"]


def test_what_stands_under_something_left_out_is_left_out_too() -> None:
    departments, left_out = after({"cat-lai": NEW | {"level": "village"}, "doi": NEW | {"parent": "cat-lai", "name": "Đội 1"}})
    assert sorted(departments) == ["chi-cuc", "dau-moi"]
    assert sorted(left_out) == ["cat-lai", "doi"]
