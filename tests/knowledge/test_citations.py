"""Which place lies inside which, and what a text cites."""

import unicodedata

import pytest

from bot.knowledge.citations import Citation, above, cites, is_inside, written_in

INSIDE = [
    ("Điều 3 khoản 1 điểm c", "Điều 3 khoản 1 điểm c"),
    ("Điều 3 khoản 1 điểm c", "Điều 3 khoản 1"),
    ("Điều 3 khoản 1 điểm c", "Điều 3"),
    ("Điều 7 khoản 2 điểm c.4", "Điều 7 khoản 2 điểm c"),
    ("Điều 6 khoản 3.1", "Điều 6 khoản 3"),
    ("Phần III (Nhiệm vụ và giải pháp) mục 2 điểm h", "Phần III (Nhiệm vụ và giải pháp) mục 2"),
    ("Phụ lục nhiệm vụ 28", "Phụ lục"),
    ("Quyết định ban hành, Điều 2 khoản 1", "Quyết định ban hành, Điều 2"),
]
OUTSIDE = [
    ("Điều 30", "Điều 3"),
    ("Điều 3", "Điều 3 khoản 1"),
    ("Điều 3 khoản 11", "Điều 3 khoản 1"),
    ("Phụ lục nhiệm vụ 28", "Phụ lục nhiệm vụ 2"),
    ("Phụ lục nhiệm vụ 3 (2)", "Phụ lục nhiệm vụ 3"),
    ("Quyết định ban hành, Điều 2", "Điều 2"),
    ("Điều 2", "Quyết định ban hành, Điều 2"),
    ("đoạn 13", "đoạn 1"),
]


@pytest.mark.parametrize(("place", "around"), INSIDE)
def test_a_place_is_inside_itself_and_what_it_stands_under(place: str, around: str) -> None:
    assert is_inside(place, around)


@pytest.mark.parametrize(("place", "around"), OUTSIDE)
def test_a_place_is_not_inside_one_that_only_begins_alike(place: str, around: str) -> None:
    assert not is_inside(place, around)


def test_the_same_place_of_another_document_is_another_place() -> None:
    assert not cites(Citation("1761/QĐ-TCHQ", "Điều 3"), "1399/QĐ-TCHQ", "Điều 3")


def test_stepping_out_ends_at_the_article_the_part_or_the_appendix() -> None:
    steps = []
    place: str | None = "Điều 7 khoản 2 điểm c.4"
    while place is not None:
        steps.append(place)
        place = above(place)
    assert steps == ["Điều 7 khoản 2 điểm c.4", "Điều 7 khoản 2 điểm c", "Điều 7 khoản 2", "Điều 7"]
    assert above("Phần III (Nhiệm vụ và giải pháp)") is None
    assert above("đoạn 3") is None


CITED = [
    ("Căn cứ: Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ (Quyết định)", [("1399/QĐ-TCHQ", "Điều 3 khoản 1 điểm c")]),
    ("theo điểm c khoản 1 Điều 3 Quyết định số 1399/QĐ-TCHQ thì", [("1399/QĐ-TCHQ", "Điều 3 khoản 1 điểm c")]),
    ("khoản 2 điều 5 của Quyết định 1399/QĐ-TCHQ", [("1399/QĐ-TCHQ", "Điều 5 khoản 2")]),
    ("Quyết định ban hành, Điều 2, 1399/QĐ-TCHQ", [("1399/QĐ-TCHQ", "Quyết định ban hành, Điều 2")]),
    (
        "(Điều 7, 1761/QĐ-TCHQ;\nĐiều 9 khoản 1, 1399/QĐ-TCHQ)",
        [("1761/QĐ-TCHQ", "Điều 7"), ("1399/QĐ-TCHQ", "Điều 9 khoản 1")],
    ),
    ("Điều 9 của một văn bản khác, 77/QĐ-KHAC", []),
    ("Điều 9, 1399/QĐ-TCHQX", []),
    ("1399/QĐ-TCHQ nói chung", []),
]


@pytest.mark.parametrize(("text", "expected"), CITED)
def test_a_text_cites_what_it_names_by_place_and_number(text: str, expected: list[tuple[str, str]]) -> None:
    found = written_in(text, ["1399/QĐ-TCHQ", "1761/QĐ-TCHQ"])
    assert [(each.document, each.place) for each in found] == expected


def test_a_decomposed_text_is_read_like_a_composed_one() -> None:

    text = unicodedata.normalize("NFD", "Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ")
    assert written_in(text, ["1399/QĐ-TCHQ"]) == (Citation("1399/QĐ-TCHQ", "Điều 3 khoản 1 điểm c"),)
