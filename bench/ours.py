"""The program itself, as an operator runs it: `donghanh serve` with the Telegram webhook, durable, without limits of rate."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.load import SECRET
from bench.processes import TOKEN, Child, child, free_port
from storage.database import Database
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Enterprise
from storage.schema import migrate
from storage.unit_of_work import UnitOfWork


def database_in(folder: Path) -> str:
    """Return the address of the file that the program makes for itself in that folder."""
    return f"sqlite+aiosqlite:///{folder / 'donghanh.db'}"


async def prepare(database_url: str, chats: Iterable[int]) -> None:
    """Bring the schema up to date, and let people of a member enterprise have written before: a turn of theirs is the
    usual one, and each is answered with one message."""
    await migrate(database_url)
    now = datetime.now(UTC)
    enterprise = new_id()

    async def people(uow: UnitOfWork) -> None:
        uow.insert(
            Enterprise,
            id=enterprise,
            tax_code="0999999982",
            name="Công ty TNHH Đo Lường",
            membership="member",
            member_since=now,
            created_at=now,
        )
        for chat in chats:
            contact = new_id()
            uow.insert(Contact, id=contact, enterprise_id=enterprise, name=f"Load {chat}", language="vi", created_at=now)
            uow.insert(
                ChannelAccount,
                id=new_id(),
                contact_id=contact,
                channel="telegram",
                external_id=str(chat),
                step_data={},
                created_at=now,
            )

    database = Database(database_url)
    try:
        await database.write(people)
    finally:
        await database.close()


@contextlib.contextmanager
def running(folder: Path, api_url: str, database_url: str, *, more: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Start the program; on SQLite it is `synchronous=FULL`, as always. more: settings that this measurement needs."""
    port = free_port()
    environment = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET_KEY": "bench-key-that-signs-nothing-of-worth",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": api_url,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_RATE_LIMIT": "0",
        "TELEGRAM_CHAT_RATE_LIMIT": "0",
        "LOG_LEVEL": "warning",
        **(more or {}),
    }
    with child("ours", ["bot.cli", "serve"], port, folder, environment=environment) as started:
        yield started
