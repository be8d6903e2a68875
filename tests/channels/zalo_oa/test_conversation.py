"""A person on Zalo and the whole helpdesk behind the Official Account."""

from bot.escalation.actors import Actor, ActorKind, Role
from storage import inquiries
from storage.ids import new_id
from storage.models import Inquiry, InquiryMessage, Officer
from storage.unit_of_work import UnitOfWork
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


async def test_a_bare_number_answers_an_officers_open_question(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says("/start")
    await lan.says(STUCK)
    await desk.settled()
    officer = Actor(ActorKind.OFFICER, new_id(), "Trần Minh", Role.COORDINATOR, "dau-moi", lead=True)

    async def ask(uow: UnitOfWork) -> None:
        who = {"login": "minh", "name": officer.name, "role": str(officer.role), "department_id": "dau-moi", "lead": True}
        how = {"password_hash": "-", "must_change_password": False, "active": True, "failed_sign_ins": 0}
        uow.insert(Officer, id=officer.id, **who, **how, created_at=desk.clock.now())
        await uow.flush()
        inquiry = await inquiries.by_id(uow, (await desk.rows(Inquiry))[0]["id"])
        assert inquiry is not None
        await desk.core.inquiries.ask_back(uow, inquiry, "Công ty có mấy tờ khai như vậy?", officer)

    await desk.core.database.write(ask)
    await desk.settled()
    assert "mấy tờ khai" in lan.last
    assert "1. " not in lan.last, "no list that a number could mean instead"
    await lan.says("1")
    await desk.settled()
    await lan.chooses("Trả lời")
    await desk.settled()
    assert [row["text"] for row in await desk.rows(InquiryMessage) if row["author"] == "enterprise"] == ["1"]
