"""What is said in officers' groups, in the language that the operator set: a group has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import HelpdeskError
from bot.escalation.actors import ActorKind
from bot.locales.catalogue import Catalogue

TEXT_SHOWN = 3800
"""characters of a message of ours: below what Telegram takes in one piece"""


@dataclass(frozen=True)
class Words:
    catalogue: Catalogue
    language: str

    def say(self, key: str, **params: Any) -> str:
        return self.catalogue.say(key, self.language, **params)

    def named(self, group: str, code: object) -> str:
        """Return the words for a code: `desk.<group>.<code>`, else the code itself."""
        key = f"desk.{group}.{code}"
        return self.say(key) if self.catalogue.has(key) else str(code).replace("_", " ")

    def error(self, error: HelpdeskError) -> str:
        """Return what is wrong and how to mend it, as an officer should hear it."""
        params = dict(error.params)
        for name in ("state", "action"):
            if name in params:
                params[name] = self.named(name, params[name]).lower()
        for key in (f"topic.error.{error.code}", f"desk.error.{error.code}", f"error.{error.code}"):
            if self.catalogue.has(key):
                return self.say(key, **params)
        return self.say("desk.error.other", code=error.code)

    def short(self, at: datetime) -> str:
        """Return a moment as it stands in a line: `14:05 21/11`."""
        return at.astimezone(self.catalogue.timezone).strftime("%H:%M %d/%m")

    def span(self, left: timedelta) -> str:
        return self.say("desk.span", left=left)

    def happened(self, row: Mapping[Any, Any]) -> str:
        """Return a row of an inquiry's history as a sentence."""
        details = row["details"]
        until = details.get("until")
        known = {
            "who": self.actor(row["actor"], row["actor_name"]),
            "department": row["department"] or self.say("desk.no_department"),
            "reason": row["reason"] or "",
            "until": datetime.fromisoformat(until) if until else row["at"],
            "rating": details.get("rating") or "",
            "files": len(details.get("files") or ()),
        }
        event = str(row["event"])
        key = f"desk.history.route_{details.get('by', 'coordinator')}" if event == "route" else f"desk.history.{event}"
        if self.catalogue.has(key):
            return self.say(key, **known)
        return self.say("desk.history.other", who=known["who"], event=event.replace("_", " "))

    def actor(self, kind: str, name: str) -> str:
        if kind in (ActorKind.BOT, ActorKind.SYSTEM):
            return self.named("actor", kind)
        if kind == ActorKind.API:
            return self.say("desk.actor.api", name=name)
        return name or self.named("actor", kind)


def shortened(text: str, most: int) -> str:
    """Return the text on one line, cut at a word where it is longer than so many characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + "…"


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
