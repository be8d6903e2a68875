"""The states of a consultation, and what leads from one to the next. Everything else asks this table."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    RESPONDED = "responded"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Event(StrEnum):
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    OPEN = "open"
    CLOSE = "close"
    RESPOND = "respond"
    REWORK = "rework"
    PUBLISH = "publish"
    CANCEL = "cancel"


MOVES = {
    (State.DRAFT, Event.APPROVE): State.APPROVED,
    (State.APPROVED, Event.WITHDRAW): State.DRAFT,
    (State.APPROVED, Event.OPEN): State.OPEN,
    (State.OPEN, Event.CLOSE): State.CLOSED,
    (State.CLOSED, Event.RESPOND): State.RESPONDED,
    (State.RESPONDED, Event.REWORK): State.CLOSED,
    (State.RESPONDED, Event.PUBLISH): State.PUBLISHED,
    (State.DRAFT, Event.CANCEL): State.CANCELLED,
    (State.APPROVED, Event.CANCEL): State.CANCELLED,
    (State.OPEN, Event.CANCEL): State.CANCELLED,
}


def after(state: str, event: Event) -> State | None:
    """Return the state that the event leads to, or None where it leads nowhere from there."""
    return MOVES.get((State(state), event))


def possible(state: str) -> frozenset[Event]:
    return frozenset(event for (before, event) in MOVES if before == state)
