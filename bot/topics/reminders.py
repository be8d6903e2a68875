"""What the clocks tell of an inquiry stands in its topic, with a button for whoever has seen it; told again, it is sent again.

A topic has one such message, however many rungs it speaks of: what is told again takes the place of what was told before.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import RowMapping

from bot.escalation.ladder import Level, of_no_more_use
from bot.escalation.states import CLOCK_STANDS_STILL, State
from bot.topics.buttons import SEEN, button
from bot.topics.words import Words
from storage import clocks, topic_posts
from storage.inquiries import InquiryRecord
from storage.topics import TopicRow
from storage.unit_of_work import UnitOfWork

PRIORITY = 3
"""what is told again and again comes after all else that a group is to be shown, topics that must be opened among it"""
_OF_THE_DEPARTMENT = (Level.OFFICER, Level.LEAD)


async def show(
    uow: UnitOfWork, words: Words, topic: TopicRow, inquiry: InquiryRecord, *, here: Collection[str], head: bool, now: datetime
) -> None:
    """Bring the topic's reminder to what the clocks have told and nobody has seen. here: the departments whose group it is;
    head: whether the coordinating unit is among them."""
    rows = [] if not here else await clocks.told_unseen(uow, inquiry.id)
    rows = [row for row in rows if _of_use(row, inquiry) and (head or _for(row, here))]
    post = await topic_posts.by_key(uow, _key(topic))
    if not rows:
        if post is not None and not post.content.get("gone"):
            topic_posts.change(uow, post, content={"gone": True}, data={}, due_at=now)
        return
    content, data = _content(words, inquiry, rows), {"told_at": max(row["told_at"] for row in rows).isoformat()}
    if post is None:
        topic_posts.add(
            uow,
            group_id=topic.group_id,
            topic_id=topic.id,
            kind="reminder",
            content=content,
            now=now,
            priority=PRIORITY,
            data=data,
            key=_key(topic),
        )
    elif data != post.data:
        if post.message_id is not None:
            _take_away(uow, topic, post.message_id, now)
        topic_posts.change(uow, post, content=content, data=data, message_id=None, shown=None, due_at=now)
    elif content != post.content:
        topic_posts.change(uow, post, content=content, due_at=now)


def _key(topic: TopicRow) -> str:
    return f"reminder:{topic.id}"


def _for(row: RowMapping, here: Collection[str]) -> bool:
    return row["department_id"] in here and row["audience"] in _OF_THE_DEPARTMENT


def _of_use(row: RowMapping, inquiry: InquiryRecord) -> bool:
    state = State(inquiry.state)
    stands_still = row["clock"] == "response" and state in CLOCK_STANDS_STILL
    return not stands_still and not of_no_more_use(row, state)


def _content(words: Words, inquiry: InquiryRecord, rows: Sequence[RowMapping]) -> dict[str, Any]:
    latest = max(row["told_at"] for row in rows)
    newest = [row for row in rows if row["percent"] == max(each["percent"] for each in rows)]
    whom = ", ".join(dict.fromkeys(words.say(f"topic.reminder_for.{row['audience']}") for row in newest))
    text = words.say(newest[-1]["text_key"], **newest[-1]["params"])
    text = words.say("topic.reminder", whom=whom, text=text, at=words.short(latest))
    return {"text": text, "buttons": [[button(words.say("topic.button.seen"), f"k:{SEEN}:{inquiry.id}")]]}


def _take_away(uow: UnitOfWork, topic: TopicRow, message_id: int, now: datetime) -> None:
    topic_posts.add(
        uow,
        group_id=topic.group_id,
        topic_id=topic.id,
        kind="remark",
        content={"gone": True},
        now=now,
        priority=PRIORITY,
        message_id=message_id,
    )
