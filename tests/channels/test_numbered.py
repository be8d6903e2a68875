"""Choices as a numbered list in the text."""

from zoneinfo import ZoneInfo

from bot.channels.numbered import written_out
from bot.delivery.message import Button, Message
from bot.locales.catalogue import Catalogue

CATALOGUE = Catalogue(ZoneInfo("Asia/Ho_Chi_Minh"))


def test_answers_of_a_questionnaire_keep_the_number_that_they_have() -> None:
    rows = ((Button("1. Bản giấy", "a:1"),), (Button("2. Bản điện tử", "a:2"),), (Button("Quay lại", "back"),))
    lines = written_out(Message("Câu 1/3", rows), CATALOGUE, "vi").splitlines()
    assert lines[2:5] == ["1. Bản giấy", "2. Bản điện tử", "3. Quay lại"]


def test_what_stands_beside_an_answer_in_own_words_is_told_from_it() -> None:
    said = Message("Câu 3/3", ((Button("Bỏ qua", "skip"),),), beside=True)
    assert Message.from_json(said.to_json()) == said
    lines = written_out(said, CATALOGUE, "vi").splitlines()
    assert lines[2:] == ["#1 Bỏ qua", "Hoặc nhắn dấu # và số thứ tự để chọn, ví dụ: #1."]
