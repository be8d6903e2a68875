"""The delivery ledger, and what the web chat shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, due_index


class Delivery(Base):
    """The ledger: one message to one account. Written before it is sent, and kept to the end."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(128))
    inquiry_id: Mapped[int | None] = mapped_column(ForeignKey("inquiries.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(Integer)
    key: Mapped[str | None] = mapped_column(String(128), unique=True)
    """what makes a second row impossible, where a message must go out once (`routing:100:<inquiry>`)"""
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    platform_message_id: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    wave_id: Mapped[int | None]
    """the wave of a campaign that it belongs to; no foreign key, which every row of a hundred thousand would pay for"""
    contact_id: Mapped[int | None]
    enterprise_id: Mapped[int | None]
    """for whom the contact spoke when the row was written"""
    acknowledged_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    """when the platform said that it reached their phone, where it tells"""
    seen_at: Mapped[datetime | None]
    """when the platform said that they opened it, where it tells"""
    __table_args__ = (
        Index("ix_deliveries_account", "account_id", "id"),
        Index(
            "ix_deliveries_receipts",
            "platform_message_id",
            sqlite_where=text("channel = 'zalo_oa' AND platform_message_id IS NOT NULL"),
            postgresql_where=text("channel = 'zalo_oa' AND platform_message_id IS NOT NULL"),
        ),
        due_index("ix_deliveries_next_attempt_at", "next_attempt_at", "id"),
        due_index("ix_deliveries_lease_until", "lease_until"),
        Index(
            "ix_deliveries_account_waiting",
            "account_id",
            "id",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_wave",
            "wave_id",
            "state",
            "channel",
            "id",
            sqlite_where=text("wave_id IS NOT NULL"),
            postgresql_where=text("wave_id IS NOT NULL"),
        ),
    )


class DeliveryAttempt(Base):
    """An attempt that did not end well: where it went and why not. The last one stands in the ledger's row itself."""

    __tablename__ = "delivery_attempts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    account_id: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    """try_later, refused, blocked, unreachable, no_answer, lost (its process died)"""
    reason: Mapped[str]


class AccountBudget(Base):
    """What one account of ours on a platform may still send: shared by all processes that send with it."""

    __tablename__ = "account_budgets"
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    spoken_for_until: Mapped[float]
    """seconds since 1970: the moment up to which the rate has been given out"""
    closed_until: Mapped[float]
    """seconds since 1970: the platform wants no message before it"""


class ChatMessage(Base):
    """What the web chat shows: the browser has no platform behind it that remembers."""

    __tablename__ = "chat_messages"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"))
    author: Mapped[str] = mapped_column(String(8))
    """person, bot"""
    delivery_id: Mapped[int | None] = mapped_column(unique=True)
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_chat_messages_account", "account_id", "id"),)
