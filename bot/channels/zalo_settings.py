"""The settings of the Zalo channels; `bot.settings.Settings` has them among its own."""

from datetime import timedelta
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from bot.channels.zalo_oa import zbs
from bot.durations import Duration


class ZaloSettings(BaseSettings):
    zalo_oa_app_id: str = ""
    zalo_oa_app_secret: SecretStr = SecretStr("")
    zalo_oa_secret_key: SecretStr = SecretStr("")
    zalo_oa_refresh_token: SecretStr = SecretStr("")
    zalo_oa_id: str = ""
    zalo_oa_signature_id: Literal["app", "oa"] = "app"
    zalo_oa_signature_secret: Literal["oa", "app"] = "oa"  # noqa: S105 - which of two, not the secret itself
    zalo_oa_event_age: Duration = timedelta(hours=6)
    zalo_oa_appsecret_proof: bool = False
    zalo_oa_code_verifier: SecretStr = SecretStr("")
    zalo_oa_button_template: str = ""
    zalo_oa_calls_per_minute: float = Field(default=100, ge=0, le=60_000_000)
    zalo_oa_free_window: Duration = timedelta(hours=48)
    zalo_oa_window: Duration = timedelta(days=7)
    zalo_oa_message_price: int = Field(default=55, ge=0, le=1_000_000)
    zalo_oa_template_answered: str = ""
    zalo_oa_template_alert: str = ""
    zalo_oa_template_consultation: str = ""
    zalo_api_url: str = "https://openapi.zalo.me"
    zalo_business_url: str = "https://business.openapi.zalo.me"
    zalo_oauth_url: str = "https://oauth.zaloapp.com"
    zalo_media_hosts: str = "zdn.vn,zadn.vn"
    zalo_bot_token: SecretStr = SecretStr("")
    zalo_bot_api_url: str = "https://bot-api.zaloplatforms.com"
    zalo_bot_mode: Literal["webhook", "polling"] = "webhook"
    zalo_bot_webhook_secret: SecretStr = SecretStr("")
    zalo_bot_rate_limit: float = Field(default=10, ge=0, le=1_000_000)
    zalo_bot_messages_per_month: int = Field(default=3000, ge=0, le=1_000_000_000)

    @field_validator("zalo_bot_mode", "zalo_oa_signature_id", "zalo_oa_signature_secret", mode="before")
    @classmethod
    def _zalo_lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("zalo_oa_event_age", "zalo_oa_free_window", "zalo_oa_window")
    @classmethod
    def _zalo_above_zero(cls, value: timedelta) -> timedelta:
        if value <= timedelta():
            raise ValueError("expected a duration above zero, such as PT48H")
        return value

    @field_validator("zalo_oa_app_id", "zalo_oa_id")
    @classmethod
    def _is_number(cls, value: str) -> str:
        if value and not (value.isascii() and value.isdigit()):
            raise ValueError("expected the number that Zalo shows, digits only")
        return value

    @field_validator("zalo_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr) -> SecretStr:
        number, colon, rest = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (number.isdigit() and colon and rest):
            raise ValueError("expected the token as Zalo gives it, digits:letters")
        return value

    @field_validator("zalo_bot_webhook_secret")
    @classmethod
    def _bot_secret(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not (8 <= len(value.get_secret_value()) <= 256 and value.get_secret_value().isascii()):
            raise ValueError("8 to 256 characters; make one with `openssl rand -hex 32`")
        return value

    @field_validator("zalo_oa_code_verifier")
    @classmethod
    def _verifier(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) != 43:
            raise ValueError("expected 43 characters, or nothing: then one is made from the installation's key")
        return value

    @field_validator("zalo_oa_template_answered", "zalo_oa_template_alert", "zalo_oa_template_consultation")
    @classmethod
    def _template(cls, value: str) -> str:
        if value:
            zbs.parse(value)
        return value

    @field_validator("zalo_api_url", "zalo_business_url", "zalo_oauth_url", "zalo_bot_api_url")
    @classmethod
    def _zalo_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that begins with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _zalo_fits_together(self) -> Self:
        if wrong := [problem for problem in self._zalo_problems() if problem]:
            raise ValueError("; ".join(wrong))
        return self

    def _zalo_problems(self) -> list[str]:
        given = [name for name in ("zalo_oa_app_secret", "zalo_oa_secret_key") if not getattr(self, name).get_secret_value()]
        needs_key = self.zalo_oa_signature_secret == "oa"  # noqa: S105
        missing = [name for name in given if needs_key or name != "zalo_oa_secret_key"] if self.zalo_oa_app_id else []
        bot_webhook = self.zalo_bot_token.get_secret_value() and self.zalo_bot_mode == "webhook"
        no_secret = bool(bot_webhook) and not self.zalo_bot_webhook_secret.get_secret_value()
        return [
            *(f"{name.upper()}: needed with ZALO_OA_APP_ID" for name in missing),
            "ZALO_OA_ID: needed with ZALO_OA_SIGNATURE_ID=oa"
            if self.zalo_oa_app_id and self.zalo_oa_signature_id == "oa" and not self.zalo_oa_id
            else "",
            "ZALO_OA_WINDOW: not shorter than ZALO_OA_FREE_WINDOW" if self.zalo_oa_window < self.zalo_oa_free_window else "",
            "ZALO_BOT_WEBHOOK_SECRET: needed with ZALO_BOT_TOKEN; make one with `openssl rand -hex 32`" if no_secret else "",
        ]

    @property
    def media_hosts(self) -> tuple[str, ...]:
        """The hosts from which files that people send on Zalo may come."""
        return tuple(host.strip() for host in self.zalo_media_hosts.split(",") if host.strip())
