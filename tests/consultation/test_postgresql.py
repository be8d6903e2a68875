"""The same on the engine that several machines share."""

import asyncio
from datetime import timedelta

import pytest

from bot.surveys.results import outcome
from tests.consultation.conftest import APPROVER, Asking
from tests.consultation.test_life import comments, groups_of
from tests.handlers.conftest import Person
from tests.surveys.conftest import Polling, answers


@pytest.fixture
def sqlite_url(postgresql_url: str) -> str:
    """What `helpdesk` is opened with."""
    return postgresql_url


async def test_a_consultation_and_a_survey_from_beginning_to_end(asking: Asking, lan: Person, hung: Person) -> None:
    consultation = await asking.opened()
    await comments(lan, "Đề nghị kéo dài thời hạn", on="khoản 1")
    await comments(hung, "đề nghị kéo dài thời hạn", on="khoản 1")
    await asking.close(consultation)
    ((group, texts),) = await groups_of(asking, consultation)
    assert len(texts) == 2
    await asking.does(consultation, "respond", group.id, "accepted", "Đồng ý.")
    await asking.does(consultation, "finish")
    await asking.does(consultation, "publish", actor=APPROVER)
    # Two processes look at the same moment.
    sweeper = asking.helpdesk.core.consultation_sweeper
    await asyncio.gather(sweeper.run(), sweeper.run())
    await asking.helpdesk.settled()
    for person in (lan, hung):
        assert len([each for each in person.heard if "Kết quả tiếp thu ý kiến" in each.text]) == 1

    polling = Polling(asking)
    survey = await polling.opened()
    for person in (lan, hung):
        await answers(person, 5, "Nhanh", "một ý kiến")
    await polling.passes(timedelta(days=10))
    async with asking.helpdesk.core.database.read() as uow:
        found = await outcome(uow, await polling.surveys.find(uow, survey))
    assert (found.row.state, found.turnout.finished, found.results[0].hidden) == ("closed", 2, True)
