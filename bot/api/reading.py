"""Lists of the API: limits, cursors, and rows as their JSON."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Path, Query

from bot.access.officers import Officer
from bot.api import shapes
from bot.api.errors import CursorWrong
from bot.escalation.actors import Actor
from bot.escalation.allowed import allowed
from bot.knowledge.citations import Citation
from bot.knowledge.directory import Department
from bot.knowledge.entries import Entry
from storage.ids import read_id
from storage.queue import Queued

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="items on a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="the value of `next` of the page before")]
Ending = Annotated[str, Path(pattern="^(pdf|xlsx)$")]
FILE: dict[int | str, Any] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
"""what a path answers with that gives a file"""
Search = Annotated[str, Query(max_length=100)]


def before(cursor: str | None) -> int | None:
    """Return the id below which the page begins. Raises CursorWrong."""
    if cursor is None:
        return None
    place = read_id(cursor)
    if place is None:
        raise CursorWrong()
    return place


def page(rows: Sequence[T], limit: int, shape: Any, place: Any) -> dict[str, Any]:
    """Return a page of rows, of which one more than the limit was read to know whether there is a next page."""
    shown = rows[:limit]
    return {"items": [shape(row) for row in shown], "next": str(place(shown[-1])) if len(rows) > limit else None}


def inquiry(found: Queued, caller: Actor) -> shapes.InquiryShape:
    record = found.inquiry
    enterprise = None
    if found.enterprise_name is not None:
        enterprise = shapes.EnterpriseBrief(name=found.enterprise_name, tax_code=found.tax_code, verified=True)
    elif record.claimed_company:
        enterprise = shapes.EnterpriseBrief(name=record.claimed_company, tax_code=record.claimed_tax_code, verified=False)
    same = {name: getattr(record, name) for name in _SAME}
    return shapes.InquiryShape(
        **same,
        id=str(record.id),
        department=record.department_name,
        enterprise=enterprise,
        member=found.membership == "member",
        officer=record.officer_name,
        officer_id=_text(record.officer_id),
        entry=record.entry_id,
        citations=[shapes.CitationShape(document=c["document"], place=c["place"]) for c in record.citations],
        candidates=[shapes.CandidateShape(**candidate) for candidate in record.candidates],
        actions=sorted(name.replace("_", "-") for name in allowed(record, caller)),
    )


_SAME = (
    "number",
    "state",
    "department_id",
    "received_at",
    "routing_due_at",
    "routed_at",
    "routed_by",
    "response_due_at",
    "deferred_until",
    "deferral_reason",
    "answered_at",
    "closed_at",
    "updated_at",
    "channel",
    "language",
    "text",
    "priority",
    "decision",
    "confidence",
    "rating",
    "rating_comment",
    "review_due_at",
)


def message(row: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> shapes.MessageShape:
    return shapes.MessageShape(
        id=_text(row["id"]),
        kind=row["kind"],
        author=row["author"],
        author_name=row["author_name"],
        text=row["text"],
        at=row["at"],
        files=[
            shapes.FileShape(
                id=str(file["id"]),
                name=file["name"],
                media_type=file["media_type"],
                size=file["size"],
                ready=file["sha256"] is not None,
            )
            for file in files
        ],
    )


def file_name(name: str) -> str:
    """Return a file's name without folders, control characters and what turns the reading direction around."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in base if c.isprintable() and c not in '"<>|:*?').strip(". ")
    return kept[:120] or "file"


def history(row: Mapping[str, Any]) -> shapes.HistoryShape:
    return shapes.HistoryShape(**{name: row[name] for name in shapes.HistoryShape.model_fields})


def delivery(row: Mapping[str, Any], number: str) -> shapes.DeliveryShape:
    same = ("kind", "channel", "state", "attempts", "created_at", "next_attempt_at", "sent_at", "platform_message_id", "error")
    return shapes.DeliveryShape(
        id=str(row["id"]), inquiry=number, text=row["content"]["text"], **{name: row[name] for name in same}
    )


def department(each: Department) -> shapes.DepartmentShape:
    return shapes.DepartmentShape(
        id=each.id,
        name=each.name,
        name_en=each.name_en,
        short_names=list(each.short_names),
        level=each.level,
        parent=each.parent,
        region=each.region,
        coordinating=each.coordinating,
        accepts_inquiries=each.accepts_inquiries,
        response_target_hours=each.response_target.total_seconds() / 3600,
        competences=[shapes.CompetenceShape(name=c.name, name_en=c.name_en) for c in each.competences],
    )


def _citation(each: Citation) -> shapes.CitationShape:
    return shapes.CitationShape(document=each.document, place=each.place)


def entry(each: Entry) -> shapes.EntryShape:
    return shapes.EntryShape(
        id=each.id,
        status=str(each.status),
        audience=each.audience,
        department=each.department,
        tags=list(each.tags),
        citations=[_citation(citation) for citation in each.citations],
        vi=shapes.WordingShape(question=each.vi.question, answer=each.vi.answer),
        en=shapes.WordingShape(question=each.en.question, answer=each.en.answer),
        valid_from=each.valid_from.isoformat() if each.valid_from else None,
        valid_until=each.valid_until.isoformat() if each.valid_until else None,
    )


def officer(row: Officer) -> shapes.OfficerShape:
    same = ("login", "name", "role", "department_id", "lead", "active")
    return shapes.OfficerShape(id=str(row.id), **{name: getattr(row, name) for name in same})


def enterprise(row: Mapping[str, Any]) -> shapes.EnterpriseShape:
    same = ("tax_code", "name", "membership", "member_since", "created_at")
    return shapes.EnterpriseShape(id=str(row["id"]), **{name: row[name] for name in same})


def contact(row: Mapping[str, Any]) -> shapes.ContactShape:
    brief = None
    if row["enterprise_name"]:
        brief = shapes.EnterpriseBrief(name=row["enterprise_name"], tax_code=row["tax_code"], verified=True)
    elif row["claimed_company"]:
        brief = shapes.EnterpriseBrief(name=row["claimed_company"], tax_code=row["claimed_tax_code"], verified=False)
    return shapes.ContactShape(
        id=str(row["id"]), name=row["name"], language=row["language"], enterprise=brief, created_at=row["created_at"]
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
