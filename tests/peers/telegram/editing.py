"""Methods that change or remove what stands in a chat, and the answer to a press of a button."""

from .errors import bad
from .limits import caption_content, check_markup, text_content
from .markup import utf16
from .platform import Call, Platform, Wire, method
from .sending import FOLDERS, KEPT_IN_COPY, file_content
from .world import Chat, Message

DELETABLE_FOR = 48 * 3600


def own_message(platform: Platform, call: Call, verb: str) -> tuple[Chat, Message]:
    if "chat_id" not in call.args or "message_id" not in call.args:
        raise bad("message identifier is not specified")
    chat = platform.world.reachable(call.args["chat_id"])
    message = platform.world.message(chat, call.args["message_id"])
    if message is None:
        raise bad(f"message to {verb} not found")
    if not message.by_bot:
        raise bad("message can't be edited")
    return chat, message


def change(platform: Platform, call: Call, chat: Chat, message: Message, content: Wire, replaced: tuple[str, ...]) -> Wire:
    """Replace those fields by the content, and the keyboard by the one given (none given removes it)."""
    markup = call.args.get("reply_markup")
    check_markup(markup, private=not chat.is_group)
    body = {key: value for key, value in message.body.items() if key not in (*replaced, "reply_markup")} | content
    if markup and markup.get("inline_keyboard"):
        body["reply_markup"] = markup
    if {**body, "edit_date": None} == {**message.body, "edit_date": None}:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        )
    platform.charge(chat, call.args)
    body["edit_date"] = int(platform.clock.now())
    message.body = body
    platform.world.touch(message)
    return body


@method("editMessageText")
async def edit_text(platform: Platform, call: Call) -> Wire:
    content = text_content(call.args)
    chat, message = own_message(platform, call, "edit")
    if "text" not in message.body:
        raise bad("there is no text in the message to edit")
    return change(platform, call, chat, message, content, ("text", "entities"))


@method("editMessageCaption")
async def edit_caption(platform: Platform, call: Call) -> Wire:
    content = caption_content(call.args)
    chat, message = own_message(platform, call, "edit")
    if "text" in message.body:
        raise bad("there is no caption in the message to edit")
    return change(platform, call, chat, message, content, ("caption", "caption_entities"))


@method("editMessageReplyMarkup")
async def edit_markup(platform: Platform, call: Call) -> Wire:
    chat, message = own_message(platform, call, "edit")
    return change(platform, call, chat, message, {}, ())


@method("editMessageMedia")
async def edit_media(platform: Platform, call: Call) -> Wire:
    chat, message = own_message(platform, call, "edit")
    media = call.args["media"]
    file = platform.files.resolve(str(media["media"]), call.uploads, FOLDERS.get(media["type"], "documents"))
    content = file_content(media["type"], file) | caption_content(media)
    return change(platform, call, chat, message, content, KEPT_IN_COPY)


def remove(platform: Platform, chat: Chat, number: int) -> None:
    message = platform.world.message(chat, number)
    if message is None:
        raise bad("message to delete not found")
    if platform.clock.now() - message.body["date"] > DELETABLE_FOR:
        raise bad("message can't be deleted for everyone")
    if not message.by_bot and chat.is_group and chat.bot != "administrator":
        raise bad("message can't be deleted")
    message.deleted = True
    platform.world.touch(message)


@method("deleteMessage")
async def delete_message(platform: Platform, call: Call) -> bool:
    remove(platform, platform.world.reachable(call.args["chat_id"]), call.args["message_id"])
    return True


@method("deleteMessages")
async def delete_messages(platform: Platform, call: Call) -> bool:
    chat = platform.world.reachable(call.args["chat_id"])
    for number in call.args["message_ids"]:
        if platform.world.message(chat, number):
            remove(platform, chat, number)
    return True


@method("setMessageReaction")
async def set_reaction(platform: Platform, call: Call) -> bool:
    chat = platform.world.reachable(call.args["chat_id"])
    message = platform.world.message(chat, call.args["message_id"])
    if message is None:
        raise bad("message to react not found")
    reactions = call.args.get("reaction") or []
    if len(reactions) > 1:
        raise bad("too many reactions")
    message.reactions[platform.bot["id"]] = reactions
    platform.world.touch(message)
    return True


@method("answerCallbackQuery")
async def answer_query(platform: Platform, call: Call) -> bool:
    query = platform.world.queries.get(call.args["callback_query_id"])
    if query is None or query.answer is not None or query.expires_at <= platform.clock.now():
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if utf16(call.args.get("text") or "") > 200:
        raise bad("MESSAGE_TOO_LONG")
    query.answer = {key: value for key, value in call.args.items() if key != "callback_query_id"}
    platform.bell.ring()
    return True
