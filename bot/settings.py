"""The settings: read once at the start, from the environment or `.env`; every wrong one is named at once.

`.env.example` explains each for the operator; a test holds the two together.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import isodate
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot import zbs

_TELEGRAM_GRANTS_AT_MOST = 1000
PROJECT = Path(__file__).resolve().parent.parent


class SettingsWrong(Exception):
    """One or more settings cannot be used. `problems`: a sentence for each, with its name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parsed = isodate.parse_duration(value.strip().upper())
    except isodate.ISO8601Error as error:
        raise ValueError("expected an ISO 8601 duration such as PT24H or PT20S") from error
    if not isinstance(parsed, timedelta):
        raise ValueError("expected a duration without months or years, such as PT24H")
    return parsed


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    data_dir: Path = PROJECT / "data"
    faq_dir: Path = PROJECT / "faq"
    database_url: str = ""
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    secret_key: SecretStr = SecretStr("")
    timezone: str = "Asia/Ho_Chi_Minh"
    default_language: Literal["vi", "en"] = "vi"

    telegram_bot_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_rate_limit: float = Field(default=30, ge=0, le=1_000_000)
    telegram_chat_rate_limit: float | None = Field(default=None, ge=0, le=1_000_000)

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

    routing_deadline: Duration = timedelta(hours=24)
    sweep_interval: float = Field(default=15, gt=0, le=3600)
    reminder_interval: Duration = timedelta(minutes=30)
    hotline_contact: str = ""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @field_validator(
        "log_level",
        "log_format",
        "telegram_mode",
        "zalo_bot_mode",
        "zalo_oa_signature_id",
        "zalo_oa_signature_secret",
        "default_language",
        mode="before",
    )
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("no such time zone; expected a name such as Asia/Ho_Chi_Minh") from error
        return value

    @field_validator("routing_deadline", "reminder_interval", "zalo_oa_event_age", "zalo_oa_free_window", "zalo_oa_window")
    @classmethod
    def _above_zero(cls, value: timedelta) -> timedelta:
        if value <= timedelta():
            raise ValueError("expected a duration above zero, such as PT24H")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if len(text) > 256 or any(not (c.isascii() and (c.isalnum() or c in "_-")) for c in text):
            raise ValueError("1 to 256 characters of A-Z a-z 0-9 _ - (Telegram takes no others)")
        return value

    @field_validator("telegram_bot_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        number, colon, rest = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (number.isdigit() and colon and rest):
            raise ValueError("expected the token as BotFather gives it, digits:letters")
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

    @field_validator(
        "zalo_api_url", "zalo_business_url", "zalo_oauth_url", "zalo_bot_api_url", "telegram_api_url", "public_url"
    )
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if not value:
            return value
        try:
            driver = make_url(value).drivername
        except ArgumentError as error:
            raise ValueError("cannot be read as a database address") from error
        if driver not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
            raise ValueError("expected sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = [problem for problem in self._zalo_problems() if problem]
        if wrong:
            raise ValueError("; ".join(wrong))
        webhook = self.telegram_mode == "webhook" and self.telegram_bot_token.get_secret_value()
        if webhook and not self.telegram_webhook_secret.get_secret_value():
            raise ValueError("TELEGRAM_WEBHOOK_SECRET: needed with TELEGRAM_MODE=webhook; make one with `openssl rand -hex 32`")
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
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def sweep_every(self) -> float:
        """Seconds between two sweeps: SWEEP_INTERVAL, or less where the routing deadline is so short that it needs it."""
        return max(0.05, min(self.sweep_interval, self.routing_deadline.total_seconds() / 10))

    @property
    def route_ahead(self) -> timedelta:
        """How long before its deadline an inquiry is routed by the system: at the last sweep before it, with time to spare."""
        spare = min(timedelta(seconds=30), self.routing_deadline / 8)
        return timedelta(seconds=self.sweep_every) + spare

    @property
    def base_url(self) -> str:
        """Where people reach us, for links; without PUBLIC_URL that is this machine only."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def telegram_token(self) -> str:
        return self.telegram_bot_token.get_secret_value()

    @property
    def telegram_chat_rate(self) -> float:
        """Messages a second in one chat, 0 for no limit.

        Telegram itself never grants more than 1,000 a second in all: whoever allows more, or anything, has another server
        there, and a chat has no limit either unless one is set.
        """
        if self.telegram_chat_rate_limit is not None:
            return self.telegram_chat_rate_limit
        return 1 if 0 < self.telegram_rate_limit <= _TELEGRAM_GRANTS_AT_MOST else 0

    @property
    def media_hosts(self) -> tuple[str, ...]:
        """The hosts from which files that people send on Zalo may come."""
        return tuple(host.strip() for host in self.zalo_media_hosts.split(",") if host.strip())

    def database(self) -> str:
        """Return the database's address: the one file in DATA_DIR unless DATABASE_URL says otherwise."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'donghanh.db'}"

    def key(self) -> bytes:
        """Return the secret that signs sessions and history: SECRET_KEY, else one made once and kept in DATA_DIR.

        Raises SettingsWrong where that file cannot be read or written.
        """
        given = self.secret_key.get_secret_value()
        if given:
            if len(given) < 16:
                raise SettingsWrong(["SECRET_KEY: too short; expected at least 16 characters"])
            return given.encode()
        path = self.data_dir / "secret.key"
        try:
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(secrets.token_hex(32), encoding="ascii")
            return path.read_bytes().strip()
        except OSError as error:
            raise SettingsWrong(
                [f"DATA_DIR: {path} cannot be written ({error.strerror}); set SECRET_KEY or mend it"]
            ) from error


def load(**given: Any) -> Settings:
    """Read the settings. Raises SettingsWrong with every problem, none of which shows a secret's value."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsWrong([_problem(item) for item in error.errors(include_input=False)]) from None


def _problem(item: Any) -> str:
    name = "_".join(str(part) for part in item["loc"]).upper()
    message = item["msg"].removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
