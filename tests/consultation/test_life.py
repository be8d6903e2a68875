"""The life of a consultation: what stands in the way of asking, what happens by itself, and what is said afterwards."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.consultation import errors
from bot.consultation.draft_text import read_draft
from bot.consultation.questions import read_questions, written
from bot.consultation.responding import grouped
from bot.errors import HelpdeskError
from bot.escalation.actors import Actor, ActorKind, Role
from storage import consultations as stored
from storage import positions
from storage.models import Delivery
from storage.positions import GroupRow
from storage.unit_of_work import table_of
from tests.consultation.conftest import APPROVER, AUTHOR, DRAFT, QUESTIONS, Asking
from tests.handlers.conftest import Person


async def comments(person: Person, text: str, *, on: str = "Góp ý chung") -> None:
    await person.presses("Đọc và góp ý")
    if on != "Góp ý chung":
        await person.presses("từng điều")
        await person.presses("Tiếp ›")
    await person.presses(on)
    await person.says(text)
    await person.presses("Xem lại")
    await person.presses("Gửi ý kiến")


# What stands in the way of asking


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"closes_at": timedelta(minutes=30)}, errors.ClosesBeforeOpening),
        ({"opens_at": timedelta(days=-3), "closes_at": timedelta(days=-2)}, errors.ClosesInThePast),
        ({"opens_at": None}, errors.DatesMissing),
        ({"text": None}, errors.NoArticle),
        ({"issuer": ""}, errors.IssuerMissing),
        ({"audience": {"tax_codes": ["0312345678"]}}, errors.AudienceEmpty),
        ({"members_first_h": 24 * 30}, errors.MembersFirstTooLong),
    ],
)
async def test_what_cannot_be_asked_is_not_approved(
    asking: Asking, lan: Person, changed: dict[str, Any], error: type[HelpdeskError]
) -> None:
    values = {name: asking.now + value if isinstance(value, timedelta) else value for name, value in changed.items()}
    consultation = await asking.drafted(**values)
    with pytest.raises(error):
        await asking.approve(consultation)
    assert (await asking.row(consultation)).state == "draft"


async def test_nobody_approves_what_they_wrote_on(asking: Asking, lan: Person) -> None:
    author = Actor(ActorKind.OFFICER, 103, "Người sửa", Role.COORDINATOR)
    consultation = await asking.drafted()

    async def edit(uow: Any) -> None:
        row = await asking.helpdesk.core.consultations.find(uow, consultation)
        await asking.helpdesk.core.consultations.edit(uow, row, asking.wanted(), author)

    await asking.write(edit)
    with pytest.raises(errors.SamePerson):
        await asking.approve(consultation, author)
    with pytest.raises(errors.MayNot):
        await asking.approve(consultation, AUTHOR)
    await asking.approve(consultation)
    row = await asking.row(consultation)
    assert (row.state, row.approver_name) == ("approved", APPROVER.name)
    assert row.text_hash is not None


async def test_what_was_approved_is_not_changed_any_more(asking: Asking, lan: Person) -> None:
    consultation = await asking.drafted()
    await asking.approve(consultation)

    async def edit(uow: Any) -> None:
        row = await asking.helpdesk.core.consultations.find(uow, consultation)
        await asking.helpdesk.core.consultations.set_text(uow, row, [], AUTHOR)

    with pytest.raises(errors.NotEditable):
        await asking.write(edit)
    assert len((await asking.whole(consultation)).units) == 5


def test_a_text_without_articles_is_refused_with_what_is_expected() -> None:
    with pytest.raises(errors.TextUnreadable) as refused:
        read_draft("tin.txt", "Hôm nay trời đẹp.".encode())
    assert "Điều 1." in refused.value.params["wrong"]
    with pytest.raises(errors.TextUnreadable):
        read_draft("virus.exe", b"MZ")
    with pytest.raises(errors.TextUnreadable):
        read_draft("du-thao.docx", b"PK\x03\x04 broken")


def test_points_are_read_within_their_clause() -> None:
    units = read_draft("a.txt", DRAFT.encode())
    assert [(each.place, each.title) for each in units if each.above is None] == [
        ("Điều 1", "Phạm vi điều chỉnh"),
        ("Điều 2", "Thời hạn kiểm tra"),
        ("Điều 3", "Hiệu lực"),
    ]
    clause = next(each for each in units if each.place == "Điều 2 khoản 2")
    assert clause.text.splitlines()[1:] == ["a) Hồ sơ có từ 50 tờ khai trở lên;", "b) Doanh nghiệp xin giải trình thêm."]


def test_questions_are_written_as_they_are_read() -> None:
    questions = read_questions(QUESTIONS)
    assert [each.kind for each in questions] == ["choice", "scale", "text"]
    assert read_questions(written(questions)) == questions


@pytest.mark.parametrize("text", ["Hỏi gì?", "[chọn] Một phương án\n- a", "- a", "[thang]", "[chọn] x\n- \n- b"])
def test_a_question_that_cannot_be_asked_is_refused_by_its_number(text: str) -> None:
    with pytest.raises(errors.QuestionWrong):
        read_questions(text)


# What happens by itself


async def test_members_with_a_signed_agreement_are_asked_first(asking: Asking, lan: Person) -> None:
    other = asking.helpdesk.person("Tú")
    await other.says(await asking.helpdesk.invite("Công ty Chưa Ký", tax_code="0312345673", membership="invited"))
    await asking.opened(audience={}, members_first_h=24)
    assert "Kính mời" in lan.last
    assert "Kính mời" not in other.last
    await asking.passes(timedelta(hours=24))
    assert "Kính mời" in other.last
    assert [each.text for each in lan.heard if "Kính mời" in each.text] == [lan.last]


async def test_whoever_has_not_answered_is_reminded_and_nobody_else(asking: Asking, lan: Person, hung: Person) -> None:
    minh = await asking.member("Minh", "Công ty Ba", "0301460498")
    await asking.opened(remind_days=(3,))
    await comments(lan, "Đồng ý với toàn bộ dự thảo")
    await minh.presses("Đọc và góp ý")
    await minh.presses("Góp ý chung")
    await minh.says("còn nghĩ thêm")
    heard = len(lan.heard)
    await asking.passes(timedelta(days=7))
    assert len(lan.heard) == heard
    assert "chưa gửi ý kiến" in hung.last
    assert "đã soạn ý kiến" in minh.last
    before = [len(each.heard) for each in (lan, hung, minh)]
    await asking.sweep()
    assert [len(each.heard) for each in (lan, hung, minh)] == before


async def test_a_sweep_that_was_interrupted_asks_nobody_twice(asking: Asking, lan: Person, hung: Person) -> None:
    consultation = await asking.drafted()
    await asking.approve(consultation)
    asking.helpdesk.clock.advance(timedelta(hours=1))
    sweeper = asking.helpdesk.core.consultation_sweeper
    row = await asking.row(consultation)
    # As if it had been killed after the first of two people.
    await asking.write(lambda uow: stored.change(uow, row, state="open", opened_at=asking.now))
    row = await asking.row(consultation)
    await asking.write(lambda uow: sweeper._invitations.ask(uow, row, members_only=True, after=0, limit=1))
    await asking.sweep()
    await asking.sweep()
    for person in (lan, hung):
        assert len([each for each in person.heard if "Kính mời" in each.text]) == 1


async def test_after_a_long_stop_what_was_missed_is_not_asked_but_goes_back_to_the_draft(asking: Asking, lan: Person) -> None:
    consultation = await asking.drafted()
    await asking.approve(consultation)
    heard = len(lan.heard)
    await asking.passes(timedelta(days=30))
    assert (await asking.row(consultation)).state == "draft"
    assert len(lan.heard) == heard


async def test_who_switched_consultations_off_is_not_written_to_and_may_still_take_part(
    asking: Asking, lan: Person, hung: Person
) -> None:
    subscriptions = asking.helpdesk.core.services.subscriptions
    async with asking.helpdesk.core.database.read() as uow:
        accounts = await uow.rows(
            select(table_of(Delivery).c.account_id).where(table_of(Delivery).c.recipient == lan.external_id)
        )
        contact = await uow.scalar(
            select(table_of_accounts().c.contact_id).where(table_of_accounts().c.id == accounts[0]["account_id"])
        )
    await asking.write(lambda uow: subscriptions.choose(uow, contact, "consultation", wanted=False, member=True))
    await asking.opened()
    assert "Kính mời" not in lan.last
    assert "Kính mời" in hung.last
    assert "LYK-2026-0001" in await lan.says("/consultations")


def table_of_accounts() -> Any:
    from storage.models import ChannelAccount

    return table_of(ChannelAccount)


async def test_nobody_is_asked_in_the_quiet_hours(asking: Asking, lan: Person) -> None:
    evening = asking.now.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).replace(hour=22, minute=0)
    consultation = await asking.drafted(opens_at=evening)
    await asking.approve(consultation)
    await asking.passes(evening - asking.now)
    assert (await asking.row(consultation)).state == "open"
    assert "Kính mời" not in lan.last
    await asking.passes(timedelta(hours=9))
    assert "Kính mời" in lan.last


async def test_more_time_moves_the_closing_and_the_reminders(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened(remind_days=(1,))
    later = (await asking.row(consultation)).closes_at + timedelta(days=5)  # type: ignore[operator]

    async def extend(uow: Any) -> None:
        row = await asking.helpdesk.core.consultations.find(uow, consultation)
        await asking.helpdesk.core.consultations.extend(uow, row, later, APPROVER)

    await asking.write(extend)
    await asking.passes(timedelta(days=10))
    assert (await asking.row(consultation)).state == "open"
    assert "chưa gửi ý kiến" not in lan.last
    await asking.passes(timedelta(days=4))
    assert "chưa gửi ý kiến" in lan.last
    await asking.close(consultation)
    assert (await asking.row(consultation)).state == "closed"


# Afterwards


async def groups_of(asking: Asking, consultation: int) -> list[tuple[GroupRow, list[str]]]:
    async with asking.helpdesk.core.database.read() as uow:
        found = await grouped(uow, consultation)
    return [(each.group, [voice.opinion.text for voice in each.voices]) for each in found]


async def test_like_comments_are_grouped_and_officers_correct_the_groups(asking: Asking, lan: Person, hung: Person) -> None:
    minh = await asking.member("Minh", "Công ty Ba", "0301460498")
    consultation = await asking.opened()
    await comments(lan, "Đề nghị kéo dài thời hạn kiểm tra lên 15 ngày", on="khoản 1")
    await comments(hung, "đề nghị kéo dài thời hạn kiểm tra lên 15 ngày làm việc", on="khoản 1")
    await comments(minh, "Nên quy định rõ việc kiểm tra điện tử", on="khoản 1")
    await asking.close(consultation)
    first, second = await groups_of(asking, consultation)
    assert (len(first[1]), len(second[1])) == (2, 1)
    async with asking.helpdesk.core.database.read() as uow:
        voices = {each.opinion.text: each.opinion.id for each in await positions.voiced(uow, consultation)}
    split = await asking.does(consultation, "move", [voices["đề nghị kéo dài thời hạn kiểm tra lên 15 ngày làm việc"]], None)
    assert len(await groups_of(asking, consultation)) == 3
    await asking.does(consultation, "merge", split, second[0].id)
    assert sorted(len(texts) for _, texts in await groups_of(asking, consultation)) == [1, 2]
    with pytest.raises(errors.GroupUnknown):
        await asking.does(consultation, "merge", split, second[0].id)


async def test_the_outcome_waits_for_every_response_and_everybody_is_told_theirs_once(
    asking: Asking, lan: Person, hung: Person
) -> None:
    quiet = await asking.member("Minh", "Công ty Ba", "0301460498")
    consultation = await asking.opened()
    await comments(lan, "Đề nghị kéo dài thời hạn lên 15 ngày", on="khoản 1")
    await comments(hung, "Thống nhất với dự thảo")
    await asking.close(consultation)
    (first, _), (second, _) = await groups_of(asking, consultation)
    await asking.does(consultation, "respond", first.id, "partly", "Kéo dài lên 12 ngày.")
    with pytest.raises(errors.ResponsesMissing):
        await asking.does(consultation, "finish")
    with pytest.raises(errors.ReasonMissing):
        await asking.does(consultation, "respond", second.id, "accepted", " ")
    await asking.does(consultation, "respond", second.id, "accepted", "Cảm ơn sự thống nhất.")
    await asking.does(consultation, "finish", conclusion_vi="Dự thảo được hoàn thiện.")
    with pytest.raises(errors.MayNot):
        await asking.does(consultation, "publish")
    await asking.does(consultation, "publish", actor=APPROVER)
    heard = len(quiet.heard)
    await asking.sweep()
    await asking.sweep()
    assert "Tiếp thu một phần. Kéo dài lên 12 ngày." in lan.last
    assert "Thống nhất với dự thảo" not in lan.last
    assert "Cảm ơn sự thống nhất." in hung.last
    assert len(quiet.heard) == heard
    for person in (lan, hung):
        assert len([each for each in person.heard if "Kết quả tiếp thu ý kiến" in each.text]) == 1
    assert "Kéo dài lên 12 ngày." in await lan.presses("Xem kết quả góp ý")
    with pytest.raises(errors.MovedOn):
        await asking.does(consultation, "respond", first.id, "accepted", "Đổi ý.")


# Given up after it has opened


async def given_up(asking: Asking, consultation: int, reason: str, actor: Actor = APPROVER) -> None:
    consultations = asking.helpdesk.core.consultations

    async def work(uow: Any) -> None:
        await consultations.cancel(uow, await consultations.find(uow, consultation), actor, reason=reason)

    await asking.write(work)


def told_the_end(person: Person) -> list[str]:
    return [
        each.text for each in person.heard if "dừng trước thời hạn" in each.text and "Quý doanh nghiệp đã dành" in each.text
    ]


async def test_everybody_who_was_asked_is_told_once_why_it_was_given_up(asking: Asking, lan: Person, hung: Person) -> None:
    consultation = await asking.opened(remind_days=(3,))
    await comments(lan, "Đề nghị kéo dài thời hạn")
    await given_up(asking, consultation, "  Dự thảo được thay bằng một văn bản khác. ")
    await asking.sweep()
    await asking.sweep()
    for person in (lan, hung):
        assert ["Lý do: Dự thảo được thay bằng một văn bản khác." in each for each in told_the_end(person)] == [True]
    heard = len(lan.heard), len(hung.heard)
    await asking.passes(timedelta(days=12))  # neither a reminder nor a closing comes any more
    assert (len(lan.heard), len(hung.heard)) == heard
    assert (await asking.row(consultation)).state == "cancelled"


async def test_whoever_was_not_asked_yet_is_not_told_of_the_end(asking: Asking, lan: Person) -> None:
    other = asking.helpdesk.person("Tú")
    await other.says(await asking.helpdesk.invite("Công ty Chưa Ký", tax_code="0312345673", membership="invited"))
    consultation = await asking.opened(audience={}, members_first_h=24)
    await given_up(asking, consultation, "Thay bằng văn bản khác.")
    await asking.passes(timedelta(hours=24))
    assert (len(told_the_end(lan)), len(told_the_end(other))) == (1, 0)
    assert "Kính mời" not in other.last


async def test_the_buttons_of_what_was_given_up_say_so_with_the_reason(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    asked = lan.heard[-1]
    await given_up(asking, consultation, "Thay bằng văn bản khác.")
    assert "Kính mời" in asked.text
    assert "Lý do: Thay bằng văn bản khác." in await lan.presses("Đọc và góp ý")


async def test_what_is_open_is_given_up_by_those_who_decide_and_with_a_reason(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    with pytest.raises(errors.CancelReasonMissing):
        await given_up(asking, consultation, " ")
    with pytest.raises(errors.MayNot):
        await given_up(asking, consultation, "Thay bằng văn bản khác.", AUTHOR)
    with pytest.raises(errors.FieldTooLong):
        await given_up(asking, consultation, "x" * 1501)
    assert (await asking.row(consultation)).state == "open"


async def test_what_has_closed_is_not_given_up_any_more(asking: Asking, lan: Person) -> None:
    consultation = await asking.opened()
    await asking.close(consultation)
    with pytest.raises(errors.MovedOn):
        await given_up(asking, consultation, "Thay bằng văn bản khác.")
