"""What somebody may see and do: what the role, the state machine and the hands that hold the inquiry allow.

`allowed` only decides what is offered. The services check it again when somebody acts; a form sent by hand gains nothing.
"""

from bot.delivery.ledger import BY_HAND
from bot.escalation.actors import Actor, Role
from bot.escalation.states import TAKES_MESSAGES, Event, State, possible
from bot.knowledge.directory import Directory
from storage.inquiries import InquiryRecord
from storage.queue import Reader, Scope

NOTE = "note"
REVIEW = "review"
RECORD_REPLY = "record_reply"
ACTIONS = (
    Event.ROUTE,
    Event.TAKE,
    Event.RELEASE,
    Event.ANSWER,
    Event.ASK_BACK,
    Event.DEFER,
    Event.TRANSFER,
    Event.ESCALATE,
    Event.CLOSE,
    Event.REOPEN,
)
_FOR_WHOEVER_HOLDS_IT = frozenset({Event.RELEASE, Event.ANSWER, Event.ASK_BACK, Event.DEFER, Event.CLOSE})


def scope_of(actor: Actor) -> Scope:
    """Return what the actor may see: their departments', everything, or (for roles that work on no inquiry) nothing."""
    if actor.sees_all:
        return Scope(None)
    return Scope(actor.departments if actor.role is Role.OFFICER else ())


def held_by_other(inquiry: InquiryRecord, actor: Actor) -> bool:
    """Say whether another officer has the inquiry in hand, and this one may not step in."""
    taken = inquiry.officer_id is not None and inquiry.officer_id != actor.id
    return taken and not actor.leads(inquiry.department_id)


def allowed(inquiry: InquiryRecord, actor: Actor) -> frozenset[str]:
    """Return the names of the actions to offer, `note`, `review` and `record_reply` among them."""
    if not actor.works_on(inquiry.department_id):
        return frozenset()
    state = State(inquiry.state)
    events = set(possible(state)) & set(ACTIONS)
    if not actor.sees_all:
        events.discard(Event.ROUTE)
    if not actor.leads(inquiry.department_id) or inquiry.department_id is None:
        events.discard(Event.REOPEN)
    if inquiry.officer_id is not None and (inquiry.officer_id != actor.id or state is State.IN_PROGRESS):
        events.discard(Event.TAKE)
    if held_by_other(inquiry, actor):
        events -= _FOR_WHOEVER_HOLDS_IT
    review = {REVIEW} if inquiry.review_due_at is not None and actor.leads(inquiry.department_id) else set()
    reply = {RECORD_REPLY} if inquiry.channel in BY_HAND and state in TAKES_MESSAGES else set()
    return frozenset({*(str(event) for event in events), NOTE, *review, *reply})


def reader_of(actor: Actor, directory: Directory) -> Reader:
    """Return whose notices the actor reads; the coordinators are the coordinating unit's people."""
    led = tuple(sorted(actor.stands_in_for))
    if actor.sees_all:
        head = actor.lead or directory.coordinating.id in actor.stands_in_for
        everywhere = ("coordinator", "head") if head else ("coordinator",)
        return Reader(actor.department_id or directory.coordinating.id, ("officer", "lead"), everywhere, led)
    if actor.role is not Role.OFFICER:
        return Reader(None, ())
    return Reader(actor.department_id, ("officer", "lead") if actor.lead else ("officer",), led=led)
