"""The life of an inquiry: its states, what moves it from one to another, and nothing else.

Every button, sweep and API call asks this table. It needs only the standard library, so it is read and tested alone.
"""

from enum import StrEnum


class State(StrEnum):
    RECEIVED = "received"
    ANSWERED_BY_BOT = "answered_by_bot"
    DECLINED = "declined"
    AWAITING_ROUTING = "awaiting_routing"
    ROUTED = "routed"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_ENTERPRISE = "waiting_for_enterprise"
    DEFERRED = "deferred"
    TRANSFERRED = "transferred"
    ESCALATED = "escalated"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


class Event(StrEnum):
    ANSWER_BY_BOT = "answer_by_bot"
    DECLINE = "decline"
    ASK_OFFICER = "ask_officer"
    ROUTE = "route"
    TAKE = "take"
    RELEASE = "release"
    ANSWER = "answer"
    ASK_BACK = "ask_back"
    ENTERPRISE_REPLIES = "enterprise_replies"
    DEFER = "defer"
    RESUME = "resume"
    TRANSFER = "transfer"
    ESCALATE = "escalate"
    CLOSE = "close"
    REOPEN = "reopen"


S, E = State, Event

WITH_A_DEPARTMENT = frozenset({S.ROUTED, S.IN_PROGRESS, S.WAITING_FOR_ENTERPRISE, S.DEFERRED, S.ESCALATED, S.REOPENED})
"""a department is at work on it: what an officer may do is the same in all of these, but for the moves below"""
OPEN = WITH_A_DEPARTMENT | {S.RECEIVED, S.AWAITING_ROUTING, S.TRANSFERRED}
TAKES_MESSAGES = WITH_A_DEPARTMENT | {S.AWAITING_ROUTING, S.TRANSFERRED}
"""people are to deal with it, or are at it: the enterprise may add to it"""
FINAL = frozenset({S.DECLINED})
"""nothing leads out; an answer by the bot or a closed inquiry can still be taken further by the enterprise"""
CLOCK_STANDS_STILL = frozenset({S.WAITING_FOR_ENTERPRISE, S.DEFERRED})
"""the response clock pauses while the enterprise has been asked, and while a deferral runs"""

MOVES: dict[tuple[State, Event], State] = {
    (S.RECEIVED, E.ANSWER_BY_BOT): S.ANSWERED_BY_BOT,
    (S.RECEIVED, E.ASK_OFFICER): S.AWAITING_ROUTING,
    (S.RECEIVED, E.DECLINE): S.DECLINED,
    (S.ANSWERED_BY_BOT, E.ASK_OFFICER): S.AWAITING_ROUTING,
    (S.ANSWERED_BY_BOT, E.CLOSE): S.CLOSED,
    (S.AWAITING_ROUTING, E.ROUTE): S.ROUTED,
    (S.ROUTED, E.ANSWER): S.ANSWERED,
    (S.IN_PROGRESS, E.RELEASE): S.ROUTED,
    (S.WAITING_FOR_ENTERPRISE, E.ENTERPRISE_REPLIES): S.IN_PROGRESS,
    (S.DEFERRED, E.RESUME): S.IN_PROGRESS,
    (S.TRANSFERRED, E.ROUTE): S.ROUTED,
    (S.ANSWERED, E.CLOSE): S.CLOSED,
    (S.ANSWERED, E.ANSWER): S.ANSWERED,
    (S.ANSWERED, E.REOPEN): S.REOPENED,
    (S.CLOSED, E.REOPEN): S.REOPENED,
    **{(state, E.TRANSFER): S.TRANSFERRED for state in WITH_A_DEPARTMENT},
    **{(state, E.ESCALATE): S.ESCALATED for state in WITH_A_DEPARTMENT},
    **{(state, E.CLOSE): S.CLOSED for state in WITH_A_DEPARTMENT},
    **{(state, E.DEFER): S.DEFERRED for state in WITH_A_DEPARTMENT},
    **{(state, E.ANSWER): S.ANSWERED for state in WITH_A_DEPARTMENT},
    **{(state, E.TAKE): S.IN_PROGRESS for state in WITH_A_DEPARTMENT - CLOCK_STANDS_STILL},
    **{(state, E.ASK_BACK): S.WAITING_FOR_ENTERPRISE for state in WITH_A_DEPARTMENT - {S.DEFERRED}},
}
"""A transfer passes through `transferred` and is routed again in the same step, so that the history shows both."""


class IllegalMove(Exception):
    """The table has no such move."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} is not possible while an inquiry is {state}")
        self.state = state
        self.event = event


def move(state: State, event: Event) -> State:
    """Return the state that follows. Raises IllegalMove where the table has none."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(state, event) from None


def can(state: State, event: Event) -> bool:
    return (state, event) in MOVES


def possible(state: State) -> frozenset[Event]:
    """Return what can happen to an inquiry in this state: what a desk offers as buttons."""
    return frozenset(event for (start, event) in MOVES if start == state)
