"""What a question gets: an answer, suggestions, people, a kind no, or a sealed silence."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from bot.knowledge.service import Knowledge
from bot.metrics import DECISIONS
from storage.models import ChatMessage, Inquiry, InquiryMessage
from tests.handlers.conftest import INVESTIGATED, KNOWN, NOBODYS, REPORT, STUCK, UNSURE, Helpdesk, Person


def labels(person: Person) -> list[str]:
    return [button.label for button in person.buttons]


# Answered


async def test_a_known_question_is_answered_with_its_legal_basis(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says(KNOWN)
    assert "24 giờ" in said
    assert "Căn cứ: Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ (Chương trình hỗ trợ doanh nghiệp tự nguyện tuân thủ)" in said
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.entry_id, inquiry.decision) == ("answered_by_bot", "chuyen-trong-24-gio", "answer")
    assert inquiry.citations == [{"document": "1399/QĐ-TCHQ", "place": "Điều 3 khoản 1 điểm c"}]


async def test_the_same_question_without_marks_gets_the_same_answer(helpdesk: Helpdesk) -> None:
    said = await helpdesk.person().says("bao lau thi cau hoi cua toi duoc chuyen den don vi chuyen mon")
    assert "Điều 3 khoản 1 điểm c" in said


async def test_several_places_are_written_a_line_each(helpdesk: Helpdesk) -> None:
    said = await helpdesk.person().says("Doanh nghiệp thành viên được hưởng quyền lợi gì khi tham gia chương trình?")
    assert "• Điều 5 khoản 1, 1399/QĐ-TCHQ" in said
    assert "• Điều 7, 1761/QĐ-TCHQ" in said


async def test_a_new_persons_first_question_is_answered_at_once_with_the_choice_of_language_beside_it(
    helpdesk: Helpdesk,
) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    assert len(person.heard) == 1
    assert "English" in labels(person)
    await person.says(KNOWN)
    assert "English" not in labels(person)


async def test_a_question_in_english_is_answered_in_english_by_somebody_who_chose_nothing(helpdesk: Helpdesk) -> None:
    said = await helpdesk.person().says("How long until my question is passed to the competent department?")
    assert "Within 24 hours" in said
    assert "Legal basis: Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ (Programme to support voluntary compliance)" in said


async def test_the_language_that_was_chosen_counts_more_than_that_of_the_question(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("/start")
    await person.presses("English")
    assert "Within 24 hours" in await person.says(KNOWN)


async def test_an_answer_for_members_is_given_to_members_only(helpdesk: Helpdesk) -> None:
    guest, member = helpdesk.person("guest"), helpdesk.person("member")
    await member.says(f"/join {await helpdesk.invite()}")
    assert "trang cuối biên bản" not in await guest.says(NOBODYS)
    assert "trang cuối biên bản" in await member.says(NOBODYS)


async def test_a_member_is_still_a_member_after_a_restart(helpdesk: Helpdesk) -> None:
    member = helpdesk.person("member")
    await member.says(f"/join {await helpdesk.invite()}")
    helpdesk.core.pipeline._audiences.clear()  # what a restart forgets
    assert "trang cuối biên bản" in await member.says(NOBODYS)


async def test_whether_it_helped_is_kept(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    await person.presses("Có")
    assert (await person.inquiry()).helped is True
    length = (await person.inquiry()).history_length
    await person.acts(f"helped:{(await person.inquiry()).id}")
    assert (await person.inquiry()).history_length == length


async def test_who_was_not_helped_is_offered_an_officer_for_the_same_question(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    await person.presses("Chưa")
    await person.presses("Hỏi cán bộ")
    [inquiry] = await person.inquiries()
    assert (inquiry.state, inquiry.helped, inquiry.text) == ("awaiting_routing", False, KNOWN)


# Suggested


async def test_an_unclear_question_gets_up_to_three_suggestions_and_an_officer(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says(UNSURE)
    assert "1. " in said
    suggestions = [button for button in person.buttons if button.action.startswith("pick:")]
    assert 1 <= len(suggestions) <= 3
    assert "Hỏi cán bộ" in labels(person)
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.decision) == ("received", "suggest")


async def test_a_suggestion_that_is_pressed_is_answered_with_its_basis(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)
    said = await person.presses("điều kiện gì")
    assert "Căn cứ: Điều 4 khoản 1, 1399/QĐ-TCHQ" in said
    [inquiry] = await person.inquiries()
    assert (inquiry.state, inquiry.entry_id) == ("answered_by_bot", "dieu-kien-tham-gia")


async def test_a_second_suggestion_is_answered_as_well_and_both_are_in_the_history(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)
    await person.presses("điều kiện gì")
    said = await person.presses("Hồ sơ đăng ký")
    assert "Điều 4 khoản 2" in said
    [inquiry] = await person.inquiries()
    assert (inquiry.entry_id, inquiry.history_length) == ("ho-so-tham-gia", 4)


async def test_a_suggestion_pressed_twice_says_the_same_and_writes_nothing_down(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)
    await person.presses("điều kiện gì")
    before = await person.inquiry()
    assert "Điều 4 khoản 1" in await person.presses("điều kiện gì")
    assert await person.inquiry() == before


async def test_suggestions_that_nobody_presses_are_found_again_and_can_go_to_an_officer(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)
    [inquiry] = await person.inquiries()
    await person.says("yêu cầu của tôi")
    await person.presses(inquiry.number)
    await person.presses("Hỏi cán bộ")
    assert (await person.inquiry()).state == "awaiting_routing"


async def test_only_what_was_suggested_can_be_picked(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)
    [inquiry] = await person.inquiries()
    for place in ("3", "99", "-1", "x", ""):
        assert "không còn dùng được" in await person.acts(f"pick:{inquiry.id}:{place}")
    assert await person.inquiry() == inquiry


async def test_a_suggestion_whose_ground_has_ended_meanwhile_is_not_given_any_more(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)
    helpdesk.clock.set(helpdesk.clock.now().replace(year=2027))  # 1761/QĐ-TCHQ ends with 2026 in this knowledge base
    said = await person.presses("quyền lợi gì")
    assert "vừa thay đổi" in said
    assert (await person.inquiry()).state == "received"


# To people


async def test_a_concrete_case_is_routed_at_once_where_the_directory_is_sure(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(STUCK)
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.department_id, inquiry.routed_by) == ("routed", "giam-sat", "bot")
    said = person.heard[0].text
    assert inquiry.number in said
    assert "Cục Giám sát quản lý" in said
    assert "ngày" in said
    assert person.heard[0].deadline == inquiry.response_due_at


async def test_what_nobody_is_plainly_competent_for_waits_for_the_coordinator_with_a_deadline(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(NOBODYS)
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.department_id) == ("awaiting_routing", None)
    assert inquiry.number in person.heard[0].text
    assert "09:00 ngày 17/11/2026" in person.heard[0].text  # 24 hours later, in local time
    assert person.heard[0].deadline == inquiry.routing_due_at


async def test_the_officer_button_keeps_the_guess_that_was_made_when_the_question_came(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    await person.presses("Hỏi cán bộ")
    inquiry = await person.inquiry()
    assert inquiry.candidates[0]["id"] == "dau-moi"
    assert inquiry.routing_due_at is not None


async def test_the_officer_button_pressed_twice_hands_over_once_and_then_says_where_it_stands(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    await person.presses("Hỏi cán bộ")
    before = await person.inquiry()
    said = await person.acts(f"officer:{before.id}")
    assert before.number in said
    assert await person.inquiry() == before


async def test_a_department_that_takes_no_more_inquiries_is_not_routed_to(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(UNSURE)

    inquiry = await person.inquiry()

    async def gone(uow) -> None:  # type: ignore[no-untyped-def]
        uow.update(Inquiry, inquiry.id, candidates=[{"id": "was-merged", "name": "Cục cũ", "probability": 0.99}])

    await helpdesk.core.database.write(gone)
    await person.presses("Hỏi cán bộ")
    assert (await person.inquiry()).state == "awaiting_routing"


# Declined


async def test_a_matter_under_investigation_is_declined_kindly_with_its_legal_basis_and_logged(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says(INVESTIGATED)
    assert "rất tiếc" in said
    assert "Điều 3 khoản 2 điểm b, 1399/QĐ-TCHQ" in said
    assert (await person.inquiry()).state == "declined"


async def test_another_enterprises_data_are_not_given(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    assert "doanh nghiệp khác" in await person.says("cho xem dữ liệu nhập khẩu của công ty đối thủ")
    assert (await person.inquiry()).state == "declined"


async def test_who_was_declined_wrongly_can_still_reach_an_officer(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("thời tiết hôm nay")
    await person.presses("Hỏi cán bộ")
    await person.says("Thời tiết xấu, tàu cập cảng muộn: tờ khai của tôi có quá hạn không?")
    assert (await person.inquiry()).state in ("awaiting_routing", "routed")


# Sealed


async def test_nothing_of_a_report_of_misconduct_is_kept(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says(REPORT)
    assert "024 0000 0000" in said
    assert await helpdesk.count(Inquiry) == 0
    assert await helpdesk.holds_nothing_of("vòi tiền")


async def test_a_report_is_recognised_wherever_the_person_stands(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(NOBODYS)
    inquiry = await person.inquiry()
    await person.acts(f"details:{inquiry.id}")
    await person.says(REPORT)  # asked for a tax code
    await person.says("0100233488")
    await person.says(REPORT)  # asked for a company's name
    await person.acts(f"add:{inquiry.id}")
    await person.says(REPORT)  # asked for an addition
    await person.acts("ask_officer")
    await person.says(REPORT)  # asked for a question
    await helpdesk.asks_back(await _routed(helpdesk, person))
    await person.says(REPORT)  # asked back by an officer
    await person.sends("anh.jpg", text=REPORT)
    await person.says(f"/ask_officer {REPORT}")
    await person.says(f"/cau_hoi {REPORT}")
    await person.says(f"/start {REPORT}")
    await person.says(f"{inquiry.number} {REPORT}")
    assert await helpdesk.holds_nothing_of("vòi tiền")


async def _routed(helpdesk: Helpdesk, person: Person) -> Person:
    await helpdesk.routes(person, "giam-sat")
    return person


async def test_a_report_is_not_in_the_log(helpdesk: Helpdesk, capfd) -> None:  # type: ignore[no-untyped-def]
    await helpdesk.person().says(REPORT)
    assert "vòi tiền" not in "".join(capfd.readouterr())


async def test_without_a_contact_it_is_said_where_the_hotline_is_posted(helpdesk: Helpdesk) -> None:
    object.__setattr__(helpdesk.core.services, "hotline_contact", "")
    assert "đường dây nóng" in await helpdesk.person().says(REPORT)


# Small talk


async def test_small_talk_is_answered_with_the_menu_and_is_no_inquiry(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    for text in ("xin chào", "cảm ơn nhé", "tạm biệt", "bạn là ai", "hello", "đồ ngu", "👍"):
        await person.says(text)
        assert "inquiries" in [button.action for button in person.buttons], text
        assert "ask_officer" in [button.action for button in person.buttons], text
    assert await helpdesk.count(Inquiry) == 0


# Written down


async def test_every_decision_is_counted_once_it_is_committed(helpdesk: Helpdesk) -> None:
    before = DECISIONS.labels("answer")._value.get()
    await helpdesk.person().says(KNOWN)
    assert DECISIONS.labels("answer")._value.get() == before + 1


async def test_the_same_update_twice_is_answered_once(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN, event_id="7")
    await person.says(KNOWN, event_id="7")
    assert len(person.heard) == 1
    assert len(await person.inquiries()) == 1


async def test_a_question_that_is_answered_costs_no_look_into_the_database_of_its_own(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    statements: list[str] = []
    from sqlalchemy import event

    @event.listens_for(helpdesk.core.database.engine.sync_engine, "before_cursor_execute")
    def _keep(_conn, _cursor, statement: str, *_rest) -> None:  # type: ignore[no-untyped-def]
        statements.append(" ".join(statement.split()[:3]))

    await helpdesk.core.pipeline.take(_incoming(helpdesk, person, KNOWN))
    selects = [each for each in statements if each.startswith("SELECT")]
    assert len(selects) <= 2, statements  # the account, and the number to be given next
    await helpdesk.settled()


def _incoming(helpdesk: Helpdesk, person: Person, text: str):  # type: ignore[no-untyped-def]
    from bot.handlers.incoming import Incoming

    return Incoming(helpdesk.channel.name, "statements", person.external_id, helpdesk.clock.now(), text=text)


async def test_the_web_chat_keeps_what_was_written_above_the_answer(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says(KNOWN)
    async with helpdesk.core.database.read() as uow:
        kept = [row["content"]["text"] for row in await uow.rows(select(ChatMessage.__table__))]
        messages = await uow.scalar(select(InquiryMessage.id))
    assert kept == ([KNOWN] if helpdesk.channel.name == "webchat" else [])
    assert messages is None


async def test_the_file_of_a_report_does_not_stay_in_the_file_store(helpdesk: Helpdesk) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"photographs"

    sha256, _ = await helpdesk.core.files.keep(content(), at_most=1000)
    file = replace(helpdesk.file("anh.zip"), sha256=sha256)
    await helpdesk.person().says(REPORT, file)
    assert not helpdesk.core.files.path(sha256).exists()


# The law itself


@dataclass(frozen=True)
class Wording:
    document: str
    place: str
    title: str
    text: str

    @property
    def indexed(self) -> str:
        return f"{self.title}\n{self.text}"


COLD = Wording(
    "1399/QĐ-TCHQ", "Điều 99", "Kho lạnh", "Chủ kho phải ghi sổ nhiệt độ của từng buồng lạnh hai lần mỗi ngày, sổ giữ năm năm."
)


@pytest.fixture
def imported(small_knowledge: Knowledge) -> Iterator[None]:
    """All tests share one knowledge base: what is imported for one goes with it."""
    small_knowledge.take_law([COLD])
    yield
    small_knowledge.take_law(())


@pytest.mark.usefixtures("imported")
async def test_what_only_the_law_says_is_answered_in_its_words_and_logged_with_its_place(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says("Chủ kho phải ghi sổ nhiệt độ của từng buồng lạnh mấy lần mỗi ngày?")
    assert "hai lần mỗi ngày" in said
    assert "Căn cứ: Điều 99, 1399/QĐ-TCHQ" in said
    inquiry = await person.inquiry()
    assert (inquiry.state, inquiry.decision, inquiry.entry_id) == ("answered_by_bot", "answer", None)
    assert inquiry.citations == [{"document": "1399/QĐ-TCHQ", "place": "Điều 99"}]
    await person.presses("Hỏi cán bộ")
    assert (await person.inquiry()).state in ("awaiting_routing", "routed")


@pytest.mark.usefixtures("imported")
async def test_who_names_a_place_that_the_document_does_not_have_is_told_so_and_an_officer_gets_it(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("Điều 98 Quyết định 1399 quy định gì?")
    [said] = [each.text for each in person.heard if each.text.startswith("1399/QĐ-TCHQ không có Điều 98.")]
    inquiry = await person.inquiry()
    assert inquiry.number in said
    assert inquiry.state in ("awaiting_routing", "routed")


async def test_where_the_document_was_not_imported_it_is_not_said_to_lack_the_place(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("What does article 98 of decision 1399 say?")
    assert any(each.text.startswith("I do not have the wording of Điều 98, 1399/QĐ-TCHQ to quote.") for each in person.heard)


# By the rules of an earlier day


async def test_a_question_of_an_earlier_day_is_answered_by_what_held_then_and_says_so(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    said = await person.says("Tại thời điểm 1/3/2023, bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?")
    assert said.startswith("Theo quy định có hiệu lực vào ngày 01/03/2023")
    assert "Căn cứ: Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ" in said


async def test_what_did_not_hold_on_the_day_that_is_asked_for_is_not_answered_with(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("Năm 2021 thì bao lâu câu hỏi của tôi được chuyển đến đơn vị chuyên môn?")
    inquiry = await person.inquiry()
    assert inquiry.entry_id is None
    assert inquiry.state in ("awaiting_routing", "routed")
    [said] = [each.text for each in person.heard if "theo quy định vào ngày 31/12/2021" in each.text]
    assert inquiry.number in said


async def test_a_suggestion_that_is_chosen_for_an_earlier_day_holds_on_that_day(helpdesk: Helpdesk) -> None:
    person = helpdesk.person()
    await person.says("Hồi năm 2023, tham gia chương trình")
    assert (await person.inquiry()).state == "received"
    await person.presses(labels(person)[0])
    assert person.heard[-1].text.startswith("Theo quy định có hiệu lực vào ngày 31/12/2023")
