"""Who is competent: the office of the enterprise's own region first, what is beyond it up; what people decide is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.escalation.routing import candidates_of, confident_candidate
from bot.knowledge.directory import Department, Directory
from bot.knowledge.verdict import DepartmentGuess
from storage import routing as stored
from storage.models import RoutingDecision
from storage.unit_of_work import table_of
from tests.escalation.conftest import COORDINATOR, LAN, Desk

REGIONS = Directory(
    [
        Department("tchq", "Tổng cục", "GDVC", level="general", accepts_inquiries=False),
        Department("qlrr", "Cục Quản lý rủi ro", "Risk", level="general", parent="tchq", coordinating=True),
        Department("gsql", "Cục Giám sát", "Supervision", level="general", parent="tchq"),
        Department("tinh", "Cục Hải quan tỉnh", "Provincial", level="provincial", parent="tchq"),
        Department("hai-phong", "Cục Hải quan Hải Phòng", "Hai Phong", level="provincial", parent="tchq", region="Hải Phòng"),
        Department("hcm", "Cục Hải quan TP HCM", "HCMC", level="provincial", parent="tchq", region="TP Hồ Chí Minh"),
        Department("cat-lai", "Chi cục Cát Lái", "Cat Lai", level="sub", parent="hcm", region="TP Hồ Chí Minh"),
        Department("da-nang", "Cục Hải quan Đà Nẵng", "Da Nang", level="provincial", region="Đà Nẵng", accepts_inquiries=False),
    ]
)


def ranked(region: str | None, text: str = "", **probabilities: float) -> list[tuple[str, float]]:
    guesses = [DepartmentGuess(REGIONS[name.replace("_", "-")], share, "") for name, share in probabilities.items()]
    found = candidates_of(guesses, REGIONS, region=region, text=text)
    return [(each.department_id, round(each.probability, 2)) for each in found]


def test_an_office_elsewhere_gives_way_to_the_enterprises_own_and_to_all_its_weight() -> None:
    assert ranked("Hải Phòng", hcm=0.45, hai_phong=0.4) == [("hai-phong", 0.85)]


def test_the_office_for_all_provinces_gives_way_to_the_one_of_the_province() -> None:
    assert ranked("Hải Phòng", tinh=0.8, gsql=0.2) == [("hai-phong", 0.8), ("gsql", 0.2)]


def test_where_the_province_has_no_office_the_one_for_all_stays() -> None:
    assert ranked("Cần Thơ", tinh=0.8) == [("tinh", 0.8)]


def test_what_is_of_a_level_that_the_region_does_not_have_goes_up() -> None:
    assert ranked("Hải Phòng", cat_lai=0.8) == [("qlrr", 0.8)]


def test_an_office_that_takes_no_inquiries_is_not_chosen() -> None:
    assert ranked("Đà Nẵng", tinh=0.8) == [("tinh", 0.8)]


def test_goods_at_a_place_that_is_named_belong_to_the_office_there() -> None:
    assert ranked("Hải Phòng", "hàng đang ở cảng của TP Hồ Chí Minh", hcm=0.8) == [("hcm", 0.8)]


def test_of_two_that_are_about_as_likely_the_regional_one_comes_first() -> None:
    assert ranked("Hải Phòng", gsql=0.5, hai_phong=0.45)[0] == ("hai-phong", 0.45)
    assert ranked("Hải Phòng", gsql=0.8, hai_phong=0.2)[0] == ("gsql", 0.8)


def test_beyond_the_regions_competence_the_unit_of_the_general_department_keeps_it() -> None:
    assert ranked("Hải Phòng", gsql=0.9) == [("gsql", 0.9)]


def test_without_a_known_region_nothing_is_moved() -> None:
    assert ranked(None, hcm=0.45, hai_phong=0.4) == [("hcm", 0.45), ("hai-phong", 0.4)]


def test_only_what_is_sure_enough_is_routed_at_once() -> None:
    sure = candidates_of([DepartmentGuess(REGIONS["gsql"], 0.7, "")])
    unsure = candidates_of([DepartmentGuess(REGIONS["gsql"], 0.69, "")])
    assert confident_candidate(sure) is not None
    assert confident_candidate(unsure) is None


async def decisions(desk: Desk) -> list[tuple[str, str | None, bool, str]]:
    table = table_of(RoutingDecision)
    async with desk.database.read() as uow:
        rows = await uow.rows(select(table))
    return [(row["department_id"], row["suggested_id"], row["corrected"], row["source"]) for row in rows]


async def test_where_the_coordinator_routes_it_is_kept_and_whether_that_corrects_the_bot(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(candidates=("cuc-kiem-dinh", "chi-cuc"))
    await desk.act(desk.inquiries.route, inquiry, "chi-cuc", COORDINATOR, by="coordinator")
    assert await decisions(desk) == [("chi-cuc", "cuc-kiem-dinh", True, "route")]


async def test_a_coordinator_who_agrees_with_the_bot_corrects_nothing(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(candidates=("cuc-kiem-dinh",))
    await desk.act(desk.inquiries.route, inquiry, "cuc-kiem-dinh", COORDINATOR, by="coordinator")
    assert await decisions(desk) == [("cuc-kiem-dinh", "cuc-kiem-dinh", False, "route")]


async def test_a_transfer_by_an_officer_is_a_correction_and_the_last_word_counts(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(candidates=("cuc-kiem-dinh",))
    inquiry = await desk.act(desk.inquiries.route, inquiry, "cuc-kiem-dinh", COORDINATOR, by="coordinator")
    await desk.act(desk.inquiries.transfer, inquiry, "chi-cuc", "Hàng đang ở cửa khẩu.", LAN)
    assert await decisions(desk) == [("chi-cuc", "cuc-kiem-dinh", True, "transfer")]


@pytest.mark.parametrize("to", [None, "cuc-kiem-dinh"], ids=["at the deadline", "by the bot"])
async def test_what_the_system_decides_is_nothing_to_learn_from(desk: Desk, to: str | None) -> None:
    inquiry = await desk.given_inquiry(candidates=("cuc-kiem-dinh",), to=to)
    if to is None:
        await desk.act(desk.inquiries.route_at_deadline, inquiry)
    assert await decisions(desk) == []


async def test_a_decision_that_fails_teaches_nothing(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    await desk.act(desk.inquiries.close, inquiry, LAN, reason="Trùng.")
    with pytest.raises(Exception, match="not_possible"):
        await desk.act(desk.inquiries.transfer, await desk.look(inquiry), "chi-cuc", "Muộn rồi.", LAN)
    assert await decisions(desk) == []


async def test_the_newest_decisions_come_first_with_what_was_asked(desk: Desk) -> None:
    for to in ("chi-cuc", "cuc-kiem-dinh"):
        inquiry = await desk.given_inquiry()
        await desk.act(desk.inquiries.route, inquiry, to, COORDINATOR, by="coordinator")
        desk.clock.advance(timedelta(seconds=1))
    async with desk.database.read() as uow:
        found = await stored.newest(uow, limit=1)
    assert [(each.department_id, each.text) for each in found] == [("cuc-kiem-dinh", "Mã HS của mặt hàng này là gì?")]
