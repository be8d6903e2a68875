"""What the desk says: its sentences in the officer's language, and what happened in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.desk.clocks import Countdown
from bot.errors import HelpdeskError
from bot.escalation.actors import ActorKind
from bot.knowledge.directory import Directory
from bot.locales.catalogue import Catalogue

_CODES = (
    ("state", "state"),
    ("action", "action"),
    ("role", "role"),
    ("field", "campaign_field"),
    ("campaign_state", "campaign_state"),
    ("campaign_action", "campaign_action"),
)
"""values of errors that are codes, and the groups of words that they stand for"""


@dataclass(frozen=True)
class Words:
    """The catalogue in one language. Where a code has no sentence of its own, a general one stands in: a state or an
    event that came with a newer version must not break a page."""

    catalogue: Catalogue
    language: str
    directory: Directory
    today: date

    def say(self, key: str, **params: Any) -> str:
        return self.catalogue.say(key, self.language, **params)

    def named(self, group: str, code: object, **params: Any) -> str:
        """Return the words for a code: `desk.<group>.<code>`, else the code itself."""
        key = f"desk.{group}.{code}"
        return self.say(key, **params) if self.catalogue.has(key) else str(code).replace("_", " ")

    def error(self, error: HelpdeskError) -> str:
        """Return what is wrong and how to mend it, as an officer should hear it."""
        params = dict(error.params)
        for name, group in _CODES:
            if name in params:
                params[name] = self.named(group, params[name]).lower()
        for key in (f"desk.error.{error.code}", f"error.{error.code}"):
            if self.catalogue.has(key):
                return self.say(key, **params)
        return self.say("desk.error.other", code=error.code)

    def department(self, department_id: str | None, name: str | None) -> str:
        """Return a department's name; in Vietnamese the one that it had when the inquiry was handed to it."""
        department = self.directory.get(department_id)
        if self.language != "vi" and department is not None:
            return department.name_in(self.language)
        return name or (department.name if department else "")

    def short(self, at: datetime) -> str:
        """Return a moment for a dense list: `14:05 21/11`, with the year if it is another than today's."""
        local = at.astimezone(self.catalogue.timezone)
        return local.strftime("%H:%M %d/%m" if local.year == self.today.year else "%H:%M %d/%m/%Y")

    def moment(self, text: str) -> datetime:
        """Return a moment that was kept as text."""
        return datetime.fromisoformat(text)

    def span(self, seconds: int) -> str:
        return self.say("desk.span", left=timedelta(seconds=seconds))

    def left(self, clock: Countdown) -> str:
        """Return what is left of a clock, or by how much it is over."""
        whole = timedelta(seconds=abs(round(clock.left.total_seconds())))
        return self.say("desk.over" if clock.over else "desk.left", span=self.say("desk.span", left=whole))

    def happened(self, row: Mapping[str, Any]) -> str:
        """Return a row of the history as a sentence."""
        details = row["details"]
        known = {
            "who": self.actor(row),
            "department": self.department(details.get("to"), row["department"]) or self.say("desk.no_department"),
            "reason": row["reason"] or "",
            "until": _moment(details.get("until")) or row["at"],
            "rating": details.get("rating") or "",
            "files": len(details.get("files") or ()),
        }
        event = str(row["event"])
        if event == "route":
            event = f"route_{details.get('by', 'coordinator')}"
        elif event == "receive" and row["actor"] != ActorKind.ENTERPRISE:
            event = "receive_by_officer"
        key = f"desk.history.{event}"
        if self.catalogue.has(key):
            return self.say(key, **known)
        return self.say("desk.history.other", who=known["who"], event=event.replace("_", " "))

    def actor(self, row: Mapping[str, Any]) -> str:
        kind, name = row["actor"], row["actor_name"]
        if kind in (ActorKind.BOT, ActorKind.SYSTEM):
            return self.named("actor", kind)
        if kind == ActorKind.API:
            return self.say("desk.actor.api", name=name)
        return name or self.named("actor", kind)

    def notice(self, row: Mapping[str, Any]) -> str:
        """Return a notice on top of the desk as a sentence."""
        text_key, params = row["text_key"], dict(row["params"])
        if "to" in params:
            params["department"] = self.department(params["to"], params["department"])
        if self.catalogue.has(text_key):
            try:
                return self.say(text_key, **params)
            except KeyError:  # written by a version that knew fewer values
                pass
        return self.say("desk.notice.other", number=row["params"].get("number", ""))


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
