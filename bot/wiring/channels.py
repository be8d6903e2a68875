"""The channels that the settings ask for, put together. A platform's library is imported only where it is used."""

from typing import TYPE_CHECKING

from bot.app import Core
from bot.channels.alarms import Alarms
from bot.channels.menu import menu
from bot.channels.protocol import Channel
from bot.channels.standing import Standings
from bot.channels.webchat.channel import WebChatChannel
from bot.handlers.group_desk.commands import MENU as GROUP_COMMANDS
from bot.topics.pace import PER_MINUTE
from bot.topics.steps import Steps
from bot.wiring import zalo

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel


def make_channels(core: Core) -> list[Channel]:
    """Return the channels that the settings ask for."""
    telegram = [make_telegram(core)] if core.settings.telegram_token else []
    return [make_webchat(core), *telegram, *zalo.make(core)]


def make_webchat(core: Core) -> WebChatChannel:
    return WebChatChannel(
        database=core.database,
        files=core.files,
        catalogue=core.catalogue,
        clock=core.clock,
        live=core.signals,
        public_url=core.settings.public_url,
        default_language=core.settings.default_language,
        menu=menu(core.router.menu, core.catalogue),
    )


def make_telegram(core: Core) -> "TelegramChannel":
    """Return the Telegram channel. The settings must have a token."""
    from bot.channels.telegram.channel import TelegramChannel, limits_for
    from bot.channels.telegram.forum import OfficersGroups
    from bot.channels.telegram.update import CHANNEL as TELEGRAM
    from bot.channels.unread import Unread

    settings = core.settings
    return TelegramChannel(
        token=settings.telegram_token,
        api_url=settings.telegram_api_url,
        mode=settings.telegram_mode,
        webhook_secret=settings.telegram_webhook_secret.get_secret_value(),
        public_url=settings.public_url,
        limits=limits_for(settings.telegram_rate_limit, settings.telegram_chat_rate),
        files=core.files,
        standings=Standings(core.database, core.clock),
        clock=core.clock,
        menu=menu(core.router.menu, core.catalogue),
        default_language=settings.default_language,
        unread=Unread(
            core.database,
            core.clock,
            TELEGRAM,
            Alarms(core.database, core.clock, core.signals),
            core.pipeline.may_be_kept,
        ),
        groups=OfficersGroups(
            desk=core.group_desk,
            steps=Steps(core.database, core.topics, core.group_desk.services.groups, core.clock, core.owner),
            live=core.signals,
            menu=menu(GROUP_COMMANDS, core.catalogue),
            # Whoever lifts the limit of a chat has another server there than Telegram's own.
            per_minute=PER_MINUTE if settings.telegram_chat_rate else 0,
        ),
    )


async def telegram_name(core: Core) -> str | None:
    """Ask Telegram what the bot is called; none where it has no token or does not answer."""
    if not core.settings.telegram_token:
        return None
    channel = make_telegram(core)
    try:
        return await channel.own_name()
    finally:
        await channel.stop()
