"""Who was given an answer that cites a place, and telling each of them once."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.escalation.actors import BOT
from bot.escalation.keeping import Asker
from bot.recall import errors
from bot.recall.answers import Answers, Found
from bot.recall.corrections import Corrections
from storage import corrections as stored
from storage import officers
from storage.inquiries import InquiryRecord
from storage.models import ChannelAccount, Contact, Delivery
from storage.unit_of_work import UnitOfWork, table_of
from tests.office import OWN, Office

NUMBER, PLACE = "1399/QĐ-TCHQ", "Điều 3 khoản 1 điểm c"
TEXTS = {"vi": "Thời hạn nay là 12 giờ.", "en": "The time limit is 12 hours now."}


async def answered(office: Office, *places: str, asker: Asker | None = None, document: str = NUMBER) -> InquiryRecord:
    """An inquiry that the bot answered, once for each of the places."""
    who = asker or await office.asker()

    async def work(uow: UnitOfWork) -> InquiryRecord:
        inquiry = await office.core.inquiries.receive(uow, who, "Bao lâu thì chuyển?")
        for place in places:
            citations = [{"document": document, "place": place}]
            inquiry = await office.core.inquiries.answered_by_bot(
                uow, inquiry, entry_id="mot-muc", citations=citations, confidence=0.9, actor=BOT
            )
        return inquiry

    return await office.core.database.write(work)


async def found(office: Office, place: str = PLACE, document: str = NUMBER) -> Found:
    return await Answers(office.core.database, lambda: office.core.knowledge.documents).citing(document, place)


async def numbers(office: Office, place: str = PLACE, document: str = NUMBER) -> list[str]:
    return [each.number for each in (await found(office, place, document)).given]


def corrections(office: Office) -> Corrections:
    core = office.core
    return Corrections(core.database, core.clock, core.ledger, core.catalogue, default_language="vi")


async def approver(office: Office, login: str = "hoa", role: str = "approver") -> Any:
    await office.officer(login, role=role)
    async with office.core.database.read() as uow:
        return await officers.by_login(uow, login)


async def ledger(office: Office) -> list[Any]:
    table = table_of(Delivery)
    async with office.core.database.read() as uow:
        return list(await uow.rows(select(table).where(table.c.kind == "correction").order_by(table.c.id)))


async def test_an_answer_that_cites_the_place_or_one_inside_it_is_found(office: Office) -> None:
    exact = await answered(office, PLACE)
    inside = await answered(office, f"{PLACE}.1")
    beside = await answered(office, "Điều 3 khoản 1 điểm d")
    await answered(office, "Điều 30")
    await answered(office, PLACE, document="1761/QĐ-TCHQ")
    assert await numbers(office) == [exact.number, inside.number]
    assert await numbers(office, "Điều 3") == [exact.number, inside.number, beside.number]


async def test_both_answers_of_an_inquiry_are_found_though_its_column_holds_the_last(office: Office) -> None:
    inquiry = await answered(office, PLACE, "Điều 9")
    assert (await office.look(inquiry)).citations == [{"document": NUMBER, "place": "Điều 9"}]
    assert await numbers(office) == [inquiry.number]
    assert await numbers(office, "Điều 9") == [inquiry.number]


async def test_an_entry_that_was_changed_or_removed_since_does_not_hide_what_was_said(office: Office) -> None:
    inquiry = await answered(office, PLACE)
    assert office.core.knowledge.entry("mot-muc") is None
    assert await numbers(office) == [inquiry.number]


async def test_a_refusal_that_named_the_place_as_its_ground_counts_as_an_answer(office: Office) -> None:
    who = await office.asker()

    async def work(uow: UnitOfWork) -> InquiryRecord:
        inquiry = await office.core.inquiries.receive(uow, who, "Vụ đang điều tra")
        citations = [{"document": NUMBER, "place": "Điều 3 khoản 2 điểm b"}]
        return await office.core.inquiries.decline(uow, inquiry, reason="investigation", citations=citations, actor=BOT)

    inquiry = await office.core.database.write(work)
    (given,) = (await found(office, "Điều 3 khoản 2 điểm b")).given
    assert (given.number, given.by) == (inquiry.number, "declined")


async def test_an_officers_answer_is_found_by_what_it_cites_in_its_text(office: Office) -> None:
    lan = await office.officer("lan")

    async def answer(text: str) -> InquiryRecord:
        inquiry = await office.given_inquiry(to=OWN)

        async def work(uow: UnitOfWork) -> InquiryRecord:
            return await office.core.inquiries.answer(uow, inquiry, text, lan.actor)

        return await office.core.database.write(work)

    inserted = await answer(f"Trong 24 giờ.\n({PLACE}, {NUMBER})")
    by_hand = await answer("Theo điểm c khoản 1 Điều 3 Quyết định 1399/QĐ-TCHQ.")
    await answer("Theo Điều 30, 1399/QĐ-TCHQ.")
    given = (await found(office)).given
    assert [(each.number, each.by) for each in given] == [(inserted.number, "officer"), (by_hand.number, "officer")]


async def test_whatever_only_lies_around_is_counted_apart(office: Office) -> None:
    await answered(office, "Điều 3 khoản 1")
    look = await found(office)
    assert (look.given, look.around) == ((), 1)


async def test_the_list_says_who_when_and_where(office: Office) -> None:
    member = await office.asker(member=True, company="Công ty Hòa Bình", tax_code="0101234567")
    guest = await office.asker(company="Công ty Tự Khai", tax_code="0109999999")
    office.clock.advance(timedelta(hours=1))
    await answered(office, PLACE, asker=member)
    await answered(office, PLACE, asker=guest)
    one, two = (await found(office)).given
    assert (one.enterprise, one.tax_code, one.verified, one.channel) == ("Công ty Hòa Bình", "0101234567", True, "webchat")
    assert (two.enterprise, two.verified, two.contact_name) == ("Công ty Tự Khai", False, "Chị Mai")
    assert one.at == office.clock.now()


async def test_more_answers_than_a_page_of_the_log_are_all_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.answers._PAGE", 3)
    asked = [await answered(office, PLACE, "Điều 9") for _ in range(7)]
    assert await numbers(office) == [each.number for each in asked]


@pytest.mark.parametrize("place", ["Điều", "khoản 1", "%", "Điều 3; DROP TABLE", "x" * 5000])
async def test_what_is_no_place_is_refused(office: Office, place: str) -> None:
    with pytest.raises(errors.PlaceWrong):
        await found(office, place)


async def test_a_document_that_nobody_knows_is_refused_with_those_that_there_are(office: Office) -> None:
    with pytest.raises(errors.NotKnown) as refused:
        await found(office, document="77/QĐ-THU")
    assert NUMBER in refused.value.params["known"]


async def test_a_document_that_left_the_files_is_still_found_in_the_log(office: Office) -> None:
    inquiry = await answered(office, "Điều 1", document="77/QĐ-THU")
    assert await numbers(office, "Điều 1", "77/QĐ-THU") == [inquiry.number]


async def test_the_number_may_be_typed_in_any_case_and_the_place_decomposed(office: Office) -> None:
    inquiry = await answered(office, PLACE)
    assert await numbers(office, unicodedata.normalize("NFD", f" {PLACE} "), "1399/qđ-tchq") == [inquiry.number]


# Corrections


async def test_each_person_is_told_once_however_many_answers_they_were_given(office: Office) -> None:
    hoa = await approver(office)
    asker = await office.asker()
    for _ in range(3):
        await answered(office, PLACE, asker=asker)
    other = await answered(office, PLACE)
    sent = await corrections(office).send(await found(office), TEXTS, hoa)
    rows = await ledger(office)
    assert (sent.now, sent.before, sent.unreachable) == (2, 0, ())
    assert [row["key"].split(":")[2] for row in rows] == [str(asker.contact_id), str(other.contact_id)]
    assert rows[0]["content"]["text"].count("• YC-2026-") == 3
    assert "Thời hạn nay là 12 giờ." in rows[0]["content"]["text"]


async def test_the_same_correction_again_reaches_only_those_who_were_not_told(office: Office) -> None:
    hoa = await approver(office)
    await answered(office, PLACE)
    first = await corrections(office).send(await found(office), TEXTS, hoa)
    await answered(office, PLACE)
    second = await corrections(office).send(await found(office), TEXTS, hoa)
    assert (second.now, second.before) == (1, 1)
    assert second.correction.id == first.correction.id
    assert len(await ledger(office)) == 2
    async with office.core.database.read() as uow:
        (kept,) = await stored.listed(uow)
    assert (kept.told, kept.opened_name, kept.place) == (2, hoa.name, PLACE)
    assert kept.finished_at is not None


async def test_another_text_is_another_correction(office: Office) -> None:
    hoa = await approver(office)
    await answered(office, PLACE)
    for text in ("một", "hai"):
        await corrections(office).send(await found(office), {**TEXTS, "vi": text}, hoa)
    assert len(await ledger(office)) == 2


async def test_everybody_is_told_in_their_own_language(office: Office) -> None:
    hoa = await approver(office)
    asker = await office.asker()
    await answered(office, PLACE, asker=asker)

    async def english(uow: UnitOfWork) -> None:
        uow.update(Contact, asker.contact_id, language="en")

    await office.core.database.write(english)
    await corrections(office).send(await found(office), TEXTS, hoa)
    (row,) = await ledger(office)
    assert "12 hours now" in row["content"]["text"]
    assert "12 giờ" not in row["content"]["text"]


async def test_who_blocked_one_account_is_told_on_another_and_who_has_none_is_named(office: Office) -> None:
    hoa = await approver(office)
    two_accounts, gone = await office.asker(), await office.asker()
    inquiry = await answered(office, PLACE, asker=two_accounts)
    lost = await answered(office, PLACE, asker=gone)

    async def block(uow: UnitOfWork) -> None:
        for each in (two_accounts, gone):
            uow.update(ChannelAccount, each.account_id, unreachable="blocked")
        uow.insert(
            ChannelAccount,
            id=4711,
            contact_id=two_accounts.contact_id,
            channel="telegram",
            external_id="99",
            step_data={},
            created_at=office.clock.now(),
        )

    await office.core.database.write(block)
    sent = await corrections(office).send(await found(office), TEXTS, hoa)
    (row,) = await ledger(office)
    assert (row["channel"], row["recipient"], row["inquiry_id"]) == ("telegram", "99", inquiry.id)
    assert [each.number for each in sent.unreachable] == [lost.number]


@pytest.mark.parametrize("role", ["officer", "editor", "special_team"])
async def test_who_may_not_answer_for_a_correction_sends_none(office: Office, role: str) -> None:
    await answered(office, PLACE)
    with pytest.raises(errors.MayNotCorrect):
        await corrections(office).send(await found(office), TEXTS, await approver(office, "x1", role))
    assert await ledger(office) == []


@pytest.mark.parametrize("role", ["approver", "coordinator", "administrator"])
async def test_who_may_answer_for_a_correction_sends_it(office: Office, role: str) -> None:
    await answered(office, PLACE)
    await corrections(office).send(await found(office), TEXTS, await approver(office, "x1", role))
    assert len(await ledger(office)) == 1


async def test_somebody_who_left_answers_for_nothing(office: Office) -> None:
    await approver(office)
    await office.officers.deactivate("hoa")
    async with office.core.database.read() as uow:
        hoa = await officers.by_login(uow, "hoa")
    await answered(office, PLACE)
    with pytest.raises(errors.MayNotCorrect):
        await corrections(office).send(await found(office), TEXTS, hoa)


@pytest.mark.parametrize("texts", [{}, {"vi": "chỉ một"}, {"vi": " ", "en": "x"}])
async def test_a_correction_is_told_in_both_languages_or_not_at_all(office: Office, texts: dict[str, str]) -> None:
    await answered(office, PLACE)
    with pytest.raises(errors.TextsMissing):
        await corrections(office).send(await found(office), texts, await approver(office))


async def test_a_text_that_no_platform_takes_is_refused(office: Office) -> None:
    await answered(office, PLACE)
    with pytest.raises(errors.TextTooLong):
        await corrections(office).send(await found(office), {**TEXTS, "vi": "x" * 3001}, await approver(office))


async def test_a_correction_to_nobody_is_refused(office: Office) -> None:
    with pytest.raises(errors.NobodyToTell):
        await corrections(office).send(await found(office), TEXTS, await approver(office))
    async with office.core.database.read() as uow:
        assert await stored.listed(uow) == []


async def test_more_people_than_a_transaction_takes_are_all_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.recall.corrections._AT_ONCE", 2)
    hoa = await approver(office)
    for _ in range(5):
        await answered(office, PLACE)
    assert (await corrections(office).send(await found(office), TEXTS, hoa)).now == 5


async def test_a_stop_in_the_middle_is_made_good_by_the_same_command(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.recall.corrections._AT_ONCE", 1)
    hoa = await approver(office)
    for _ in range(3):
        await answered(office, PLACE)
    look = await found(office)
    half = Found(look.document, look.place, look.given[:2], 0)
    await corrections(office).send(half, TEXTS, hoa)
    sent = await corrections(office).send(look, TEXTS, hoa)
    assert (sent.now, sent.before) == (1, 2)
    assert len(await ledger(office)) == 3
