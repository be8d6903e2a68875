"""A campaign leaves out who switched its topic off, but for what a member is owed."""

import pytest

from tests.outreach.conftest import Programme


@pytest.mark.parametrize(
    ("kind", "topic", "reached"),
    [
        ("newsletter", "newsletter", ["minh"]),
        ("newsletter", "event", ["lan", "minh"]),
        ("policy_update", "newsletter", ["lan", "minh"]),
    ],
)
async def test_who_switched_a_topic_off_is_not_told(programme: Programme, kind: str, topic: str, reached: list[str]) -> None:
    await programme.enterprise("An Phát", "lan", "minh")
    subscriptions, lan = programme.core.services.subscriptions, programme.people["lan"]
    await programme.core.database.write(lambda uow: subscriptions.choose(uow, lan, topic, wanted=False, member=True))
    await programme.sent(kind=kind)
    assert sorted(person for person, _ in programme.telegram.arrived) == reached


async def test_what_somebody_switched_off_before_they_were_a_member_reaches_them_all_the_same(programme: Programme) -> None:
    await programme.enterprise("An Phát", "lan")
    subscriptions, lan = programme.core.services.subscriptions, programme.people["lan"]
    await programme.core.database.write(lambda uow: subscriptions.choose(uow, lan, "policy_update", wanted=False, member=False))
    await programme.sent(kind="policy_update")
    assert [person for person, _ in programme.telegram.arrived] == ["lan"]
