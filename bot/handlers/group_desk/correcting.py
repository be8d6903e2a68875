"""What an officer corrects in a message of theirs follows wherever the message went."""

from typing import Any

from bot.handlers.group_desk import drafts
from bot.handlers.group_desk.events import GroupMessage
from bot.handlers.group_desk.scene import Scene
from storage import topic_posts
from storage.topic_posts import PostRow


async def on_edit(scene: Scene, message: GroupMessage) -> None:
    """Put the corrected text in place of the former one: in a reply that waits, in one that was sent, in a note."""
    for post in reversed(await topic_posts.of_topic(scene.uow, scene.topic.id, ("answer", "dialog", "note"))):
        parts = post.data.get("parts") or []
        if post.officer_id == scene.officer_id and any(part["message"] == message.message_id for part in parts):
            await _correct(scene, post, message)
            return


async def _correct(scene: Scene, post: PostRow, message: GroupMessage) -> None:
    is_note = post.data.get("kind") == "note"
    text = message.text.lstrip().removeprefix("//") if is_note else message.text
    parts = [part | {"text": text} if part["message"] == message.message_id else part for part in post.data["parts"]]
    data: dict[str, Any] = {**post.data, "parts": parts}
    if post.open:
        drafts.refresh(scene, post, data)
    elif post.data.get("state") == drafts.SENT and post.inquiry_message_id is not None and data != post.data:
        corrected = drafts.text_of(data)
        await scene.inquiries.correct(scene.uow, scene.inquiry, post.inquiry_message_id, corrected, scene.actor)
        topic_posts.change(scene.uow, post, data=data)
        scene.post("note", {"react": "👌", "to": message.message_id})
