"""Methods that put a new message into a chat."""

from typing import Any

from .errors import bad
from .files import StoredFile
from .limits import caption_content, check_markup, text_content
from .platform import Call, Platform, Wire, method
from .world import GENERAL_TOPIC, Chat, Message

FOLDERS = {
    "document": "documents", "photo": "photos", "video": "videos", "audio": "music",
    "voice": "voice", "animation": "animations", "sticker": "stickers", "video_note": "video_notes",
}  # fmt: skip


def topic_of(chat: Chat, args: Wire) -> int | None:
    """Return the topic a message goes to; None outside forums and for the general topic."""
    number = args.get("message_thread_id")
    if not number:
        return None
    topic = chat.topics.get(number)
    # The general topic is addressed by leaving the parameter out; its id is refused.
    if topic is None or topic.deleted or number == GENERAL_TOPIC:
        raise bad("message thread not found")
    if topic.closed and chat.bot != "administrator":
        raise bad("TOPIC_CLOSED")
    return topic.id


def reply_content(platform: Platform, chat: Chat, args: Wire) -> Wire:
    reply = args.get("reply_parameters") or {}
    number = reply.get("message_id") or args.get("reply_to_message_id")
    if not number:
        return {}
    original = platform.world.message(chat, int(number))
    if original is None:
        if reply.get("allow_sending_without_reply") or args.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")
    return {"reply_to_message": {key: value for key, value in original.body.items() if key != "reply_to_message"}}


def place(platform: Platform, chat: Chat, args: Wire, content: Wire, *, charged: bool = False) -> Message:
    """Write the bot's message after the checks that every kind shares; the last of them is the flood model."""
    topic_id = topic_of(chat, args)
    markup = args.get("reply_markup")
    check_markup(markup, private=not chat.is_group)
    more = reply_content(platform, chat, args)
    if markup and "inline_keyboard" in markup:
        more["reply_markup"] = markup
    if args.get("protect_content"):
        more["has_protected_content"] = True
    if not charged:
        platform.charge(chat, args)
    message = platform.world.write(chat, platform.bot, more | content, topic_id)
    if markup and "inline_keyboard" not in markup:
        # A reply keyboard is not part of the Message object, but it is what the person sees.
        message.keyboard = markup
    return message


