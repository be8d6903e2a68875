"""What the API says and hears: the shapes of its JSON."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.escalation.keeping import TEXT_AT_MOST

T = TypeVar("T")

Words = Annotated[str, Field(min_length=1, max_length=TEXT_AT_MOST)]
Id = Annotated[str, Field(description="a number of 63 bits, as a string: JSON readers lose digits of such a number")]


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class EnterpriseBrief(BaseModel):
    name: str
    tax_code: str | None
    verified: bool = Field(description="false for what a guest said of themselves")


class CitationShape(BaseModel):
    document: str
    place: str


class CandidateShape(BaseModel):
    id: str
    name: str
    probability: float
    reason: str = Field("", description="why the bot thinks so: a competence and an example of it")
    like: list[str] = Field([], description="numbers of inquiries like it that people have routed there")


class InquiryShape(BaseModel):
    id: Id
    number: str
    state: str
    department: str | None = Field(description="the name that it had when the inquiry was handed to it")
    department_id: str | None
    received_at: datetime
    routing_due_at: datetime | None
    routed_at: datetime | None
    routed_by: Literal["bot", "coordinator", "auto"] | None
    response_due_at: datetime | None
    deferred_until: datetime | None
    deferral_reason: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    enterprise: EnterpriseBrief | None
    member: bool
    channel: str
    language: str
    text: str
    priority: int = Field(description="0 for members, who come first in every queue; 1 for others")
    officer: str | None
    officer_id: Id | None
    decision: str | None
    confidence: float | None
    entry: str | None
    citations: list[CitationShape]
    candidates: list[CandidateShape]
    rating: int | None
    rating_comment: str | None
    review_due_at: datetime | None = Field(description="by when the lead looks into a bad rating")
    actions: list[str] = Field(description="what the caller can do with it now")


class FileShape(BaseModel):
    id: Id
    name: str
    media_type: str
    size: int | None
    ready: bool


class MessageShape(BaseModel):
    id: Id | None
    kind: str
    author: str
    author_name: str
    text: str
    at: datetime
    files: list[FileShape]


class HistoryShape(BaseModel):
    seq: int
    at: datetime
    event: str
    actor: str
    actor_name: str
    from_state: str | None
    to_state: str
    department: str | None
    reason: str | None
    details: dict[str, Any]
    hash: str


class DeliveryShape(BaseModel):
    id: Id
    inquiry: str
    kind: str
    channel: str
    state: str
    attempts: int
    text: str
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    platform_message_id: str | None
    error: str | None


class CompetenceShape(BaseModel):
    name: str
    name_en: str


class DepartmentShape(BaseModel):
    id: str
    name: str
    name_en: str
    short_names: list[str]
    level: str
    parent: str | None
    region: str | None
    coordinating: bool
    accepts_inquiries: bool
    response_target_hours: float = Field(description="in working time")
    competences: list[CompetenceShape]


class WordingShape(BaseModel):
    question: str
    answer: str


class EntryShape(BaseModel):
    id: str
    status: str
    audience: str
    department: str
    tags: list[str]
    citations: list[CitationShape]
    vi: WordingShape
    en: WordingShape
    valid_from: str | None
    valid_until: str | None


class OfficerShape(BaseModel):
    id: Id
    login: str
    name: str
    role: str
    department_id: str | None
    lead: bool
    active: bool


class EnterpriseShape(BaseModel):
    id: Id
    tax_code: str
    name: str
    membership: str
    member_since: datetime | None
    created_at: datetime


class ContactShape(BaseModel):
    id: Id
    name: str
    language: str | None
    enterprise: EnterpriseBrief | None
    created_at: datetime


class RecordedShape(BaseModel):
    inquiry: InquiryShape
    tracking_code: str = Field(description="with the number it shows at /track where the inquiry stands")
    told: bool = Field(description="the enterprise was told both on its chat; else they are to be passed on by hand")


# What comes in


class _Body(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class Recording(_Body):
    """What came by telephone, e-mail or letter."""

    means: Literal["phone", "email", "letter"]
    text: Words
    person: Annotated[str, Field(min_length=1, max_length=200, description="who asked")]
    reach: Annotated[str, Field(max_length=300, description="telephone, e-mail or address to reach them")] = ""
    received_at: datetime | None = Field(
        None,
        description="when it came: the clocks run from then; without it now, without an offset in the operator's time zone",
    )
    tax_code: Annotated[str, Field(max_length=20)] = ""
    company: Annotated[str, Field(max_length=300)] = ""
    verified: bool = Field(False, description="somebody made sure that the person speaks for the enterprise of the tax code")
    tell_by_chat: bool = Field(True, description="tell the enterprise on its chat, where it is verified and has one")
    language: Literal["vi", "en"] = "vi"
    department: Annotated[str, Field(max_length=200, description="id or Vietnamese name; for the coordinator")] = ""


class ToDepartment(_Body):
    department: Annotated[str, Field(min_length=1, max_length=200, description="id, or Vietnamese name as in /departments")]


class Text(_Body):
    text: Words


class Deferral(_Body):
    reason: Words
    until: datetime = Field(description="a moment ahead; without an offset it is taken in the operator's time zone")


class Transfer(ToDepartment):
    reason: Words


class Reason(_Body):
    reason: Words


class Closing(_Body):
    reason: Annotated[str, Field(max_length=TEXT_AT_MOST)] = ""
