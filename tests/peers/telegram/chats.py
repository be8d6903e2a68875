"""Methods about chats, members, pins, forum topics, the bot itself and files."""

import json

from .errors import bad
from .limits import check_commands
from .markup import utf16
from .platform import Call, Platform, Wire, method
from .world import GENERAL_TOPIC, Chat, Topic

TOPIC_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


@method("getMe")
async def get_me(platform: Platform, call: Call) -> Wire:
    return platform.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": not platform.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("getFile")
async def get_file(platform: Platform, call: Call) -> Wire:
    return platform.files.describe(call.args["file_id"])


@method("getChat")
async def get_chat(platform: Platform, call: Call) -> Wire:
    chat = platform.world.find(call.args["chat_id"])
    if chat.upgraded_to is not None:
        platform.world.reachable(chat.id)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = chat.wire() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.pinned and (message := platform.world.message(chat, chat.pinned[-1])):
        full["pinned_message"] = message.body
    return full


@method("getChatMember")
async def get_chat_member(platform: Platform, call: Call) -> Wire:
    chat = platform.world.find(call.args["chat_id"])
    number = call.args["user_id"]
    if number == platform.bot["id"]:
        rights = {"can_manage_topics": chat.can_manage_topics} if chat.bot == "administrator" else {}
        return platform.world.bot_member(chat.bot) | rights
    if number in chat.members or (chat.person and chat.person.id == number):
        return {"status": "member", "user": platform.world.people[number].wire()}
    if number in platform.world.people:
        return {"status": "left", "user": platform.world.people[number].wire()}
    raise bad("invalid user_id specified")


@method("getChatMemberCount")
async def get_member_count(platform: Platform, call: Call) -> int:
    chat = platform.world.reachable(call.args["chat_id"])
    return len(chat.members) + 1 if chat.is_group else 2


@method("getChatAdministrators")
async def get_administrators(platform: Platform, call: Call) -> list[Wire]:
    chat = platform.world.reachable(call.args["chat_id"])
    if not chat.is_group:
        raise bad("there are no administrators in the private chat")
    return [platform.world.bot_member(chat.bot)] if chat.bot == "administrator" else []


@method("leaveChat")
async def leave_chat(platform: Platform, call: Call) -> bool:
    platform.world.reachable(call.args["chat_id"]).bot = "left"
    return True


@method("sendChatAction")
async def send_chat_action(platform: Platform, call: Call) -> bool:
    chat = platform.world.reachable(call.args["chat_id"])
    chat.actions.append(call.args["action"])
    platform.bell.ring()
    return True


@method("pinChatMessage")
async def pin(platform: Platform, call: Call) -> bool:
    chat = platform.world.reachable(call.args["chat_id"])
    message = platform.world.message(chat, call.args["message_id"])
    if message is None:
        raise bad("message to pin not found")
    if chat.is_group and chat.bot != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        platform.world.service(chat, platform.bot, {"pinned_message": message.body}, message.topic_id)
    return True


@method("unpinChatMessage", "unpinAllChatMessages")
async def unpin(platform: Platform, call: Call) -> bool:
    chat = platform.world.reachable(call.args["chat_id"])
    number = call.args.get("message_id")
    if call.method == "unpinAllChatMessages":
        chat.pinned.clear()
    elif number is None and chat.pinned:
        chat.pinned.pop()
    elif number in chat.pinned:
        chat.pinned.remove(number)
    else:
        raise bad("message to unpin not found")
    return True


# -- forum topics


def forum(platform: Platform, call: Call) -> Chat:
    chat = platform.world.reachable(call.args["chat_id"])
    if not chat.forum:
        raise bad("the chat is not a forum")
    if chat.bot != "administrator" or not chat.can_manage_topics:
        raise bad("not enough rights to create a topic")
    return chat


def topic(chat: Chat, call: Call) -> Topic:
    found = chat.topics.get(call.args["message_thread_id"])
    if found is None or found.deleted or found.id == GENERAL_TOPIC:
        raise bad("message thread not found")
    return found


def check_topic_name(name: str) -> None:
    if not 1 <= utf16(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")


@method("createForumTopic")
async def create_topic(platform: Platform, call: Call) -> Wire:
    chat = forum(platform, call)
    name, color = call.args["name"].strip(), call.args.get("icon_color", TOPIC_COLORS[0])
    check_topic_name(name)
    if color not in TOPIC_COLORS:
        raise bad("TOPIC_ICON_COLOR_INVALID")
    platform.charge(chat, call.args)
    made: Wire = {"name": name, "icon_color": color}
    if emoji := call.args.get("icon_custom_emoji_id"):
        made["icon_custom_emoji_id"] = emoji
    number = chat.last_id + 1  # a topic's id is the id of the service message that opens it
    chat.topics[number] = Topic(number, name, color, emoji)
    platform.world.service(chat, platform.bot, {"forum_topic_created": made}, number)
    return {"message_thread_id": number, **made}


@method("editForumTopic")
async def edit_topic(platform: Platform, call: Call) -> bool:
    chat = forum(platform, call)
    found = topic(chat, call)
    name = call.args.get("name", found.name)
    check_topic_name(name)
    emoji = call.args.get("icon_custom_emoji_id", found.icon_emoji)
    if (name, emoji) == (found.name, found.icon_emoji):
        raise bad("TOPIC_NOT_MODIFIED")
    platform.charge(chat, call.args)
    found.name, found.icon_emoji = name, emoji
    platform.world.service(chat, platform.bot, {"forum_topic_edited": {"name": name}}, found.id)
    return True


@method("closeForumTopic", "reopenForumTopic")
async def close_or_reopen_topic(platform: Platform, call: Call) -> bool:
    chat = forum(platform, call)
    found = topic(chat, call)
    closing = call.method == "closeForumTopic"
    if found.closed == closing:
        raise bad("TOPIC_NOT_MODIFIED")
    found.closed = closing
    platform.world.service(chat, platform.bot, {"forum_topic_closed" if closing else "forum_topic_reopened": {}}, found.id)
    return True


@method("deleteForumTopic")
async def delete_topic(platform: Platform, call: Call) -> bool:
    chat = forum(platform, call)
    found = topic(chat, call)
    found.deleted = True
    for message in chat.messages.values():
        if message.topic_id == found.id:
            message.deleted = True
    platform.bell.ring()
    return True


# -- the bot's command list


def scope_of(call: Call) -> tuple[str, str]:
    return json.dumps(call.args.get("scope") or {"type": "default"}, sort_keys=True), call.args.get("language_code", "")


@method("setMyCommands")
async def set_commands(platform: Platform, call: Call) -> bool:
    check_commands(call.args["commands"])
    platform.commands[scope_of(call)] = [
        {"command": item["command"].removeprefix("/"), "description": item["description"]} for item in call.args["commands"]
    ]
    return True


@method("getMyCommands")
async def get_commands(platform: Platform, call: Call) -> list[Wire]:
    return platform.commands.get(scope_of(call), [])


@method("deleteMyCommands")
async def delete_commands(platform: Platform, call: Call) -> bool:
    platform.commands.pop(scope_of(call), None)
    return True
