"""Settings: read once, and every wrong one named at once, without showing a secret."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsWrong, load


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests say what is set; a developer's own .env and environment do not."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_there_is_a_working_default() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.default_language) == ("127.0.0.1", 8080, "vi")
    assert settings.routing_deadline == timedelta(hours=24)
    assert settings.database().startswith("sqlite+aiosqlite:///")


def test_a_file_is_read_and_the_environment_goes_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=9001\nROUTING_DEADLINE=PT20S\nHOTLINE_CONTACT=\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "9002")
    settings = load()
    assert (settings.port, settings.routing_deadline) == (9002, timedelta(seconds=20))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "PORT"),
        ("PORT", "70000", "PORT"),
        ("ROUTING_DEADLINE", "24 hours", "PT24H"),
        ("ROUTING_DEADLINE", "PT0S", "above zero"),
        ("ROUTING_DEADLINE", "P1M", "without months"),
        ("SWEEP_INTERVAL", "0", "SWEEP_INTERVAL"),
        ("TIMEZONE", "Hanoi/Mars", "Asia/Ho_Chi_Minh"),
        ("DEFAULT_LANGUAGE", "fr", "DEFAULT_LANGUAGE"),
        ("DATABASE_URL", "mysql://x", "postgresql+asyncpg"),
        ("DATABASE_URL", "::", "DATABASE_URL"),
        ("TELEGRAM_BOT_TOKEN", "not-a-token", "BotFather"),
        ("TELEGRAM_MODE", "pigeon", "TELEGRAM_MODE"),
        ("TELEGRAM_WEBHOOK_SECRET", "with spaces", "A-Z a-z"),
        ("TELEGRAM_API_URL", "api.telegram.org", "http://"),
        ("PUBLIC_URL", "donghanh.example", "http://"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong) as refused:
        load()
    assert name in str(refused.value)
    assert says in str(refused.value)


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("TIMEZONE", "x")
    with pytest.raises(SettingsWrong) as refused:
        load()
    assert len(refused.value.problems) == 2


def test_a_webhook_without_its_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:abc")
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    with pytest.raises(SettingsWrong, match="TELEGRAM_WEBHOOK_SECRET"):
        load()


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:verysecret")
    monkeypatch.setenv("SECRET_KEY", "another secret of some length")
    shown = repr(load())
    assert "verysecret" not in shown
    assert "another secret" not in shown


def test_a_refused_token_is_not_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "verysecretwithoutcolon")
    with pytest.raises(SettingsWrong) as refused:
        load()
    assert "verysecret" not in str(refused.value)


def test_the_key_is_made_once_and_kept_for_this_user_alone(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    key = settings.key()
    assert settings.key() == key
    assert len(key) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="SECRET_KEY"):
        load(data_dir=tmp_path, secret_key="short").key()


@pytest.mark.parametrize(
    ("in_all", "given", "chat"), [(30, None, 1), (1000, None, 1), (0, None, 0), (5000, None, 0), (30, 3, 3), (0, 1, 1)]
)
def test_a_chat_has_telegrams_limit_unless_the_server_is_not_telegrams(in_all: float, given: float | None, chat: float) -> None:
    assert load(telegram_rate_limit=in_all, telegram_chat_rate_limit=given).telegram_chat_rate == chat
