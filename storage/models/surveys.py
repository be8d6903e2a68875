"""Surveys. What keeps an anonymous one anonymous: nothing here that leads from an answer to who gave it.

Answers are counted, not kept: `survey_tallies` has a row for each choice, not for each person. Who has answered is a mark on a
row that was written when the survey went out, without a time and without an order. Free texts carry an id drawn at random,
and are written anew in that order when the survey closes. Only a survey that promises nothing of the kind fills
`survey_answers`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Survey(Base):
    __tablename__ = "surveys"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    """draft, approved, open, closed, cancelled"""
    revision: Mapped[int] = mapped_column(Integer)
    anonymous: Mapped[bool]
    title_vi: Mapped[str]
    title_en: Mapped[str]
    intro_vi: Mapped[str]
    intro_en: Mapped[str]
    questions: Mapped[list[Any]]
    """[{"kind", "text_vi", "text_en", "options": [{"vi", "en"}], "satisfaction": bool}]"""
    audience: Mapped[dict[str, Any]]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    repeats_months: Mapped[int] = mapped_column(Integer)
    """0: asked once; else the next round is drafted when this one closes"""
    series_id: Mapped[int]
    """the first round's id"""
    round: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[int | None]
    author_name: Mapped[str]
    editors: Mapped[list[Any]]
    approver_name: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_surveys_series", "series_id", "round"), Index("ix_surveys_state", "state"))


class SurveyParticipant(Base):
    """Who was asked, and how far they have come. Written when the survey goes out; no time of an answer stands here."""

    __tablename__ = "survey_participants"
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    member: Mapped[bool]
    unreachable: Mapped[bool]
    answered: Mapped[int] = mapped_column(Integer)
    """how many questions are behind them"""
    __table_args__ = (Index("ix_survey_participants_contact", "contact_id"),)


class SurveyTally(Base):
    __tablename__ = "survey_tallies"
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    question: Mapped[int] = mapped_column(Integer, primary_key=True)
    choice: Mapped[str] = mapped_column(String(8), primary_key=True)
    """the number of the option or of the scale; `text` for a text, `skip` for none"""
    count: Mapped[int] = mapped_column(Integer)


class SurveyText(Base):
    """A free text. Its id is drawn at random: it says nothing of when it was written."""

    __tablename__ = "survey_texts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), index=True)
    question: Mapped[int] = mapped_column(Integer)
    text: Mapped[str]


class SurveyAnswer(Base):
    """An answer with who gave it: only of surveys that say so beforehand."""

    __tablename__ = "survey_answers"
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    question: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[str]
    at: Mapped[datetime]
