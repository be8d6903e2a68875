"""Who leads now: in the absence of the lead, the deputy gets the rungs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.escalation.ladder import Level, reached
from bot.escalation.standing_in import led_by, posts_now
from bot.knowledge.directory import Department, Directory
from storage.clocks import Post
from storage.models import Officer
from storage.unit_of_work import UnitOfWork, table_of
from tests.escalation.conftest import DIRECTORY, LEAD, MINH, Desk, make_services
from tests.escalation.test_ladder import told

WITH_DEPUTY = Directory([replace(each, deputy=MINH.name) if each.id == "cuc-kiem-dinh" else each for each in DIRECTORY])
NAMED = Directory(
    [Department("a", "A", "A", coordinating=True, lead="hoa", deputy="minh"), Department("b", "B", "B", deputy="minh")]
)


def post(login: str, department: str, *, lead: bool = False) -> Post:
    return Post("officer", department, lead, login)


def leading(*present: Post) -> set[tuple[str, str | None]]:
    return {(each.login, each.department_id) for each in posts_now(present, NAMED) if each.lead}


def test_whoever_the_directory_names_leads() -> None:
    assert leading(post("hoa", "a"), post("minh", "a")) == {("hoa", "a"), ("minh", "b")}


def test_the_deputy_leads_while_no_lead_is_there_and_only_then() -> None:
    assert ("minh", "a") in leading(post("minh", "a"))
    assert ("minh", "a") not in leading(post("minh", "a"), post("lan", "a", lead=True))


def test_a_deputy_who_is_away_too_leads_nothing() -> None:
    assert leading(post("lan", "a")) == set()


def test_a_deputy_acts_as_lead_only_in_the_leads_absence() -> None:
    there = (post("hoa", "a"), post("minh", "a"))
    assert "a" in led_by("hoa", "a", lead=False, present=there, directory=NAMED)
    assert "a" not in led_by("minh", "a", lead=False, present=there, directory=NAMED)
    assert "a" in led_by("minh", "a", lead=False, present=there[1:], directory=NAMED)
    assert "a" not in led_by("lan", "a", lead=False, present=(), directory=NAMED)


def test_a_deputy_may_come_from_another_department() -> None:
    assert led_by("minh", "a", lead=False, present=(post("hoa", "a"), post("minh", "a")), directory=NAMED) == {"b"}


def test_a_coordinator_who_stands_in_for_a_lead_is_no_head_of_the_coordinating_unit() -> None:
    posts = posts_now([post("hoa", "a"), Post("coordinator", None, False, "minh")], NAMED)
    assert reached(Level.LEAD, "b", posts) is Level.LEAD
    assert reached(Level.HEAD, "b", posts) is Level.COORDINATOR


def test_whoever_stands_in_for_the_head_is_told_as_the_head() -> None:
    assert reached(Level.HEAD, "b", posts_now([Post("coordinator", None, False, "minh")], NAMED)) is Level.HEAD


@pytest.mark.parametrize(
    ("directory", "audience"), [(WITH_DEPUTY, "lead"), (DIRECTORY, "coordinator")], ids=["a deputy", "nobody stands in"]
)
async def test_the_rungs_of_an_absent_lead_go_to_the_deputy_and_without_one_further_up(
    desk: Desk, directory: Directory, audience: str
) -> None:
    _, sweeper, _ = make_services(desk.database, desk.clock, directory=directory)
    away = desk.clock.now() + timedelta(days=30)

    async def leave(uow: UnitOfWork) -> None:
        await uow.execute(update(table_of(Officer)).where(Officer.id == LEAD.id).values(away_until=away))

    await desk.database.write(leave)
    await desk.given_inquiry(to="cuc-kiem-dinh")
    desk.clock.advance(timedelta(hours=58))  # past 80 % of 24 working hours
    await sweeper.run()
    assert await told(desk) == [("officer", 50), (audience, 80)]
