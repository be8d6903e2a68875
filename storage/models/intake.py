"""Inquiries that came by telephone, e-mail or letter."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Intake(Base):
    """How an inquiry that an officer wrote down came, and where whoever asked can be reached."""

    __tablename__ = "intakes"
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), primary_key=True, autoincrement=False)
    means: Mapped[str] = mapped_column(String(16))
    """phone, email, letter"""
    person: Mapped[str]
    reach: Mapped[str]
    """the telephone number, the e-mail or the postal address, as it was given; may be empty"""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None]
    """the officer; empty where a program recorded it"""
    recorded_name: Mapped[str]
