"""What the API says and hears about consultations and surveys."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.api.shapes import Id

Line = Annotated[str, Field(max_length=300)]
Paragraphs = Annotated[str, Field(max_length=4000)]
Long = Annotated[str, Field(max_length=8000)]
Moment = Annotated[datetime | None, Field(description="without an offset it is taken in the operator's time zone")]


class OptionShape(BaseModel):
    vi: Line
    en: Line = ""


class QuestionShape(BaseModel):
    kind: Literal["choice", "scale", "text"]
    text_vi: Annotated[str, Field(min_length=1, max_length=500)]
    text_en: Annotated[str, Field(max_length=500)] = ""
    options: Annotated[list[OptionShape], Field(max_length=8, description="of a choice")] = []


class UnitShape(BaseModel):
    seq: int
    above: int | None = Field(description="the seq of what it stands under")
    place: str
    title: str
    text: str


class ConsultationShape(BaseModel):
    id: Id
    number: str
    state: str
    revision: int
    title_vi: str
    title_en: str
    summary_vi: str
    summary_en: str
    issuer: str
    audience: dict[str, Any]
    members_first_h: int
    remind_days: list[int]
    opens_at: datetime | None
    closes_at: datetime | None
    author: str
    approver: str | None
    text_hash: str | None
    conclusion_vi: str
    conclusion_en: str
    opened_at: datetime | None
    closed_at: datetime | None
    responded_at: datetime | None
    published_at: datetime | None
    actions: list[str] = Field(description="what its state lets be done")


class CountShape(BaseModel):
    """How many were asked, and what came back."""

    asked_contacts: int
    asked_enterprises: int
    unreachable: int
    positions: int
    member_positions: int
    opinions: int
    unsent: int


class ConsultationWhole(ConsultationShape):
    cancel_reason: str = Field("", description="why it was given up; empty where it was not, or before it opened")
    units: list[UnitShape]
    questions: list[QuestionShape]
    counts: CountShape


class OpinionShape(BaseModel):
    id: Id
    place: str = Field(description="empty for the draft as a whole")
    text: str
    enterprise: str
    tax_code: str | None
    contact: str
    member: bool


class GroupShape(BaseModel):
    id: Id
    place: str
    title: str
    response: Literal["accepted", "partly", "not_accepted"] | None
    reason: str
    opinions: list[OpinionShape]


class TallyShape(BaseModel):
    question: str
    kind: str
    answered: int
    counts: dict[str, int] = Field(description="by option as it is shown, in Vietnamese")


# What comes in


class _Body(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class ConsultationBody(_Body):
    title_vi: Line
    title_en: Line = ""
    summary_vi: Paragraphs = ""
    summary_en: Paragraphs = ""
    issuer: Line = ""
    audience: Annotated[dict[str, Any], Field(description="as in /audiences: membership, regions, tax_codes, …")] = {}
    members_first_h: Annotated[int, Field(ge=0, le=1440)] = 24
    remind_days: Annotated[list[Annotated[int, Field(ge=1, le=60)]], Field(max_length=5)] = [5, 1]
    opens_at: Moment = None
    closes_at: Moment = None


class NewConsultation(ConsultationBody):
    text: Annotated[str, Field(max_length=200_000, description="of the draft; each article begins with `Điều 1.`")] = ""
    questions: Annotated[list[QuestionShape], Field(max_length=30)] = []


class DraftText(_Body):
    text: Annotated[str, Field(min_length=1, max_length=200_000)]


class Questions(_Body):
    questions: Annotated[list[QuestionShape], Field(max_length=30)]


class Extension(_Body):
    closes_at: datetime


class Cancellation(_Body):
    reason: Annotated[str, Field(max_length=1500, description="needed once it is open; everybody is told who was asked")] = ""


class Conclusion(_Body):
    conclusion_vi: Long = ""
    conclusion_en: Long = ""


class GroupResponse(_Body):
    group: Annotated[str, Field(max_length=20)]
    response: Literal["accepted", "partly", "not_accepted"]
    reason: Annotated[str, Field(min_length=1, max_length=8000)]
    title: Line = ""


class Merge(_Body):
    group: Annotated[str, Field(max_length=20)]
    into: Annotated[str, Field(max_length=20)]


class Move(_Body):
    opinions: Annotated[list[Annotated[str, Field(max_length=20)]], Field(min_length=1, max_length=500)]
    to: Annotated[str | None, Field(max_length=20, description="a group; null for a new one")] = None


class SurveyBody(_Body):
    title_vi: Line
    title_en: Line = ""
    intro_vi: Paragraphs = ""
    intro_en: Paragraphs = ""
    anonymous: bool = True
    questions: Annotated[list[QuestionShape], Field(max_length=30)] = []
    audience: dict[str, Any] = {}
    opens_at: Moment = None
    closes_at: Moment = None
    repeats_months: Literal[0, 1, 3, 6, 12] = 0


class SurveyShape(BaseModel):
    id: Id
    number: str
    state: str
    revision: int
    anonymous: bool
    title_vi: str
    title_en: str
    intro_vi: str
    intro_en: str
    questions: list[QuestionShape]
    audience: dict[str, Any]
    opens_at: datetime | None
    closes_at: datetime | None
    repeats_months: int
    series: Id
    round: int
    author: str
    approver: str | None
    opened_at: datetime | None
    closed_at: datetime | None


class ResultShape(BaseModel):
    question: str
    kind: str
    hidden: bool = Field(description="an anonymous survey that is open, or a question with fewer than five answers")
    answered: int
    counts: dict[str, int]
    mean: float | None
    satisfied: float | None = Field(description="share of 4 and 5 on a scale of 5")
    texts: list[str]


class SurveyResults(BaseModel):
    asked: int
    unreachable: int
    begun: int
    finished: int
    satisfied: float | None
    goal: float
    results: list[ResultShape]