def file_content(kind: str, file: StoredFile, thumb: Wire | None = None) -> Wire:
    """Return the part of a Message that describes a file of this kind."""
    if kind == "photo":
        small = {**file.ids(), "file_unique_id": f"{file.unique_id}s", "width": 90, "height": 67}
        return {"photo": [small, {**file.ids(), "width": 800, "height": 600}]}
    described: Wire = {**file.ids(), "mime_type": file.mime}
    if kind in ("document", "video", "audio", "animation"):
        described["file_name"] = file.name
    if kind in ("video", "animation"):
        described |= {"width": 640, "height": 480, "duration": 1}
    if kind in ("audio", "voice"):
        described["duration"] = 1
    if kind == "video_note":
        described |= {"length": 240, "duration": 1}
    if kind == "sticker":
        described |= {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return {kind: described}


@method("sendMessage")
async def send_message(platform: Platform, call: Call) -> Wire:
    content = text_content(call.args)
    chat = platform.world.reachable(call.args["chat_id"])
    return place(platform, chat, call.args, content).body


@method("sendDocument", "sendPhoto", "sendVideo", "sendAudio", "sendVoice", "sendAnimation", "sendSticker", "sendVideoNote")
async def send_file(platform: Platform, call: Call) -> Wire:
    kind = {"sendvideonote": "video_note"}.get(call.method.lower(), call.method[4:].lower())
    content = caption_content(call.args)
    chat = platform.world.reachable(call.args["chat_id"])
    topic_of(chat, call.args)
    file = platform.files.resolve(str(call.args[kind]), call.uploads, FOLDERS[kind])
    return place(platform, chat, call.args, file_content(kind, file) | content).body


@method("sendMediaGroup")
async def send_media_group(platform: Platform, call: Call) -> list[Wire]:
    media = call.args["media"]
    if not 2 <= len(media) <= 10:
        raise bad("there must be from 2 to 10 messages in the media group")
    kinds = {item["type"] for item in media}
    unfit = kinds - {"photo", "video", "document", "audio", "live_photo"}
    if unfit or (len(kinds) > 1 and kinds & {"document", "audio"}):
        raise bad("can't use the media of the specified type in the album")
    chat = platform.world.reachable(call.args["chat_id"])
    topic_of(chat, call.args)
    contents = []
    for item in media:
        file = platform.files.resolve(str(item["media"]), call.uploads, FOLDERS.get(item["type"], "photos"))
        contents.append(file_content(item["type"], file) | caption_content(item))
    platform.charge(chat, call.args, messages=len(media))
    album = str(9_000_000 + platform.world.revision)
    return [place(platform, chat, call.args, content | {"media_group_id": album}, charged=True).body for content in contents]


@method("sendContact", "sendLocation", "sendVenue", "sendDice", "sendPoll")
async def send_plain_object(platform: Platform, call: Call) -> Wire:
    args, kind = call.args, call.method[4:].lower()
    content: Wire
    if kind == "contact":
        keys = ("phone_number", "first_name", "last_name", "vcard")
        content = {"contact": {key: args[key] for key in keys if key in args}}
    elif kind == "dice":
        content = {"dice": {"emoji": args.get("emoji", "🎲"), "value": 4}}
    elif kind == "poll":
        content = {"poll": _poll(platform, args)}
    else:
        place_: Wire = {"latitude": args["latitude"], "longitude": args["longitude"]}
        content = {"location": place_}
        if kind == "venue":
            content["venue"] = {"location": place_, "title": args["title"], "address": args["address"]}
    chat = platform.world.reachable(args["chat_id"])
    return place(platform, chat, args, content).body


def _poll(platform: Platform, args: Wire) -> Wire:
    options: list[Any] = args["options"]
    if not 1 <= len(args["question"]) <= 300:
        raise bad("poll question must be from 1 to 300 characters")
    if not 1 <= len(options) <= 12:
        raise bad("poll must have from 1 to 12 options")
    texts = [option if isinstance(option, str) else option["text"] for option in options]
    return {
        "id": str(50_000 + platform.world.revision),
        "question": args["question"],
        "options": [{"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(texts)],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": args.get("is_anonymous", True),
        "type": args.get("type", "regular"),
        "allows_multiple_answers": args.get("allows_multiple_answers", False),
        "allows_revoting": True,
        "members_only": False,
    }


KEPT_IN_COPY = (
    "text", "entities", "caption", "caption_entities", "document", "photo", "video", "audio", "voice", "animation",
    "sticker", "video_note", "contact", "location", "venue", "poll", "dice",
)  # fmt: skip


def original_of(platform: Platform, call: Call, number: int, verb: str) -> Message:
    source = platform.world.find(call.args["from_chat_id"])
    original = platform.world.message(source, number)
    if original is None:
        raise bad(f"message to {verb} not found")
    return original


def copied(platform: Platform, chat: Chat, call: Call, original: Message) -> Message:
    content = {key: original.body[key] for key in KEPT_IN_COPY if key in original.body}
    if not content:
        raise bad("message can't be copied")
    if "caption" in call.args and "text" not in content:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_content(call.args)
    return place(platform, chat, call.args, content)


def forwarded(platform: Platform, chat: Chat, call: Call, original: Message) -> Message:
    if original.body.get("has_protected_content"):
        raise bad("message can't be forwarded")
    content = {key: original.body[key] for key in KEPT_IN_COPY if key in original.body}
    if not content:
        raise bad("message can't be forwarded")
    origin = {"type": "user", "date": original.body["date"], "sender_user": original.body["from"]}
    return place(platform, chat, call.args, content | {"forward_origin": original.body.get("forward_origin", origin)})


@method("copyMessage")
async def copy_message(platform: Platform, call: Call) -> Wire:
    chat = platform.world.reachable(call.args["chat_id"])
    original = original_of(platform, call, call.args["message_id"], "copy")
    return {"message_id": copied(platform, chat, call, original).id}


@method("forwardMessage")
async def forward_message(platform: Platform, call: Call) -> Wire:
    chat = platform.world.reachable(call.args["chat_id"])
    original = original_of(platform, call, call.args["message_id"], "forward")
    return forwarded(platform, chat, call, original).body


@method("copyMessages", "forwardMessages")
async def many_messages(platform: Platform, call: Call) -> list[Wire]:
    """Those that cannot be found are skipped, as the Bot API promises."""
    chat = platform.world.reachable(call.args["chat_id"])
    source = platform.world.find(call.args["from_chat_id"])
    again = copied if call.method == "copyMessages" else forwarded
    found = [m for number in call.args["message_ids"] if (m := platform.world.message(source, number))]
    return [{"message_id": again(platform, chat, call, original).id} for original in found]
