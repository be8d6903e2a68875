"""What every error of Zalo means for the message that met it, code by code."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.zalo_oa.errors import MESSAGES, TEMPLATES, OaError, meaning
from bot.delivery.transport import NotSent, QuotaUsedUp, Refused, TryLater, Unreachable, WindowClosed

NOON = datetime(2026, 11, 16, 5, 0, 20, tzinfo=UTC)
"""in Viet Nam"""
PAUSE = timedelta(minutes=10)
TO_MIDNIGHT = timedelta(hours=12, minutes=4, seconds=40)
TO_MORNING = timedelta(hours=18, minutes=4, seconds=40)

COMMON: list[tuple[tuple[int, ...], type[NotSent], timedelta | None, str]] = [
    ((-32,), TryLater, timedelta(seconds=40), ""),
    ((-100,), TryLater, timedelta(seconds=5), ""),
    ((-200, -201, -210, -233, -240), Refused, None, "our_bug"),
    ((-204, -205, -209, -212, -219, -221, -223, -224, -235, -320, -321), TryLater, PAUSE, "account"),
    ((-211, -311), QuotaUsedUp, TO_MIDNIGHT, "quota"),
    ((-218,), QuotaUsedUp, TO_MIDNIGHT, ""),
    ((-213, -217, -227, -244), Unreachable, None, ""),
    ((-216, -220), TryLater, PAUSE, "token"),
    ((-230, -232, -305), WindowClosed, None, ""),
    ((-234,), TryLater, TO_MORNING, ""),
    ((-237, -238, -241, -403), Refused, None, "account"),
    ((-242,), TryLater, PAUSE, "proof"),
    ((-248,), Refused, None, "rules"),
    ((-249,), WindowClosed, None, "template"),
    ((-99999,), TryLater, PAUSE, "our_bug"),
]
OF_TEMPLATES: list[tuple[tuple[int, ...], type[NotSent], timedelta | None, str]] = [
    ((-108, -114, -118, -119, -139, -140, -141), WindowClosed, None, ""),
    ((-109, -131), WindowClosed, None, "template"),
    ((-1121, -1122, -127), Refused, None, "our_bug"),
    ((-115, -137), TryLater, PAUSE, "account"),
    ((-124,), TryLater, PAUSE, "token"),
    ((-133,), TryLater, TO_MORNING, ""),
    ((-144, -147), QuotaUsedUp, TO_MIDNIGHT, "quota"),
]


@pytest.mark.parametrize(
    ("code", "failure", "after", "alarm", "of_templates"),
    [
        pytest.param(code, failure, after, alarm, of_templates, id=f"{'template' if of_templates else 'message'}{code}")
        for table, of_templates in ((COMMON, False), (OF_TEMPLATES, True))
        for codes, failure, after, alarm in table
        for code in codes
    ],
)
def test_every_code_has_its_consequence(
    code: int, failure: type[NotSent], after: timedelta | None, alarm: str, of_templates: bool
) -> None:
    found = meaning(OaError(code, "in Zalo's words", TEMPLATES if of_templates else MESSAGES), NOON)
    assert type(found.failure) is failure
    assert getattr(found.failure, "after", None) == after
    assert found.alarm == alarm
    assert str(found.failure) == f"{code} in Zalo's words", "the reason that the desk shows"


def test_the_table_leaves_out_no_code() -> None:
    listed = {code for table in (COMMON, OF_TEMPLATES) for codes, *_ in table for code in codes}
    assert listed - {-99999} == set(MESSAGES) | set(TEMPLATES)
