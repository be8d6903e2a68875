"""From an officer's answer to an entry that the bot answers with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.escalation.errors import InquiryNotYours
from bot.knowledge.meaning.embedder import Kind, Vectors
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.knowledge.verdict import Decision
from bot.learning import errors
from bot.learning.content import Content, Texts
from bot.learning.drafts import Drafts
from storage.drafts import DraftRow
from tests.learning.curating import COMPLETE, EN, VI, answered_inquiry, drafts_of, fields_of, press, proposed
from tests.office import OTHER, OWN, Office, shown

TODAY = date(2026, 11, 16)


def files(faq: Path) -> dict[str, bytes]:
    return {str(each.relative_to(faq)): each.read_bytes() for each in faq.rglob("*") if each.is_file()}


async def content_of(office: Office, row: DraftRow) -> Content:
    lan = await office.officer("any-editor", role="editor", department=None)
    return Content.from_json((await drafts_of(office).see(row.id, lan.actor)).content)


async def test_an_answer_becomes_a_filled_in_draft_in_one_press(office: Office) -> None:
    lan = await office.officer("lan")
    inquiry = await answered_inquiry(office, lan)
    async with office.browser(lan) as browser:
        page = await browser.see(f"/desk/inquiries/{inquiry.number}")
        assert f'action="/desk/inquiries/{inquiry.number}/draft"' in page.text
        sent = await browser.post(f"/desk/inquiries/{inquiry.number}/draft")
        assert sent.status_code == 303
        draft = await browser.see(sent.headers["location"])
    assert draft.status_code == 200
    assert "Tờ khai bị hủy thì bao lâu được nộp lại ạ?" in draft.text
    assert "Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ" in draft.text
    assert f'<option value="{OWN}" selected>' in draft.text


async def test_a_draft_holds_no_name_and_no_number_of_whoever_asked(office: Office) -> None:
    lan = await office.officer("lan")
    row = await drafts_of(office).from_inquiry(await answered_inquiry(office, lan), lan.actor)
    said = str(row.content)
    assert [each for each in ("Mai", "Hòa Bình", "0101234567", "Nguyễn", "Cán bộ lan") if each in said] == []
    assert "1399/QĐ-TCHQ" in said


async def test_the_persons_own_wording_stays_as_a_way_of_asking(office: Office) -> None:
    lan = await office.officer("lan")
    story = (
        "Hôm qua bên em làm thủ tục cho một lô linh kiện, khai nhầm mã nên phải xin hủy, sếp đang giục lắm luôn. "
        "Tờ khai bị hủy thì bao lâu được nộp lại ạ?"
    )
    row = await drafts_of(office).from_inquiry(await answered_inquiry(office, lan, text=story), lan.actor)
    content = await content_of(office, row)
    assert content.vi.question == "Tờ khai bị hủy thì bao lâu được nộp lại ạ?"
    assert content.vi.paraphrases == (story,)


async def test_pressing_twice_leads_to_the_same_draft(office: Office) -> None:
    lan = await office.officer("lan")
    inquiry = await answered_inquiry(office, lan)
    first, second = [await drafts_of(office).from_inquiry(inquiry, lan.actor) for _ in range(2)]
    assert first.id == second.id


async def test_an_inquiry_that_no_officer_answered_makes_no_draft(office: Office) -> None:
    lan = await office.officer("lan")
    inquiry = await office.given_inquiry(to=OWN)
    with pytest.raises(errors.NothingToLearn):
        await drafts_of(office).from_inquiry(inquiry, lan.actor)


async def test_another_departments_answer_is_not_ones_own_to_learn_from(office: Office) -> None:
    lan, minh = await office.officer("lan"), await office.officer("minh", department=OTHER)
    inquiry = await answered_inquiry(office, lan)
    with pytest.raises(InquiryNotYours):
        await drafts_of(office).from_inquiry(inquiry, minh.actor)
    async with office.browser(minh) as browser:
        assert (await browser.post(f"/desk/inquiries/{inquiry.number}/draft")).status_code == 404


async def test_an_answer_in_other_words_is_suggested_what_near_entries_rest_on(office: Office) -> None:
    lan = await office.officer("lan")
    inquiry = await answered_inquiry(
        office, lan, text="Bị thu hồi tư cách thành viên trong trường hợp nào?", answer="Xin đọc quy định."
    )
    content = await content_of(office, await drafts_of(office).from_inquiry(inquiry, lan.actor))
    assert content.citations
    assert content.citations[0].endswith("1399/QĐ-TCHQ")


async def test_an_approved_entry_is_written_into_its_file_and_answered_with_at_once(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    before = files(faq)
    row = await proposed(office, lan.actor)
    async with office.browser(hoa) as browser:
        sent = await press(browser, row.id, "approve")
        assert sent.status_code == 303, shown(sent)
    after = files(faq)
    assert set(after) - set(before) == {"entries/tu-thuc-tien.yaml"}
    assert all(after[name] == content for name, content in before.items())
    entry = office.core.knowledge.entry("to-khai-huy-nop-lai")
    assert entry is not None
    assert entry.vi == VI.wording
    assert entry.en == EN.wording
    verdict = office.core.knowledge.look_up("hủy tờ khai rồi chừng nào nộp lại", on=office.clock.now().date())
    assert verdict.decision is Decision.ANSWER
    assert verdict.entry == entry


async def test_a_second_entry_goes_to_the_end_of_the_file_and_leaves_the_first_as_it_is(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    topic = faq / "entries" / "1399-thu-hoi.yaml"
    before = topic.read_text(encoding="utf-8")
    row = await proposed(office, lan.actor, content=replace(COMPLETE, topic="1399-thu-hoi"))
    await drafts_of(office).approve(row.id, row.revision, hoa.actor)
    assert topic.read_text(encoding="utf-8").startswith(before.rstrip())
    assert office.core.knowledge.entry("to-khai-huy-nop-lai") is not None


@pytest.mark.parametrize("role", ["editor", "approver", "coordinator", "administrator"])
async def test_whoever_wrote_it_does_not_approve_it_whatever_their_role(office: Office, faq: Path, role: str) -> None:
    author = await office.officer("author", role=role, department=None)
    before = files(faq)
    drafts = drafts_of(office)
    row = await drafts.from_questions(["Tờ khai bị hủy thì bao lâu được nộp lại?"], "vi", author.actor)
    row = await drafts.save(row.id, row.revision, COMPLETE, author.actor)
    row = await drafts.propose(row.id, row.revision, author.actor)
    with pytest.raises(errors.SamePerson):
        await drafts.approve(row.id, row.revision, author.actor)
    assert files(faq) == before


async def test_whoever_proposed_the_last_wording_does_not_approve_it_either(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="editor", department=None)
    row = await proposed(office, lan.actor, proposer=hoa.actor)
    with pytest.raises(errors.SamePerson):
        await drafts_of(office).approve(row.id, row.revision, hoa.actor)


async def test_a_change_after_the_proposal_needs_a_new_proposal(office: Office) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    drafts = drafts_of(office)
    row = await proposed(office, lan.actor)
    changed = await drafts.save(row.id, row.revision, replace(COMPLETE, vi=replace(VI, answer="Khác hẳn.")), hoa.actor)
    assert changed.state == "draft"
    with pytest.raises(errors.DraftMovedOn):
        await drafts.approve(row.id, changed.revision, hoa.actor)


async def test_approving_what_was_changed_since_the_page_was_shown_is_refused(office: Office) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    drafts = drafts_of(office)
    row = await proposed(office, lan.actor)
    changed = await drafts.save(row.id, row.revision, replace(COMPLETE, vi=replace(VI, answer="Khác hẳn.")), lan.actor)
    await drafts.propose(row.id, changed.revision, lan.actor)
    with pytest.raises(errors.DraftMovedOn):
        await drafts.approve(row.id, row.revision, hoa.actor)


async def test_the_english_pair_may_come_after_the_proposal_but_not_after_the_approval(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    before = files(faq)
    row = await proposed(office, lan.actor, content=replace(COMPLETE, en=Texts()))
    async with office.browser(hoa) as browser:
        sent = await press(browser, row.id, "approve")
    assert sent.status_code == 422
    assert "cần bản tiếng Anh" in shown(sent)
    assert files(faq) == before


WRONG = {
    "a document that is not listed": (replace(COMPLETE, citations=("Điều 3, 9999/QĐ-XYZ",)), "documents.yaml"),
    "no citation": (replace(COMPLETE, citations=()), "ít nhất một căn cứ"),
    "a place that is none": (replace(COMPLETE, citations=("chỗ nào đó, 1399/QĐ-TCHQ",)), "không đọc được"),
    "an answer that is too long": (replace(COMPLETE, vi=replace(VI, answer="a" * 901)), "901"),
    "too few ways of asking": (replace(COMPLETE, vi=replace(VI, paraphrases=("một", "hai"))), "mới có 2"),
    "an id that another has": (replace(COMPLETE, entry_id="taken"), "đã có mục khác"),
    "an id that is a path": (replace(COMPLETE, entry_id="../x"), "chữ thường không dấu"),
    "a file elsewhere": (replace(COMPLETE, topic="../../etc/passwd"), "chữ thường không dấu"),
    "a department that is gone": (replace(COMPLETE, department="khong-co"), "danh bạ"),
    "a day that is none": (replace(COMPLETE, valid_until="31/02/2026"), "không đọc được ngày"),
    "an end that is over": (replace(COMPLETE, valid_until="2026-11-15"), "đã qua"),
    "an end before the start": (replace(COMPLETE, valid_from="2026-02-01", valid_until="2026-01-01"), "trước"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_named_kept_as_typed_and_changes_nothing(office: Office, faq: Path, case: str) -> None:
    content, named = WRONG[case]
    if content.entry_id == "taken":
        content = replace(content, entry_id=next(iter(office.core.knowledge.entries)))
    lan = await office.officer("lan")
    before = files(faq)
    row = await drafts_of(office).from_inquiry(await answered_inquiry(office, lan), lan.actor)
    async with office.browser(lan) as browser:
        sent = await press(browser, row.id, "propose", **fields_of(content))
        again = await browser.see(f"/desk/knowledge/drafts/{row.id}")
    assert sent.status_code == 422
    assert named in shown(sent)
    assert content.vi.question in again.text
    assert files(faq) == before


async def test_another_file_that_is_broken_keeps_the_entry_out_and_is_named(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    row = await proposed(office, lan.actor)
    (faq / "entries" / "hong.yaml").write_text("- id: x\n\tstatus: draft\n", encoding="utf-8")
    before = files(faq)
    with pytest.raises(errors.RefusedByLoader) as refused:
        await drafts_of(office).approve(row.id, row.revision, hoa.actor)
    assert "entries/hong.yaml:2" in refused.value.params["problem"]
    assert files(faq) == before
    assert (await drafts_of(office).see(row.id, hoa.actor)).state == "proposed"


async def test_a_folder_that_cannot_be_written_leaves_the_proposal_as_it_was(
    office: Office, faq: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    row = await proposed(office, lan.actor)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.knowledge.files.writing.tempfile.mkstemp", full)
    with pytest.raises(errors.NotWritten):
        await drafts_of(office).approve(row.id, row.revision, hoa.actor)
    assert (await drafts_of(office).see(row.id, hoa.actor)).state == "proposed"
    assert office.core.knowledge.entry("to-khai-huy-nop-lai") is None


async def test_an_approved_entry_that_was_lost_can_be_written_again(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    row = await proposed(office, lan.actor)
    await drafts_of(office).approve(row.id, row.revision, hoa.actor)
    (faq / "entries" / "tu-thuc-tien.yaml").unlink()
    office.core.knowledge.reload(today=office.clock.now().date())
    async with office.browser(hoa) as browser:
        assert (await press(browser, row.id, "publish")).status_code == 303
        assert (await press(browser, row.id, "publish")).status_code == 409
    assert office.core.knowledge.entry("to-khai-huy-nop-lai") is not None


async def test_a_rejection_has_a_reason_changes_nothing_and_can_be_mended(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="editor", department=None)
    before = files(faq)
    row = await proposed(office, lan.actor)
    async with office.browser(hoa) as browser:
        assert (await press(browser, row.id, "reject", reason="  ")).status_code == 422
        assert (await press(browser, row.id, "reject", reason="Thiếu căn cứ của thông tư.")).status_code == 303
        assert (await press(browser, row.id, "approve")).status_code in (403, 409)
    async with office.browser(lan) as browser:
        assert "Thiếu căn cứ của thông tư." in shown(await browser.see(f"/desk/knowledge/drafts/{row.id}"))
        assert (await press(browser, row.id, "propose", **fields_of(COMPLETE))).status_code == 303
    assert files(faq) == before


async def test_near_entries_and_near_drafts_are_shown_before_anybody_approves(office: Office) -> None:
    hoa = await office.officer("hoa", role="editor", department=None)
    entry = next(iter(office.core.knowledge.entries.values()))
    drafts = drafts_of(office)
    one = await drafts.from_questions([entry.vi.question], "vi", hoa.actor)
    two = await drafts.from_questions([entry.vi.question.lower()], "vi", hoa.actor)
    async with office.browser(hoa) as browser:
        page = await browser.see(f"/desk/knowledge/drafts/{one.id}")
    assert entry.id in page.text
    assert f"/desk/knowledge/drafts/{two.id}" in page.text
    assert (await drafts.near(Content.from_json(one.content)))[0].entry == entry


class Fruit:
    """A model that knows one fruit, by either of its names."""

    name = "fruit-1"

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        rows = np.array(
            [[1.0, 0.1 * (len(each) % 5), 9.0 * any(word in each.lower() for word in ("sầu", "durian"))] for each in texts],
            dtype=np.float32,
        )
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


async def test_a_draft_that_means_the_same_is_near_though_it_shares_no_word(office: Office, faq: Path) -> None:
    hoa = await office.officer("hoa", role="editor", department=None)
    knowledge = Knowledge.load(faq, today=TODAY, meaning=Meaning(Fruit()))
    drafts = Drafts(office.core.database, office.clock, knowledge, folder=faq, today=lambda: TODAY)
    try:
        one = await drafts.from_questions(["Gửi sầu đi Lào xin giấy chi?"], "vi", hoa.actor)
        two = await drafts.from_questions(["muốn bán durian ra nước ngoài ạ"], "vi", hoa.actor)
        await drafts.from_questions(["Kho lạnh mở mấy giờ?"], "vi", hoa.actor)
        assert [each.id for each in await drafts.near_drafts(one)] == [two.id]
    finally:
        knowledge.close()
    assert await drafts_of(office).near_drafts(one) == []  # by words alone


async def test_a_ticked_suggestion_joins_the_citations(office: Office) -> None:
    lan = await office.officer("lan")
    row = await drafts_of(office).from_inquiry(await answered_inquiry(office, lan), lan.actor)
    async with office.browser(lan) as browser:
        await press(browser, row.id, "save", **fields_of(COMPLETE), suggestion_1="Điều 5, 1399/QĐ-TCHQ")
    assert (await content_of(office, row)).citations == (*COMPLETE.citations, "Điều 5, 1399/QĐ-TCHQ")


async def test_what_is_typed_is_shown_as_text_never_as_markup(office: Office) -> None:
    lan = await office.officer("lan")
    row = await drafts_of(office).from_inquiry(await answered_inquiry(office, lan), lan.actor)
    nasty = '"><script>alert(1)</script>{{ 7*7 }}'
    async with office.browser(lan) as browser:
        await press(browser, row.id, "save", **fields_of(replace(COMPLETE, vi=replace(VI, question=nasty, answer=nasty))))
        page = await browser.see(f"/desk/knowledge/drafts/{row.id}")
    assert "<script>alert" not in page.text
    assert "{{ 7*7 }}" in page.text


async def test_yaml_in_an_answer_stays_an_answer(office: Office, faq: Path) -> None:
    lan, hoa = await office.officer("lan"), await office.officer("hoa", role="approver", department=None)
    nasty = "- id: khac\n  status: published # &x *y !!python/object\n\"': {a: b}\n--- %"
    paraphrases = ("a: b", "- c", "# d", "'e", '"f', "yes", "123", "{x}", "*g", "&h", "@i", "%j", "k # l", "null")
    row = await proposed(office, lan.actor, content=replace(COMPLETE, vi=replace(VI, answer=nasty, paraphrases=paraphrases)))
    await drafts_of(office).approve(row.id, row.revision, hoa.actor)
    entry = office.core.knowledge.entry("to-khai-huy-nop-lai")
    assert entry is not None
    assert entry.vi.paraphrases == paraphrases
    assert entry.vi.answer.split() == nasty.split()
    assert "khac" not in office.core.knowledge.entries


async def test_an_expired_document_is_no_ground_for_a_new_entry(office: Office, faq: Path) -> None:
    lan = await office.officer("lan")
    documents = faq / "documents.yaml"
    text = documents.read_text(encoding="utf-8")
    number = text.index("1761/QĐ-TCHQ")
    end = text.index("status: in_force", number)
    documents.write_text(text[:end] + "status: suspended" + text[end + len("status: in_force") :], encoding="utf-8")
    office.core.knowledge.reload(today=office.clock.now().date())
    drafts = drafts_of(office)
    row = await drafts.from_inquiry(await answered_inquiry(office, lan), lan.actor)
    row = await drafts.save(row.id, row.revision, replace(COMPLETE, citations=("Điều 7, 1761/QĐ-TCHQ",)), lan.actor)
    with pytest.raises(errors.DraftFaulty):
        await drafts.propose(row.id, row.revision, lan.actor)


async def test_an_officer_sees_their_own_drafts_only(office: Office) -> None:
    lan, minh = await office.officer("lan"), await office.officer("minh")
    row = await drafts_of(office).from_inquiry(await answered_inquiry(office, lan), lan.actor)
    async with office.browser(minh) as browser:
        assert (await browser.see(f"/desk/knowledge/drafts/{row.id}")).status_code == 404
        assert "Tờ khai bị hủy" not in (await browser.see("/desk/knowledge")).text
    async with office.browser(lan) as browser:
        assert "Tờ khai bị hủy" in (await browser.see("/desk/knowledge")).text


async def test_a_draft_that_is_none_is_not_found(office: Office) -> None:
    hoa = await office.officer("hoa", role="editor", department=None)
    async with office.browser(hoa) as browser:
        for address in ("1", "x", "99999999999999999999", "-1", "../../x"):
            assert (await browser.see(f"/desk/knowledge/drafts/{address}")).status_code == 404


async def test_an_answer_in_the_officers_own_time_is_learnt_from_after_it_was_closed_too(office: Office) -> None:
    lan = await office.officer("lan")
    inquiry = await answered_inquiry(office, lan)
    office.clock.advance(timedelta(days=3))

    async def close(uow: Any) -> Any:
        return await office.core.inquiries.close(uow, inquiry, lan.actor)

    closed = await office.core.database.write(close)
    assert (await drafts_of(office).from_inquiry(closed, lan.actor)).inquiry_id == inquiry.id
