"""Imported law beside the entries: found, cited by place, and never in the way of an entry that says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.knowledge.files.problems import KnowledgeFilesError
from bot.knowledge.measure.ask import LONGEST_QUOTE, quoted, text_of
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision
from tests.knowledge import corpus

TODAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Text:
    document: str
    place: str
    title: str
    text: str

    @property
    def indexed(self) -> str:
        return f"{self.title}\n{self.text}"


LAW = (
    Text("1399/QĐ-TCHQ", "Điều 3 khoản 1 điểm c", "Cơ chế", "Yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn trong 24 giờ."),
    Text("9/NĐ-THU", "Điều 5", "Kho chứa", "Chủ kho phải ghi sổ nhiệt độ của từng buồng lạnh hai lần mỗi ngày, gồm:"),
    Text("9/NĐ-THU", "Điều 5", "Kho chứa", "buồng chứa thủy sản đông lạnh."),
    Text("9/NĐ-THU", "Điều 6", "Kho chứa", "Sổ của kho được giữ trong năm năm."),
)
PLAIN = "Chủ kho phải ghi sổ nhiệt độ của từng buồng lạnh mấy lần mỗi ngày?"
COLD = "sổ nhiệt độ của buồng lạnh phải ghi mấy lần một ngày"


DOCUMENTS = (
    corpus.DOCUMENTS
    + """\
  - number: 9/NĐ-THU
    title: Nghị định về kho lạnh
    title_en: A decree on cold stores
    issuer: Chính phủ
    signed: 2019-01-01
    effective_from: 2019-01-01
    effective_until: null
    status: in_force
    replaced_by: null
"""
)


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    loaded = Knowledge.load(corpus.write(tmp_path, documents=DOCUMENTS), today=TODAY, passages=LAW)
    yield loaded
    loaded.close()


def test_a_passage_is_a_candidate_with_its_place_and_wording(knowledge: Knowledge) -> None:
    first = next(each for each in knowledge.look_up(COLD, on=TODAY).candidates if each.entry is None)
    assert [str(each) for each in first.citations] == ["Điều 5, 9/NĐ-THU"]
    assert first.passage.startswith("Chủ kho phải ghi sổ")


def test_the_lines_of_a_list_are_found_under_the_place_that_cites_them(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up("buồng chứa thủy sản đông lạnh thì ghi sổ nhiệt độ thế nào", on=TODAY)
    places = [each.citations[0].place for each in verdict.candidates if each.entry is None]
    assert places[0] == "Điều 5"
    assert places.count("Điều 5") == 1


def test_an_entry_that_cites_the_place_stands_for_it(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up("yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn trong bao lâu", on=TODAY)
    assert verdict.candidates[0].id == "chuyen-24-gio"
    assert all(each.entry for each in verdict.candidates if each.citations[0].document == "1399/QĐ-TCHQ")


def test_a_passage_that_is_plainly_meant_answers_by_itself(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up(PLAIN, on=TODAY)
    assert verdict.decision is Decision.ANSWER, verdict.reasons
    assert verdict.entry is None
    assert verdict.passage is not None
    assert verdict.passage.passage.startswith("Chủ kho phải ghi sổ")
    assert [str(each) for each in verdict.citations] == ["Điều 5, 9/NĐ-THU"]
    assert verdict.candidates[0].id == verdict.passage.id


@pytest.mark.parametrize("text", ["kho lạnh của bên em có cần ghi gì không", "sổ sách", "phải ghi mấy lần", "buồng trọ ở Huế"])
def test_a_passage_that_only_shares_words_does_not_answer(knowledge: Knowledge, text: str) -> None:
    assert knowledge.look_up(text, on=TODAY).passage is None


def test_what_is_quoted_is_said_with_its_place_and_cut_where_it_is_long(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up(PLAIN, on=TODAY)
    said = text_of(verdict, lambda key, language, /, **params: f"{key} {params}")
    assert "Điều 5" in said
    assert "9/NĐ-THU" in said
    assert "Chủ kho phải ghi sổ" in said
    assert verdict.passage is not None
    long = replace(verdict.passage, passage="Chủ kho ghi sổ. " * 200)
    assert len(quoted(long)) <= LONGEST_QUOTE + 5
    assert quoted(long).endswith("ghi sổ. […]")


def test_a_document_that_is_not_in_force_is_not_quoted(tmp_path: Path) -> None:
    holds, ended = (f"effective_from: 2019-01-01\n    effective_until: {day}" for day in ("null", "2025-12-31"))
    loaded = Knowledge.load(corpus.write(tmp_path, documents=DOCUMENTS.replace(holds, ended)), today=TODAY, passages=LAW)
    assert loaded.look_up(PLAIN, on=TODAY).passage is None
    loaded.close()


def test_a_wording_is_not_quoted_for_a_day_before_the_one_it_was_read_for(knowledge: Knowledge) -> None:
    knowledge.take_law(LAW, on=TODAY)
    assert knowledge.look_up(PLAIN, on=TODAY).passage is not None
    assert knowledge.look_up(PLAIN, on=TODAY - timedelta(days=1)).passage is None


def test_an_entry_is_preferred_where_both_say_it(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up("Yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn trong bao lâu?", on=TODAY)
    assert verdict.passage is None


def test_law_that_was_taken_stays_over_a_reload_until_other_law_is_given(knowledge: Knowledge) -> None:
    def cited() -> set[str]:
        return {str(each.citations[0]) for each in knowledge.look_up(COLD, on=TODAY).candidates if each.entry is None}

    assert cited()
    knowledge.reload(today=TODAY)
    assert cited()
    knowledge.take_law(())
    assert not cited()
    knowledge.reload(today=TODAY, passages=LAW)
    assert cited()


def test_a_reload_that_is_refused_keeps_the_law_too(knowledge: Knowledge) -> None:
    (knowledge.folder / "entries" / "moi.yaml").write_text("- id: hỏng\n", encoding="utf-8")
    with pytest.raises(KnowledgeFilesError):
        knowledge.reload(today=TODAY, passages=())
    assert any(each.entry is None for each in knowledge.look_up(COLD, on=TODAY).candidates)
