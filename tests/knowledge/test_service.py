"""The knowledge base as others use it: validity, audiences, reloading, threads, and lines of JSON."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.files.overlay import fields_of
from bot.knowledge.files.problems import KnowledgeFilesError
from bot.knowledge.measure.ask import TEXT_KEYS, ask_jsonl
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision, Verdict
from tests.knowledge import corpus

TODAY = date(2026, 3, 2)
BADGE = "Phù hiệu giấy của doanh nghiệp được cấp ở đâu?"


def say(key: str, language: str, /, **params: object) -> str:
    assert key in TEXT_KEYS
    assert set(params) == set(TEXT_KEYS[key])
    return f"[{language}] {key} {params or ''}".strip()


def test_an_entry_answers_only_while_its_document_is_in_force(knowledge: Knowledge) -> None:
    before = knowledge.look_up(BADGE, on=date(2025, 12, 31))
    assert before.decision is Decision.ANSWER
    after = knowledge.look_up(BADGE, on=date(2026, 1, 1))
    assert after.decision is not Decision.ANSWER
    assert "phu-hieu-giay" not in [each.id for each in after.candidates]


@pytest.mark.parametrize(
    ("field", "day", "answers"),
    [
        ("valid_from: 2026-03-03", TODAY, False),
        ("valid_from: 2026-03-02", TODAY, True),
        ("valid_until: 2026-03-01", TODAY, False),
        ("valid_until: 2026-03-02", TODAY, True),
    ],
)
def test_the_dates_of_an_entry_hold_on_their_last_and_first_day(tmp_path: Path, field: str, day: date, answers: bool) -> None:
    content = corpus.HOURS.replace("  tags:", f"  {field}\n  tags:")
    loaded = Knowledge.load(corpus.write(tmp_path, gio=content + corpus.LEADER), today=TODAY)
    verdict = loaded.look_up("Bao lâu thì yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn?", on=day)
    assert (verdict.decision is Decision.ANSWER) is answers


@pytest.mark.parametrize("status", ["suspended", "not_yet", "expired", "replaced"])
def test_a_document_out_of_force_silences_its_entries(tmp_path: Path, status: str) -> None:
    documents = corpus.DOCUMENTS.replace("status: in_force", f"status: {status}", 1)
    loaded = Knowledge.load(corpus.write(tmp_path, documents=documents), today=TODAY)
    assert loaded.look_up("Ai là trưởng nhóm chuyên trách thực hiện Chương trình?", on=TODAY).candidates == ()


def test_what_is_for_members_is_not_shown_to_others(knowledge: Knowledge) -> None:
    question = "Thành viên có được ưu tiên kiểm tra bằng máy soi không?"
    assert knowledge.look_up(question, audience="member", on=TODAY).entry is not None
    public = knowledge.look_up(question, audience="public", on=TODAY)
    assert "soi-chieu-thanh-vien" not in [each.id for each in public.candidates]


def test_drafts_are_never_found(knowledge: Knowledge) -> None:
    verdict = knowledge.look_up("Bản nháp về tem điện tử thì xem ở đâu?", audience="member", on=TODAY)
    assert "ban-nhap" not in [each.id for each in verdict.candidates]
    assert knowledge.entry("ban-nhap") is not None, "editors still see it"


def test_a_reload_takes_over_what_is_sound(faq: Path) -> None:
    loaded = Knowledge.load(faq, today=TODAY)
    question = "Mã số mới của container lạnh lấy ở đâu?"
    assert loaded.look_up(question, on=TODAY).decision is not Decision.ANSWER
    added = corpus.LEADER.replace("truong-nhom", "ma-so-moi").replace(
        "Ai là trưởng nhóm chuyên trách thực hiện Chương trình?", question
    )
    (faq / "entries" / "moi.yaml").write_text(added, encoding="utf-8")
    loaded.reload(today=TODAY)
    assert loaded.look_up(question, on=TODAY).candidates[0].id == "ma-so-moi", "and nothing remembered is in the way"


def test_a_wrong_file_leaves_what_was_running(faq: Path) -> None:
    loaded = Knowledge.load(faq, today=TODAY)
    (faq / "entries" / "moi.yaml").write_text("- id: hỏng\n", encoding="utf-8")
    with pytest.raises(KnowledgeFilesError) as refused:
        loaded.reload(today=TODAY)
    assert {each.file for each in refused.value.problems if not each.warning} == {"entries/moi.yaml"}
    assert loaded.look_up("Ai là trưởng nhóm chuyên trách thực hiện Chương trình?", on=TODAY).entry is not None


def test_whoever_leads_a_department_now_is_named_with_it_though_nothing_was_learnt_anew(faq: Path) -> None:
    loaded = Knowledge.load(faq, today=TODAY)
    before = loaded.guess_departments(BADGE)
    loaded.revise({each.department.id: {"lead": "lan"} for each in before})
    loaded.reload(today=TODAY)
    after = loaded.guess_departments(BADGE)
    assert [(each.department.id, each.probability) for each in after] == [
        (each.department.id, each.probability) for each in before
    ]
    assert {each.department.lead for each in after} == {"lan"}


def test_a_competence_that_was_moved_is_looked_for_where_it_is_now(faq: Path) -> None:
    loaded = Knowledge.load(faq, today=TODAY)
    first, *_, last = loaded.guess_departments("Hồ sơ hoàn thuế của công ty đang ở đâu?")
    moved = {"competences": fields_of(first.department)["competences"]}
    loaded.revise({last.department.id: moved, first.department.id: {"competences": []}})
    assert loaded.guess_departments("Hồ sơ hoàn thuế của công ty đang ở đâu?")[0].department.id == last.department.id


def test_many_threads_get_what_one_gets_while_the_files_are_reloaded(faq: Path) -> None:
    loaded = Knowledge.load(faq, today=TODAY)
    questions = ["bao lau chuyen yeu cau", "ai la truong nhom", "xin chào", "mất tư cách vào lại", BADGE] * 8
    expected = [loaded.look_up(each, on=TODAY) for each in questions]
    stop = threading.Event()

    def reload() -> None:
        while not stop.is_set():
            loaded.reload(today=TODAY)

    reloader = threading.Thread(target=reload)
    reloader.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(3):
                assert list(pool.map(lambda each: loaded.look_up(each, on=TODAY), questions)) == expected
    finally:
        stop.set()
        reloader.join()


async def test_the_loop_turns_while_a_question_is_looked_up(knowledge: Knowledge) -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    verdict = await knowledge.look_up_off_loop("ai đứng đầu nhóm chuyên trách thế " * 20, on=TODAY)
    turning.cancel()
    assert isinstance(verdict, Verdict)
    assert turns > 1


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud800\udfff", "a" * 100_000, "🎉" * 5000, "'; DROP TABLE x; --", "%s{0}${x}"]
)
def test_no_text_is_too_odd(knowledge: Knowledge, text: str) -> None:
    verdict = knowledge.look_up(text, on=TODAY)
    assert verdict.decision is not Decision.ANSWER
    assert len(verdict.candidates) <= 10


def test_a_hundred_kilobytes_take_no_time_to_speak_of(knowledge: Knowledge) -> None:
    text = "Tờ khai của công ty em bị kẹt, xin hỏi hải quan có hỗ trợ không ạ? " * 1500
    started = time.perf_counter()
    knowledge.look_up(text, on=TODAY)
    assert time.perf_counter() - started < 2.0


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=150))
def test_every_text_gets_a_verdict_that_hangs_together(knowledge: Knowledge, text: str) -> None:
    verdict = knowledge.look_up(text, audience="member", on=TODAY)
    assert (verdict.entry is not None) is (verdict.decision is Decision.ANSWER)
    assert bool(verdict.suggestions) is (verdict.decision is Decision.SUGGEST)
    assert len(verdict.suggestions) <= 3
    assert 0 <= verdict.confidence <= 1
    scores = [each.score for each in verdict.candidates]
    assert scores == sorted(scores, reverse=True)
    if verdict.decision is Decision.ANSWER:
        assert verdict.citations
        assert all(knowledge.documents.in_force(each.document, TODAY) for each in verdict.citations)


def asked(knowledge: Knowledge, *lines: str) -> list[dict[str, object]]:
    out = io.StringIO()
    ask_jsonl(lines, out, knowledge, say, on=TODAY)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_of_answer_has_the_fields_of_the_contract(knowledge: Knowledge) -> None:
    question = "Bao lâu thì yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn?"
    (line,) = asked(knowledge, json.dumps({"id": 7, "question": question}))
    assert list(line) == ["id", "decision", "text", "citations", "department", "departments", "confidence", "candidates"]
    assert (line["id"], line["decision"], line["text"]) == (7, "answer", "Câu trả lời của chuyen-24-gio.")
    assert line["citations"] == [{"document": "1399/QĐ-TCHQ", "place": "Điều 3 khoản 1 điểm c"}]
    assert line["department"] == "Cục Quản lý rủi ro"
    departments, candidates = line["departments"], line["candidates"]
    assert isinstance(departments, list)
    assert isinstance(candidates, list)
    assert departments[0] == line["department"]
    assert len(departments) == 3
    assert candidates[0] == {
        "id": "chuyen-24-gio",
        "title": question,
        "citations": line["citations"],
        "score": candidates[0]["score"],
    }


def test_english_is_answered_in_english(knowledge: Knowledge) -> None:
    (line,) = asked(knowledge, '{"id": "a", "question": "Who heads the dedicated group that runs the programme?"}')
    assert line["text"] == "The answer of truong-nhom."
    candidates = line["candidates"]
    assert isinstance(candidates, list)
    assert candidates[0]["title"] == "Who heads the dedicated group that runs the programme?"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("xin chào", "[vi] ask.smalltalk.greeting"),
        ("Cán bộ đòi phong bì mới cho bên em kéo container", "[vi] ask.hotline"),
        ("what is the weather today", "[en] ask.decline.out_of_scope"),
        ("cont TCLU1234567 giờ ở đâu", "[vi] ask.escalate {'department': 'Chi cục Hải quan'}"),
    ],
)
def test_every_decision_says_something(knowledge: Knowledge, question: str, text: str) -> None:
    (line,) = asked(knowledge, json.dumps({"id": 1, "question": question}))
    assert line["text"] == text


def test_a_malformed_line_gets_an_error_and_the_next_one_is_answered(knowledge: Knowledge) -> None:
    out = io.StringIO()
    lines = [
        "{broken",
        "[1]",
        '{"id": 3}',
        '{"id": 4, "question": 5}',
        "",
        '{"id": 6, "question": "xin chào", "language": "fr"}',
        '{"id": 7, "question": "xin chào"}',
    ]
    unread = ask_jsonl(lines, out, knowledge, say, on=TODAY)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert unread == 5
    assert [("error" in each, each["id"]) for each in answers] == [
        (True, None), (True, None), (True, 3), (True, 4), (True, 6), (False, 7),
    ]  # fmt: skip
    assert [each["line"] for each in answers[:5]] == [1, 2, 3, 4, 6]


def test_half_a_surrogate_pair_does_not_break_the_output(knowledge: Knowledge) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    ask_jsonl(['{"id": "\\ud800", "question": "\\ud800 xin chào"}'], out, knowledge, say, on=TODAY)
