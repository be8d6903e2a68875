"""Where people decided that an inquiry belongs: what the routing learns from."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class RoutingDecision(Base):
    """One an inquiry, the latest. Its text is the inquiry's own: erased there, nothing is learned from it any more."""

    __tablename__ = "routing_decisions"
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), primary_key=True, autoincrement=False)
    department_id: Mapped[str] = mapped_column(String(64))
    suggested_id: Mapped[str | None] = mapped_column(String(64))
    """the department that it was with, or else that the bot thought best"""
    corrected: Mapped[bool] = mapped_column(Boolean)
    """people decided otherwise than that"""
    source: Mapped[str] = mapped_column(String(16))
    """route (by the coordinator), transfer (by an officer)"""
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_routing_decisions_at", "at"),)
