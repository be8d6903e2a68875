"""Which day a question asks to be answered by: only where it puts itself back to one."""

import time
from datetime import date

import pytest

from bot.knowledge.language.as_of import as_asked, day_meant

TODAY = date(2026, 11, 22)

ASKED_OF_A_DAY = [
    ("Năm 2021 thì doanh nghiệp thành viên được quyền lợi gì?", date(2021, 12, 31)),
    ("nam 2021 thi dk tham gia la gi", date(2021, 12, 31)),
    ("Tại thời điểm 15/3/2021 thì bao lâu yêu cầu được chuyển?", date(2021, 3, 15)),
    ("ngày 1 tháng 3 năm 2016 thì ai chịu trách nhiệm", date(2016, 3, 1)),
    ("hồi năm 2020 quy chế phối hợp quy định gì", date(2020, 12, 31)),
    ("quy định vào tháng 2/2020 về thời hạn", date(2020, 2, 29)),
    ("năm 2016 lúc đó có đường dây nóng chưa", date(2016, 12, 31)),
    ("As of March 2021, how long until my request is routed?", date(2021, 3, 31)),
    ("What rules were in force on 1 January 2016?", date(2016, 1, 1)),
    ("What applied as of 2021-05-06?", date(2021, 5, 6)),
    ("back in 2016 who handled it?", date(2016, 12, 31)),
    (
        "Công ty tôi làm hàng gia công, trước giờ toàn tự xoay xở vì chẳng ai chỉ. Hải quan tỉnh bảo là có chương trình. "
        "Năm 2023 thì muốn tham gia phải nộp những gì?",
        date(2023, 12, 31),
    ),
]


@pytest.mark.parametrize(("text", "day"), ASKED_OF_A_DAY)
def test_a_question_that_puts_itself_back_is_of_that_day_or_the_last_of_the_month_or_year(text: str, day: date) -> None:
    assert day_meant(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "Bao lâu thì yêu cầu của tôi được chuyển?",
        "Quyết định 1399 năm 2022 thì điều 3 nói gì",  # of the name of a document
        "chiến lược năm 2022 thì có mấy nhiệm vụ",
        "đến năm 2030 thì mục tiêu là gì",  # the end of a span
        "từ năm 2019 thì sao",
        "Cán bộ làm trái quy chế đối tác năm 2015 thì áp vào đâu?",
        "Chúng tôi ký hồi 2023, trong đó hứa mỗi quý nộp bảng tự rà soát. Có đổi thành nửa năm một lần được không?",  # a story
        "có cái quyết định của hải quan hồi 2015 về đối tác, tên nó là gì",  # looks for a document
        "năm 2023 thì công ty em bị phạt, bây giờ có tham gia được không",  # a story, and a question of today
        "năm 2021 thì được, năm 2022 thì không, vì sao",  # two days
        "Tháng 10/2022 lúc đó quyết định 1854 đã có hiệu lực chưa?",  # asks since when it holds
        "Năm 2026 thì nộp ở đâu",  # this year
        "năm 2031 thì thế nào",
        "ngày 30/2/2021 thì sao",  # no day of the calendar
        "mã 2021 thì nhập vào ô nào",
        "lúc 15h30 2021",
        "năm 0021 thì sao",
        "",
    ],
)
def test_a_year_alone_is_no_day_to_be_answered_by(text: str) -> None:
    assert day_meant(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Năm 2021 thì doanh nghiệp thành viên được quyền lợi gì?", "doanh nghiệp thành viên được quyền lợi gì?"),
        ("Tại thời điểm 15/3/2021, bao lâu yêu cầu được chuyển?", "bao lâu yêu cầu được chuyển?"),
        ("Điều 6 Quyết định 1399 hồi năm 2023 quy định gì?", "Điều 6 Quyết định 1399 quy định gì?"),
        ("As of March 2021, how long until my request is routed?", "how long until my request is routed?"),
        ("What rules were in force on 1 January 2016?", "What rules were in force ?"),
        ("nam 2016 luc do co duong day nong chua", "co duong day nong chua"),
        ("Quyết định 1399 năm 2022 thì điều 3 nói gì", "Quyết định 1399 năm 2022 thì điều 3 nói gì"),
        ("tại thời điểm 15/3/2021", "tại thời điểm 15/3/2021"),  # nothing else is asked
    ],
)
def test_what_is_looked_up_is_the_question_without_its_day(text: str, rest: str) -> None:
    assert as_asked(text, TODAY)[1] == rest


@pytest.mark.parametrize("text", ["hồi " * 2000, "thời điểm vào tại " * 450, "năm 2021 thì " * 600, "as of 2021 " * 700])
def test_any_text_is_read_in_no_time(text: str) -> None:
    started = time.process_time()
    as_asked(text, TODAY)
    assert time.process_time() - started < 0.2
