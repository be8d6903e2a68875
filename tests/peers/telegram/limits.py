"""The limits which the method models do not know: lengths, bytes, counts."""

import json
import re
from typing import Any

from .errors import bad
from .markup import read_text, utf16

Wire = dict[str, Any]
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip


def text_content(args: Wire) -> Wire:
    """Return text and entities of a message, as it will be shown."""
    text, entities = read_text(args.get("text") or "", args.get("parse_mode"), args.get("entities"))
    if not text:
        raise bad("message text is empty")
    if utf16(text) > TEXT_LIMIT:
        raise bad("message is too long")
    content: Wire = {"text": text}
    if entities:
        content["entities"] = entities
    return content


def caption_content(args: Wire) -> Wire:
    caption, entities = read_text(args.get("caption") or "", args.get("parse_mode"), args.get("caption_entities"))
    if utf16(caption) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    content: Wire = {"caption": caption} if caption else {}
    if entities:
        content["caption_entities"] = entities
    return content


def check_markup(markup: Wire | None, *, private: bool) -> None:
    """Refuse a keyboard that the platform would refuse. private: whether it goes to a private chat."""
    if not markup:
        return
    if len(json.dumps(markup, ensure_ascii=False, default=str).encode()) > 10_240:
        raise bad("reply markup is too long")
    for button in (button for row in markup.get("inline_keyboard", []) for button in row):
        _check_inline(button)
    for button in (button for row in markup.get("keyboard", []) for button in row):
        if not button.get("text"):
            raise bad("keyboard button text must be non-empty")
        if button.get("request_contact") and not private:
            raise bad("phone number can be requested in private chats only")


def _check_inline(button: Wire) -> None:
    if not button.get("text"):
        raise bad("can't parse inline keyboard button: text must be non-empty")
    if len(ACTIONS & {key for key, value in button.items() if value is not None}) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not re.match(r"(https?|tg)://[^\s/]+", url):
        raise bad(f"inline keyboard button URL '{url}' is invalid: URL host is empty")


def check_commands(commands: list[Wire]) -> None:
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"].removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= utf16(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
