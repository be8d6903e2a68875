"""A consultation as an enterprise meets it in its chat."""

from datetime import timedelta

import pytest

from storage import positions
from tests.consultation.conftest import Asking
from tests.handlers.conftest import CHANNELS, Person


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def test_a_draft_is_read_article_by_article_and_commented_on(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    assert "Dự thảo quy trình kiểm tra sau thông quan" in lan.last
    assert "Cục Kiểm tra sau thông quan" in await lan.presses("Đọc và góp ý")
    assert "Điều 1. Phạm vi điều chỉnh" in await lan.presses("từng điều (3)")
    assert "Thời hạn kiểm tra tối đa" in await lan.presses("Tiếp ›")
    assert "b) Doanh nghiệp xin giải trình thêm" in lan.last
    assert "gia hạn một lần" in await lan.presses("Góp ý khoản 2")
    assert "Điều 2 khoản 2" in await lan.says("Đề nghị nêu rõ thời gian gia hạn là bao nhiêu ngày.")
    await lan.presses("Xem lại và gửi")
    assert "Điều 2 khoản 2: Đề nghị nêu rõ" in lan.last
    assert "Đã ghi nhận ý kiến của Công ty Bình Minh" in await lan.presses("Gửi ý kiến")
    async with asking.helpdesk.core.database.read() as uow:
        voices = await positions.voiced(uow, consultation)
    assert [(each.opinion.text, each.enterprise_name, each.contact_name) for each in voices] == [
        ("Đề nghị nêu rõ thời gian gia hạn là bao nhiêu ngày.", "Công ty Bình Minh", "Lan")
    ]


async def test_questions_are_answered_by_button_and_in_words(asking: Asking, lan: Person) -> None:
    await asking.opened()
    await lan.presses("Đọc và góp ý")
    assert "Câu 1/3" in await lan.presses("Trả lời câu hỏi")
    assert "Câu 2/3" in await lan.presses("Bản điện tử")
    assert "Câu 3/3" in await lan.presses("4")
    assert lan.heard[-1].beside, "a number may be the answer"
    await lan.says("Nên có bảng tự đánh giá")
    assert "Bản điện tử" in lan.last
    assert "4/5" in lan.last
    assert "Nên có bảng tự đánh giá" in lan.last
    assert "0 góp ý, 3 câu trả lời" in await lan.presses("Gửi ý kiến")


async def test_what_was_sent_can_be_changed_until_the_closing_and_not_after(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    await lan.presses("Đọc và góp ý")
    await lan.presses("Góp ý chung")
    await lan.says("Đồng ý với dự thảo")
    await lan.presses("Xem lại")
    await lan.presses("Gửi ý kiến")
    await lan.presses("Sửa ý kiến")
    await lan.presses("Góp ý chung")
    await lan.says("Bổ sung: cần hướng dẫn cụ thể")
    await lan.presses("Xem lại")
    assert "1. Toàn bộ dự thảo: Đồng ý với dự thảo" in lan.last
    await lan.presses("Bỏ góp ý 1")
    assert "Đồng ý với dự thảo" not in lan.last
    assert "(lần 2)" in await lan.presses("Gửi ý kiến")
    async with asking.helpdesk.core.database.read() as uow:
        kept = await positions.versions(uow, consultation, (await positions.standing(uow, consultation))[0].respondent)
        texts = [[each.text for each in await positions.opinions(uow, one.id)] for one in kept]
    assert [(each.version, each.state) for each in kept] == [(1, "replaced"), (2, "standing")]
    assert texts == [["Đồng ý với dự thảo"], ["Bổ sung: cần hướng dẫn cụ thể"]]
    await lan.presses("Sửa ý kiến")
    await lan.presses("Góp ý chung")
    asking.helpdesk.clock.advance(timedelta(days=10))
    assert "không nhận góp ý vào lúc này" in await lan.says("muộn rồi")


async def test_of_two_people_of_an_enterprise_the_second_is_shown_what_the_first_sent(asking: Asking, lan: Person) -> None:
    minh = await asking.member("Minh", "Công ty Bình Minh", "0100233488")
    consultation = await asking.opened()
    for person, words in ((lan, "ý của Lan"), (minh, "ý của Minh")):
        await person.presses("Đọc và góp ý")
        await person.presses("Góp ý chung")
        await person.says(words)
    await lan.presses("Xem lại")
    await lan.presses("Gửi ý kiến")
    await minh.presses("Xem lại")
    assert "Lan của doanh nghiệp đã gửi" in await minh.presses("Gửi ý kiến")
    assert "ý của Lan" in await minh.presses("Xem ý kiến đồng nghiệp")
    await minh.presses("Quay lại")
    await minh.presses("Góp ý chung")
    await minh.says("ý chung của hai người")
    await minh.presses("Xem lại")
    assert "(lần 2)" in await minh.presses("Gửi ý kiến")
    async with asking.helpdesk.core.database.read() as uow:
        standing = await positions.standing(uow, consultation)
        texts = [each.text for each in await positions.opinions(uow, standing[0].id)]
    assert [each.contact_name for each in standing] == ["Minh"]
    assert texts == ["ý của Lan", "ý chung của hai người"]


async def test_a_stranger_is_not_let_in(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    stranger = asking.helpdesk.person("Khách")
    assert "Hiện không có dự thảo nào" in await stranger.says("/consultations")
    assert "nhóm doanh nghiệp khác" in await stranger.acts(f"cs:{consultation}")
    assert "nhóm doanh nghiệp khác" in await stranger.acts(f"cs_a:{consultation}:1:1")


async def test_a_colleague_who_joined_later_may_take_part(asking: Asking, lan: Person) -> None:
    await asking.opened()
    minh = await asking.member("Minh", "Công ty Bình Minh", "0100233488")
    assert "LYK-2026-0001" in await minh.says("góp ý dự thảo")


@pytest.mark.parametrize(
    "action",
    ["cs", "cs:", "cs:x", "cs:99", "cs_art:{}:99", "cs_c:{}:999", "cs_a:{}:1:9", "cs_a:{}:7:1", "cs_a:{}", "cs_del:{}:5",
               "cs_del:{}", "cs_list:{}:99", "cs_q:{}:99", "cs_send:{}", "cs_over:{}", "cs_web:{}", "cs_out:{}", "cs_anew:{}"]
)  # fmt: skip
async def test_a_button_of_any_make_is_answered_and_changes_nothing_that_stands(
    asking: Asking, lan: Person, action: str
) -> None:
    consultation = await asking.opened()
    heard = len(lan.heard)
    await lan.acts(action.format(consultation))
    assert len(lan.heard) == heard + 1
    assert "trục trặc" not in lan.last
    async with asking.helpdesk.core.database.read() as uow:
        assert await positions.standing(uow, consultation) == []
