"""The conversations are the same on every channel, those that come later too."""

import pytest

from tests.handlers.conftest import CHANNELS, KEEPS_A_COPY, KNOWN, STUCK, UNSURE, Helpdesk


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def test_a_question_is_answered_asked_further_and_rated(helpdesk: Helpdesk) -> None:
    person = helpdesk.person("Lan")
    assert "Lan" not in await person.says("/start")
    await person.presses("Tiếng Việt")
    assert "Lan" in person.last
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)
    await person.presses("Có")
    await person.says(UNSURE)
    assert "Điều 4 khoản 1" in await person.presses("điều kiện gì")
    await person.says(STUCK)
    await person.sends("to-khai.pdf")
    assert "Xin cho biết số tờ khai." in await helpdesk.asks_back(person)
    await person.presses("Trả lời cán bộ")
    await person.says("Số tờ khai 105123456789")
    assert "mời doanh nghiệp đến nhận hàng" in await helpdesk.answers(person)
    await person.presses("Đã giải quyết")
    await person.presses("5 ★")
    await person.says("Cán bộ rất nhiệt tình")
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.rating, inquiry.rating_comment) == ("closed", 5, "Cán bộ rất nhiệt tình")
    assert inquiry.channel == helpdesk.channel.name
    assert await helpdesk.histories_hold()


async def test_what_was_written_is_kept_only_where_the_platform_does_not_keep_it(helpdesk: Helpdesk) -> None:
    await helpdesk.person().says("một câu rất riêng mà không ai khác viết, xin chào")
    kept = not await helpdesk.holds_nothing_of("một câu rất riêng")
    assert kept or helpdesk.channel.name not in KEEPS_A_COPY
