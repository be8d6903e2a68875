"""What the API says and hears of campaigns and audiences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from bot.api.shapes import Id
from bot.outreach.audiences import read_filter
from bot.outreach.drafts import Draft, Link
from bot.outreach.states import possible
from storage.audiences import AudienceFilter, Count, Person, Saved
from storage.campaigns import CampaignRow, StepRow
from storage.waves import RecipientRow

Short = Annotated[str, Field(max_length=120)]
Long = Annotated[str, Field(max_length=20_000)]
WrittenKind = Literal["policy_update", "risk_alert", "event", "newsletter"]


class FilterShape(BaseModel):
    """Conditions that must all hold; of the values of one, any."""

    membership: list[Literal["member", "invited", "none", "withdrawn", "guest"]] = []
    compliance_levels: list[Annotated[int, Field(ge=1, le=5)]] = []
    regions: Annotated[list[Short], Field(max_length=200)] = []
    sectors: Annotated[list[Short], Field(max_length=200)] = []
    kinds: Annotated[list[Short], Field(max_length=50)] = []
    hs_chapters: Annotated[list[Annotated[str, Field(max_length=2)]], Field(max_length=97)] = []
    languages: list[Literal["vi", "en"]] = []
    channels: Annotated[list[Short], Field(max_length=20)] = []
    tax_codes: Annotated[list[Short], Field(max_length=20_000)] = []
    contacts: Annotated[list[Id], Field(max_length=5_000)] = []

    def read(self) -> AudienceFilter:
        """Return the filter. Raises FilterWrong."""
        return read_filter(self.model_dump())


class AudienceIn(BaseModel):
    name: Short
    filter: FilterShape = FilterShape()


class AudienceShape(BaseModel):
    id: Id
    name: str
    filter: dict[str, Any]
    created_by: str
    updated_at: datetime


class PersonShape(BaseModel):
    contact_id: Id | None
    name: str
    enterprise: str | None
    tax_code: str | None
    channel: str | None
    reason: str | None = Field(description="why nothing reaches them; null for those who are reached")


class LookShape(BaseModel):
    people: int
    enterprises: int
    reachable: int
    by_channel: dict[str, int]
    unreachable: dict[str, int] = Field(description="people, and enterprises of which nobody has joined, by reason")
    sample: list[PersonShape]
    unreachable_sample: list[PersonShape]


class LinkShape(BaseModel):
    label: Annotated[str, Field(min_length=1, max_length=120)]
    url: Annotated[str, Field(min_length=8, max_length=500)]


class CampaignIn(BaseModel):
    kind: WrittenKind
    title: Annotated[str, Field(max_length=400)]
    text_vi: Long
    text_en: Long
    risk: Literal["compliance", "supply_chain", "intellectual_property", "internal"] | None = Field(
        None, description="of a risk alert: what it is about"
    )
    links: Annotated[list[LinkShape], Field(max_length=20)] = []
    entries: Annotated[list[Short], Field(max_length=20)] = Field([], description="ids of entries that open with a button")
    audience: FilterShape = FilterShape()
    urgent: bool = Field(False, description="a risk alert that passes the quiet hours")
    acknowledge: bool = False
    ack_due_at: AwareDatetime | None = None
    reminders: Annotated[list[float], Field(max_length=20)] = Field([], description="hours before the due time, or the event")
    event_at: AwareDatetime | None = None
    event_place: Annotated[str, Field(max_length=300)] | None = None
    event_capacity: int | None = None

    def read(self) -> Draft:
        """Return the content. Raises FilterWrong."""
        return Draft(
            kind=self.kind,
            title=self.title,
            text_vi=self.text_vi,
            text_en=self.text_en,
            risk=self.risk,
            links=tuple(Link(each.label, each.url) for each in self.links),
            entries=tuple(self.entries),
            audience=self.audience.read(),
            urgent=self.urgent,
            acknowledge=self.acknowledge,
            ack_due_at=self.ack_due_at,
            reminders=tuple(self.reminders),
            event_at=self.event_at,
            event_place=self.event_place,
            event_capacity=self.event_capacity,
        )


class SeenIn(BaseModel):
    revision: int = Field(description="of the campaign as it was read: a later change is not overlooked")


class ChangeIn(CampaignIn):
    revision: int


class ScheduleIn(SeenIn):
    at: AwareDatetime | None = Field(None, description="none: at once")


class TrialIn(BaseModel):
    panel: Annotated[str, Field(min_length=1, max_length=120, description="id or name of a small saved audience")]


class CorrectionIn(BaseModel):
    title: Annotated[str, Field(max_length=400)] = ""
    text_vi: Long
    text_en: Long


class AgainIn(BaseModel):
    states: Annotated[list[Literal["refused", "blocked", "unreachable", "given_up", "unknown"]], Field(min_length=1)] = [
        "refused",
        "given_up",
        "unreachable",
    ]


class SettleIn(BaseModel):
    delivery: Id
    arrived: bool


class CampaignShape(BaseModel):
    id: Id
    number: str
    kind: str
    risk: str | None
    subject_id: Id | None
    title: str
    text_vi: str
    text_en: str
    links: list[dict[str, str]]
    entries: list[str]
    files: list[dict[str, str]]
    audience: dict[str, Any]
    urgent: bool
    acknowledge: bool
    ack_due_at: datetime | None
    reminders: list[float]
    event_at: datetime | None
    event_place: str | None
    event_capacity: int | None
    state: str
    revision: int
    author: str
    approved_by: str | None
    approved_at: datetime | None
    text_hash: str | None = Field(description="SHA-256 of what is said, in all languages")
    starts_at: datetime | None
    released_at: datetime | None
    finished_at: datetime | None
    plan: dict[str, Any] = Field(description="as it looked when it was scheduled")
    updated_at: datetime
    actions: list[str] = Field(description="what its state lets be done with it")


class PlanShape(BaseModel):
    people: int
    reachable: int
    unreachable: dict[str, int]
    begins_at: datetime
    last_at: datetime
    takes_s: float
    cost: int
    put_off: int = Field(description="about how many are told later, in the hours that they chose")
    put_off_until: datetime | None = Field(description="when the last of these hours begin")
    channels: list[dict[str, Any]]


class ProgressShape(BaseModel):
    total: int
    done: int
    left: int
    sent: int
    acknowledged: int
    failed: int
    unknown: int
    writing: bool
    rate: float = Field(description="messages a second, lately")
    finish_in_s: int | None
    later: int = Field(description="people who wait for the hours that they chose")
    later_until: datetime | None = Field(description="when the last of these hours begin")
    states: dict[str, int]
    channels: dict[str, dict[str, int]]
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    waves: list[dict[str, Any]]


class RecipientShape(BaseModel):
    id: Id
    contact_id: Id | None
    name: str
    enterprise: str | None
    tax_code: str | None
    channel: str
    state: str
    attempts: int
    sent_at: datetime | None
    acknowledged_at: datetime | None
    error: str | None


class StepShape(BaseModel):
    at: datetime
    actor: str
    action: str
    details: dict[str, Any]


class AmountShape(BaseModel):
    amount: int


class Nothing(BaseModel):
    """What is told of a request that has nothing to tell."""


_SAME = tuple(
    name for name in CampaignShape.model_fields if name not in ("id", "subject_id", "author", "approved_by", "actions")
)


def campaign(row: CampaignRow) -> CampaignShape:
    return CampaignShape(
        **{name: getattr(row, name) for name in _SAME},
        id=str(row.id),
        subject_id=str(row.subject_id) if row.subject_id is not None else None,
        author=row.author_name,
        approved_by=row.approved_name,
        actions=sorted(str(move) for move in possible(row.state) if move not in ("release", "finish")),
    )


def audience(saved: Saved) -> AudienceShape:
    return AudienceShape(
        id=str(saved.id),
        name=saved.name,
        filter=saved.filter.to_json(),
        created_by=saved.created_name,
        updated_at=saved.updated_at,
    )


def person(each: Person) -> PersonShape:
    return PersonShape(
        contact_id=str(each.contact_id) if each.contact_id else None,
        name=each.name,
        enterprise=each.enterprise,
        tax_code=each.tax_code,
        channel=each.channel,
        reason=each.reason,
    )


def look(count: Count, sample: list[PersonShape], unreachable: list[PersonShape]) -> LookShape:
    return LookShape(
        people=count.people,
        enterprises=count.enterprises,
        reachable=count.reachable,
        by_channel=dict(count.by_channel),
        unreachable=dict(count.unreachable),
        sample=sample,
        unreachable_sample=unreachable,
    )


def recipient(row: RecipientRow) -> RecipientShape:
    same: Mapping[str, Any] = {
        name: getattr(row, name) for name in RecipientShape.model_fields if name not in ("id", "contact_id")
    }
    return RecipientShape(**same, id=str(row.id), contact_id=str(row.contact_id) if row.contact_id is not None else None)


def step(row: StepRow) -> StepShape:
    return StepShape(at=row.at, actor=row.actor_name, action=row.action, details=row.details)
