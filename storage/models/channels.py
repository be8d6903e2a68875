"""What channels keep between processes: tokens that a platform gives out, events that wait, uploads that can be used again."""

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, due_index


class OauthToken(Base):
    """The pair of tokens of one account of ours, sealed (`bot.channels.zalo_oa.sealing`). A refresh token can be used once:
    whoever holds the lease uses it."""

    __tablename__ = "oauth_tokens"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    """grows with each new pair, and guards its writing"""
    access_token: Mapped[str | None]
    refresh_token: Mapped[str]
    seed: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the token that the operator last gave: another one in the settings replaces this pair"""
    obtained_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    refresh_expires_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    refused: Mapped[str | None]
    """what the platform said when it refused to renew; empty once it has renewed again"""
    refused_at: Mapped[datetime | None]


class OauthEvent(Base):
    """What happened to a pair of tokens, and when: never the tokens themselves."""

    __tablename__ = "oauth_events"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(16))
    """seeded, consented, refreshed, refused, no_answer"""
    detail: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_oauth_events_name", "name", "id"),)


class WaitingEvent(Base):
    """A platform's event that the platform was told we have, and that no turn has taken: because we were slow, or because
    we do not know what to do with it. `due_at` is set while it must still be taken."""

    __tablename__ = "waiting_events"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16))
    """slow, failed, unknown, unreadable, too_old, sealed (with another key)"""
    body: Mapped[str]
    """sealed while it must still be taken; open where a person is to look at it"""
    received_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None]
    __table_args__ = (
        due_index("ix_waiting_events_due_at", "due_at"),
        Index("ix_waiting_events_once", "channel", "event_id", unique=True),
        Index("ix_waiting_events_received_at", "received_at"),
    )


class PlatformUpload(Base):
    """A file of ours that lies with a platform for some days: it is not sent up again for each recipient."""

    __tablename__ = "platform_uploads"
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    reference: Mapped[str]
    uploaded_at: Mapped[datetime]
