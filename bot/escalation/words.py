"""What officers are told, on every desk: names of codes, errors, and what happened to an inquiry as a sentence.

Where a code has no words of its own, general ones stand in: a state or an event that came with a newer version must not break
a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from bot.errors import HelpdeskError
from bot.escalation.actors import ActorKind
from bot.locales.catalogue import Catalogue


@dataclass(frozen=True)
class OfficerWords:
    """The catalogue in one language."""

    catalogue: Catalogue
    language: str

    codes: ClassVar[tuple[tuple[str, str], ...]] = (("state", "state"), ("action", "action"))
    """values of errors that are codes, and the groups of words that they stand for"""
    error_keys: ClassVar[tuple[str, ...]] = ("desk.error", "error")
    """where the sentence of an error is looked for, the first first"""

    def say(self, key: str, **params: Any) -> str:
        return self.catalogue.say(key, self.language, **params)

    def named(self, group: str, code: object, **params: Any) -> str:
        """Return the words for a code: `desk.<group>.<code>`, else the code itself."""
        key = f"desk.{group}.{code}"
        return self.say(key, **params) if self.catalogue.has(key) else str(code).replace("_", " ")

    def error(self, error: HelpdeskError) -> str:
        """Return what is wrong and how to mend it, as an officer should hear it."""
        params = dict(error.params)
        for name, group in self.codes:
            if name in params:
                params[name] = self.named(group, params[name]).lower()
        for start in self.error_keys:
            if self.catalogue.has(f"{start}.{error.code}"):
                return self.say(f"{start}.{error.code}", **params)
        return self.say("desk.error.other", code=error.code)

    def department(self, _department_id: str | None, name: str | None) -> str:
        """Return a department's name, as it was when the inquiry was handed to it."""
        return name or ""

    def happened(self, row: Mapping[Any, Any]) -> str:
        """Return a row of an inquiry's history as a sentence."""
        details = row["details"]
        known = {
            "who": self.actor(row["actor"], row["actor_name"]),
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

    def actor(self, kind: str, name: str) -> str:
        if kind in (ActorKind.BOT, ActorKind.SYSTEM):
            return self.named("actor", kind)
        if kind == ActorKind.API:
            return self.say("desk.actor.api", name=name)
        return name or self.named("actor", kind)


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
