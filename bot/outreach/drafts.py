"""What somebody writes as a campaign, checked before it is kept."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.delivery.message import Attachment
from bot.outreach import errors
from bot.outreach.states import Kind, Risk
from storage.audiences import AudienceFilter

TITLE_AT_MOST = 200
LINKS_AT_MOST = 8
ENTRIES_AT_MOST = 6
FILES_AT_MOST = 5
FILE_BYTES = 20 * 1024 * 1024
"""what every platform of ours takes of one file"""
REMINDERS_AT_MOST = 5
_URL = re.compile(r"https?://[^\s/?#]+\.?[^\s]*")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)(?:\s[^<>]*)?/?>")
_PAIRS = ("**", "__", "```", "~~")


@dataclass(frozen=True)
class Link:
    label: str
    url: str

    def to_json(self) -> dict[str, str]:
        return {"label": self.label, "url": self.url}


@dataclass(frozen=True)
class Draft:
    """The content of a campaign. reminders: hours before the acknowledgement is due, or before the event begins."""

    kind: str
    title: str
    text_vi: str
    text_en: str
    risk: str | None = None
    links: tuple[Link, ...] = ()
    entries: tuple[str, ...] = ()
    files: tuple[Attachment, ...] = ()
    audience: AudienceFilter = field(default_factory=AudienceFilter)
    urgent: bool = False
    acknowledge: bool = False
    ack_due_at: datetime | None = None
    reminders: tuple[float, ...] = ()
    event_at: datetime | None = None
    event_place: str | None = None
    event_capacity: int | None = None


def check(draft: Draft, *, now: datetime, knows_entry: Callable[[str], bool]) -> None:
    """Raise what is wrong with the content, as far as it can be told before it is known when it goes out."""
    _check_kind(draft)
    for name in ("title", "text_vi", "text_en"):
        if not getattr(draft, name).strip():
            raise errors.FieldMissing(field=name)
    if len(draft.title) > TITLE_AT_MOST:
        raise errors.TextTooLong(field="title", language="vi", length=len(draft.title), most=TITLE_AT_MOST)
    for language, text in (("vi", draft.text_vi), ("en", draft.text_en)):
        check_markup(text, language)
    for link in draft.links[:LINKS_AT_MOST]:
        if not _URL.fullmatch(link.url) or not link.label.strip():
            raise errors.LinkWrong(given=f"{link.label} {link.url}".strip()[:80])
    if len(draft.links) > LINKS_AT_MOST:
        raise errors.LinkWrong(given=draft.links[LINKS_AT_MOST].url[:80])
    for place, entry in enumerate(draft.entries):
        if place >= ENTRIES_AT_MOST or not knows_entry(entry):
            raise errors.EntryUnknown(entry=entry[:80])
    if len(draft.files) > FILES_AT_MOST:
        raise errors.TooManyFiles(most=FILES_AT_MOST)
    _check_times(draft, now)


def _check_kind(draft: Draft) -> None:
    if draft.kind not in set(Kind):
        raise errors.KindUnknown(field="kind", given=draft.kind[:40], known=", ".join(Kind))
    if draft.kind == Kind.RISK_ALERT:
        if not draft.risk:
            raise errors.FieldMissing(field="risk")
        if draft.risk not in set(Risk):
            raise errors.KindUnknown(field="risk", given=draft.risk[:40], known=", ".join(Risk))
    if draft.kind == Kind.EVENT:
        if draft.event_at is None:
            raise errors.FieldMissing(field="event_at")
        if not (draft.event_place or "").strip():
            raise errors.FieldMissing(field="event_place")
        if draft.event_capacity is not None and not 1 <= draft.event_capacity <= 1_000_000:
            raise errors.FieldMissing(field="event_capacity")


def _check_times(draft: Draft, now: datetime) -> None:
    if draft.acknowledge and draft.ack_due_at is None:
        raise errors.FieldMissing(field="ack_due_at")
    for name in ("ack_due_at", "event_at"):
        at = getattr(draft, name)
        if at is not None and at <= now:
            raise errors.TimeNotAhead(field=name, at=at)
    if len(draft.reminders) > REMINDERS_AT_MOST or any(not 0 < hours <= 24 * 60 for hours in draft.reminders):
        raise errors.ReminderWrong(given=", ".join(f"{hours:g}" for hours in draft.reminders)[:60])


def check_start(draft_times: Mapping[str, datetime | None], starts: datetime) -> None:
    """Raise DueBeforeStart where the event, or the end of the acknowledgement, comes before the message."""
    for name, at in draft_times.items():
        if at is not None and at <= starts:
            raise errors.DueBeforeStart(field=name, at=at, starts=starts)


def check_markup(text: str, language: str) -> None:
    """Refuse markup that does not close: people would read the bare marks. Raises MarkupUnbalanced.

    Texts go out as they are written, on every platform: marks that a platform takes for formatting are left out by the
    writer, and a mark that stands alone is the sign that something was pasted in half.
    """
    for line, mark in _unbalanced(text):
        raise errors.MarkupUnbalanced(language=language, line=line, mark=mark)


def _unbalanced(text: str) -> Iterator[tuple[int, str]]:
    open_tags: list[tuple[str, int]] = []
    for found in _TAG.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        closing, name = found.group(1), found.group(2).lower()
        if found.group(0).endswith("/>") or name in ("br", "hr"):
            continue
        if not closing:
            open_tags.append((name, line))
        elif open_tags and open_tags[-1][0] == name:
            open_tags.pop()
        else:
            yield line, found.group(0)
    yield from ((line, f"<{name}>") for name, line in open_tags)
    for mark in _PAIRS:
        if text.count(mark) % 2:
            yield text.count("\n", 0, text.rfind(mark)) + 1, mark
    for line, words in enumerate(text.split("\n"), 1):
        if words.count("](") != len(re.findall(r"\[[^\[\]\n]+\]\([^()\s]+\)", words)):
            yield line, "]("


def links_from(lines: str) -> tuple[Link, ...]:
    """Read links as they are typed, one a line: `label | https://…`, or the address alone."""
    found = []
    for line in lines.splitlines():
        if not line.strip():
            continue
        label, bar, url = line.rpartition("|")
        found.append(Link(label.strip() if bar else url.strip(), url.strip()))
    return tuple(found)


def hours_from(text: str) -> tuple[float, ...]:
    """Read reminders as they are typed: `48, 24`. Raises ReminderWrong."""
    found: list[float] = []
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        try:
            found.append(float(part))
        except ValueError:
            raise errors.ReminderWrong(given=text.strip()[:60]) from None
    return tuple(sorted(set(found), reverse=True))


def attachments(files: Sequence[Mapping[str, str]]) -> tuple[Attachment, ...]:
    return tuple(Attachment(each["sha256"], each["name"], each["media_type"]) for each in files)
