"""The life of a campaign: what can follow what. Everything that changes a campaign asks this table."""

from enum import StrEnum


class Kind(StrEnum):
    POLICY_UPDATE = "policy_update"
    RISK_ALERT = "risk_alert"
    EVENT = "event"
    NEWSLETTER = "newsletter"


class Risk(StrEnum):
    """What a risk alert is about (1399/QĐ-TCHQ Điều 5 khoản 1 điểm d)."""

    COMPLIANCE = "compliance"
    SUPPLY_CHAIN = "supply_chain"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    INTERNAL = "internal"


class State(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Move(StrEnum):
    EDIT = "edit"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    RELEASE = "release"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FINISH = "finish"


MOVES = {
    (State.DRAFT, Move.EDIT): State.DRAFT,
    (State.APPROVED, Move.EDIT): State.DRAFT,
    (State.SCHEDULED, Move.EDIT): State.DRAFT,
    (State.DRAFT, Move.APPROVE): State.APPROVED,
    (State.APPROVED, Move.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Move.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Move.RELEASE): State.SENDING,
    (State.SENDING, Move.PAUSE): State.PAUSED,
    (State.PAUSED, Move.RESUME): State.SENDING,
    (State.SENDING, Move.FINISH): State.FINISHED,
    (State.DRAFT, Move.CANCEL): State.CANCELLED,
    (State.APPROVED, Move.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Move.CANCEL): State.CANCELLED,
    (State.SENDING, Move.CANCEL): State.CANCELLED,
    (State.PAUSED, Move.CANCEL): State.CANCELLED,
}


def possible(state: str) -> frozenset[Move]:
    """Return what can be done in this state."""
    return frozenset(move for (before, move) in MOVES if before == state)


def after(state: str, move: Move) -> State | None:
    """Return the state that a move leads to; none where it is not possible."""
    return MOVES.get((State(state), move))
