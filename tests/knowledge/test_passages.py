"""Imported law beside the entries: found, cited by place, and never in the way of an entry that says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.problems import KnowledgeFilesError
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
COLD = "sổ nhiệt độ của buồng lạnh phải ghi mấy lần một ngày"


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    loaded = Knowledge.load(corpus.write(tmp_path), today=TODAY, passages=LAW)
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


def test_a_passage_alone_is_no_answer_in_plain_words(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up(COLD, on=TODAY)
    assert verdict.decision is not Decision.ANSWER
    assert all(each is not None for each in verdict.suggestions)


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
