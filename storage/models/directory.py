"""What was changed in the directory of departments at the desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class DirectoryChange(Base):
    """A change of a department: append-only. What holds is the file with the newest change of each department over it."""

    __tablename__ = "directory_changes"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    """counts the changes of the department, from 1; two people who change it at once meet here"""
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    before: Mapped[dict[str, Any]]
    """how the fields stood that this changed"""
    after: Mapped[dict[str, Any]]
    overlay: Mapped[dict[str, Any]]
    """all fields that differ from the file after this change; empty: as the file says"""
    undoes: Mapped[int | None] = mapped_column(ForeignKey("directory_changes.id"))
    __table_args__ = (Index("ix_directory_changes_department", "department_id", "revision", unique=True),)
