"""Why a message did not go out, and what a channel needs, as an officer reads it: words, not names from the code."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.channels.zalo_oa.tokens import NoToken
from bot.delivery.transport import NotSent
from bot.desk.words import Words
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import LANGUAGES, Catalogue

TODAY = date(2026, 11, 16)


def kinds(of: type[NotSent] = NotSent) -> Iterator[type[NotSent]]:
    for each in of.__subclasses__():
        if each.__module__.startswith("bot."):
            yield each
            yield from kinds(each)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest, shipped_knowledge: Knowledge) -> Words:
    return Words(Catalogue(ZoneInfo("Asia/Ho_Chi_Minh")), request.param, shipped_knowledge.directory, TODAY)


def test_every_way_of_not_being_sent_has_words_and_what_was_said_stands_behind_them(words: Words) -> None:
    names = {each.__name__ for each in kinds()}
    assert NoToken.__name__ in names
    for name in names:
        said = words.not_sent(f"{name}: -211 Out of quota")
        assert said.endswith(" (-211 Out of quota)")
        assert name not in said


def test_a_reason_of_another_kind_stands_as_it_is(words: Words) -> None:
    assert words.not_sent("zalo_oa: they wrote too long ago") == "zalo_oa: they wrote too long ago"


def test_a_notice_names_the_channel_as_people_do(words: Words) -> None:
    notice = {"text_key": "officer.channel.quota", "params": {"channel": "zalo_oa", "detail": "-211"}}
    assert words.notice(notice).startswith("Zalo OA: ")
