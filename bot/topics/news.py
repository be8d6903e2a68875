"""What is said about an inquiry elsewhere comes into its topic: by the enterprise, at the web desk, by the clocks.

What comes together is one message. What an officer said in the topic itself is not said again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import RowMapping

from bot.escalation.actors import ActorKind
from bot.topics.words import TEXT_SHOWN, Words, cut
from storage import inquiries as stored
from storage import topic_posts
from storage.queue import Queued
from storage.topics import TopicRow
from storage.unit_of_work import UnitOfWork

_EACH = 1500
TOLD_EVENTS = ("reopen", "resume", "transfer", "escalate", "rate", "close")
"""what the history tells without anybody having written something"""
_ON_ARRIVAL = ("transfer", "escalate")
_SAID_HERE = ("answer", "dialog", "note")


async def tell(uow: UnitOfWork, words: Words, topic: TopicRow, found: Queued, *, now: datetime) -> int:
    """Put what is new into the topic; return the id of the newest message of the inquiry that is in it now."""
    posts = await topic_posts.of_topic(uow, topic.id, (*_SAID_HERE, "card", "news"))
    here = {post.inquiry_message_id for post in posts if post.kind in _SAID_HERE}
    messages = [row for row in await stored.messages(uow, found.inquiry.id) if row["id"] > topic.told_up_to]
    lines = [_said(words, row) for row in messages if row["id"] not in here]
    lines += await _happened(uow, words, found, next((post for post in posts if post.kind == "card"), None))
    await _files(uow, topic, found, here, now)
    if lines:
        waiting = next((post for post in posts if post.kind == "news" and post.message_id is None and post.due_at), None)
        if waiting is not None:
            text = "\n\n".join([waiting.content["text"], *lines])
            topic_posts.change(uow, waiting, content={"text": cut(text, TEXT_SHOWN)}, due_at=now)
        else:
            content = {"text": cut("\n\n".join(lines), TEXT_SHOWN)}
            topic_posts.add(uow, group_id=topic.group_id, topic_id=topic.id, kind="news", content=content, now=now)
    newest: int = max((topic.told_up_to, *(row["id"] for row in messages)))
    return newest


def _said(words: Words, row: RowMapping) -> str:
    side = "enterprise" if row["author"] == ActorKind.ENTERPRISE else "officer"
    kind = row["kind"]
    key = f"topic.news.{kind}" if words.catalogue.has(f"topic.news.{kind}") else f"topic.news.{side}"
    text = cut(row["text"], _EACH) or words.say("topic.news.only_files")
    return words.say(key, who=words.actor(row["author"], row["author_name"]), at=words.short(row["at"]), text=text)


async def _happened(uow: UnitOfWork, words: Words, found: Queued, card: Any) -> list[str]:
    """Return what the history says since the card was last made; a topic that is opened starts with why it came here."""
    rows = await stored.history(uow, found.inquiry.id)
    if card is not None:
        new = [row for row in rows if row["seq"] > card.data.get("seen", 0) and row["event"] in TOLD_EVENTS]
    else:
        new = [row for row in _latest(rows, _ON_ARRIVAL) if row["reason"]]
    return [words.happened(row) for row in new]


def _latest(rows: Sequence[RowMapping], events: Sequence[str]) -> list[RowMapping]:
    return [row for row in rows if row["event"] in events][-1:]


async def _files(uow: UnitOfWork, topic: TopicRow, found: Queued, here: set[int | None], now: datetime) -> None:
    """Send every file whose content has come, once; what came from this topic is in it already."""
    files = [row for row in await stored.files(uow, found.inquiry.id) if row["sha256"] is not None]
    for row in files:
        if row["message_id"] is not None and row["message_id"] in here:
            continue
        key = f"file:{topic.id}:{row['id']}"
        if await topic_posts.by_key(uow, key) is None:
            file = {"sha256": row["sha256"], "name": row["name"], "media_type": row["media_type"]}
            content = {"text": "", "file": file}
            topic_posts.add(uow, group_id=topic.group_id, topic_id=topic.id, kind="file", content=content, now=now, key=key)
