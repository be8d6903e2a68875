"""A department that is switched off, or no longer in the directory: its open inquiries move up, and nobody is lost."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.escalation.audit import verify
from bot.escalation.states import State
from bot.knowledge.directory import Department, Directory
from storage.database import Database
from tests.escalation.conftest import DIRECTORY, LAN, OTHER, Desk, make_services

Changed = Callable[[Department], Department | None]


def directory(change: Changed) -> Directory:
    changed = (change(each) for each in DIRECTORY)
    return Directory(each for each in changed if each is not None)


def without(department_id: str) -> Directory:
    return directory(lambda each: None if each.id == department_id else each)


def switched_off(department_id: str) -> Directory:
    return directory(lambda each: replace(each, accepts_inquiries=False) if each.id == department_id else each)


def with_directory(desk: Desk, known: Directory) -> Desk:
    inquiries, sweeper, chain = make_services(desk.database, desk.clock, directory=known)
    return replace(desk, inquiries=inquiries, sweeper=sweeper, chain=chain)


@pytest.mark.parametrize(
    ("known", "goes_to"),
    [(switched_off("chi-cuc"), "cuc-kiem-dinh"), (without("chi-cuc"), "cuc-qlrr")],
    ids=["switched off: to the level above", "gone: to the coordinating unit"],
)
async def test_its_open_inquiries_move_up_and_everybody_is_told(desk: Desk, known: Directory, goes_to: str) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")
    desk = with_directory(desk, known)
    assert await desk.sweeper.run() == 1

    found = await desk.look(inquiry)
    assert (found.state, found.department_id) == (State.ESCALATED, goes_to)
    assert found.response_due_at is not None
    assert (await desk.history(inquiry))[-1] == "escalate"
    assert ("officer", "officer.new") in await desk.notices()
    assert ("lead", "officer.department_closed") in await desk.notices()
    assert "notice.department_closed before=Chi cục Hải quan" in (await desk.told())[-1]
    assert (await verify(desk.database, desk.chain)).faults == []
    assert await desk.sweeper.run() == 0


async def test_what_waits_for_somebody_moves_up_as_well(desk: Desk) -> None:
    taken = await desk.act(desk.inquiries.take, await desk.given_inquiry(to="chi-cuc"), OTHER)
    asked = await desk.act(desk.inquiries.ask_back, await desk.given_inquiry(to="chi-cuc"), "Xin gửi hợp đồng.", OTHER)
    until = desk.clock.now() + timedelta(days=3)
    deferred = await desk.given_inquiry(to="chi-cuc")
    deferred = await desk.act(desk.inquiries.defer, deferred, reason="Bão.", until=until, actor=OTHER)
    desk = with_directory(desk, switched_off("chi-cuc"))
    await desk.sweeper.run()
    for inquiry in (taken, asked, deferred):
        found = await desk.look(inquiry)
        assert (found.state, found.department_id, found.officer_id) == (State.ESCALATED, "cuc-kiem-dinh", None)
    answered = await desk.act(desk.inquiries.add_message, await desk.look(asked), desk.asker, "Hợp đồng đây ạ")
    assert answered.department_id == "cuc-kiem-dinh"
    desk.clock.set(until)
    await desk.sweeper.run()
    assert (await desk.look(deferred)).state == State.ESCALATED


async def test_what_has_been_answered_stays_until_it_is_opened_again(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="chi-cuc")
    inquiry = await desk.act(desk.inquiries.answer, inquiry, "Mã HS là 8471.30.", OTHER)
    desk = with_directory(desk, without("chi-cuc"))
    assert await desk.sweeper.run() == 0
    await desk.act(desk.inquiries.reopen, inquiry, desk.asker)
    await desk.sweeper.run()
    assert (await desk.look(inquiry)).department_id == "cuc-qlrr"


async def test_others_are_left_alone(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(to="cuc-kiem-dinh")
    desk = with_directory(desk, without("chi-cuc"))
    assert await desk.sweeper.run() == 0
    assert await desk.look(inquiry) == inquiry
    assert (await desk.act(desk.inquiries.take, inquiry, LAN)).state == State.IN_PROGRESS


async def test_many_move_up_once_however_many_sweeps_look_at_the_same_time(desk: Desk, database: Database) -> None:
    inquiries = [await desk.given_inquiry(to="chi-cuc") for _ in range(60)]
    desk = with_directory(desk, switched_off("chi-cuc"))
    other = with_directory(desk, switched_off("chi-cuc"))
    await asyncio.gather(*(each.sweeper.run() for each in (desk, other) * 5))
    for inquiry in inquiries:
        assert (await desk.history(inquiry)).count("escalate") == 1
        assert (await desk.look(inquiry)).department_id == "cuc-kiem-dinh"


async def test_a_candidate_that_was_switched_off_is_not_routed_to_at_the_deadline(desk: Desk) -> None:
    inquiry = await desk.given_inquiry(candidates=("chi-cuc", "cuc-kiem-dinh"))
    desk = with_directory(desk, switched_off("chi-cuc"))
    desk.clock.advance(timedelta(hours=24))
    await desk.sweeper.run()
    assert (await desk.look(inquiry)).department_id == "cuc-kiem-dinh"
