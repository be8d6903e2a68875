"""When many inquiries come at once, a group cannot be given a topic for each at once: twenty messages a minute is what the
platform takes. Then one message lists what is coming, and is edited while the topics are opened one after the other."""

from datetime import datetime, timedelta

from bot.topics.words import Words, shortened
from storage import topic_posts, topics
from storage.unit_of_work import UnitOfWork

BURST = 8
"""so many topics that wait to be opened take the group more than a minute"""
_LISTED = 25
_EDITED_EVERY = timedelta(seconds=30)


async def keep(uow: UnitOfWork, words: Words, group_id: int, now: datetime) -> None:
    """Write, edit or end the digest of a group, as the number of topics that wait asks for."""
    count, first = await topics.waiting(uow, group_id, limit=_LISTED)
    last = await topic_posts.by_key(uow, f"digest:{group_id}")
    running = last is not None and last.open
    if not running and count < BURST:
        return
    if last is not None and running and count and now < datetime.fromisoformat(last.data["at"]) + _EDITED_EVERY:
        return
    if count:
        lines = [words.say("topic.digest.head", count=count)]
        for row in first:
            due = words.short(row["urgent_at"]) if row["urgent_at"] else "–"
            lines.append(words.say("topic.digest.line", number=row["number"], due=due, text=shortened(row["text"], 70)))
        if count > len(first):
            lines.append(words.say("topic.digest.more", count=count - len(first)))
        content = {"text": "\n".join(lines)}
    else:
        content = {"text": words.say("topic.digest.done")}
    data = {"at": now.isoformat()}
    if last is None:
        key = f"digest:{group_id}"
        topic_posts.add(
            uow, group_id=group_id, kind="digest", content=content, now=now, priority=0, waits=True, data=data, key=key
        )
        return
    afresh = {} if running else {"message_id": None, "shown": None}  # an earlier burst has a message of its own
    topic_posts.change(uow, last, content=content, data=data, due_at=now, open=bool(count), **afresh)
