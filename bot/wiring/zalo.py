"""Puts the Zalo channels together from the settings."""

from dataclasses import replace

from bot.app import Core
from bot.channels.alarms import Alarms
from bot.channels.downloads import Downloads
from bot.channels.numbered import NumberedMenus
from bot.channels.protocol import Channel
from bot.channels.standing import Standings
from bot.channels.zalo_oa import zbs
from bot.channels.zalo_oa.account import OaAccount
from bot.delivery.transport import Window
from bot.settings import Settings


def downloads(core: Core) -> Downloads:
    settings = core.settings
    return Downloads(core.files, core.catalogue, core.clock, key=settings.key(), base_url=settings.base_url)


def account(settings: Settings) -> OaAccount:
    """Return what the settings say of the Official Account."""
    from bot.channels.zalo_oa.oauth import verifier_from

    templates = {purpose: getattr(settings, f"zalo_oa_template_{purpose}") for purpose in zbs.PURPOSES}
    return OaAccount(
        app_id=settings.zalo_oa_app_id,
        app_secret=settings.zalo_oa_app_secret.get_secret_value(),
        oa_secret=settings.zalo_oa_secret_key.get_secret_value(),
        refresh_token=settings.zalo_oa_refresh_token.get_secret_value(),
        oa_id=settings.zalo_oa_id,
        api_url=settings.zalo_api_url,
        business_url=settings.zalo_business_url,
        oauth_url=settings.zalo_oauth_url,
        signature_id=settings.zalo_oa_signature_id,
        signature_with=settings.zalo_oa_signature_secret,
        too_old=settings.zalo_oa_event_age,
        appsecret_proof=settings.zalo_oa_appsecret_proof,
        button_template=settings.zalo_oa_button_template,
        templates={purpose: zbs.parse(text) for purpose, text in templates.items() if text},
        verifier=settings.zalo_oa_code_verifier.get_secret_value() or verifier_from(settings.key()),
        public_url=settings.public_url,
    )


def make(core: Core) -> list[Channel]:
    """Return the Zalo channels that the settings ask for."""
    settings, made = core.settings, list[Channel]()
    alarms = Alarms(core.database, core.clock, core.signals)
    menus = NumberedMenus(core.database)
    if settings.zalo_oa_app_id:
        from bot.channels.zalo_oa.channel import LIMITS, ZaloOaChannel

        window = Window(settings.zalo_oa_free_window, settings.zalo_oa_window, settings.zalo_oa_message_price)
        made.append(
            ZaloOaChannel(
                account(settings),
                database=core.database,
                files=core.files,
                standings=Standings(core.database, core.clock),
                elsewhere=core.inquiries,
                alarms=alarms,
                menus=menus,
                downloads=downloads(core),
                catalogue=core.catalogue,
                clock=core.clock,
                owner=core.owner,
                key=settings.key(),
                may_keep=core.pipeline.may_be_kept,
                default_language=settings.default_language,
                limits=replace(LIMITS, per_second=settings.zalo_oa_calls_per_minute / 60, window=window),
                media_hosts=settings.media_hosts,
            )
        )
    if settings.zalo_bot_token.get_secret_value():
        from bot.channels.zalo_bot.channel import LIMITS as BOT_LIMITS
        from bot.channels.zalo_bot.channel import ZaloBotChannel

        made.append(
            ZaloBotChannel(
                token=settings.zalo_bot_token.get_secret_value(),
                api_url=settings.zalo_bot_api_url,
                mode=settings.zalo_bot_mode,
                database=core.database,
                alarms=alarms,
                menus=menus,
                downloads=downloads(core),
                catalogue=core.catalogue,
                clock=core.clock,
                key=settings.key(),
                may_keep=core.pipeline.may_be_kept,
                default_language=settings.default_language,
                limits=replace(BOT_LIMITS, per_second=settings.zalo_bot_rate_limit),
                per_month=settings.zalo_bot_messages_per_month,
                public_url=settings.public_url,
                webhook_secret=settings.zalo_bot_webhook_secret.get_secret_value(),
                media_hosts=settings.media_hosts,
            )
        )
    return made
