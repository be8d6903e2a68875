"""What the web chat shows. The other platforms remember a conversation themselves; a browser does not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import ChannelAccount, ChatMessage, Contact, Delivery, Inquiry
from storage.unit_of_work import UnitOfWork, table_of

_CHANNEL = "webchat"


class OwnMessage(Protocol):
    @property
    def event_id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def files(self) -> Sequence[Any]: ...


def keep_own_message(uow: UnitOfWork, id: int, account_id: int, message: OwnMessage, now: datetime) -> None:
    """Keep what a person wrote; a pressed button shows by itself and is not kept. `event` lets the page know its own."""
    if message.action or not (message.text.strip() or message.files):
        return
    files = [{"name": file.name} for file in message.files]
    content = {"text": message.text, "files": files, "event": message.event_id}
    uow.insert(ChatMessage, id=id, account_id=account_id, author="person", content=content, at=now)


async def show(uow: UnitOfWork, *, delivery_id: int, external_id: str, content: dict[str, Any], now: datetime) -> bool:
    """Put a message of ours into the chat; the same delivery a second time changes nothing. False: there is no such chat."""
    account_id = await uow.scalar(
        select(ChannelAccount.id).where(ChannelAccount.channel == _CHANNEL, ChannelAccount.external_id == external_id)
    )
    if account_id is None:
        return False
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    await uow.execute(
        make(table_of(ChatMessage))
        .values(id=new_id(), delivery_id=delivery_id, account_id=account_id, author="bot", content=content, at=now)
        .on_conflict_do_nothing(index_elements=["delivery_id"])
    )
    return True


async def messages_after(uow: UnitOfWork, *, external_id: str, after: int, limit: int = 200) -> Sequence[RowMapping]:
    """Return what the chat shows after the message with that id, oldest first; 0 gives the newest `limit` of all.

    Each comes with how the inquiry that it is about stands now: `number`, `state`, `routing_due_at`, `response_due_at`,
    `response_left_s` (set while that clock stands still); all empty where it is about none.
    """
    chat, account = table_of(ChatMessage), table_of(ChannelAccount)
    delivery, inquiry = table_of(Delivery), table_of(Inquiry)
    statement = (
        select(
            chat,
            inquiry.c.number,
            inquiry.c.state,
            inquiry.c.routing_due_at,
            inquiry.c.response_due_at,
            inquiry.c.response_left_s,
        )
        .join(account, account.c.id == chat.c.account_id)
        .outerjoin(delivery, delivery.c.id == chat.c.delivery_id)
        .outerjoin(inquiry, inquiry.c.id == delivery.c.inquiry_id)
        .where(account.c.channel == _CHANNEL, account.c.external_id == external_id, chat.c.id > after)
    )
    if after == 0:
        newest = (await uow.rows(statement.order_by(chat.c.id.desc()).limit(limit)))[::-1]
        return list(newest)
    return await uow.rows(statement.order_by(chat.c.id).limit(limit))


async def content_of(uow: UnitOfWork, *, external_id: str, message_id: int) -> dict[str, Any] | None:
    """Return a message of ours that this chat shows; nothing when it belongs to another chat or is not there."""
    chat, account = table_of(ChatMessage), table_of(ChannelAccount)
    content: dict[str, Any] | None = await uow.scalar(
        select(chat.c.content)
        .join(account, account.c.id == chat.c.account_id)
        .where(account.c.channel == _CHANNEL, account.c.external_id == external_id)
        .where(chat.c.id == message_id, chat.c.author == "bot")
    )
    return content


async def language_of(uow: UnitOfWork, *, external_id: str) -> str | None:
    """Return the language that the person chose; nothing while they chose none or have not written."""
    account, contact = table_of(ChannelAccount), table_of(Contact)
    language: str | None = await uow.scalar(
        select(contact.c.language)
        .join(account, account.c.contact_id == contact.c.id)
        .where(account.c.channel == _CHANNEL, account.c.external_id == external_id)
    )
    return language
