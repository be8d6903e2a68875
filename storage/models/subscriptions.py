"""What a person wants to be told, and when. Without a row they are told everything, at any time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Subscription(Base):
    __tablename__ = "subscriptions"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(24), primary_key=True)
    wanted: Mapped[bool]
    changed_at: Mapped[datetime]


class SubscriptionTime(Base):
    """The hours in which a person wants to be written to about what can wait, in the operator's time zone."""

    __tablename__ = "subscription_times"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    from_hour: Mapped[int] = mapped_column(Integer)
    until_hour: Mapped[int] = mapped_column(Integer)
    working_days: Mapped[bool]
    """only Monday to Friday"""
    changed_at: Mapped[datetime]
