"""What the desk says: its sentences in the officer's language, and what happened in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from bot.desk.clocks import Countdown
from bot.escalation.words import OfficerWords
from bot.knowledge.directory import Directory


@dataclass(frozen=True)
class Words(OfficerWords):
    directory: Directory
    today: date

    codes: ClassVar[tuple[tuple[str, str], ...]] = (
        *OfficerWords.codes,
        ("role", "role"),
        ("field", "campaign_field"),
        ("campaign_state", "campaign_state"),
        ("campaign_action", "campaign_action"),
    )

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

    def not_sent(self, error: str) -> str:
        """Return why a message did not go out, as the ledger has it: the kind in words, and in brackets what was said."""
        kind, _, said = error.partition(": ")
        if not self.catalogue.has(f"desk.not_sent.{kind}"):
            return error
        return f"{self.named('not_sent', kind)} ({said})" if said else self.named("not_sent", kind)

    def notice(self, row: Mapping[str, Any]) -> str:
        """Return a notice on top of the desk as a sentence."""
        text_key, params = row["text_key"], dict(row["params"])
        if "channel" in params:
            params["channel"] = self.named("channel", params["channel"])
        if "to" in params:
            params["department"] = self.department(params["to"], params["department"])
        if self.catalogue.has(text_key):
            try:
                return self.say(text_key, **params)
            except KeyError:  # written by a version that knew fewer values
                pass
        return self.say("desk.notice.other", number=row["params"].get("number", ""))
