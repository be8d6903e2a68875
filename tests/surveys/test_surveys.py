"""Surveys: asked once, counted, and what was promised kept true by what is stored."""

import io
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from starlette.applications import Starlette

from bot.app import make_site
from bot.consultation import errors as asking_errors
from bot.handlers.incoming import Incoming
from bot.public.routes import routes
from bot.reports import charts
from bot.surveys import errors
from bot.surveys.results import satisfaction_of
from bot.surveys.surveys import months_later
from bot.surveys.tables import SurveyTables
from storage import surveys as stored
from storage.models import Base, SurveyAnswer, SurveyParticipant, SurveyTally, SurveyText
from storage.surveys import Rated
from storage.unit_of_work import table_of
from tests.consultation.conftest import AUTHOR
from tests.handlers.conftest import CHANNELS
from tests.surveys.conftest import Polling, answers

SECRET = "một ý kiến mà không ai khác viết ra"


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def test_a_survey_is_answered_question_by_question(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened()
    assert "Khảo sát hài lòng" in lan.last
    assert "ẩn danh" in await lan.presses("Trả lời ngay")
    assert "Câu 2/3" in await lan.presses("5")
    assert not lan.heard[-1].beside
    assert "Câu 3/3" in await lan.presses("Rẻ")
    assert lan.heard[-1].beside, "a number may be the answer"
    assert "Xin cảm ơn" in await lan.says(SECRET)
    assert (await polling.outcome(survey)).turnout.finished == 1
    assert "Hiện không có" not in await lan.says("/surveys")


async def test_an_answer_counts_once_whatever_is_pressed_again(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened()
    await answers(lan, 5)
    assert "không sửa được" in await lan.acts(f"sv_a:{survey}:1:1")
    assert "không sửa được" in await lan.acts(f"sv_a:{survey}:3:-")
    async with polling.asking.helpdesk.core.database.read() as uow:
        assert await stored.tallies(uow, survey) == {(1, "5"): 1, (2, "1"): 1, (3, "skip"): 1}


async def test_nothing_that_is_stored_leads_from_an_answer_to_who_gave_it(polling: Polling) -> None:
    people = await polling.members(2)
    survey = await polling.opened()
    helpdesk = polling.asking.helpdesk
    await answers(people[0], 2, "Rẻ", SECRET)
    columns = {
        SurveyTally: {"survey_id", "question", "choice", "count"},
        SurveyText: {"id", "survey_id", "question", "text"},
        SurveyParticipant: {"survey_id", "contact_id", "member", "unreachable", "answered"},
    }
    for model, names in columns.items():
        assert {column.name for column in table_of(model).columns} == names
    async with helpdesk.core.database.read() as uow:
        assert await uow.rows(select(table_of(SurveyAnswer))) == []
        for table in Base.metadata.sorted_tables:
            if table is not table_of(SurveyText):
                rows = await uow.rows(select(table))
                assert not [row for row in rows if any(SECRET in str(value) for value in row.values())], table.name
        participants = await uow.rows(select(table_of(SurveyParticipant)))
        step = [row["step_data"] for row in await uow.rows(select(Base.metadata.tables["channel_accounts"]))]
    # Who answered stands where it was written when everybody was asked, in the order of their ids.
    assert [row["contact_id"] for row in participants] == sorted(row["contact_id"] for row in participants)
    assert step == [{}, {}]
    assert not [message for message in people[0].heard if SECRET in message.text or "Rẻ" in message.text]
    assert survey in {row["survey_id"] for row in participants}


async def test_an_answer_that_is_refused_is_not_kept_either(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened()
    await lan.acts(f"sv_a:{survey}:1:-")
    await lan.acts(f"sv_a:{survey}:2:-")
    assert "quá giới hạn 4000" in await lan.says(SECRET * 120)
    assert "Xin cảm ơn" in await lan.says("ngắn hơn")
    await polling.passes(timedelta(days=10))
    await lan.says("/menu")
    assert await polling.asking.helpdesk.holds_nothing_of(SECRET)


async def test_where_our_code_breaks_over_an_answer_nothing_of_it_is_kept_and_it_can_be_sent_again(
    polling: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened()
    helpdesk = polling.asking.helpdesk
    await lan.presses("Trả lời ngay")
    await lan.presses("5")
    await lan.presses("Rẻ")

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(helpdesk.core.services.surveys, "answer", broken)
        said = await lan.says(SECRET)
    assert "gửi lại" in said
    assert await lan.inquiries() == []
    assert await helpdesk.holds_nothing_of(SECRET)
    assert "Xin cảm ơn" in await lan.says(SECRET)
    assert (await polling.outcome(survey)).turnout.finished == 1
    assert await lan.inquiries() == []


async def test_a_picture_with_words_below_it_is_no_answer_and_no_question_either(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    await polling.opened()
    await lan.presses("Trả lời ngay")
    await lan.presses("5")
    await lan.presses("Rẻ")
    assert "chỉ nhận câu trả lời bằng chữ" in await lan.sends("anh.png", text=SECRET)
    assert await lan.inquiries() == []
    assert await polling.asking.helpdesk.holds_nothing_of(SECRET)
    assert "Xin cảm ơn" in await lan.says("bằng chữ")


async def test_an_answer_that_is_edited_afterwards_does_not_become_a_question_of_that_person(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    await polling.opened()
    helpdesk = polling.asking.helpdesk
    await answers(lan, 5, "Rẻ", "ý kiến viết sai")
    helpdesk.clock.advance(timedelta(minutes=1))
    assert await helpdesk.core.pipeline.take(
        Incoming(
            channel=helpdesk.channel.name,
            event_id="edited",
            external_id=lan.external_id,
            received_at=helpdesk.clock.now(),
            text=SECRET,
            message_id="77",
            edited=True,
            keep_copy=True,
        )
    )
    await helpdesk.settled()
    assert "không sửa được" in lan.last
    assert await lan.inquiries() == []
    assert await helpdesk.holds_nothing_of(SECRET)


async def test_texts_are_kept_in_an_order_that_says_nothing_of_when_they_were_written(polling: Polling) -> None:
    people = await polling.members(8)
    survey = await polling.opened()
    written = [f"ý kiến số {place}" for place in range(8)]
    as_written = []
    for person, text in zip(people, written, strict=True):
        await answers(person, 5, "Nhanh", text)
        async with polling.asking.helpdesk.core.database.read() as uow:
            texts = table_of(SurveyText)
            as_written.append(await uow.scalar(select(texts.c.id).where(texts.c.text == text)))
    assert as_written != sorted(as_written)  # by chance they are in one of 40,320 runs
    await polling.passes(timedelta(days=10))
    async with polling.asking.helpdesk.core.database.read() as uow:
        kept = await stored.texts(uow, survey, 3)
        rows = [row["id"] for row in await uow.rows(select(table_of(SurveyText)))]
    assert sorted(kept) == written
    assert rows == sorted(rows)


async def test_results_are_hidden_until_it_closes_and_of_fewer_than_five(polling: Polling) -> None:
    people = await polling.members(6)
    survey = await polling.opened()
    for person in people[:5]:
        await answers(person, 4)
    await people[5].presses("Trả lời ngay")
    await people[5].presses("1")
    before = await polling.outcome(survey)
    assert [each.hidden for each in before.results] == [True, True, True]
    assert [dict(each.counts) for each in before.results] == [{}, {}, {}]
    await polling.passes(timedelta(days=10))
    after = await polling.outcome(survey)
    assert [each.hidden for each in after.results] == [False, False, True]
    assert after.satisfied == pytest.approx(5 / 6)
    assert after.rounds == [((await polling.row(survey)).number, pytest.approx(5 / 6))]


async def test_a_survey_that_names_people_says_so_and_keeps_who_said_what(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened(anonymous=False)
    assert "có ghi tên người trả lời" in lan.last
    await answers(lan, 3, "Rẻ", "nhanh hơn")
    async with polling.asking.helpdesk.core.database.read() as uow:
        named = await stored.named(uow, survey)
    assert [(question, value) for _, question, value in named] == [(1, "3"), (2, "2"), (3, "nhanh hơn")]


async def test_whoever_has_not_finished_is_reminded_once(polling: Polling) -> None:
    done, begun, silent = await polling.members(3)
    await polling.opened()
    await answers(done, 5)
    await begun.presses("Trả lời ngay")
    await begun.presses("4")
    heard = len(done.heard)
    await polling.passes(timedelta(days=7))
    await polling.passes(timedelta(seconds=15))
    assert len(done.heard) == heard
    for person in (begun, silent):
        assert len([message for message in person.heard if "chưa trả lời xong" in message.text]) == 1


async def test_a_periodic_survey_drafts_its_next_round_which_somebody_has_to_approve(polling: Polling) -> None:
    await polling.members(1)
    survey = await polling.opened(repeats_months=6)
    first = await polling.row(survey)
    await polling.passes(timedelta(days=10))
    following, closed = await polling.all()
    assert (closed.state, following.state) == ("closed", "draft")
    assert (following.series_id, following.round, following.questions) == (survey, 2, first.questions)
    assert following.opens_at == months_later(first.opens_at, 6)  # type: ignore[arg-type]
    await polling.passes(timedelta(days=400))
    assert (await polling.row(following.id)).state == "draft"


def test_a_month_later_is_a_day_that_there_is() -> None:
    assert months_later(datetime(2026, 8, 31, tzinfo=UTC), 6) == datetime(2027, 2, 28, tzinfo=UTC)
    assert months_later(datetime(2026, 12, 5, tzinfo=UTC), 1) == datetime(2027, 1, 5, tzinfo=UTC)


async def test_what_cannot_be_asked_is_not_approved(polling: Polling) -> None:
    now = polling.asking.now
    with pytest.raises(asking_errors.AudienceEmpty):
        await polling.approve(await polling.drafted())
    await polling.members(1)
    with pytest.raises(errors.NoQuestion):
        await polling.approve(await polling.drafted(questions=()))
    with pytest.raises(asking_errors.ClosesBeforeOpening):
        await polling.approve(await polling.drafted(closes_at=now))
    with pytest.raises(asking_errors.MayNot):
        await polling.approve(await polling.drafted(), AUTHOR)


async def test_a_stranger_and_a_latecomer_are_not_let_in(polling: Polling) -> None:
    await polling.members(1)
    survey = await polling.opened()
    stranger = polling.asking.helpdesk.person("Khách")
    assert "nhóm người khác" in await stranger.acts(f"sv:{survey}")
    assert "nhóm người khác" in await stranger.acts(f"sv_a:{survey}:1:5")
    await polling.passes(timedelta(days=10))
    (late,) = await polling.members(1)
    assert "nhóm người khác" in await late.acts(f"sv:{survey}")


@pytest.mark.parametrize(
    "action", ["sv", "sv:9", "sv_a:{}", "sv_a:{}:2:1", "sv_a:{}:1:9", "sv_a:{}:x:y", "sv_web:9", "sv_a:{}:9:1"]
)
async def test_a_button_of_any_make_is_answered_and_counts_nothing(polling: Polling, action: str) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened()
    heard = len(lan.heard)
    await lan.acts(action.format(survey))
    assert len(lan.heard) == heard + 1
    assert "trục trặc" not in lan.last
    async with polling.asking.helpdesk.core.database.read() as uow:
        assert await stored.tallies(uow, survey) == {}


async def test_the_same_is_answered_on_the_web(polling: Polling) -> None:
    (lan,) = await polling.members(1)
    survey = await polling.opened()
    await lan.presses("Trả lời ngay")
    await lan.presses("5")
    await lan.acts(f"sv_web:{survey}")
    link = re.search(r"/l/[\w-]{43}", lan.last)
    assert link is not None
    transport = httpx.ASGITransport(app=Starlette(routes=routes(make_site(polling.asking.helpdesk.core))))
    host = "http://public.test"
    async with httpx.AsyncClient(
        transport=transport, base_url=host, follow_redirects=True, headers={"Origin": host}
    ) as browser:
        page = await browser.post(link[0])
        assert "Hài lòng với chương trình?" not in page.text
        assert "Lấy ý kiến doanh nghiệp" not in page.text
        csrf = re.search(r'name="csrf" value="(\w+)"', page.text)
        assert csrf is not None
        wrong = await browser.post("/my/survey", data={"csrf": csrf[1], "q_2": "7", "q_3": SECRET})
        assert (wrong.status_code, SECRET in wrong.text) == (422, True)
        done = await browser.post("/my/survey", data={"csrf": csrf[1], "q_2": "1", "q_3": SECRET})
        assert "Xin cảm ơn" in done.text
        assert SECRET not in done.text
    async with polling.asking.helpdesk.core.database.read() as uow:
        assert await stored.tallies(uow, survey) == {(1, "5"): 1, (2, "1"): 1, (3, "text"): 1}


# What becomes of it


async def test_results_as_excel_are_data_and_the_same_bytes(polling: Polling) -> None:
    people = await polling.members(5)
    survey = await polling.opened()
    for person in people:
        await answers(person, 5, "Nhanh", "=1+1")
    await polling.passes(timedelta(days=10))
    tables = SurveyTables(polling.asking.helpdesk.core.catalogue)
    found = await polling.outcome(survey)
    made = tables.results(found, "vi", names={}, named=[])
    assert made == tables.results(await polling.outcome(survey), "vi", names={}, named=[])
    cells = [cell for sheet in load_workbook(io.BytesIO(made)) for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert [cell.value for cell in cells].count("=1+1") == 5


def test_ratings_after_inquiries_are_put_together_and_small_groups_hidden() -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    rated = [Rated("Cục A", at, stars) for stars in (5, 5, 4, 4, 3, None)] + [Rated("Cục B", at, 1)]
    found = satisfaction_of(rated, UTC)  # type: ignore[arg-type]
    assert (found.whole.closed, found.whole.rated, found.whole.share) == (7, 6, pytest.approx(4 / 6))
    assert [(each.name, each.share) for each in found.departments] == [("Cục A", pytest.approx(0.8)), ("Cục B", None)]
    assert [each.name for each in found.months] == ["2026-11"]


def test_a_chart_escapes_what_people_wrote() -> None:
    drawn = charts.bars([("<script>alert(1)</script>", 3)], title="<b>")
    assert "<script" not in drawn
    assert "&lt;script" in drawn
