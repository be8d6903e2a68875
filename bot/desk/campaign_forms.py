"""The forms of campaigns and audiences: what was typed, read; and what is there, to be typed over."""

from datetime import UTC, datetime
from typing import Any

from bot.desk.forms import Form
from bot.desk.visit import Visit
from bot.outreach import errors
from bot.outreach.audiences import MEMBERSHIPS, read_filter
from bot.outreach.drafts import Draft, hours_from, links_from
from storage.audiences import AudienceFilter
from storage.campaigns import CampaignRow

LEVELS = ("1", "2", "3", "4", "5")
_LISTS = ("regions", "sectors", "kinds", "hs_chapters", "channels", "tax_codes", "contacts")
_TICKS = {"membership": MEMBERSHIPS, "compliance_levels": LEVELS, "languages": ("vi", "en")}


def filter_of(form: Form) -> AudienceFilter:
    """Read the filter. Raises FilterWrong."""
    values: dict[str, Any] = {name: form.get(name) for name in _LISTS}
    for name, known in _TICKS.items():
        values[name] = [each for each in known if form.get(f"{name}_{each}")]
    return read_filter(values)


def filter_values(wanted: AudienceFilter) -> dict[str, str]:
    """Return a filter as the form has it."""
    given = wanted.to_json()
    values = {name: ", ".join(str(each) for each in given.get(name, ())) for name in _LISTS}
    return values | {f"{name}_{each}": "yes" for name in _TICKS for each in given.get(name, ())}


def draft_of(visit: Visit, wanted: AudienceFilter) -> Draft:
    """Read the content of a campaign from a form. Raises what cannot be read of it."""
    form = visit.form
    capacity = form.get("event_capacity").strip()
    if capacity and not (capacity.isascii() and capacity.isdigit() and len(capacity) < 8):
        raise errors.FieldMissing(field="event_capacity")
    return Draft(
        kind=form.get("kind"),
        title=form.get("title").strip(),
        text_vi=form.get("text_vi"),
        text_en=form.get("text_en"),
        risk=form.get("risk") or None,
        links=links_from(form.get("links")),
        entries=tuple(dict.fromkeys(form.get("entries").replace(",", " ").split())),
        audience=wanted,
        urgent=bool(form.get("urgent")),
        acknowledge=bool(form.get("acknowledge")),
        ack_due_at=moment(visit, "ack_due_at"),
        reminders=hours_from(form.get("reminders")),
        event_at=moment(visit, "event_at"),
        event_place=form.get("event_place").strip() or None,
        event_capacity=int(capacity) if capacity else None,
    )


def draft_values(row: CampaignRow, visit: Visit) -> dict[str, str]:
    """Return a campaign as the form has it."""

    def local(at: datetime | None) -> str:
        return at.astimezone(visit.desk.catalogue.timezone).strftime("%Y-%m-%dT%H:%M") if at is not None else ""

    return {
        "kind": row.kind,
        "risk": row.risk or "",
        "title": row.title,
        "text_vi": row.text_vi,
        "text_en": row.text_en,
        "links": "\n".join(f"{each['label']} | {each['url']}" for each in row.links),
        "entries": " ".join(row.entries),
        "urgent": "yes" if row.urgent else "",
        "acknowledge": "yes" if row.acknowledge else "",
        "ack_due_at": local(row.ack_due_at),
        "reminders": ", ".join(f"{hours:g}" for hours in row.reminders),
        "event_at": local(row.event_at),
        "event_place": row.event_place or "",
        "event_capacity": str(row.event_capacity or ""),
        **filter_values(AudienceFilter.from_json(row.audience)),
    }


def moment(visit: Visit, name: str) -> datetime | None:
    """Read a local date and time; none where the field is empty. Raises TimeUnreadable."""
    text = visit.form.get(name).strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise errors.TimeUnreadable(field=name, given=text[:40]) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=visit.desk.catalogue.timezone)
    try:
        return at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise errors.TimeUnreadable(field=name, given=text[:40]) from None
