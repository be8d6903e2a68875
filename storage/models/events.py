"""What has been taken of the platforms, and numbers given out."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Event(Base):
    """A platform's update that has been taken: its second arrival changes nothing."""

    __tablename__ = "events"
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_events_received_at", "received_at"),)


class Counter(Base):
    """Numbers given out in order, one row a series (`inquiry:2026`)."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]
