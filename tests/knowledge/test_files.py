"""A wrong file is refused with file, line, field and what was expected; all that is wrong is said at once."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.knowledge.citations import is_place
from bot.knowledge.files.loading import load_files
from bot.knowledge.files.problems import KnowledgeFilesError, Problem
from tests.knowledge import corpus

TODAY = date(2026, 3, 2)


def problems_of(folder: Path, *, today: date = TODAY) -> list[Problem]:
    with pytest.raises(KnowledgeFilesError) as refused:
        load_files(folder, today=today)
    return [each for each in refused.value.problems if not each.warning]


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def test_sound_files_are_read_in_full(faq: Path) -> None:
    files = load_files(faq, today=TODAY)
    assert [each.id for each in files.entries] == [
        "chuyen-24-gio", "tham-gia-lai", "truong-nhom", "soi-chieu-thanh-vien", "phu-hieu-giay", "ban-nhap",
    ]  # fmt: skip
    assert files.directory.coordinating.id == "quan-ly-rui-ro"
    assert [each.id for each in files.directory.above("chi-cuc")] == ["thue", "tong-cuc"]
    assert files.directory.escalation_target("thue").id == "quan-ly-rui-ro", "the level above takes no inquiries"
    assert files.directory["chi-cuc"].response_target == timedelta(hours=8)
    assert files.documents.in_force("77/QĐ-THU", date(2025, 12, 31))
    assert not files.documents.in_force("77/QĐ-THU", date(2026, 1, 1))


def test_what_has_ended_warns_and_does_not_stop_the_start(faq: Path) -> None:
    warned = load_files(faq, today=TODAY).warnings
    assert {(each.file, each.field) for each in warned} == {
        ("documents.yaml", "77/QĐ-THU"),
        ("entries/khac.yaml", "phu-hieu-giay.citations"),
    }


def changed(old: str, new: str) -> str:
    assert old in corpus.HOURS
    return corpus.HOURS.replace(old, new, 1)


WRONG_ENTRIES = {
    "unknown field": (changed("  tags:", "  colour: red\n  tags:"), "colour", "chuyen-24-gio", "not known"),
    "missing field": (changed("  audience: public\n", ""), "- id", "audience", "missing"),
    "unknown status": (
        changed("status: published", "status: live"),
        "status: live",
        "chuyen-24-gio.status",
        "draft, published",
    ),
    "unknown audience": (changed("audience: public", "audience: all"), "audience: all", "chuyen-24-gio.audience", "member"),
    "an id in capitals": (changed("id: chuyen-24-gio", "id: Chuyen"), "id: Chuyen", "Chuyen.id", "lower case"),
    "unknown department": (
        changed("quan-ly-rui-ro", "phong-ban-la"),
        "phong-ban-la",
        "chuyen-24-gio.department",
        "directory.yaml",
    ),
    "unknown document": (changed("1399/QĐ-TCHQ", "9999/QĐ-TCHQ"), "9999", "citations.1.document", "documents.yaml"),
    "malformed place": (
        changed("Điều 3 khoản 1 điểm c", "khoản 1 Điều 3"),
        "khoản 1 Điều 3",
        "citations.1.place",
        "Điều 3 khoản 1",
    ),
    "too few paraphrases": (
        changed('      - "24 giờ là tính từ lúc nào vậy"\n', ""),
        "paraphrases:",
        "vi.paraphrases",
        "at least 4",
    ),
    "the same twice": (
        changed("24 giờ là tính từ lúc nào vậy", "gửi câu hỏi rồi bao lâu có người xử lý"),
        "",
        "vi.paraphrases.3",
        "another way",
    ),
    "an answer too long": (
        changed("Câu trả lời của chuyen-24-gio.", "x" * 901),
        "xxx",
        "chuyen-24-gio.vi.answer",
        "at most 900",
    ),
    "an empty answer": (changed("Câu trả lời của chuyen-24-gio.", " "), 'answer: " "', "chuyen-24-gio.vi.answer", "text"),
    "a number for text": (changed('- "24 giờ là tính từ lúc nào vậy"', "- 24"), "- 24", "vi.paraphrases.3", "quotes"),
    "no date": (changed("  tags:", "  valid_from: soon\n  tags:"), "soon", "chuyen-24-gio.valid_from", "2022-07-15"),
    "dates crossed": (
        changed("  tags:", "  valid_from: 2024-01-02\n  valid_until: 2024-01-01\n  tags:"),
        "valid_until",
        "chuyen-24-gio.valid_until",
        "after",
    ),
    "no citation": (
        changed("    - {document: 1399/QĐ-TCHQ, place: Điều 3 khoản 1 điểm c}", "    []"),
        "[]",
        "chuyen-24-gio.citations",
        "at least one",
    ),
    "a field twice": (changed("  tags:", "  audience: member\n  tags:"), "audience: member", "audience", "once"),
}


@pytest.mark.parametrize(("content", "part", "field", "expected"), WRONG_ENTRIES.values(), ids=list(WRONG_ENTRIES))
def test_a_wrong_entry_is_named_by_file_line_and_field(
    tmp_path: Path, content: str, part: str, field: str, expected: str
) -> None:
    found = problems_of(corpus.write(tmp_path, gio=content))
    hits = [each for each in found if field in each.field or field in each.wrong]
    assert hits, found
    assert hits[0].file == "entries/gio.yaml"
    assert expected in f"{hits[0].wrong} {hits[0].expected}"
    if part:
        assert abs(hits[0].line - line_of(content, part)) <= 1


def test_an_english_pair_is_required(tmp_path: Path) -> None:
    content = corpus.HOURS[: corpus.HOURS.index("  en:\n")]
    found = problems_of(corpus.write(tmp_path, gio=content))
    assert [(each.field, each.wrong) for each in found] == [("chuyen-24-gio.en", "this field is missing")]


def test_an_id_is_used_once_over_all_files(tmp_path: Path) -> None:
    found = problems_of(corpus.write(tmp_path, a=corpus.HOURS, b=corpus.LEADER + corpus.HOURS))
    assert [(each.file, each.line) for each in found] == [
        ("entries/b.yaml", line_of(corpus.LEADER + corpus.HOURS, "chuyen-24"))
    ]
    assert "entries/a.yaml:1" in found[0].wrong


def test_a_tab_is_named_by_its_line(tmp_path: Path) -> None:
    found = problems_of(corpus.write(tmp_path, gio=corpus.HOURS.replace("  tags:", "\ttags:")))
    assert [(each.file, each.line) for each in found] == [("entries/gio.yaml", line_of(corpus.HOURS, "tags:"))]
    assert "tab" in found[0].wrong


def test_broken_yaml_is_named_by_its_line(tmp_path: Path) -> None:
    found = problems_of(corpus.write(tmp_path, gio=corpus.HOURS.replace("tags: [thu-nghiem]", "tags: [thu-nghiem")))
    assert [each.file for each in found] == ["entries/gio.yaml"]
    assert found[0].line >= line_of(corpus.HOURS, "tags:")


def test_a_file_in_another_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    folder = corpus.write(tmp_path, gio=corpus.HOURS)
    raw = corpus.HOURS.encode()
    (folder / "entries" / "gio.yaml").write_bytes(raw[:60] + b"\xff" + raw[60:])
    found = problems_of(folder)
    assert found[0].file == "entries/gio.yaml"
    assert found[0].line == raw[:60].count(b"\n") + 1
    assert "0xff" in found[0].wrong


def test_decomposed_letters_are_composed(tmp_path: Path) -> None:
    folder = corpus.write(tmp_path, gio=unicodedata.normalize("NFD", corpus.HOURS))
    entry = load_files(folder, today=TODAY).entries[0]
    assert entry.vi.question == unicodedata.normalize("NFC", entry.vi.question)
    assert entry.citations[0].place == "Điều 3 khoản 1 điểm c"


def test_an_entry_that_ended_yesterday_warns(tmp_path: Path) -> None:
    content = corpus.HOURS.replace("  tags:", "  valid_until: 2026-03-01\n  tags:")
    warned = load_files(corpus.write(tmp_path, gio=content), today=TODAY).warnings
    assert ("entries/gio.yaml", "chuyen-24-gio.valid_until") in {(each.file, each.field) for each in warned}


def test_whoever_changes_the_files_has_to_mend_an_entry_that_ended_yesterday(tmp_path: Path) -> None:
    content = corpus.HOURS.replace("  tags:", f"  valid_until: {TODAY - timedelta(days=1)}\n  tags:")
    folder = corpus.write(tmp_path, gio=content)

    with pytest.raises(KnowledgeFilesError) as refused:
        load_files(folder, today=TODAY, ended_is_wrong=True)

    (problem,) = [each for each in refused.value.problems if not each.warning]
    assert (problem.file, problem.field) == ("entries/gio.yaml", "chuyen-24-gio.valid_until")
    assert problem.line == line_of(content, "valid_until")
    (folder / "entries" / "gio.yaml").write_text(content.replace("status: published", "status: retired"), encoding="utf-8")
    assert load_files(folder, today=TODAY, ended_is_wrong=True).entries
    last_day = content.replace(f"{TODAY - timedelta(days=1)}", f"{TODAY}")
    (folder / "entries" / "gio.yaml").write_text(last_day, encoding="utf-8")
    assert load_files(folder, today=TODAY, ended_is_wrong=True).entries


WRONG_DIRECTORIES = {
    "unknown parent": (
        "parent: tong-cuc\n    coordinating: true",
        "parent: khong-co\n    coordinating: true",
        "quan-ly-rui-ro.parent",
    ),
    "a circle": ("parent: null", "parent: chi-cuc", "parent"),
    "nobody coordinates": ("coordinating: true", "coordinating: false", "coordinating"),
    "two coordinate": (
        "coordinating: false\n    accepts_inquiries: true\n    response_target: PT24H",
        "coordinating: true\n    accepts_inquiries: true\n    response_target: PT24H",
        "thue.coordinating",
    ),
    "no length of time": ("PT24H", "two days", "thue.response_target"),
    "a length of nothing": ("PT24H", "PT0H", "thue.response_target"),
    "unknown level": ("level: sub", "level: village", "chi-cuc.level"),
    "the same id": ("id: thue", "id: quan-ly-rui-ro", "id"),
    "no English name": ("name: {vi: Chi cục Hải quan, en: Customs Branch}", "name: {vi: Chi cục Hải quan}", "chi-cuc.name.en"),
    "the coordinator takes nothing": (
        "coordinating: true\n    accepts_inquiries: true",
        "coordinating: true\n    accepts_inquiries: false",
        "quan-ly-rui-ro.accepts_inquiries",
    ),
}


@pytest.mark.parametrize(("old", "new", "field"), WRONG_DIRECTORIES.values(), ids=list(WRONG_DIRECTORIES))
def test_a_wrong_directory_is_named_by_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    assert old in corpus.DIRECTORY
    found = problems_of(corpus.write(tmp_path, directory=corpus.DIRECTORY.replace(old, new, 1)))
    assert any(each.file == "directory.yaml" and each.field.endswith(field) for each in found), found


def test_a_document_that_replaces_has_to_be_listed(tmp_path: Path) -> None:
    documents = corpus.DOCUMENTS.replace("replaced_by: null", "replaced_by: 5/QĐ-MOI", 1)
    found = problems_of(corpus.write(tmp_path, documents=documents))
    assert [(each.file, each.field) for each in found] == [("documents.yaml", "1399/QĐ-TCHQ.replaced_by")]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    folder = corpus.write(
        tmp_path,
        documents=corpus.DOCUMENTS.replace("status: in_force", "status: fine", 1),
        directory=corpus.DIRECTORY.replace("PT8H", "soon"),
        gio=corpus.HOURS.replace("status: published", "status: live"),
    )
    found = problems_of(folder)
    assert {each.file for each in found} >= {"documents.yaml", "directory.yaml", "entries/gio.yaml"}
    assert all(str(each).startswith(f"{each.file}:{each.line}") and "expected" in str(each) for each in found)


def test_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    assert {each.file for each in problems_of(tmp_path / "faq")} == {"documents.yaml", "directory.yaml", "entries"}
    assert problems_of(tmp_path / "nothing")[0].wrong == "there is no such folder"


@pytest.mark.parametrize(
    "place",
    [
        "Điều 3 khoản 1 điểm c",
        "Điều 9",
        "Điều 7 khoản 1 điểm a.3",
        "Điều 6 khoản 3.1",
        "Quyết định ban hành, Điều 2",
        "Phần III (Nhiệm vụ và giải pháp) mục 2 điểm h",
        "Phụ lục nhiệm vụ 28",
        "đoạn 3",
    ],
)
def test_places_are_spelt_one_way(place: str) -> None:
    assert is_place(place)


@pytest.mark.parametrize("place", ["Điều", "điều 3", "Điều 3, khoản 1", "Điều 3 điểm", "khoản 1", "Article 3", "đoạn", ""])
def test_other_spellings_of_places_are_refused(place: str) -> None:
    assert not is_place(place)


def test_two_entries_asked_for_in_the_same_words_warn(tmp_path: Path) -> None:
    twin = corpus.LEADER.replace("nhóm chuyên trách do ai đứng đầu", "24 GIO la tinh tu luc nao vay")
    warned = load_files(corpus.write(tmp_path, gio=corpus.HOURS, nhom=twin), today=TODAY).warnings
    assert [each.file for each in warned if "chuyen-24-gio" in each.wrong] == ["entries/nhom.yaml"]
