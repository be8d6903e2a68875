"""Every conversation is one file, found by itself; no two claim the same, and nothing is left untaken."""

import pytest

from bot.handlers.conversation import Conversation
from bot.handlers.router import CATCHES, Router, all_conversations, phrase
from bot.handlers.turn import Turn


async def handle(turn: Turn) -> None: ...


EVERYTHING = Conversation(takes=dict.fromkeys(CATCHES, handle))


def test_all_conversations_fit_together() -> None:
    assert len(all_conversations()) >= 10
    Router(all_conversations())


def test_a_second_conversation_is_one_more_file_with_nothing_else_to_change() -> None:
    router = Router([EVERYTHING, Conversation(commands={"survey": handle}, phrases={"khao sat": handle})])
    assert router.free_text("Khảo sát!") == ""
    assert router.free_text("/survey 5 sao") == "5 sao"


@pytest.mark.parametrize(
    "conversation",
    [
        Conversation(commands={"a": handle}),
        Conversation(phrases={"a": handle}),
        Conversation(actions={"a": handle}),
        Conversation(steps={"a": handle}),
        Conversation(menu={"a": 1}),
    ],
)
def test_two_conversations_cannot_claim_the_same(conversation: Conversation) -> None:
    with pytest.raises(ValueError, match="two conversations claim 'a'"):
        Router([EVERYTHING, conversation, conversation])


def test_something_that_nobody_takes_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="unknown_content"):
        Router([Conversation(takes={name: handle for name in CATCHES if name != "unknown_content"})])


def test_phrases_are_written_as_they_are_compared() -> None:
    for conversation in all_conversations():
        assert [each for each in conversation.phrases if phrase(each) != each] == []


@pytest.mark.parametrize("typed", ["Hỏi cán bộ", "hỏi  cán bộ!", "HOI CAN BO", "«hỏi cán bộ»", "hỏi cán bộ..."])
def test_a_phrase_is_known_with_and_without_marks(typed: str) -> None:
    assert phrase(typed) == "hoi can bo"


def test_a_long_text_is_no_phrase() -> None:
    assert phrase("hỏi cán bộ " * 50) == ""
