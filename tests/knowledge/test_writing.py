"""An entry is written as editors write them, and reads back as it was."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.citations import Citation
from bot.knowledge.entries import Wording
from bot.knowledge.files import writing
from bot.knowledge.files.loading import load_files
from bot.knowledge.files.problems import KnowledgeFilesError
from tests.knowledge.conftest import TODAY
from tests.knowledge.test_validity import ENTRY

LINE = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1)
    .map(lambda s: " ".join(s.split()))
    .filter(bool)
)
NEW = replace(
    ENTRY,
    department="thue",
    citations=(Citation("1399/QĐ-TCHQ", "Quyết định ban hành, Điều 2"),),
    vi=Wording("Nộp ở đâu?", ("a1", "b2", "c3", "d4"), "Một.\nHai."),
    en=Wording("Where?", ("where",), "One."),
)


@given(question=LINE, paraphrase=LINE, answer=st.lists(LINE, min_size=1, max_size=4).map("\n".join))
def test_whatever_somebody_writes_reads_back_as_it_was(question: str, paraphrase: str, answer: str) -> None:
    entry = replace(NEW, vi=Wording(question, (paraphrase,), answer))
    (read,) = yaml.safe_load(writing.written(entry))
    assert read["vi"] == {"question": question, "paraphrases": [paraphrase], "answer": answer}
    assert read["citations"] == [{"document": "1399/QĐ-TCHQ", "place": "Quyết định ban hành, Điều 2"}]


def test_shipped_entries_read_back_as_they_are() -> None:
    files = load_files(Path(__file__).parent.parent.parent / "faq", today=date(2026, 11, 16))
    for entry in files.entries[::8]:
        (read,) = yaml.safe_load(writing.written(entry))
        assert read["vi"]["answer"] == entry.vi.answer
        assert tuple(read["en"]["paraphrases"]) == entry.en.paraphrases
        assert [(each["document"], each["place"]) for each in read["citations"]] == [
            (each.document, each.place) for each in entry.citations
        ]


def test_staging_writes_nothing_and_replacing_only_the_one_file(faq: Path) -> None:
    before = {each: each.read_bytes() for each in faq.rglob("*.yaml")}
    staged = writing.stage(faq, "moi", NEW, today=TODAY)
    assert {each: each.read_bytes() for each in faq.rglob("*.yaml")} == before
    writing.replace(staged)
    assert "mot" in {each.id for each in load_files(faq, today=TODAY).entries}
    assert {each: each.read_bytes() for each in before} == before


def test_what_the_loader_would_refuse_is_not_staged(faq: Path) -> None:
    with pytest.raises(KnowledgeFilesError):
        writing.stage(faq, "moi", replace(NEW, department="khong-co"), today=TODAY)
    assert not (faq / "entries" / "moi.yaml").exists()


def test_a_file_that_was_changed_by_hand_meanwhile_is_left_alone(faq: Path) -> None:
    staged = writing.stage(faq, "moi", NEW, today=TODAY)
    (faq / "entries" / "moi.yaml").write_text("# mine\n", encoding="utf-8")
    with pytest.raises(writing.FileChangedMeanwhile):
        writing.replace(staged)
    assert (faq / "entries" / "moi.yaml").read_text(encoding="utf-8") == "# mine\n"


def test_nothing_is_left_beside_the_file(faq: Path) -> None:
    writing.replace(writing.stage(faq, "moi", NEW, today=TODAY))
    assert [each.name for each in (faq / "entries").iterdir() if each.name.startswith(".")] == []
