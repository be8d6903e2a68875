"""Requests of programs that are to be carried out once, however often they arrive."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class ApiRequest(Base):
    """What was asked under a key of the program's own choosing, and what it was told. No foreign key: a token may go."""

    __tablename__ = "api_requests"
    token_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    response: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_api_requests_received_at", "received_at"),)
