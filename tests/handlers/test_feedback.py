"""After an officer's answer."""

from tests.handlers.conftest import KNOWN, STUCK, Helpdesk, Person


async def answered(helpdesk: Helpdesk) -> Person:
    person = helpdesk.person()
    await person.says(STUCK)
    await helpdesk.answers(person)
    return person


async def test_the_officers_answer_arrives_with_solved_and_not_solved(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    assert "mời doanh nghiệp đến nhận hàng" in person.last
    assert [button.action.split(":")[0] for button in person.buttons] == ["solved", "unsolved"]


async def test_solved_closes_it_and_offers_to_rate(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Đã giải quyết")
    assert (await person.inquiry()).state == "closed"
    assert [button.action.split(":")[:2] for button in person.buttons[:5]] == [["rate", str(stars)] for stars in range(1, 6)]


async def test_solved_pressed_twice_closes_once(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Đã giải quyết")
    before = await person.inquiry()
    await person.acts(f"solved:{before.id}")
    assert await person.inquiry() == before


async def test_a_rating_is_kept_and_a_comment_with_it(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Đã giải quyết")
    await person.presses("4 ★")
    await person.says("Trả lời nhanh, cảm ơn cán bộ")
    inquiry = await person.inquiry()
    assert (inquiry.rating, inquiry.rating_comment) == (4, "Trả lời nhanh, cảm ơn cán bộ")
    assert await person.step() == "commented"


async def test_the_comment_can_be_skipped(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Đã giải quyết")
    await person.presses("4 ★")
    await person.presses("Bỏ qua")
    assert await person.step() is None
    assert (await person.inquiry()).rating_comment is None


async def test_a_question_instead_of_a_comment_is_answered(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Đã giải quyết")
    await person.presses("4 ★")
    assert "Điều 3 khoản 1 điểm c" in await person.says(KNOWN)
    assert (await person.inquiries())[0].rating_comment is None


async def test_a_question_that_was_taken_for_a_comment_can_still_be_asked(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Đã giải quyết")
    await person.presses("4 ★")
    await person.says("xin chỉ dẫn về việc lưu kho hàng mẫu của triển lãm")
    await person.presses("câu hỏi mới")
    assert len(await person.inquiries()) == 2


async def test_stars_that_do_not_exist_are_refused(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    before = await person.inquiry()
    for stars in ("0", "6", "x", "", "99999999999999999999"):
        assert await person.acts(f"rate:{stars}:{before.id}")
    assert await person.inquiry() == before


async def test_what_is_still_open_cannot_be_rated(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    before = await person.inquiry()
    assert before.number in await person.acts(f"rate:5:{before.id}")
    assert await person.inquiry() == before


async def test_not_solved_opens_it_again_and_takes_what_is_missing(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Chưa giải quyết")
    assert (await person.inquiry()).state == "reopened"
    said = await person.says("Hàng vẫn chưa được lấy ra khỏi cảng")
    assert (await person.inquiry()).number in said
    assert await helpdesk.histories_hold()


async def test_not_solved_pressed_twice_opens_once(helpdesk: Helpdesk) -> None:
    person = await answered(helpdesk)
    await person.presses("Chưa giải quyết")
    before = await person.inquiry()
    await person.acts(f"unsolved:{before.id}")
    assert await person.inquiry() == before
    assert await person.step() == "add"


async def test_one_that_an_officer_closed_can_be_rated_and_opened_again(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    await helpdesk.closes(person, reason="Doanh nghiệp đã rút hồ sơ")
    assert "Doanh nghiệp đã rút hồ sơ" in person.last
    await person.presses("2 ★")
    await person.presses("Bỏ qua")
    await person.presses("Chưa giải quyết")
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.rating) == ("reopened", 2)
