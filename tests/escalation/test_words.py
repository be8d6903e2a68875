"""What happened, in words: the same on the web desk and in the officers' groups."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.desk.words import Words as DeskWords
from bot.escalation.words import OfficerWords
from bot.locales.catalogue import Catalogue
from bot.topics.words import Words as GroupWords
from tests.escalation.conftest import DIRECTORY

CATALOGUE = Catalogue(ZoneInfo("Asia/Ho_Chi_Minh"))
DESKS = [DeskWords(CATALOGUE, "vi", DIRECTORY, date(2026, 11, 22)), GroupWords(CATALOGUE, "vi")]


def happened(words: OfficerWords, event: str, **values: object) -> str:
    row = {"event": event, "actor": "officer", "actor_name": "Lan", "department": None, "reason": None, "details": {}}
    return words.happened(row | {"at": datetime(2026, 11, 22, tzinfo=UTC)} | values)


@pytest.mark.parametrize("words", DESKS, ids=["web desk", "group"])
def test_what_an_officer_wrote_down_is_not_told_as_if_the_enterprise_had_written_it(words: OfficerWords) -> None:
    assert happened(words, "receive") == "Lan ghi nhận yêu cầu qua điện thoại, e-mail hoặc công văn."
    assert happened(words, "receive", actor="enterprise") != happened(words, "receive")


@pytest.mark.parametrize("words", DESKS, ids=["web desk", "group"])
def test_an_event_of_a_newer_version_and_a_date_that_is_none_break_no_page(words: OfficerWords) -> None:
    assert "sent by pigeon" in happened(words, "sent_by_pigeon")
    assert happened(words, "defer", details={"until": "sometime"})
