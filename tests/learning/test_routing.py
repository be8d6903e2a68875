"""A correction of today shifts the candidates of tomorrow, in every process and after a restart."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.knowledge.service import Knowledge
from bot.learning.routing import RoutingLessons
from tests.office import COORDINATING, OTHER, OWN, Office, shown

ASKED = "Lô hạt nhựa tái sinh bị áp mã khác với khai báo, doanh nghiệp đề nghị xem lại mã HS giúp"


@pytest.fixture
def knowledge(office: Office) -> Iterator[Knowledge]:
    """The one that all tests share, which has learned nothing before and after."""
    yield office.core.knowledge
    office.core.knowledge.learn([])


def best(office: Office, knowledge: Knowledge) -> tuple[str, float]:
    verdict = knowledge.look_up(ASKED, on=office.clock.now().date())
    return verdict.departments[0].department.id, verdict.departments[0].probability


async def corrects(office: Office, times: int, to: str) -> None:
    coordinator = (await office.officer(f"dieu-phoi-{times}", role="coordinator", department=COORDINATING)).actor
    for _ in range(times):
        inquiry = await office.given_inquiry(text=ASKED)

        async def route(uow, inquiry=inquiry):
            return await office.core.inquiries.route(uow, inquiry, to, coordinator, by="coordinator")

        await office.core.database.write(route)


async def test_one_correction_does_not_turn_what_is_sure_and_several_do(office: Office, knowledge: Knowledge) -> None:
    before, _ = best(office, knowledge)
    lessons = RoutingLessons(office.core.database, knowledge)
    to = OTHER if before != OTHER else OWN
    await corrects(office, 1, to)
    assert await lessons.follow() == 1
    once = best(office, knowledge)
    await corrects(office, 3, to)
    assert await lessons.follow() == 4
    assert once[0] == before
    assert best(office, knowledge)[0] == to


async def test_a_process_that_starts_later_knows_what_was_learned(office: Office, knowledge: Knowledge) -> None:
    await corrects(office, 4, OTHER)
    await RoutingLessons(office.core.database, knowledge).follow()
    assert best(office, knowledge)[0] == OTHER


async def test_nothing_new_is_looked_at_once(office: Office, knowledge: Knowledge) -> None:
    lessons = RoutingLessons(office.core.database, knowledge)
    await corrects(office, 1, OTHER)
    await lessons.follow()
    verdict = knowledge.look_up(ASKED, on=office.clock.now().date())
    await lessons.follow()
    assert knowledge.look_up(ASKED, on=office.clock.now().date()) is verdict  # remembered: nothing was learned anew


async def test_the_coordinator_sees_why_and_which_inquiries_it_was_learned_from(office: Office, knowledge: Knowledge) -> None:
    await corrects(office, 4, OTHER)
    await RoutingLessons(office.core.database, knowledge).follow()
    boss = await office.officer("truong", role="coordinator", department=COORDINATING)
    verdict = knowledge.look_up(ASKED, on=office.clock.now().date())
    inquiry = await office.given_inquiry(text=ASKED, guesses=verdict.departments)
    async with office.browser(boss) as browser:
        page = shown(await browser.see(f"/desk/inquiries/{inquiry.number}"))
    assert "giống YC-2026-" in page
    assert verdict.departments[0].reason[:20] in page


async def test_what_was_learned_counts_in_the_scores(
    office: Office, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    await corrects(office, 4, OTHER)
    name = knowledge.directory[OTHER].name
    case = tmp_path / "case.jsonl"
    case.write_text(f'{{"id": "c1", "question": "{ASKED}", "departments": ["{name}"]}}\n', encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", office.core.settings.database_url)

    async def said(*more: str) -> str:
        import asyncio

        return (await asyncio.to_thread(CliRunner().invoke, app, ["eval", str(case), *more])).output

    assert "4 decisions" in await said()
    assert "decisions" not in await said("--not-learned")
