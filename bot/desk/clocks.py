"""The clock that a page shows of an inquiry, and how urgent it looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.inquiries import InquiryRecord

AMBER, RED = 0.75, 0.90
"""shares of a clock from which it is shown in that colour"""


@dataclass(frozen=True)
class Countdown:
    """A clock that runs: which (`routing`, `response`, `review`), since when, until when."""

    clock: str
    start: datetime
    due: datetime
    left: timedelta
    """below zero once it is over"""

    @property
    def over(self) -> bool:
        return self.left <= timedelta()

    @property
    def urgency(self) -> str:
        """`calm`, `amber`, `red` or `over`; the page's script computes the same while time goes by."""
        if self.over:
            return "over"
        whole = self.due - self.start
        spent = 1 - self.left / whole if whole > timedelta() else 1.0
        return "red" if spent >= RED else "amber" if spent >= AMBER else "calm"


def countdown(inquiry: InquiryRecord, now: datetime) -> Countdown | None:
    """Return the clock that runs now; None while none does."""
    if inquiry.review_due_at is not None:
        return Countdown(
            "review",
            inquiry.closed_at or inquiry.answered_at or inquiry.updated_at,
            inquiry.review_due_at,
            inquiry.review_due_at - now,
        )
    due = inquiry.due_at
    if due is None or inquiry.closed_at is not None:
        return None
    routed = inquiry.routed_at
    return Countdown("routing" if routed is None else "response", routed or inquiry.received_at, due, due - now)
