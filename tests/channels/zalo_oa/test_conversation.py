"""A person on Zalo and the whole helpdesk behind the Official Account."""

from tests.channels.zalo_oa.conftest import Desk
from tests.handlers.conftest import KNOWN, STUCK
from tests.peers.zalo_oa import ZaloPeer


async def test_following_is_a_start_and_choices_are_numbers(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    assert await lan.follows() == 200
    await desk.settled()
    assert "1. Tiếng Việt" in lan.last
    await lan.chooses("Tiếng Việt")
    await desk.settled()
    assert "Lan" in lan.last, "the name was asked of Zalo"
    await lan.says(KNOWN)
    await desk.settled()
    assert "Điều 3 khoản 1 điểm c" in lan.last
    await lan.chooses("Có")
    await desk.settled()
    assert all(len(each.text) <= 2000 for each in lan.heard)


async def test_a_number_that_is_no_choice_is_what_the_person_says(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says(STUCK)
    await desk.settled()
    before = len(lan.heard)
    await lan.says("77")
    await desk.settled()
    assert len(lan.heard) == before + 1


async def test_the_same_event_twice_is_one_turn(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says(STUCK)
    await desk.settled()
    before = len(lan.heard)
    assert await zalo.again() == 200
    await desk.settled()
    assert len(lan.heard) == before
