"""What is said in officers' groups, in the language that the operator set: a group has one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from bot.escalation.words import OfficerWords

TEXT_SHOWN = 3800
"""characters of a message of ours: below what Telegram takes in one piece"""


@dataclass(frozen=True)
class Words(OfficerWords):
    error_keys: ClassVar[tuple[str, ...]] = ("topic.error", *OfficerWords.error_keys)

    def short(self, at: datetime) -> str:
        """Return a moment as it stands in a line: `14:05 21/11`."""
        return at.astimezone(self.catalogue.timezone).strftime("%H:%M %d/%m")

    def span(self, left: timedelta) -> str:
        return self.say("desk.span", left=left)


def shortened(text: str, most: int) -> str:
    """Return the text on one line, cut at a word where it is longer than so many characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + "…"


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
