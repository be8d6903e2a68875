"""What points to somebody is taken out of their words; what the law needs stays in."""

import pytest

from bot.learning.personal import freed, left_in

TAKEN = [
    ("MST 0101234567 có được ưu tiên?", "0101234567"),
    ("tờ khai 103456789012 bị dừng", "103456789012"),
    ("gọi em số 0912 345 678 nhé", "0912 345 678"),
    ("gửi về mai.nguyen@hoabinh.vn", "hoabinh"),
    ("cont TGHU1234567 đang ở cảng", "TGHU"),
    ("xe 29C-123.45 chờ ở cửa khẩu", "29C"),
    ("bill ABCD1234567 chưa về", "ABCD1234567"),
    ("Công ty TNHH Dệt May Hòa Bình hỏi", "Hòa Bình"),
    ("Em là Nguyễn Thị Mai, xin hỏi", "Nguyễn"),
    ("hỏi anh Hùng bên chi cục", "Hùng"),
    ("We are Sunrise Electronics Co., Ltd and ask", "Sunrise"),
    ("My name is John Smith, please help", "Smith"),
]
KEPT = [
    "Theo 1399/QĐ-TCHQ và 08/2015/NĐ-CP thì nộp hồ sơ gì?",
    "Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ nói gì?",
    "Công ty tôi muốn tham gia Chương trình thì gửi Tổng cục Hải quan hay Chi cục Hải quan?",
    "Phạt 500 000 000 đồng năm 2023 là đúng không?",
    "Trong 24 giờ hay 30 ngày?",
    "Do we write to Customs in 2026?",
]


@pytest.mark.parametrize(("text", "gone"), TAKEN)
def test_what_points_to_somebody_is_taken_out(text: str, gone: str) -> None:
    assert gone not in freed(text)
    assert left_in(freed(text)) == []


@pytest.mark.parametrize("text", KEPT)
def test_what_a_question_is_about_stays(text: str) -> None:
    assert freed(text) == text


def test_names_that_are_known_are_taken_out_however_they_are_written() -> None:
    assert "hòa bình" not in freed("bên HÒA BÌNH hỏi, hòa bình cảm ơn", ["Hòa Bình"]).casefold()


def test_what_may_still_point_to_somebody_is_shown_to_whoever_reviews_it() -> None:
    assert left_in("Nộp tại kho của ông Trần Văn Nam, số 0101234567") == ["0101234567", "ông Trần Văn Nam"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "?", "0" * 5000, "Công ty " * 2000, "A" * 20000, "anh " * 5000])
def test_any_text_is_read_in_no_time(text: str) -> None:
    freed(text)
    left_in(text)
