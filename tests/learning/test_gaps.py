"""What people ask in vain, and what they think of the answers."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.escalation.actors import BOT
from bot.knowledge.meaning.embedder import Kind, Vectors
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.learning.gaps import Gaps, Group, Look
from storage.inquiries import InquiryRecord
from tests.office import OWN, Office

PERIOD = timedelta(days=30)


async def groups(office: Office) -> list[Group]:
    gaps = Gaps(office.core.database, office.core.knowledge)
    return await gaps.groups(since=office.clock.now() - PERIOD, today=date(2026, 11, 16))


async def asked(office: Office, text: str, **how: Any) -> InquiryRecord:
    """A question and what became of it: answered (with helped), suggested, or (without either) escalated."""
    who = await office.asker(company=how.pop("company", None))
    inquiries = office.core.inquiries

    async def work(uow: Any) -> InquiryRecord:
        inquiry = await inquiries.receive(uow, who, text)
        if how.get("suggested"):
            return await inquiries.suggested(uow, inquiry, entry_ids=["a", "b"], confidence=0.4, actor=BOT)
        if how.get("answered"):
            citations = [{"document": "1399/QĐ-TCHQ", "place": "Điều 3"}]
            inquiry = await inquiries.answered_by_bot(
                uow,
                inquiry,
                entry_id=None if how["answered"] == "quoted" else how["answered"],
                citations=citations,
                confidence=0.9,
                actor=BOT,
            )
            return inquiry if how.get("helped") is None else await inquiries.bot_helped(uow, inquiry, who, how["helped"])
        return await inquiries.ask_officer(uow, inquiry, actor=BOT)

    return await office.core.database.write(work)


async def test_questions_that_are_alike_are_one_group_with_its_count(office: Office) -> None:
    for text in ("Mở tờ khai hàng quá cảnh ở đâu?", "mo to khai hang qua canh o dau", "hàng quá cảnh mở tờ khai ở đâu vậy ạ"):
        await asked(office, text)
    await asked(office, "Mẫu C/O form E in màu gì?")
    found = await groups(office)
    assert [each.count for each in found] == [3, 1]
    assert "quá cảnh" in found[0].texts[0] or "qua canh" in found[0].texts[0]


class Fruits:
    """A model that knows two topics by their words."""

    name = "fruits-1"
    topics = (("sầu", "riêng", "durian"), ("máy", "cày", "tractor"))

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        rows = np.full((len(texts), 3), 0.05, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[2] += 0.1 * (len(text) % 7)
            for place, words in enumerate(self.topics):
                row[place] += sum(word in text.lower().split() for word in words)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


async def test_questions_that_mean_the_same_are_one_group_though_they_share_hardly_a_word(office: Office, faq: Path) -> None:
    for text in ("Sầu đi Lào xin giấy chi?", "muốn gửi riêng sang Lào ạ", "Lào mua máy nhà tôi", "cày bán qua Lào nè"):
        await asked(office, text)
    by_words = {frozenset(each.texts) for each in await groups(office)}
    knowledge = Knowledge.load(faq, today=date(2026, 11, 16), meaning=Meaning(Fruits()))
    try:
        gaps = Gaps(office.core.database, knowledge)
        found = await gaps.groups(since=office.clock.now() - PERIOD, today=date(2026, 11, 16))
    finally:
        knowledge.close()
    fruits = frozenset({"Sầu đi Lào xin giấy chi?", "muốn gửi riêng sang Lào ạ"})
    assert fruits not in by_words
    assert fruits in {frozenset(each.texts) for each in found}
    assert [each.count for each in found] == [2, 2]


async def test_a_page_reads_a_few_questions_at_a_time_and_each_only_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("Lào", "Huế", "Vinh", "Mộc Bài", "Tà Lùng"):
        await asked(office, f"Mở tờ khai hàng quá cảnh ở {place} được không?")
    read: list[str] = []
    look_up = office.core.knowledge.look_up
    monkeypatch.setattr(office.core.knowledge, "look_up", lambda text, **how: (read.append(text), look_up(text, **how))[1])
    gaps = Gaps(office.core.database, office.core.knowledge)

    async def look() -> Look:
        since, today = office.clock.now() - PERIOD, date(2026, 11, 16)
        return await gaps.look(since=since, today=today, limit=30, read_at_most=2)

    looks = [await look() for _ in range(3)]

    assert [each.unread for each in looks] == [3, 1, 0]
    assert [sum(group.count for group in each.groups) for each in looks] == [2, 4, 5]
    assert len(read) == 5
    assert "Tà Lùng" in str(looks[0].groups)  # the newest first

    office.core.knowledge.learn(())  # somebody has routed an inquiry: nothing is read anew
    assert (await look()).unread == 0
    office.core.knowledge.reload(today=date(2026, 11, 16))
    assert (await look()).unread == 3


async def test_why_a_question_is_there_is_counted(office: Office) -> None:
    text = "Mở tờ khai hàng quá cảnh ở đâu?"
    await asked(office, text)
    await asked(office, text, suggested=True)
    await asked(office, text, answered="x", helped=False)
    (group,) = await groups(office)
    assert group.why == {"nothing_found": 1, "none_chosen": 1, "not_helped": 1}


@pytest.mark.parametrize("helped", [True, None])
async def test_what_was_answered_and_not_complained_of_is_no_gap(office: Office, helped: bool | None) -> None:
    await asked(office, "Câu hỏi", answered="x", helped=helped)
    assert await groups(office) == []


async def test_a_suggestion_that_was_chosen_is_no_gap(office: Office) -> None:
    inquiry = await asked(office, "Câu hỏi", suggested=True)

    async def choose(uow: Any) -> Any:
        return await office.core.inquiries.answered_by_bot(
            uow, inquiry, entry_id="a", citations=[{"document": "1399/QĐ-TCHQ", "place": "Điều 3"}], confidence=None, actor=BOT
        )

    await office.core.database.write(choose)
    assert await groups(office) == []


@pytest.mark.parametrize(("stars", "gap"), [(1, True), (2, True), (3, False), (5, False)])
async def test_an_answer_that_was_rated_one_or_two_is_a_gap(office: Office, stars: int, gap: bool) -> None:
    lan = await office.officer("lan")
    who = await office.asker()
    inquiry = await office.given_inquiry(to=OWN, asker=who, state="answered", by=lan)

    async def rate(uow: Any) -> Any:
        return await office.core.inquiries.rate(uow, inquiry, who, stars=stars)

    await office.core.database.write(rate)
    assert [each.why for each in await groups(office)] == ([{"not_helped": 1}] if gap else [{"nothing_found": 1}])


async def test_what_is_older_than_asked_for_is_left_out(office: Office) -> None:
    await asked(office, "Mở tờ khai hàng quá cảnh ở đâu?")
    office.clock.advance(PERIOD + timedelta(seconds=1))
    assert await groups(office) == []


async def test_a_gap_names_nobody(office: Office) -> None:
    await asked(office, "Em là Nguyễn Thị Mai, MST 0101234567: mở tờ khai quá cảnh ở đâu?", company="Hòa Bình")
    (group,) = await groups(office)
    assert [each for each in ("Mai", "0101234567", "YC-") if each in str(group.texts)] == []


async def test_a_gap_that_an_entry_fills_by_now_is_marked(office: Office) -> None:
    entry = next(iter(office.core.knowledge.entries.values()))
    await asked(office, entry.vi.question)
    (group,) = await groups(office)
    assert group.answered_now
    assert group.now.entry == entry


async def test_the_figures_of_an_entry_count_what_people_said_of_it(office: Office) -> None:
    for helped in (True, True, False, None):
        await asked(office, "Câu hỏi", answered="mot", helped=helped)
    await asked(office, "Câu hỏi", answered="hai", helped=True)
    gaps = Gaps(office.core.database, office.core.knowledge)
    one, two = await gaps.figures(since=office.clock.now() - PERIOD)
    assert (one.entry_id, one.given, one.helped, one.not_helped) == ("mot", 4, 2, 1)
    assert (two.entry_id, two.given, two.helped, two.not_helped) == ("hai", 1, 1, 0)


async def test_an_answer_in_the_words_of_the_law_is_counted_by_its_place(office: Office) -> None:
    for helped in (False, None):
        await asked(office, "Câu hỏi", answered="quoted", helped=helped)
    await asked(office, "Câu hỏi", answered="mot", helped=True)
    gaps = Gaps(office.core.database, office.core.knowledge)
    law, entry = await gaps.figures(since=office.clock.now() - PERIOD)
    assert (law.entry_id, law.given, law.helped, law.not_helped, law.went_on) == ("Điều 3, 1399/QĐ-TCHQ", 2, 0, 1, 0)
    assert (entry.entry_id, entry.given) == ("mot", 1)


async def test_what_people_say_of_an_answer_does_not_change_how_answers_are_ranked(office: Office) -> None:
    entry = next(iter(office.core.knowledge.entries.values()))
    look_up = office.core.knowledge.look_up
    before = look_up(entry.vi.question, on=date(2026, 11, 16))
    for _ in range(20):
        await asked(office, entry.vi.question, answered=entry.id, helped=False)
    office.core.knowledge.reload(today=date(2026, 11, 16))
    assert look_up(entry.vi.question, on=date(2026, 11, 16)) == before
