"""Imported law."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class LawVersion(Base):
    """The wording of a legal document as it was imported once. An earlier one is kept, with the days on which it held."""

    __tablename__ = "law_versions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    """counted from 1 for each document; the key lets only one of two imports at once be the next"""
    title: Mapped[str]
    issuer: Mapped[str]
    signed: Mapped[date | None]
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]
    """the last day on which this wording held, both ends included"""
    status: Mapped[str] = mapped_column(String(16))
    """in_force, amended (held until `effective_until`), corrected (read again from a better file: holds on no day)"""
    imported_at: Mapped[datetime]
    file: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("law_versions.id"))
    __table_args__ = (UniqueConstraint("document", "version"),)


class LawPassage(Base):
    """A unit of a version, in order. `place` as it is cited; a dash has the place of what it stands under."""

    __tablename__ = "law_passages"
    version_id: Mapped[int] = mapped_column(ForeignKey("law_versions.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    parents: Mapped[list[Any]]
    """labels with titles of everything above, outermost first"""
    above: Mapped[int | None] = mapped_column(Integer)
    """the `seq` of the passage that this one stands under"""
    text: Mapped[str]
    __table_args__ = (Index("ix_law_passages_place", "version_id", "place"),)
