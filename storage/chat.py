"""What the web chat shows. The other platforms remember a conversation themselves; a browser does not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import ChannelAccount, ChatMessage
from storage.unit_of_work import UnitOfWork, table_of


class OwnMessage(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def files(self) -> Sequence[Any]: ...


def keep_own_message(uow: UnitOfWork, id: int, account_id: int, message: OwnMessage, now: datetime) -> None:
    """Keep what a person wrote; a pressed button shows by itself and is not kept."""
    if message.action or not (message.text.strip() or message.files):
        return
    content = {"text": message.text, "files": [{"name": file.name} for file in message.files]}
    uow.insert(ChatMessage, id=id, account_id=account_id, author="person", content=content, at=now)


async def show(uow: UnitOfWork, *, delivery_id: int, external_id: str, content: dict[str, Any], now: datetime) -> None:
    """Put a message of ours into the chat; the same delivery a second time changes nothing."""
    account_id = await uow.scalar(
        select(ChannelAccount.id).where(ChannelAccount.channel == "webchat", ChannelAccount.external_id == external_id)
    )
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    await uow.execute(
        make(table_of(ChatMessage))
        .values(id=new_id(), delivery_id=delivery_id, account_id=account_id, author="bot", content=content, at=now)
        .on_conflict_do_nothing(index_elements=["delivery_id"])
    )


async def messages_after(uow: UnitOfWork, *, external_id: str, after: int, limit: int = 200) -> Sequence[RowMapping]:
    """Return what the chat shows after the message with that id, oldest first; 0 gives the newest `limit` of all."""
    chat, account = table_of(ChatMessage), table_of(ChannelAccount)
    statement = (
        select(chat)
        .join(account, account.c.id == chat.c.account_id)
        .where(account.c.channel == "webchat", account.c.external_id == external_id, chat.c.id > after)
    )
    if after == 0:
        newest = (await uow.rows(statement.order_by(chat.c.id.desc()).limit(limit)))[::-1]
        return list(newest)
    return await uow.rows(statement.order_by(chat.c.id).limit(limit))
